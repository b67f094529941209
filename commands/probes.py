"""`app.py heartbeat|vantage|probe …`: handlers, the options of a vantage, and its start elsewhere."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

import engine.vantage
import status.probing.cli
import status.probing.heartbeats.cli
from clock import SystemClock
from commands.loading import load_rooms, zone_of, zone_option
from commands.processes import CannotRun
from db.engine import DatabaseAway
from exit_status import FINE, refuse
from facts import Vantage
from observe.session import JsonService
from render.message_format import terminal_moment
from standards.urls import BadUrl, parse_url
from status.probing.configuration import named_by_no_probe
from status.probing.kinds import kind_of
from status.probing.probe_kind import InternalFacts
from status.probing.vantages.agent import PortalRefused, VantageAgent
from wiring.rooms import Rooms


def heartbeat(args: argparse.Namespace) -> int:
    """`heartbeat token|drop|say|list|signals`."""
    rooms = load_rooms(args)
    store, url = rooms.status.heartbeats, rooms.ctx.site.url
    pushed = (p for p in rooms.status.probes if kind_of(p.kind).is_pushed)
    return status.probing.heartbeats.cli.run(args, store, pushed, url, zone_of(args, rooms))


def probe(rooms: Rooms, name: str) -> int:
    """Look once. What was sent in is asked of the database, when that answers."""
    try:
        inside = InternalFacts(rooms.status.heartbeats.pushed())
    except DatabaseAway:
        inside = InternalFacts()
    return status.probing.cli.probe(name, rooms.status.probes, rooms.ctx.network, inside)


def vantage_options(to: argparse.ArgumentParser) -> None:
    """Without a word it looks; `token`, `drop` and `list` are for the portal's own machine."""
    to.add_argument(
        "what", nargs="?", default="run", choices=("run", "token", "drop", "list"),
        help="look (run, when absent); make a token, end it or list the places, beside the database",
    )  # fmt: skip
    to.add_argument("name", nargs="?", default="", help="what probes call the place")
    to.add_argument("--url", default="", metavar="URL", help="where the portal is, for `run`")
    to.add_argument("--token", default="", help="its token; better in JASNO_VANTAGE_TOKEN")
    zone_option(to)


def vantage(args: argparse.Namespace) -> int:
    """Look from here and push, or say who may."""
    if args.what == "run":
        return run_vantage(args)
    rooms = load_rooms(args)
    store = rooms.status.vantages
    if args.what == "list":
        zone = zone_of(args, rooms)
        for record in store.list_vantages():
            last_seen = terminal_moment(record.seen_at, zone) if record.seen_at else "never"
            print(f"{record.name}\t{last_seen}")
        return FINE
    if not args.name:
        raise CannotRun(f"name the vantage: app.py vantage {args.what} NAME")
    if args.what == "token":
        try:
            print(store.make_token(args.name))
        except ValueError as refused:
            raise CannotRun(f'the name "{args.name}" {refused}') from None
        if warning := named_by_no_probe(rooms.status.probes, args.name):
            print(warning, file=sys.stderr)
        return FINE
    if store.drop(args.name):
        return FINE
    return refuse(f'there is no vantage "{args.name}"')


def run_vantage(args: argparse.Namespace) -> int:
    ctx = load_rooms(args).ctx
    section = ctx.settings.vantage
    url, token = args.url or section.portal, args.token or section.token
    if not url or not token:
        raise CannotRun(
            "a vantage needs the portal's address (--url) and its token (JASNO_VANTAGE_TOKEN)"
        )
    try:
        parse_url(url)
    except BadUrl as wrong:
        raise CannotRun(f"{url!r} cannot be the portal: {wrong}") from None
    standpoint = Vantage(section.name, ipv4=section.ipv4, ipv6=section.ipv6, port25=section.port25)
    network = replace(ctx.network, vantage=standpoint, clock=SystemClock())
    references = section.references
    try:
        engine.vantage.run(
            lambda: VantageAgent(JsonService(network, url), token, network, references)
        )
    except PortalRefused as refused:
        return refuse(str(refused))
    return FINE
