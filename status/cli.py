"""`app.py probe|publish …`: a look and a copy by hand, from the terminal.

Takes already built parts; prints lines for people; answers an exit status.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import msgspec

from observe.network import Network
from status.model import Grade, Probe
from status.probing.observe import look
from status.probing.probe_kind import NOTHING, InternalFacts
from status.publishing.static_site import write_site
from web.middleware.static_files import load
from web.publication import FILE, decode
from web.site import Site

FINE, PROBLEM, CANNOT = 0, 1, 2


def probe(name: str, probes: Iterable[Probe], net: Network, inside: InternalFacts = NOTHING) -> int:
    """Run one probe once and print what it saw. 0 up, 1 degraded or down, 2 could not look."""
    known = {p.name: p for p in probes}
    if name not in known:
        listed = ", ".join(known) or "none is configured"
        return _refuse(f'there is no probe "{name}"; known: {listed}', CANNOT)
    looking = look(net, known[name], net.clock.now(), inside=inside, keep=True)
    seen = asyncio.run(looking).observation
    took = seen.elapsed / timedelta(milliseconds=1)
    print(f"{seen.signal.grade}\t{took:.0f} ms\t{seen.signal.reason}")
    if seen.fact:
        print(_pretty(seen.fact))
    if seen.signal.grade is Grade.UNKNOWN:
        return CANNOT
    return FINE if seen.signal.grade is Grade.UP else PROBLEM


def publish(folder: Path, target: Path, site: Site) -> int:
    """Write the current publication as a whole site for any web server. Needs no database."""
    try:
        published = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return _refuse("nothing has been published yet; start the engine first", CANNOT)
    except OSError as failed:
        return _refuse(f"the publication cannot be read: {failed}", CANNOT)
    try:
        edition = decode(published)
        write_site(edition, target, site, load())
    except (OSError, msgspec.DecodeError) as failed:
        return _refuse(f"it could not be exported: {failed}", CANNOT)
    print(f"{len(edition.files)} files of {edition.at:%Y-%m-%d %H:%M:%S} UTC in {target}")
    return FINE


def _pretty(fact: str) -> str:
    try:
        return msgspec.json.format(fact, indent=2)
    except (msgspec.DecodeError, UnicodeError):  # it was cut to its beginning
        return fact


def _refuse(why: str, status: int = PROBLEM) -> int:
    print(why, file=sys.stderr)
    return status
