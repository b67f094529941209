"""`app.py subscriber|channel|audit|health …`: what operators look after, from the terminal.

Takes already built parts; prints lines for people; answers an exit status.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from notify.model import Subscriber
from portal.administration import Administration

FINE, PROBLEM = 0, 1
BY = "cli"


def subscriber_options(to: argparse.ArgumentParser) -> None:
    """`subscriber list|remove`."""
    inner = to.add_subparsers(dest="what", required=True)
    removed = inner.add_parser("remove", help="end a subscription and forget the address")
    removed.add_argument("id", help="an id, or an address and all its subscriptions")
    _everywhere(removed, inner.add_parser("list", help="who hears what"))


def channel_options(to: argparse.ArgumentParser) -> None:
    """`channel list|test`."""
    inner = to.add_subparsers(dest="what", required=True)
    tested = inner.add_parser("test", help="send a test message")
    tested.add_argument("id")
    _everywhere(tested, inner.add_parser("list", help="operators' channels and how they fare"))


def audit_options(to: argparse.ArgumentParser) -> None:
    """`audit [--actor] [--action] [--subject] [--before]`."""
    to.add_argument("--actor", default="", help="the id of a person, token:<id>, or cli")
    to.add_argument("--action", default="", help="what, or its beginning: incident.")
    to.add_argument("--subject", default="", help="with what, or its beginning: component:web1")
    to.add_argument("--before", type=int, default=0, metavar="NUMBER", help="go on from here")


def health_options(to: argparse.ArgumentParser) -> None:
    """`health [--retry JOB]`."""
    to.add_argument("--retry", type=int, default=0, metavar="JOB", help="try a job once more")


def _everywhere(*parsers: argparse.ArgumentParser) -> None:
    for one in parsers:
        one.add_argument("--config", default=argparse.SUPPRESS, metavar="FILE")


def subscriber(args: argparse.Namespace, desk: Administration) -> int:
    """Run a `subscriber` command. Raises DatabaseAway."""
    if args.what == "remove":
        wanted = args.id.strip().lower()
        ids = [s.id for s in _all(desk) if wanted in (s.id, s.address, s.owner)]
        if not ids:
            return _refuse(f"nobody hears as {args.id}")
        for one in ids:
            desk.remove(one, BY)
        return FINE
    for s in _all(desk):
        chosen = ", ".join((*s.preferences.groups, *s.preferences.components)) or "everything"
        quiet = "" if s.preferences.maintenance else ", no maintenance"
        print(f"{s.id}\t{s.kind}\t{s.state}\t{s.address}\t{chosen}{quiet}")
    return FINE


def channel(args: argparse.Namespace, desk: Administration) -> int:
    """Run a `channel` command. Raises DatabaseAway."""
    if args.what == "test":
        return FINE if desk.test(args.id, BY) else _refuse(f"there is no channel {args.id}")
    for one in desk.channels():
        sent = f"{one.sent_at:%Y-%m-%d %H:%M}" if one.sent_at else "nothing sent yet"
        trouble = f"{one.waiting} wait: {one.error}" if one.error else "fine"
        print(f"{one.post.id}\t{sent}\t{trouble}\t{', '.join(one.post.events)}")
    return FINE


def audit(args: argparse.Namespace, desk: Administration) -> int:
    """Print the log, newest first, a hundred entries. Raises DatabaseAway."""
    found = desk.acts(
        actor=args.actor, action=args.action, subject=args.subject, before=args.before
    )
    for act in found:
        e = act.entry
        detail = ", ".join(f"{k}: {v}" for k, v in e.detail.items())
        when = f"{e.at:%Y-%m-%d %H:%M:%S}"
        print(f"{act.number}\t{when}\t{e.actor or '-'}\t{e.action}\t{e.subject}\t{detail}")
    return FINE


def health(args: argparse.Namespace, desk: Administration) -> int:
    """Parts, jobs, and what was given up. 1 when something needs care. Raises DatabaseAway."""
    if args.retry:
        done = desk.retry(args.retry, BY)
        return FINE if done else _refuse(f"job {args.retry} was not given up")
    parts = desk.parts()
    for name, said in parts.items():
        print(f"{name}\t{said or 'good'}")
    for t in desk.tallies():
        print(f"{t.kind}\t{t.waiting} waiting, {t.running} running, {t.failed} given up")
    failed = desk.failed()
    for job in failed:
        print(f"{job.id}\t{job.kind}\t{job.key}\t{job.error}")
    return PROBLEM if failed or any(parts.values()) else FINE


def _all(desk: Administration) -> Iterator[Subscriber]:
    after = ""
    while rows := desk.listed(after):
        yield from rows
        after = rows[-1].id


def _refuse(why: str) -> int:
    print(why, file=sys.stderr)
    return PROBLEM
