"""Requests per second of `/` from the shipped nginx.conf with Python dead, beside the same bytes as
one plain file.

Debian's nginx on one core, wrk on another; both servers stand, and are asked in turn. Without TLS,
whose cost would hide the difference.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.publish import installation
from bench.serve import ROOT, SECONDS, free_port, nginx, packed_page, wait_for, wrk
from render.templates import TemplateRenderer, environment
from status.publishing.publisher import VALIDITY, Publisher
from web.site import Site

RUNS = 5
READER = "Accept-Language: cs-CZ,cs;q=0.9,en;q=0.8"
PACKED = "Accept-Encoding: gzip"
MAIN = """
daemon off; worker_processes 1; pcre_jit on; user {user}; pid {work}/front.pid; error_log {work}/front.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {work}/fb; proxy_temp_path {work}/fp;
  fastcgi_temp_path {work}/ff; uwsgi_temp_path {work}/fu; scgi_temp_path {work}/fs;
  include /etc/nginx/mime.types; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  include {work}/site.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running nginx with one worker, and the address of its first page."""

    process: subprocess.Popen[bytes]
    url: str


@contextmanager
def shipped(work: Path, published: Path) -> Iterator[Server]:
    """The address of an nginx with deploy/nginx.conf, its last server on a plain port."""
    site, port = (ROOT / "deploy" / "nginx.conf").read_text("utf-8"), free_port()
    site = re.sub(r"(?s)server \{\n    listen 80;.*?\n\}\n", "", site)
    site = re.sub(r"    listen .*443.*\n|    ssl_.*\n", "", site)
    site = site.replace("server {\n", f"server {{\n    listen 127.0.0.1:{port};\n", 1)
    site = site.replace("/var/lib/jasno/published", str(published))
    (work / "site.conf").write_text(site)
    user = "www-data" if os.getuid() == 0 else "nobody"
    (work / "front.conf").write_text(MAIN.format(work=work, user=user))
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen(["taskset", "-c", "0", binary, "-c", str(work / "front.conf")])
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        yield Server(process, f"http://127.0.0.1:{port}/")
    finally:
        process.send_signal(signal.SIGQUIT)


def etag(url: str) -> str:
    """What a reader of the packed page sends next time."""
    command = ["curl", "-s", "-o", "/dev/null", "-D", "-", "-H", READER, "-H", PACKED, url]
    headers = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.search(r"(?mi)^ETag: (.*?)\r?$", headers)[1]  # type: ignore[index]  # reason: nginx sends one


def core_seconds(process: subprocess.Popen[bytes]) -> float:
    """What the one worker of an nginx has computed so far."""
    worker = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
    fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rate(server: Server, *headers: str) -> float:
    """Requests for each second of a core that the server computed: load from elsewhere falls out."""
    before = core_seconds(server.process)
    count = wrk(server.url, PACKED, READER, *headers) * SECONDS
    return count / (core_seconds(server.process) - before)


def row(name: str, ours: Server, plain: Server, *, unchanged: bool = False) -> None:
    """One line: both, asked in turn, by their medians."""
    mine, theirs = [], []
    for _ in range(RUNS):
        for server, rates in ((ours, mine), (plain, theirs)):
            more = (f"If-None-Match: {etag(server.url)}",) if unchanged else ()
            rates.append(rate(server, *more))
    a, b = statistics.median(mine), statistics.median(theirs)
    print(f"| {name} | {a:,.0f}/s | {b:,.0f}/s | {a / b:.2f} |", flush=True)


def main() -> None:
    """Print the table of bench/README.md."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        work.chmod(0o755)
        published = work / "published"
        publisher = Publisher(published, Site("Sklep Hosting"), TemplateRenderer(environment()))
        shot = installation(20).snapshot(0)

        def publish() -> None:
            publisher.publish(replace(shot, at=datetime.now(UTC)))

        publish()
        with shipped(work, published) as ours:
            page = (published / "public/cs/index.html").read_bytes()
            plain = Server(*nginx(page, packed_page(ours.url, READER), work))
            try:
                print("| `/` | shipped | plain file | ratio |\n| --- | --- | --- | --- |")
                row("gzip, in the reader's language", ours, plain)
                publish()
                row("304", ours, plain, unchanged=True)
                for mark in (published / VALIDITY).iterdir():
                    mark.unlink()
                row("out of date", ours, plain)
            finally:
                plain.process.send_signal(signal.SIGQUIT)


if __name__ == "__main__":
    main()
