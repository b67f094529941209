"""`app.py heartbeat token|drop|say|list|signals`: tokens of heartbeats, and signals by hand."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from exit_status import FINE, refuse
from render.message_format import terminal_moment
from status.model import Probe
from status.probing.heartbeats.signals import HeartbeatSignal
from status.probing.heartbeats.store import HeartbeatStore


def options(to: argparse.ArgumentParser) -> None:
    """`heartbeat token|drop|say|list|signals`."""
    inner = to.add_subparsers(dest="what", required=True)
    token = inner.add_parser("token", help="give a job a new address; the old one stops working")
    drop = inner.add_parser("drop", help="end the address of a job")
    signal_parser = inner.add_parser("say", help="say the state of a probe by hand")
    signals = inner.add_parser("signals", help="show what a job sent in, with what it wrote")
    for subcommand in (token, drop, signal_parser, signals):
        subcommand.add_argument("name", metavar="PROBE", help="the name of a probe")
    token.add_argument(
        "--keep", default="", metavar="ID", help="take over the id that the job has elsewhere"
    )
    signal_parser.add_argument("state", help="how it is", choices=("up", "degraded", "down"))
    signal_parser.add_argument("--because", default="", metavar="TEXT", help="why, for colleagues")
    listing = inner.add_parser(
        "list", help="list every probe that is told its state, and the last word"
    )
    for subcommand in (signals, listing):
        subcommand.add_argument("--zone", default="")


def run(
    args: argparse.Namespace, store: HeartbeatStore, probes: Iterable[Probe], url: str, zone: str
) -> int:
    """Run a `heartbeat` command for probes whose state is sent in; moments are printed in `zone`.
    Raises DatabaseAway."""
    pushed_probes = {p.name: p for p in probes}
    if args.what == "list":
        return _list(store, pushed_probes, zone)
    if args.name not in pushed_probes:
        listed = ", ".join(sorted(pushed_probes)) or "none is configured"
        return refuse(f'"{args.name}" is no heartbeat or manual probe; known: {listed}')
    if args.what == "drop":
        return FINE if store.drop_token(args.name) else refuse(f"{args.name} has no address")
    if args.what == "say":
        store.record_by_hand(args.name, HeartbeatSignal(args.state, args.because))
        return FINE
    if args.what == "signals":
        return _signals(store, args.name, zone)
    return _token(store, args.name, args.keep, url)


def _token(store: HeartbeatStore, name: str, existing_token: str, url: str) -> int:
    try:
        token = store.keep_token(name, existing_token) if existing_token else store.make_token(name)
    except ValueError as wrong:
        return refuse(str(wrong))
    print(f"{url}/heartbeat/{token}")
    print(f"{url}/api/push/{token}?status=up&msg=OK&ping=")
    print(f"{url}/ping/{token}")
    return FINE


def _signals(store: HeartbeatStore, name: str, zone: str) -> int:
    for signal in reversed(store.signals_of(name)):
        status = "" if signal.exit_status is None else signal.exit_status
        took = "" if signal.duration is None else f"{signal.duration.total_seconds():g} s"
        print(f"{terminal_moment(signal.at, zone)}\t{signal.state}\t{status}\t{took}\t{signal.run}")
        for line in (signal.snippet or signal.message).splitlines():
            print(f"    {line}")
    return FINE


def _list(store: HeartbeatStore, probes: dict[str, Probe], zone: str) -> int:
    registered = {k.probe: k for k in store.list_probes()}
    for name, probe in sorted(probes.items()):
        heartbeat = registered.get(name)
        last = heartbeat.last if heartbeat else None
        last_signal = (
            f"{last.state}\t{terminal_moment(last.at, zone)}\t{last.message}" if last else "-\t-\t"
        )
        token_state = "token" if heartbeat and heartbeat.made_at else "no token"
        print(f"{name}\t{probe.kind}\t{token_state}\t{last_signal}")
    return FINE
