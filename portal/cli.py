"""`app.py subscriber|channel|audit|health …`: what operators look after, from the terminal.

Takes already built parts; prints lines for people; answers an exit status.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from exit_status import FINE, PROBLEM, refuse
from notify.model import Subscriber
from portal.administration import Administration, ChannelState
from render.message_format import terminal_moment

BY = "cli"


def subscriber_options(to: argparse.ArgumentParser) -> None:
    """`subscriber list|remove`."""
    inner = to.add_subparsers(dest="what", required=True)
    removed = inner.add_parser("remove", help="end a subscription and forget the address")
    removed.add_argument("id", help="an id, or an address and all its subscriptions")
    inner.add_parser("list", help="list who hears what")


def channel_options(to: argparse.ArgumentParser) -> None:
    """`channel list|test`."""
    inner = to.add_subparsers(dest="what", required=True)
    tested = inner.add_parser("test", help="send a test message")
    tested.add_argument("id")
    listing = inner.add_parser("list", help="list channels and how they fare")
    listing.add_argument("--zone", default="")


def audit_options(to: argparse.ArgumentParser) -> None:
    """`audit [--actor] [--action] [--subject] [--before]`."""
    to.add_argument("--actor", default="", help="who did it: the id of a person, token:<id> or cli")
    to.add_argument(
        "--action", default="", help="what was done, or its beginning, such as incident."
    )
    to.add_argument(
        "--subject",
        default="",
        help="what it was done to, or its beginning, such as component:web1",
    )
    to.add_argument(
        "--before",
        type=row_number,
        default=0,
        metavar="NUMBER",
        help="only what came before this entry",
    )


def health_options(to: argparse.ArgumentParser) -> None:
    """`health [--retry JOB]`."""
    to.add_argument(
        "--retry",
        type=row_number,
        default=0,
        metavar="JOB",
        help="try the job of this number once more",
    )


def row_number(text: str) -> int:
    """A number that a row may have. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or len(text) >= 19:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of an entry")
    return int(text)


def subscriber(args: argparse.Namespace, desk: Administration) -> int:
    """Run a `subscriber` command. Raises DatabaseAway."""
    if args.what == "remove":
        reader = args.id.strip().lower()
        ids = [s.id for s in _all(desk) if reader in (s.id, s.address, s.owner)]
        if not ids:
            return refuse(f"nobody hears news as {args.id}")
        for subscriber_id in ids:
            desk.remove_subscriber(subscriber_id, BY)
        return FINE
    for s in _all(desk):
        chosen = ", ".join((*s.preferences.groups, *s.preferences.components)) or "everything"
        if s.preferences.incident:
            chosen = f"incident {s.preferences.incident}"
        quiet = "" if s.preferences.maintenance else ", no maintenance"
        print(f"{s.id}\t{s.kind}\t{s.state}\t{s.address}\t{chosen}{quiet}")
    return FINE


def channel(args: argparse.Namespace, desk: Administration, zone: str) -> int:
    """Run a `channel` command, moments in `zone`. Raises DatabaseAway."""
    if args.what == "test":
        return FINE if desk.test_channel(args.id, BY) else refuse(f"there is no channel {args.id}")
    for state in desk.channels():
        sent = terminal_moment(state.sent_at, zone) if state.sent_at else "nothing sent yet"
        trouble = f"{state.waiting} wait: {state.error}" if state.error else _refusal(state, zone)
        print(f"{state.subscription.id}\t{sent}\t{trouble}\t{', '.join(state.subscription.events)}")
    return FINE


def _refusal(state: ChannelState, zone: str) -> str:
    if state.refusal is None:
        return "fine"
    return f"refused at {terminal_moment(state.refusal.at, zone)}: {state.refusal.reply}"


def audit(args: argparse.Namespace, desk: Administration, zone: str) -> int:
    """Print the log, newest first, a hundred entries, moments in `zone`. Raises DatabaseAway."""
    entries = desk.audit_entries(
        actor=args.actor, action=args.action, subject=args.subject, before=args.before
    )
    for act in entries:
        e = act.entry
        detail = ", ".join(f"{k}: {v}" for k, v in e.detail.items())
        when = terminal_moment(e.at, zone)
        print(f"{act.number}\t{when}\t{e.actor or '-'}\t{e.action}\t{e.subject}\t{detail}")
    return FINE


def health(args: argparse.Namespace, desk: Administration) -> int:
    """Parts, jobs, and what was given up. 1 when something needs care. Raises DatabaseAway."""
    if args.retry:
        done = desk.retry_job(args.retry, BY)
        return FINE if done else refuse(f"job {args.retry} was not given up")
    parts = desk.health()
    for name, message in parts.items():
        print(f"{name}\t{message or 'good'}")
    for t in desk.job_counts():
        print(f"{t.kind}\t{t.waiting} waiting, {t.running} running, {t.failed} given up")
    failed = desk.failed_jobs()
    for job in failed:
        print(f"{job.id}\t{job.kind}\t{job.key}\t{job.error}")
    return PROBLEM if failed or any(parts.values()) else FINE


def _all(desk: Administration) -> Iterator[Subscriber]:
    after = ""
    while rows := desk.subscriber_page(after):
        yield from rows
        after = rows[-1].id
