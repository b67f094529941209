"""`app.py incident|maintenance|probe|publish …`: status by hand, from the terminal.

Takes already built parts; prints lines for people; answers an exit status.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import msgspec

from observe.network import Network
from status import maintenance as work
from status.forms import CHOICES, moment
from status.incidents import Incidents, News, Refused, Unknown
from status.look import look
from status.model import Condition, Grade, Incident, IncidentState, Maintenance, Probe
from status.publish import export
from status.statuspage import said
from web.edition import FILE, decode

FINE, PROBLEM, CANNOT = 0, 1, 2
BY = "cli"
_TONGUE = "[LANG=]TEXT"


# ------------------------------------------------------------------ options, for the parser
def incident_options(to: argparse.ArgumentParser) -> None:
    """`incident open|update|resolve|approve|list`."""
    inner = to.add_subparsers(dest="what", required=True)
    opened = inner.add_parser("open", help="tell the public that something is wrong")
    opened.add_argument("--title", action="append", required=True, metavar=_TONGUE)
    updated = inner.add_parser("update", help="one more entry in the timeline")
    resolved = inner.add_parser("resolve", help="it is over; its services are well again")
    approved = inner.add_parser("approve", help="publish a draft")
    for one in (updated, resolved, approved):
        one.add_argument("id")
    for one in (opened, updated, resolved):
        one.add_argument("--text", action="append", required=True, metavar=_TONGUE)
    for one in (opened, updated):
        one.add_argument("--state", default="", choices=("", *IncidentState))
        one.add_argument("--on", action="append", default=[], metavar="COMPONENT=STATE")
    inner.add_parser("list", help="open and recent incidents")
    _everywhere(inner)


def maintenance_options(to: argparse.ArgumentParser) -> None:
    """`maintenance plan|finish|list`."""
    inner = to.add_subparsers(dest="what", required=True)
    planned = inner.add_parser("plan", help="announce work")
    planned.add_argument("--title", action="append", required=True, metavar=_TONGUE)
    planned.add_argument("--text", action="append", required=True, metavar=_TONGUE)
    planned.add_argument("--from", dest="starts_at", required=True, metavar="TIME", help="UTC")
    planned.add_argument("--until", dest="ends_at", required=True, metavar="TIME", help="UTC")
    planned.add_argument("--on", action="append", required=True, metavar="COMPONENT")
    finished = inner.add_parser("finish", help="end running work now, or cancel what is to come")
    finished.add_argument("id")
    inner.add_parser("list", help="planned, running and recent work")
    _everywhere(inner)


def _everywhere(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for one in inner.choices.values():
        one.add_argument("--config", default=argparse.SUPPRESS, metavar="FILE")


# ------------------------------------------------------------------ acts
def incident(args: argparse.Namespace, incidents: Incidents, lang: str = "en") -> int:
    """Run an `incident` command. Raises DatabaseAway."""
    try:
        if args.what == "list":
            return _list(incidents.all(), lang)
        if args.what == "approve":
            return FINE if incidents.approve(args.id, BY) else _refuse(f"{args.id} is no draft")
        text = tongues(args.text, lang)
        if args.what == "resolve":
            made = incidents.resolve(args.id, text, BY)
        elif args.what == "update":
            state = args.state or incidents.get(args.id).state
            made = incidents.update(args.id, News(text, state, told(args.on)), BY)
        else:
            state = args.state or IncidentState.INVESTIGATING
            made = incidents.open(tongues(args.title, lang), News(text, state, told(args.on)), BY)
    except Refused as refused:
        return _refuse(str(refused))
    except Unknown as unknown:
        return _refuse(f"there is no incident {unknown}")
    print(f"{made.id}\t{made.state}\t{said(made.title, lang)}")
    return FINE


def maintenance(args: argparse.Namespace, incidents: Incidents, lang: str = "en") -> int:
    """Run a `maintenance` command. Raises DatabaseAway."""
    try:
        if args.what == "list":
            return _works(incidents, incidents.maintenances(), lang)
        if args.what == "finish":
            incidents.finish(args.id, BY)
            return FINE
        window = moment("--from", args.starts_at), moment("--until", args.ends_at)
        title, text = tongues(args.title, lang), tongues(args.text, lang)
        made = incidents.plan(title, text, window, tuple(args.on), BY)
    except Refused as refused:
        return _refuse(str(refused))
    except Unknown as unknown:
        return _refuse(f"there is no maintenance {unknown}")
    print(f"{made.id}\t{said(made.title, lang)}")
    return FINE


def probe(name: str, probes: Iterable[Probe], net: Network) -> int:
    """Run one probe once and print what it saw. 0 up, 1 degraded or down, 2 could not look."""
    known = {p.name: p for p in probes}
    if name not in known:
        listed = ", ".join(known) or "none is configured"
        return _refuse(f'there is no probe "{name}"; known: {listed}', CANNOT)
    seen = asyncio.run(look(net, known[name], net.clock.now(), keep=True)).observation
    took = seen.elapsed / timedelta(milliseconds=1)
    print(f"{seen.signal.grade}\t{took:.0f} ms\t{seen.signal.reason}")
    if seen.fact:
        print(_pretty(seen.fact))
    if seen.signal.grade is Grade.UNKNOWN:
        return CANNOT
    return FINE if seen.signal.grade is Grade.UP else PROBLEM


def publish(folder: Path, target: Path, default_lang: str) -> int:
    """Copy the current publication into a folder, as plain files for any web server."""
    try:
        edition = decode((folder / FILE).read_bytes())
        export(edition, target, default_lang)
    except FileNotFoundError:
        return _refuse("nothing has been published yet; start the engine first", CANNOT)
    except (OSError, msgspec.DecodeError) as failed:
        return _refuse(f"it could not be exported: {failed}", CANNOT)
    print(f"{len(edition.files)} files of {edition.at:%Y-%m-%d %H:%M:%S} UTC in {target}")
    return FINE


# ------------------------------------------------------------------ reading and printing
def tongues(texts: Iterable[str], lang: str) -> dict[str, str]:
    """ "cs=Text" by its language; a text without a language is in the default one."""
    found = {}
    for text in texts:
        code, equals, rest = text.partition("=")
        known = bool(equals) and len(code) == 2 and code.isalpha() and code.islower()
        found[code if known else lang] = rest if known else text
    return found


def told(pairs: Iterable[str]) -> dict[str, Condition]:
    """ "mail=partial_outage" by component. Raises Refused."""
    found = {}
    for pair in pairs:
        component, _, condition = pair.partition("=")
        if condition not in CHOICES:
            raise Refused({"--on": f"{pair!r}: a state is one of {', '.join(CHOICES)}"})
        found[component] = Condition(condition)
    return found


def _list(incidents: Iterable[Incident], lang: str) -> int:
    for one in incidents:
        state = "draft" if one.draft else one.state
        print(f"{one.id}\t{state}\t{one.started_at:%Y-%m-%d %H:%M}\t{said(one.title, lang)}")
    return FINE


def _works(incidents: Incidents, works: Iterable[Maintenance], lang: str) -> int:
    for one in works:
        state = work.state(one, incidents.now())
        window = f"{one.starts_at:%Y-%m-%d %H:%M} to {one.ends_at:%Y-%m-%d %H:%M}"
        print(f"{one.id}\t{state}\t{window}\t{said(one.title, lang)}")
    return FINE


def _pretty(fact: str) -> str:
    try:
        return msgspec.json.format(fact, indent=2)
    except msgspec.DecodeError:  # it was cut to its beginning
        return fact


def _refuse(why: str, status: int = PROBLEM) -> int:
    print(why, file=sys.stderr)
    return status
