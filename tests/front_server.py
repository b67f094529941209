"""Debian's nginx with the shipped deploy/nginx.conf, under its own user, before a folder of ours."""

from __future__ import annotations

import configparser
import http.client
import os
import re
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lab.certificates import CertificateAuthority
from tests.process_fixtures import ROOT, free_port, until

DEPLOY = ROOT / "deploy"
NAME = "status.example.com"
SITE = (DEPLOY / "nginx.conf").read_text("utf-8")
LISTED = re.findall(r'default ("\|[a-z|]+\|");', SITE)[0]  # its one list of languages
PROGRAM = shutil.which("nginx") or "/usr/sbin/nginx"


def unit(name: str = "jasno.service") -> dict[str, str]:
    """The [Service] section of a shipped unit; of keys named twice the last."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # reason: configparser's documented way to keep case
    parser.read(DEPLOY / name)
    return dict(parser["Service"])


def data_folder(place: Path) -> Path:
    """What systemd makes for the shipped unit, as /var/lib/jasno."""
    place.mkdir()
    place.chmod(int(unit()["StateDirectoryMode"], 8))
    return place


def missing() -> str:
    """What stands in the way; "" when nothing does."""
    if not Path(PROGRAM).exists():
        return "Debian's nginx"
    return "" if os.getuid() == 0 else "root, to leave its own user for www-data"


class FrontServer:
    """A running nginx. `port` and `plain_port` are its https and http ports."""

    def __init__(self, port: int, plain_port: int, portal: int) -> None:
        self.port, self.plain_port, self.portal = port, plain_port, portal
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._https = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request over https; headers are named as in Python."""
        self._https.request(method, path, body, {"Host": NAME, **named(headers)})
        answer = self._https.getresponse()
        names = {name.title() for name, _ in answer.getheaders()}
        return answer.status, {n: answer.getheader(n) or "" for n in names}, answer.read()

    def ask_plainly(self, path: str, host: str = "127.0.0.1") -> tuple[int, str]:
        """One request over http: status and where it leads."""
        connection = http.client.HTTPConnection(host, self.plain_port, timeout=10)
        connection.request("GET", path, headers={"Host": NAME})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.getheader("Location") or ""

    def close(self) -> None:
        self._https.close()


def named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").title(): value for name, value in headers.items()}


@contextmanager
def front_server(
    work: Path, var: Path, *, languages: str = LISTED, **env: str
) -> Iterator[FrontServer]:
    """nginx as Debian configures it, with our file as its one site. Nothing listens behind it."""
    port, plain, portal = free_port(), free_port(), free_port()
    config = configuration(work, var, port, plain, portal, languages=languages)
    process = subprocess.Popen([PROGRAM, "-c", str(config)], env={**os.environ, **env})
    server = FrontServer(port, plain, portal)

    def answers() -> bool:
        try:
            return bool(server.ask_plainly("/")[0])
        except OSError:
            return False

    try:
        until(answers, 10, f"nginx ({work / 'error.log'})")
        yield server
    finally:
        server.close()
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def configuration(
    work: Path, var: Path, port: int, plain: int, portal: int, *, languages: str
) -> Path:
    """Debian's nginx.conf and ours, with nothing changed but ports, places and languages."""
    certificates = work / "certificates"
    certificates.mkdir(exist_ok=True)
    CertificateAuthority(certificates, datetime.now(UTC)).context((NAME,))
    leaf = certificates / "leaf-1.pem"  # with its key
    site = SITE
    for shipped, here in (
        ("443 ssl", f"{port} ssl"),
        ("listen 80;", f"listen {plain};"),
        ("listen [::]:80;", f"listen [::]:{plain};"),
        ("127.0.0.1:8000", f"127.0.0.1:{portal}"),
        ("/etc/ssl/status.pem", str(leaf)),
        ("/etc/ssl/private/status.key", str(leaf)),
        ("/var/lib/jasno", str(var)),
        ("/opt/jasno", str(ROOT)),
        (LISTED, languages),
    ):
        assert shipped in site, shipped
        site = site.replace(shipped, here)
    (work / "site.conf").write_text(site)
    debian = Path("/etc/nginx/nginx.conf").read_text("utf-8")
    debian = re.sub(
        r"(?m)^\s*include /etc/nginx/(conf\.d|sites-enabled|modules-enabled)/.*$", "", debian
    )
    debian = re.sub(r"(?m)^(pid|worker_processes) .*$", "", debian)
    debian = re.sub(r"(?m)^\s*(error_log|access_log) .*$", "", debian)
    end = debian.rindex("}", 0, debian.find("#mail {") if "#mail {" in debian else None)
    head = f"daemon off;\nworker_processes 1;\npid {work}/nginx.pid;\nerror_log {work}/error.log;\n"
    debian = f"{head}{debian[:end]}\naccess_log off;\ninclude {work}/site.conf;\n}}\n"
    (work / "nginx.conf").write_text(debian)
    return work / "nginx.conf"
