"""What the engine runs: every room's handlers, the probes, the hourly chores."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import hosting.sync
import notify.deliver
import tickets.deliver
from db.engine import libpq_url
from db.slices import delete_in_slices, repeat
from db.tables.jobs import effects as effects_table
from engine import run as engine
from engine.leader import LeaderElection
from engine.store import RoleStore
from jobs.model import Handler
from jobs.wakeup import PostgresWait, SocketWait
from notify import channel_messages, fanout, webhooks
from notify.channels import webhook
from notify.store import SentMessages
from observe.registry.bootstrap import BootstrapRefresh, NotRefreshed
from observe.registry_pacing import STALE as OLDEST
from settings import SettingsError, environment
from status.monitoring.monitor import Monitor
from status.publishing.mirror import Mirror
from status.publishing.pages import reader
from status.publishing.static_site import write_site
from tickets.invites import finished_runs
from web.middleware import static_files
from web.publication import Publication
from web.store import SharedBuckets
from wiring import adapters, incident_automation, status_notifications
from wiring import watches as rechecking
from wiring.services import REGISTRIES, Services
from wizard.mailbox_test.store import SealedCredentials
from wizard.registrations.store import RegistrationStore
from wizard.runs import handler as diagnoses
from wizard.runs.handler import Runner
from wizard.watches import recheck

KEEP_RUNS = timedelta(days=90)
KEEP_JOBS = timedelta(days=1)
KEEP_FAILED_JOBS = timedelta(days=90)
KEEP_EFFECTS = timedelta(days=120)
STALE = timedelta(hours=6)
log = logging.getLogger("jasno.engine")


def merged(*rooms: Mapping[str, Handler]) -> dict[str, Handler]:
    """All handlers; a kind of job with two of them stops the start."""
    found: dict[str, Handler] = {}
    for room in rooms:
        for kind, handler in room.items():
            if kind in found:
                raise SettingsError(f"the job kind {kind} has two handlers")
            found[kind] = handler
    return found


class Role(StrEnum):
    """What an engine may be for: `watch` probes, publishes, speaks and tidies; `diagnose` runs
    self-checks; `deliver` does all other jobs: letters, tickets, webhooks, the panel."""

    WATCH = "watch"
    DIAGNOSE = "diagnose"
    DELIVER = "deliver"


ROLES = frozenset(Role)


def roles(text: str) -> frozenset[Role]:
    """Roles as the command line names them, "watch,diagnose". Raises SettingsError."""
    named = [name.strip() for name in text.split(",") if name.strip()]
    for name in named or [""]:
        adapters.one_of(name, ROLES, "--roles")
    return frozenset(map(Role, named))


def engine_parts(parts: Services, wanted: frozenset[Role] = ROLES) -> engine.EngineParts:
    """What the background process runs. Call it inside the event loop."""
    lead = LeaderElection(RoleStore(parts.db), parts.var, parts.clock)
    parts.network.registries.remember(RegistrationStore(parts.db))
    safe = SealedCredentials(parts.db, parts.clock, lead.name)
    watch, runner = fenced(parts, lead).watch(), parts.runner(safe)
    url, here = parts.loaded.database_url, parts.network.vantage.name
    sent = SentMessages(parts.db, parts.clock)
    diagnosing = diagnoses.handlers(runner)
    handlers = _handlers(parts, watch, runner, sent)
    kinds = {
        Role.WATCH: frozenset(watch.handlers()),
        Role.DIAGNOSE: frozenset(diagnosing),
        Role.DELIVER: frozenset(handlers) - frozenset(watch.handlers()) - frozenset(diagnosing),
    }
    watches = Role.WATCH in wanted
    name = "" if watches else "-".join(sorted(wanted))
    return engine.EngineParts(
        var=parts.var,
        clock=parts.clock,
        db=parts.db,
        lead=lead,
        queue=parts.jobs,
        handlers=handlers,
        watch=watch,
        turns=engine.turns((p.name, p.interval) for p in adapters.here(parts.probes, here)),
        wait=lambda: (
            SocketWait(parts.var, name) if parts.db.is_sqlite else PostgresWait(libpq_url(url))
        ),
        chores=chores(parts),
        closing=(runner.close, safe.leave, parts.close),
        watching=kinds[Role.WATCH],
        elsewhere=frozenset[str]().union(*(kinds[role] for role in ROLES - wanted)),
        watches=watches,
        name=name,
        mirror=mirror(parts),
        tend=safe.tend if Role.DIAGNOSE in wanted else None,
    )


def _handlers(
    parts: Services, watch: Monitor, runner: Runner, sent: SentMessages
) -> dict[str, Handler]:
    """Every room's handlers, one for each kind of job."""
    return merged(
        watch.handlers(),
        incident_automation.reminders(
            parts.settings, parts.site.url, reader(parts.site), parts.status.ask
        ),
        fanout.handlers(
            parts.hearing.subscribers,
            status_notifications.reader(
                parts.status, parts.components, parts.site, parts.published, parts.clock
            ),
            tuple(post for post, _ in parts.hearing.posts.values()),
            parts.clock,
        ),
        channel_messages.handlers(
            {name: channel for name, (_, channel) in parts.hearing.posts.items()}, sent
        ),
        webhooks.handlers(
            parts.hearing.subscribers, sent, webhook.post(parts.network), parts.clock
        ),
        diagnoses.handlers(runner),
        recheck.handlers(rechecking.looking(parts)),
        hosting.sync.handlers(parts.panel, parts.hosting),
        tickets.deliver.handlers(parts.desk, parts.tickets),
        finished_runs.handlers(
            finished_runs.FinishedRuns(parts.tickets, parts.invites, parts.diagnoses)
        ),
        notify.deliver.handlers(
            parts.channel,
            sent,
            lambda text: with_links(parts, text),
            parts.hearing.subscribers.finished,
        ),
    )


def with_links(parts: Services, text: str) -> str:
    """A letter with the addresses that are never stored."""
    url = parts.site.url
    return parts.watches.with_links(parts.invites.with_links(text, url), url)


def mirror(parts: Services) -> Callable[[], str] | None:
    """What keeps a second place of the site in step; None when none is configured."""
    told = parts.settings.mirror
    if not told.folder:
        if told.command:
            raise SettingsError("[mirror] command needs a folder to bring somewhere")
        return None
    assets = static_files.load()

    def write(edition: Publication, folder: Path) -> int:
        return write_site(edition, folder, parts.site, assets)

    place = Path(told.folder)
    return Mirror(parts.published, place, write, parts.clock, told.command, environment()).step


def fenced(parts: Services, lead: LeaderElection) -> Services:
    """The same parts, whose writes are refused when another engine has the lead."""
    made = Services(parts.loaded, parts.clock)
    made.__dict__["db"] = lead.guarded(parts.db)
    made.__dict__["network"] = parts.network  # with what is known of registries
    return made


def chores(parts: Services) -> dict[str, Callable[[], object]]:
    """What is done once an hour: forgetting what is old, asking the panel anew."""

    def ago(span: timedelta) -> datetime:
        return parts.clock.now() - span

    def jobs() -> int:
        return repeat(lambda: parts.jobs.forget(ago(KEEP_JOBS), ago(KEEP_FAILED_JOBS)))

    def effects() -> int:
        return delete_in_slices(parts.db, effects_table, effects_table.c.at < ago(KEEP_EFFECTS))

    registries = BootstrapRefresh(parts.network, parts.var / REGISTRIES)

    def refresh() -> None:
        try:
            registries()
        except NotRefreshed as failed:  # the old list stays; the next day tries again
            log.warning("the list of registries was not refreshed: %s", failed)

    return {
        "forgetting registries' answers": lambda: RegistrationStore(parts.db).forget(ago(OLDEST)),
        "refreshing the list of registries": refresh,
        "counting observations": lambda: parts.watching.series.tidy(p.name for p in parts.probes),
        "forgetting what vantages pushed": parts.watching.vantages.forget,
        "forgetting diagnoses": lambda: parts.runs.forget(ago(KEEP_RUNS)),
        "freezing months": parts.saying.sla.freeze,
        "forgetting watches": lambda: parts.watches.forget(ago(KEEP_RUNS)),
        "forgetting jobs": jobs,
        "forgetting effects": effects,
        "forgetting unanswered subscriptions": parts.hearing.subscribers.forget,
        "forgetting limits": SharedBuckets(parts.db).forget,
        "asking the panel": lambda: parts.hosting.request_sync(parts.hosting.stale(STALE)),
    }
