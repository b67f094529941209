"""The lab's name servers at their own addresses on port 53, inside a network namespace without a way
out: for programs that cannot be told another port. Needs root (unshare) and Debian's iproute2.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from facts import Vantage
from lab.dns import AuthoritativeServer, DnsListener
from lab.net import FaultSwitches, Link, RequestLog
from lab.resolver import Resolver
from lab.running import remembered_zone
from lab.tree import Tree, build_tree
from lab.world import World
from observe.network import Network

INSIDE = "JASNO_INSIDE"
RESOLVER, SECOND = ("127.0.0.1", 53), ("127.0.0.2", 53)


def enter(module: str) -> None:
    """Start this module again inside a namespace of its own; returns only when already there."""
    if os.environ.get(INSIDE):
        return
    if os.geteuid() != 0 or not shutil.which("unshare"):
        raise SystemExit("not run: needs root and unshare")
    command = ["unshare", "-n", sys.executable, "-m", module, *sys.argv[1:]]
    raise SystemExit(
        subprocess.run(command, env={**os.environ, INSIDE: "1"}, check=False).returncode
    )


@dataclass(frozen=True)
class Ground:
    """What programs need to know of the running lab."""

    network: Network
    hints: Path  # a named.root file
    anchor: Path  # the root's DNSKEY in a zone file line
    roots: tuple[tuple[str, str], ...]
    tree: Tree


@contextmanager
def opened(world: World, folder: Path, delay: timedelta = timedelta(0)) -> Iterator[Ground]:
    """Every server of a world at its own addresses, in a thread of its own."""
    now = datetime.now(UTC)
    tree = build_tree(world, now)
    switches = FaultSwitches()
    servers = [
        AuthoritativeServer(m, tree.zones[name], switches) for name, m in tree.servers.items()
    ]
    _addresses([a for s in servers for a in s.machine.addresses])
    link = Link(delay, switches)
    old = [remembered_zone(domain, now) for domain in world.domains if domain.remembered]
    first = Resolver(servers, now, switches)
    second = Resolver(servers, now, switches, name="second", remembered=old)
    listeners = [
        DnsListener(s, link, RequestLog(), (address, 53))
        for s in servers
        for address in s.machine.addresses
    ]
    listeners += [
        DnsListener(first, link, RequestLog(), RESOLVER),
        DnsListener(second, link, RequestLog(), SECOND),
    ]
    roots = tuple((s.name, a) for s in tree.roots for a in s.addresses)
    hints, anchor = folder / "named.root", folder / "root.key"
    lines = [f". 3600 IN NS {name}.\n{name}. 3600 IN A {address}\n" for name, address in roots]
    hints.write_text("".join(lines), "utf-8")
    key = tree.keys[""].dnskey.to_text()
    anchor.write_text(f". 3600 IN DNSKEY {key}\n", "utf-8")
    network = Network(
        resolvers=("127.0.0.1:53",),
        public_resolvers=("127.0.0.2:53",),
        root_hints=roots,
        trust_anchor=(tree.anchor,),
        vantage=Vantage("lab", ipv6=True),
    )
    with _running(listeners):
        yield Ground(network, hints, anchor, roots, tree)


def _addresses(addresses: list[str]) -> None:
    """Put every address on the namespace's own loopback."""
    script = ["link set lo up"]
    script += [
        f"addr add {a}/128 dev lo nodad" if ":" in a else f"addr add {a}/32 dev lo"
        for a in dict.fromkeys(addresses)
    ]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(script), text=True, check=True)


@contextmanager
def _running(listeners: list[DnsListener]) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    ready, finish = threading.Event(), asyncio.Event()

    async def live() -> None:
        for listener in listeners:
            await listener.start()
        ready.set()
        await finish.wait()
        await asyncio.gather(*(x.stop() for x in listeners), return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    if not ready.wait(30):
        raise SystemExit("the lab did not start")
    try:
        yield
    finally:
        loop.call_soon_threadsafe(finish.set)
        thread.join(10)
