"""Requests per second of `/` from published files, beside nginx serving the same bytes.

One core for the server, one for wrk (Debian's nginx, wrk and taskset). Ratios, three runs each.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.process_fixtures import name_of, offspring

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 5
RUNS = 3


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for(url: str, seconds: float = 60, *, pause: float = 0.2) -> bytes:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bytes(answer.read())
        except OSError:
            time.sleep(pause)
    raise SystemExit(f"{url} did not answer")


def wrk(url: str, *headers: str) -> float:
    command = ["taskset", "-c", "1", "wrk", "-t1", "-c64", f"-d{SECONDS}s"]
    for header in headers:
        command += ["-H", header]
    out = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    match = re.search(r"Requests/sec:\s+([\d.]+)", out)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if not match or bad:
        raise SystemExit(out)
    return float(match[1])


NGINX = """
daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {work}/b; proxy_temp_path {work}/p;
  fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  open_file_cache max=100; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  server {{ listen 127.0.0.1:{port}; root {work}/site;
    location / {{ types {{ }} default_type text/html; gzip_static on; index index.html; }} }}
}}
"""


def nginx(page: bytes, packed: bytes, work: Path) -> tuple[subprocess.Popen[bytes], str]:
    site = work / "site"
    site.mkdir()
    (site / "index.html").write_bytes(page)
    (site / "index.html.gz").write_bytes(packed)
    for path in (work, site, *site.iterdir()):
        path.chmod(0o755)
    port = free_port()
    (work / "nginx.conf").write_text(NGINX.format(work=work, port=port))
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen(["taskset", "-c", "0", binary, "-c", str(work / "nginx.conf")])
    url = f"http://127.0.0.1:{port}/"
    wait_for(url)
    return process, url


def packed_page(url: str, reader: str = "Accept-Language: en") -> bytes:
    name, _, value = reader.partition(": ")
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip", name: value})
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        return bytes(answer.read())


def main() -> None:
    missing = [
        p
        for p in ("nginx", "wrk", "taskset")
        if not shutil.which(p, path=os.environ["PATH"] + ":/usr/sbin")
    ]
    if missing:
        raise SystemExit(f"not run: bench.serve needs {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        work.chmod(0o755)
        port = free_port()
        env = {**os.environ, "JASNO_PORT": str(port), "JASNO_VAR": str(work / "var")}
        ours = subprocess.Popen(
            ["taskset", "-c", "0", sys.executable, "app.py", "demo"],
            cwd=ROOT, env=env, start_new_session=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        base, family = f"http://127.0.0.1:{port}/en/", []
        try:
            page = wait_for(base)
            time.sleep(5)  # the demo's own start is over
            packed = packed_page(base)
            # The engine and the lab would share the core; only the web server is measured.
            family = offspring(ours.pid)
            for pid in family:
                if name_of(pid) == "jasno-engine":
                    os.kill(pid, signal.SIGSTOP)
            theirs, url = nginx(page, packed, work)
            try:
                compare(base, url, len(page), len(packed))
            finally:
                theirs.send_signal(signal.SIGQUIT)
        finally:
            for pid in {ours.pid, *family, *offspring(ours.pid)}:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            ours.wait(10)


def compare(ours: str, nginx_url: str, plain: int, packed: int) -> None:
    print(f"page {plain} B, gzip {packed} B; {RUNS} runs of {SECONDS} s, 64 connections, one core")
    tag = urllib.request.urlopen(ours, timeout=5).headers["ETag"]
    for name, header in (("gzip", "Accept-Encoding: gzip"), ("304", f"If-None-Match: {tag}")):
        mine, theirs = [], []
        their_header = header
        if name == "304":
            their_tag = urllib.request.urlopen(nginx_url, timeout=5).headers["ETag"]
            their_header = f"If-None-Match: {their_tag}"
        for _ in range(RUNS):
            mine.append(wrk(ours, header))
            theirs.append(wrk(nginx_url, their_header))
        a, b = statistics.median(mine), statistics.median(theirs)
        print(f"{name:5} jasno {a:8.0f}/s  nginx {b:8.0f}/s  ratio {a / b:.2f}")


if __name__ == "__main__":
    main()
