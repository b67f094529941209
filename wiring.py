"""The only place that picks adapters: from settings to the parts that rooms are made of.

Opens nothing by itself. Commands, web and engine take what they need from the same Services.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path

import msgspec

import hosting.sync
from accounts.passwords import Passwords
from accounts.store import AccountStore
from accounts.web import visitor_of
from clock import Clock, SystemClock
from db.engine import Database, DatabaseAway, connect
from db.migrate import Standing, standing
from diagnostics import runs as diagnoses
from diagnostics.collector import Sources
from diagnostics.model import Severity
from diagnostics.profile import Profile
from diagnostics.runs import Judging, Reports, Runner
from diagnostics.start import Start
from diagnostics.store import RunStore
from engine import beat
from engine import run as engine
from facts import Vantage
from hosting.model import Expectations
from hosting.panel import Panel, PanelAccess
from hosting.panels import PANELS
from hosting.panels import connect as connect_panel
from hosting.store import HostingStore
from jobs.model import Handler
from jobs.queue import forget
from jobs.wake import PostgresKnock, PostgresWait, SocketKnock, SocketWait
from kb.library import BrokenLibrary, Library
from observe.network import Network, NetworkError
from render.i18n import LANGUAGES
from render.pages import Pages, environment
from settings import Loaded, Settings, SettingsError, secret_key
from status.incidents import Incidents
from status.model import Component, Probe
from status.probes import KINDS
from status.publish import Publisher
from status.store import StatusStore
from status.tick import Watch
from web.disguise import disguised
from web.limits import Limiter
from web.site import Plumbing, Site
from web.store import SharedBuckets

PUBLISHED = "published"


def one_of(kind: str, known: Iterable[str], key: str) -> str:
    """The kind when it is known. Raises SettingsError with the nearest right name."""
    names = sorted(known)
    if kind in names:
        return kind
    near = difflib.get_close_matches(kind, names, 1, 0.4)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise SettingsError(f'{key} is "{kind}"{meant} Allowed: {", ".join(names)}')


@dataclass(frozen=True)
class Services:
    """Every part, made on first use. Tests replace one with `dataclasses.replace`-like `with_`."""

    loaded: Loaded
    clock: Clock

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.loaded.settings

    @property
    def var(self) -> Path:
        """The data folder."""
        return self.loaded.var

    @cached_property
    def secret(self) -> bytes:
        """What signs forms and disguises addresses."""
        return secret_key(self.loaded)

    # ------------------------------------------------------------------ the ground floor
    @cached_property
    def db(self) -> Database:
        """The database; nothing is opened yet."""
        return connect(self.loaded.database_url, clock=self.clock)

    @cached_property
    def network(self) -> Network:
        """Where observe/ looks. Raises SettingsError."""
        table = msgspec.to_builtins(self.settings.network)
        place = self.settings.vantage
        vantage = Vantage(place.name, ipv4=place.ipv4, ipv6=place.ipv6, port25=place.port25)
        try:
            return Network.of(table, clock=self.clock, vantage=vantage)
        except (NetworkError, OSError) as error:
            raise SettingsError(f"[network]: {error}") from error

    @cached_property
    def site(self) -> Site:
        """What pages say of the provider."""
        told = self.settings.site
        for lang in told.languages:
            one_of(lang, LANGUAGES, "[site] languages")
        languages = told.languages or tuple(LANGUAGES)
        return Site(
            told.name,
            told.url,
            told.status_url,
            languages,
            {str(k): v for k, v in told.brand.items()},
        )

    @cached_property
    def pages(self) -> Pages:
        """The templates."""
        return Pages(environment())

    @cached_property
    def library(self) -> Library:
        """The articles. Raises SettingsError when one of them is broken."""
        try:
            return Library.load()
        except BrokenLibrary as error:
            raise SettingsError(f"the articles cannot be read: {error}") from error

    @cached_property
    def knock(self) -> Callable[[], None]:
        """Wakes the engine after a job was put in."""
        if self.db.is_sqlite:
            return SocketKnock(self.var)
        return PostgresKnock(self.loaded.database_url)

    @cached_property
    def limiter(self) -> Limiter:
        """How often somebody may ask."""
        return Limiter(self.clock, SharedBuckets(self.db), disguised(self.secret))

    # ------------------------------------------------------------------ people
    @cached_property
    def accounts(self) -> AccountStore:
        """People, roles, sessions, audit."""
        return AccountStore(self.db, self.clock)

    @cached_property
    def passwords(self) -> Passwords:
        """Argon2id."""
        return Passwords()

    # ------------------------------------------------------------------ hosting
    @cached_property
    def hosting(self) -> HostingStore:
        """What the panel said, kept."""
        return HostingStore(self.db, self.clock, self.knock)

    @cached_property
    def panel(self) -> Panel:
        """Where hosting accounts are kept. Raises SettingsError."""
        told = self.settings.panel
        kind = one_of(told.kind, (p.name for p in PANELS), "[panel] kind")
        access = PanelAccess(told.url, told.token, told.timeout)
        try:
            return connect_panel(kind, access, self.network)
        except ValueError as error:
            raise SettingsError(f"[panel] url: {error}") from error

    # ------------------------------------------------------------------ status
    @cached_property
    def components(self) -> tuple[Component, ...]:
        """What readers know services by."""
        return tuple(Component(**msgspec.structs.asdict(c)) for c in self.settings.component)

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """Probes with settings that their kind accepts. Raises SettingsError."""
        return tuple(_probe(Probe(**msgspec.structs.asdict(p))) for p in self.settings.probe)

    @cached_property
    def status(self) -> StatusStore:
        """Observations, days, incidents."""
        return StatusStore(self.db, self.clock, self.knock)

    @cached_property
    def incidents(self) -> Incidents:
        """What operators tell the public."""
        return Incidents(self.status, self.clock, self.components)

    @property
    def published(self) -> Path:
        """The folder of the publication."""
        return self.var / PUBLISHED

    def watch(self) -> Watch:
        """The engine's side of status; one for each event loop."""
        publisher = Publisher(self.published, self.site, self.pages)
        return Watch(
            self.components,
            self.probes,
            self.network,
            self.status,
            publisher,
            self.settings.vantage.references,
        )

    # ------------------------------------------------------------------ diagnoses
    @cached_property
    def judging(self) -> Judging:
        """Checks, and the operator's own severities."""
        severities = {finding: Severity(text) for finding, text in self.settings.severity.items()}
        return Judging(self.clock, profile=Profile(severities))

    @cached_property
    def runs(self) -> RunStore:
        """Stored diagnoses."""
        return RunStore(self.db, self.clock, self.knock)

    @cached_property
    def reports(self) -> Reports:
        """Stored diagnoses, judged."""
        return Reports(self.runs, self.judging)

    @cached_property
    def start(self) -> Start:
        """Starts diagnoses within limits."""
        return Start(self.runs, self.limiter, self.account_of)

    def account_of(self, domain: str) -> str:
        """The hosting account of a domain, without asking the panel; "" for nobody's."""
        found = self.hosting.account_of(domain)
        return found.id if found else ""

    def sources(self) -> Sources:
        """Where a diagnosis may look."""
        told = self.settings.provider
        return Sources(
            self.network,
            Expectations(told.nameservers, told.addresses, told.mail_hosts),
            panel=self.panel if self.settings.panel.kind != "none" else None,
            executor=self._blocking,
        )

    @cached_property
    def _blocking(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(8, "sources")

    def runner(self) -> Runner:
        """The engine's side of diagnoses."""
        return Runner(self.runs, self.sources, self.judging)

    # ------------------------------------------------------------------ web
    def plumbing(self, published: Callable[[], str]) -> Plumbing:
        """What web/ is given."""
        proxies = tuple(ip_network(text, strict=False) for text in self._proxies())
        return Plumbing(
            site=self.site,
            pages=self.pages,
            secret=self.secret,
            clock=self.clock,
            limiter=self.limiter,
            visitor=visitor_of(self.accounts),
            trusted_proxies=proxies,
            parts={
                "database": self._database_said,
                "engine": lambda: beat.said(self.var, self.clock.now()),
                "publication": lambda: "" if published() == "fresh" else f"is {published()}",
            },
            metrics_token=self.settings.server.metrics_token,
        )

    def _proxies(self) -> tuple[str, ...]:
        for text in self.settings.server.trusted_proxies:
            try:
                ip_network(text, strict=False)
            except ValueError as error:
                raise SettingsError(f"[server] trusted_proxies: {error}") from error
        return self.settings.server.trusted_proxies

    def _database_said(self) -> str:
        try:
            found = standing(self.db)
        except DatabaseAway as away:
            return str(away)
        return (
            "" if found is Standing.CURRENT else f"its tables are {found}; run: app.py db upgrade"
        )

    def hosts(self) -> frozenset[str]:
        """Every name the web answers to."""
        told = self.settings.site
        urls = (told.url, told.status_url)
        named = {url.partition("://")[2] for url in urls if url}
        return frozenset({*named, *told.hosts, "localhost", "127.0.0.1", "[::1]"})

    def close(self) -> None:
        """Let go of threads."""
        self._blocking.shutdown(wait=False, cancel_futures=True)

    def check(self) -> None:
        """Build all that settings decide. Raises SettingsError."""
        for built in ("network", "site", "components", "probes", "judging", "library", "panel"):
            getattr(self, built)
        self._proxies()


def services(loaded: Loaded, clock: Clock | None = None) -> Services:
    """The parts for some settings."""
    return Services(loaded, clock or SystemClock())


def _probe(probe: Probe) -> Probe:
    where = f'[[probe]] "{probe.name}"'
    name = one_of(probe.kind, (kind.name for kind in KINDS), f"{where} kind")
    kind = next(k for k in KINDS if k.name == name)
    try:
        kind.check(probe.settings)
    except ValueError as error:
        raise SettingsError(f"{where}: {error}") from error
    return replace(probe, settings=dict(probe.settings))


# ------------------------------------------------------------------ the engine
KEEP_RUNS = timedelta(days=90)
KEEP_ROWS = timedelta(days=35)
KEEP_JOBS = timedelta(days=120)
STALE = timedelta(hours=6)


def merged(*rooms: Mapping[str, Handler]) -> dict[str, Handler]:
    """All handlers; a kind of job with two of them stops the start."""
    found: dict[str, Handler] = {}
    for room in rooms:
        for kind, handler in room.items():
            if kind in found:
                raise SettingsError(f"the job kind {kind} has two handlers")
            found[kind] = handler
    return found


def engine_parts(parts: Services) -> engine.Parts:
    """What the background process runs. Call it inside the event loop."""
    watch, runner = parts.watch(), parts.runner()
    url = parts.loaded.database_url
    handlers = merged(
        watch.handlers(),
        diagnoses.handlers(runner),
        hosting.sync.handlers(parts.panel, parts.hosting),
    )
    return engine.Parts(
        var=parts.var,
        clock=parts.clock,
        db=parts.db,
        handlers=handlers,
        watch=watch,
        turns=engine.turns((p.name, p.interval) for p in parts.probes),
        wait=lambda: SocketWait(parts.var) if parts.db.is_sqlite else PostgresWait(url),
        chores=chores(parts),
        closing=(runner.close, parts.close),
    )


def chores(parts: Services) -> dict[str, Callable[[], object]]:
    """What is done once an hour: forgetting what is old, asking the panel anew."""

    def ago(span: timedelta) -> datetime:
        return parts.clock.now() - span

    def prune() -> None:
        for probe in parts.probes:
            parts.status.prune(probe.name, ago(KEEP_ROWS))

    def jobs() -> None:
        with parts.db.write() as conn:
            forget(conn, ago(KEEP_JOBS))

    return {
        "forgetting observations": prune,
        "forgetting diagnoses": lambda: parts.runs.forget(ago(KEEP_RUNS)),
        "forgetting jobs": jobs,
        "forgetting limits": SharedBuckets(parts.db).forget,
        "asking the panel": lambda: parts.hosting.request_sync(parts.hosting.stale(STALE)),
    }
