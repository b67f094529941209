"""Odd and hostile HTTP answers, looked at by our probe, Debian's blackbox exporter and curl.

    python -m bench.oracle_answers        prints the table of docs/probes.md, with its reasons

Each answer is served from loopback to all three at the same time. Up is: our probe is up or
degraded, the exporter's probe_success is 1, `curl --fail` ends with 0.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import struct
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench import blackbox
from bench.odd_answers import ODD_ANSWERS, PLACES, End, OddAnswer
from clock import SystemClock
from lab.certificates import Cert, CertificateAuthority
from lab.flat_resolver import FlatTable, serving
from observe.network import Network
from status.model import Grade, Probe
from status.probing.observe import run_probe

NAME, ADDRESS = "odd.example", "192.0.9.4"
PATIENCE = 2.0  # seconds that each observer waits
TOGETHER = 6  # answers that are looked at at a time
NOT_OVER = 30.0
PAGE = Path(__file__).resolve().parent.parent / "docs" / "probes.md"
HEADING = "## Odd answers"


@dataclass(frozen=True)
class Verdict:
    """What the three said of one answer."""

    answer: OddAnswer
    ours: bool
    reason: str
    exporter: bool
    curl: int  # its exit status

    @property
    def agree(self) -> bool:
        return self.ours is self.exporter is (self.curl == 0)

    def cells(self) -> tuple[str, str, str, str]:
        """As docs/probes.md shows it."""
        words = ("down", "up")
        return (self.answer.name, *(words[up] for up in (self.ours, self.exporter, self.curl == 0)))


class Server:
    """Serves every odd answer: plain ones by path, those over TLS one port each."""

    def __init__(self, authority: CertificateAuthority) -> None:
        self._authority = authority
        self.ports: dict[str, int] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        sorts = (None, *sorted({a.tls for a in ODD_ANSWERS if a.tls}))
        servers = [await self._open(sort) for sort in sorts]
        try:
            yield
        finally:
            for server in servers:
                server.close()

    async def _open(self, sort: Cert | None) -> asyncio.Server:
        certificate_name = "elsewhere.example" if sort is Cert.WRONG_NAME else NAME
        context = self._authority.context((certificate_name,), sort) if sort else None
        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
        self.ports[sort or ""] = server.sockets[0].getsockname()[1]
        return server


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection; whoever hangs on it is cut off in the end."""
    try:
        async with asyncio.timeout(NOT_OVER):
            await serve(reader, writer)
    except (OSError, EOFError, TimeoutError, asyncio.CancelledError):
        pass  # the observer has left, or all have looked
    finally:
        writer.transport.abort()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request: the odd answer that its path numbers, or the place that it names."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    path = head.split(" ")[1]
    host = next(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: "))
    if not path.startswith("/odd-"):
        writer.write(PLACES.get(path, PLACES["/gone"]))
        await writer.drain()
        await part(writer, End.CLOSE)
        return
    answer = ODD_ANSWERS[int(path.removeprefix("/odd-"))]
    for step in answer.wire:
        if isinstance(step, float):
            await asyncio.sleep(step)
        else:
            writer.write(step.replace(b"{host}", host.encode()))
            await writer.drain()
    await part(writer, answer.end)


async def part(writer: asyncio.StreamWriter, end: End) -> None:
    """Close, reset, hang or, over TLS, hang up without the goodbye that TLS wants."""
    raw = writer.get_extra_info("socket")
    if end is End.HANG:
        await asyncio.sleep(NOT_OVER)
    elif end is End.RESET:
        linger = struct.pack("ii", 1, 0)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
    elif end is End.ABORT:
        await asyncio.sleep(0.05)  # what was written leaves first
        writer.transport.abort()
    else:
        writer.close()
        await writer.wait_closed()


def module(answer: OddAnswer, ca: str) -> dict[str, object]:
    """How the exporter is told to look."""
    http: dict[str, object] = {
        "preferred_ip_protocol": "ip4",
        "follow_redirects": answer.follow,
        "valid_status_codes": list(range(200, 400)),
        "tls_config": {"ca_file": ca, "server_name": NAME},
    }
    if answer.compression:
        http |= {
            "compression": answer.compression,
            "headers": {"Accept-Encoding": answer.compression},
        }
    return {"prober": "http", "timeout": f"{PATIENCE}s", "http": http}


def ask_exporter(base: str, number: int, port: int) -> bool:
    scheme = "https" if ODD_ANSWERS[number].tls else "http"
    target = f"{scheme}://127.0.0.1:{port}/odd-{number}"
    return blackbox.ask(base, number, target, 10 * PATIENCE)["probe_success"] == 1


async def ask_curl(number: int, port: int, ca: str) -> int:
    answer = ODD_ANSWERS[number]
    follow = (
        ("--location", "--max-redirs", "5", "--proto-redir", "=http,https") if answer.follow else ()
    )
    process = await asyncio.create_subprocess_exec(
        "curl", "--silent", "--fail", "--compressed", "--output", "/dev/null", "--noproxy", "*",
        *("--max-time", str(PATIENCE), "--cacert", ca, *follow),
        *("--connect-to", f"::127.0.0.1:{port}", address(number)),
    )  # fmt: skip
    return await process.wait()


def address(number: int) -> str:
    """The answer's URL for those who can be told where its name leads."""
    return (
        f"https://{NAME}" if ODD_ANSWERS[number].tls else f"http://{ADDRESS}"
    ) + f"/odd-{number}"


async def ask_ours(number: int, port: int, ca: str, resolver: str) -> tuple[bool, str]:
    answer = ODD_ANSWERS[number]
    net = Network((resolver,), closed=True, hosts={ADDRESS: f"127.0.0.1:{port}"}, ca_bundle=ca)
    probe = Probe(
        "p", "http", "c", address(number), timedelta(minutes=1), timedelta(seconds=PATIENCE),
        settings={"follow": answer.follow, "slow_after": 0},
    )  # fmt: skip
    signal = (await run_probe(net, probe, net.clock.now())).observation.signal
    return signal.grade in (Grade.UP, Grade.DEGRADED), signal.reason


@dataclass(frozen=True)
class Scene:
    """Where the servers, the exporter, the resolver and the trusted root are."""

    ports: Mapping[str, int]
    exporter: str
    resolver: str
    ca: str

    async def look(self, number: int) -> Verdict:
        """All three at the same answer."""
        answer = ODD_ANSWERS[number]
        port = self.ports[answer.tls or ""]
        (ours, reason), theirs, curl = await asyncio.gather(
            ask_ours(number, port, self.ca, self.resolver),
            asyncio.to_thread(ask_exporter, self.exporter, number, port),
            ask_curl(number, port, self.ca),
        )
        return Verdict(answer, ours, reason, theirs, curl)


async def compare() -> tuple[Verdict, ...]:
    """Every answer, some at a time."""
    turns = asyncio.Semaphore(TOGETHER)

    async def in_turn(scene: Scene, number: int) -> Verdict:
        async with turns:
            return await scene.look(number)

    with tempfile.TemporaryDirectory() as folder:
        authority = CertificateAuthority(Path(folder), SystemClock().now())
        ca, server = str(authority.bundle), Server(authority)
        names = FlatTable({(NAME, "A"): (ADDRESS,)})
        async with server.running(), serving(names) as resolver:
            with blackbox.exporter([module(a, ca) for a in ODD_ANSWERS]) as base:
                scene = Scene(server.ports, base, resolver, ca)
                looks = (in_turn(scene, n) for n in range(len(ODD_ANSWERS)))
                return tuple(await asyncio.gather(*looks))


def missing() -> str:
    """What is not installed, or ""."""
    needed = (blackbox.PROGRAM, "curl")
    return next((name for name in needed if not shutil.which(name)), "")


def documented() -> dict[str, tuple[tuple[str, ...], str]]:
    """The table of docs/probes.md by the answer's name: what the three say, and why they differ."""
    text = PAGE.read_text("utf-8").partition(HEADING)[2].partition("\n## ")[0]
    rows = (line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| "))
    padded = ([cell.strip() for cell in (*row, "")] for row in rows)
    table = {row[0]: (tuple(row[1:4]), row[4]) for row in padded}
    return {name: cells for name, cells in table.items() if set(cells[0]) <= {"up", "down"}}


def main() -> None:
    if needed := missing():
        raise SystemExit(f"not run: bench.oracle_answers needs {needed}")
    reasons = {name: reason for name, (_, reason) in documented().items()}
    print("| answer | Jasno | blackbox | curl | where they differ |")
    print("| --- | --- | --- | --- | --- |")
    for verdict in asyncio.run(compare()):
        measured = f"{verdict.reason} (curl {verdict.curl}) **≠**"
        why = "" if verdict.agree else reasons.get(verdict.answer.name) or measured
        print("| " + " | ".join((*verdict.cells(), why)) + " |")


if __name__ == "__main__":
    main()
