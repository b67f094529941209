"""Every part of the house, made from settings on first use. Opens nothing by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

import msgspec

from accounts.passwords import Passwords
from accounts.policy import Action, PolicyRule
from accounts.store import AccountStore
from accounts.web import visitor_of
from clock import Clock, SystemClock
from db.engine import Database, connect
from db.schema_status import said
from db.stored import health_message
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import Profile
from diagnostics.model import Severity
from engine import heartbeat_file
from hosting.model import Expectations
from hosting.panel import Panel
from hosting.store import HostingStore
from jobs.embedded import EmbeddedQueue
from jobs.queue import Queue
from jobs.wakeup import wakeup
from kb.library import BrokenLibrary, Library
from kb.model import Article
from notify.channel import Channel
from observe.network import Network
from observe.registry_pacing import RegistryPacing
from observe.standpoint import OwnStandpoint
from render.templates import TemplateRenderer
from settings import Loaded, Settings, SettingsError, secret_key
from status.incidents.incidents import IncidentEditor
from status.model import Component, Probe
from status.monitoring import metrics
from status.monitoring.known_incidents import KnownIncidents
from status.monitoring.monitor import Monitor
from status.publishing.publisher import Publisher
from status.storage.store import StatusStore
from tickets.desk import Desk
from tickets.invites.store import InviteStore
from tickets.reports import Diagnoses
from tickets.routing import Department
from tickets.service import TicketService
from tickets.store import TicketStore
from web.limits import Limiter, disguised
from web.site import Plumbing, Site
from web.store import SharedBuckets
from wiring import adapters, ticket_diagnostics
from wiring import incident_automation as saying
from wiring.notifications import NotificationInputs, Notifications, hearing
from wiring.observations import ObservationStores, watching
from wizard.mailbox_test.store import SealedCredentials
from wizard.runs.handler import Evaluator, Reports, Runner, no_trial
from wizard.runs.start import RunStarter
from wizard.runs.store import RunStore
from wizard.watches.store import WatchStore, enqueue_verdict

PUBLISHED = "published"
REGISTRIES = "registries.json"


@dataclass(frozen=True)
class Services:
    """Every part, made on first use. Tests replace one with `dataclasses.replace`-like `with_`."""

    loaded: Loaded
    clock: Clock

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    @property
    def var(self) -> Path:  # the data folder
        return self.loaded.var

    @cached_property
    def secret(self) -> bytes:
        """What signs forms and disguises addresses."""
        return secret_key(self.loaded)

    # ------------------------------------------------------------------ the ground floor
    @cached_property
    def db(self) -> Database:
        """The database; nothing is opened yet."""
        try:
            return connect(self.loaded.database_url, clock=self.clock)
        except ValueError as error:
            raise SettingsError(f"[database] url: {error}") from error

    @cached_property
    def network(self) -> Network:
        """Where observe/ looks. Raises SettingsError."""
        made = adapters.network(self.settings.network, self.settings.vantage, self.clock)
        return replace(made, registries=RegistryPacing(self.var / REGISTRIES))

    @cached_property
    def site(self) -> Site:
        """What pages say of the provider."""
        return adapters.site(self.settings.site)

    @cached_property
    def pages(self) -> TemplateRenderer:
        """The templates."""
        return adapters.pages(self.site)

    @cached_property
    def library(self) -> Library:
        """The articles. Raises SettingsError when one of them is broken."""
        try:
            return Library.load()
        except BrokenLibrary as error:
            raise SettingsError(f"the articles cannot be read: {error}") from error

    def advice(self, finding: str, lang: str) -> tuple[Article, ...]:
        """Articles on a finding; the library is opened when first needed."""
        return self.library.for_finding(finding, lang)

    @cached_property
    def jobs(self) -> Queue:
        """Where work that outlives a request is put in, and taken from."""
        return EmbeddedQueue(self.db, wakeup(self.var, self.loaded.database_url))

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
        return HostingStore(self.db, self.clock, self.jobs)

    def sync(self, account: str) -> None:
        """Have the engine ask the panel about an account."""
        self.hosting.request_sync((account,))

    @cached_property
    def panel(self) -> Panel:
        """Where hosting accounts are kept. Raises SettingsError."""
        return adapters.panel(self.settings.panel, self.network)

    # ------------------------------------------------------------------ status
    @cached_property
    def components(self) -> tuple[Component, ...]:
        """What readers know services by."""
        return tuple(Component(**msgspec.structs.asdict(c)) for c in self.settings.component)

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """Probes with settings that their kind accepts. Raises SettingsError."""
        told = (Probe(**msgspec.structs.asdict(p)) for p in self.settings.probe)
        found = tuple(adapters.probe(p) for p in told)
        adapters.members(found, (c.id for c in self.settings.component))
        return found

    @cached_property
    def status(self) -> StatusStore:
        """Observations, days, incidents."""
        return StatusStore(self.db, self.clock, self.jobs)

    @cached_property
    def incidents(self) -> IncidentEditor:
        """What operators tell the public."""
        return IncidentEditor(self.status, self.clock, self.components)

    @property
    def published(self) -> Path:
        """The folder of the publication."""
        return self.var / PUBLISHED

    def watch(self) -> Monitor:
        """The engine's side of status; one for each event loop."""
        speeds, method = self.watching.speeds(self.probes), self.saying.method
        publisher = Publisher(self.published, self.site, self.pages, method=method, speeds=speeds)
        parts = (self.components, self.probes, self.network, self.status, publisher)
        return Monitor(
            *parts,
            self.settings.vantage.references,
            keeper=self.saying.keeper,
            pushed=self.watching.heartbeats.pushed,
            arrived=self.watching.vantages.arrivals(),
        )

    @cached_property
    def saying(self) -> saying.AutomationParts:
        """Ready words, the method of uptime, what the engine says by itself."""
        return saying.of(self.settings, self.status, self.db, self.components)

    @cached_property
    def watching(self) -> ObservationStores:
        """Words sent in, vantages, roll-ups."""
        return watching(self.db, self.clock, self.settings.retention)

    @cached_property
    def known(self) -> KnownIncidents:
        """What is open on a customer's servers, by what is published."""
        return KnownIncidents(self.published, self.site.status_url or self.site.url, self.probes)

    # ------------------------------------------------------------------ diagnoses
    @cached_property
    def judging(self) -> Evaluator:
        """Checks, and the operator's own severities."""
        severities = {finding: Severity(text) for finding, text in self.settings.severity.items()}
        return Evaluator(self.clock, profile=Profile(severities))

    @cached_property
    def runs(self) -> RunStore:
        """Stored diagnoses."""
        return RunStore(self.db, self.clock, self.jobs, enqueue_verdict)

    @cached_property
    def watches(self) -> WatchStore:
        """What is looked at again until it is well."""
        return WatchStore(self.db, self.clock, self.secret, self.jobs)

    @cached_property
    def reports(self) -> Reports:
        """Stored diagnoses, judged."""
        return Reports(self.runs, self.judging)

    @cached_property
    def start(self) -> RunStarter:
        """Starts diagnoses within limits."""
        return RunStarter(self.runs, self.limiter, self.account_of)

    def account_of(self, domain: str) -> str:
        """The hosting account of a domain, without asking the panel; "" for nobody's."""
        found = self.hosting.account_of(domain)
        return found.id if found else ""

    def sources(self) -> Sources:
        """Where a diagnosis may look."""
        told = self.settings.provider
        return Sources(
            self.network,
            Expectations(
                told.nameservers,
                told.addresses,
                told.mail_hosts,
                mailbox_hosts=told.mailbox_hosts,
                outgoing=told.outgoing_addresses,
                spf_include=told.spf_include,
                dkim_selectors=told.dkim_selectors,
            ),
            panel=self.panel if self.settings.panel.kind != "none" else None,
            incident=self.known,
            executor=self._blocking,
            ends={name.lower().strip("."): day for name, day in told.domain_ends.items()},
            standpoint=self.standpoint.look,
        )

    @cached_property
    def standpoint(self) -> OwnStandpoint:
        """What our own place can see, looked at now and then."""
        return OwnStandpoint(self.network, self.settings.vantage.mail_references)

    @cached_property
    def _blocking(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(8, "sources")

    def runner(self, safe: SealedCredentials | None = None) -> Runner:
        """The engine's side of diagnoses; `safe` holds what customers want tried."""
        claim = safe.claim if safe else no_trial
        return Runner(self.runs, self.sources, self.judging, claim=claim)

    # ------------------------------------------------------------------ tickets
    @cached_property
    def tickets(self) -> TicketStore:
        """Tickets and their threads."""
        return TicketStore(self.db, self.clock, self.jobs)

    @cached_property
    def invites(self) -> InviteStore:
        """Agents' check links."""
        return InviteStore(self.db, self.clock, self.secret)

    @cached_property
    def desk(self) -> Desk:
        """Where agents read tickets. Raises SettingsError."""
        return adapters.desk(self.settings.desk, self.tickets)

    @cached_property
    def channel(self) -> Channel:
        """How letters leave. Raises SettingsError."""
        return adapters.channel(self.settings.mail, self.var)

    @cached_property
    def hearing(self) -> Notifications:
        """Subscribers, operators' channels, API tokens. Raises SettingsError."""
        ground = NotificationInputs(self.db, self.clock, self.secret, self.site, self.jobs)
        return hearing(ground, self.settings, self.components)

    @cached_property
    def departments(self) -> tuple[Department, ...]:
        """Who answers what. Raises SettingsError."""
        return tuple(adapters.department(d) for d in self.settings.department)

    @cached_property
    def rules(self) -> Mapping[Action, PolicyRule]:
        """What an action asks of whoever orders it. Raises SettingsError."""
        return adapters.rules(self.settings.policy)

    @cached_property
    def diagnoses(self) -> Diagnoses:
        """Diagnoses as tickets need them."""
        zone = self.site.time_zone
        return ticket_diagnostics.diagnoses(self.start, self.reports, self.advice, zone)

    @cached_property
    def work(self) -> TicketService:
        """What an agent does with a ticket."""
        return TicketService(
            self.tickets, self.invites, self.accounts, self.diagnoses, self.clock, self.site.url
        )

    # ------------------------------------------------------------------ web
    def plumbing(self, published: Callable[[], str]) -> Plumbing:
        """What web/ is given."""
        return Plumbing(
            site=self.site,
            pages=self.pages,
            secret=self.secret,
            clock=self.clock,
            limiter=self.limiter,
            visitor=visitor_of(self.accounts),
            trusted_proxies=self.proxies,
            parts={
                "database": lambda: said(self.db),
                "documents": health_message,
                "engine": lambda: heartbeat_file.said(self.var, self.clock.now()),
                "publication": lambda: "" if published() == "fresh" else f"is {published()}",
            },
            metrics_token=self.settings.server.metrics_token,
            more_metrics=lambda: metrics.read(self.published, self.clock.now()),
        )

    @cached_property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Proxies whose word on addresses is taken. Raises SettingsError."""
        try:
            told = self.settings.server.trusted_proxies
            return tuple(ip_network(text, strict=False) for text in told)
        except ValueError as error:
            raise SettingsError(f"[server] trusted_proxies: {error}") from error

    def is_proxy(self, address: str) -> bool:
        """Whether an address is one of our proxies."""
        with suppress(ValueError):
            found = ip_address(address)
            return any(found in net for net in self.proxies if net.version == found.version)
        return False

    def hosts(self) -> frozenset[str]:
        """Every name the web answers to."""
        site = self.settings.site
        urls = (url.partition("://")[2] for url in (site.url, site.status_url) if url)
        return frozenset({*urls, *site.hosts, "localhost", "127.0.0.1", "[::1]"})

    def close(self) -> None:
        """Let go of threads."""
        self._blocking.shutdown(wait=False, cancel_futures=True)

    def check(self) -> None:
        """Build all that settings decide. Raises SettingsError."""
        for built in ("db", "network", "site", "components", "probes", "judging", "panel"):
            getattr(self, built)
        for built in ("desk", "channel", "departments", "rules", "proxies"):
            getattr(self, built)
        for told in self.settings.channel:
            adapters.post(told, self.components)
            adapters.reachable(told)


def services(loaded: Loaded, clock: Clock | None = None) -> Services:
    """The parts for some settings. Raises SettingsError when the operator's texts do not fit."""
    adapters.use_texts(loaded.settings.texts)
    return Services(loaded, clock or SystemClock())
