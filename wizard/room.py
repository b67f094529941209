"""Builds this room: self-checks, their reports and pages, watches, mailbox tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from accounts.model import Person
from accounts.room import AccountsRoom
from context import RoomContext
from diagnostics.collectors.blocking_calls import BlockingCalls
from diagnostics.collectors.model import KnownIncidents, Sources
from diagnostics.evaluation import Profile
from diagnostics.login_test import ENGINE_TIMEOUT
from diagnostics.model import Severity
from hosting.model import Expectations
from hosting.room import HostingRoom
from jobs.model import Handler
from kb.room import KnowledgeRoom
from messages import EmailRenderers
from observe.registry.cache_lifetime import STALE_LIFETIME
from observe.standpoint import OwnStandpoint
from room import Blueprints, Chore, RepeatedCall, Retention, Role, Room, part_of
from wizard import api as run_api
from wizard import web as run_pages
from wizard.instructions import web as instruction_pages
from wizard.lost_mail import api as lost_mail_api
from wizard.lost_mail import web as lost_mail_pages
from wizard.mailbox_test import web as mailbox_pages
from wizard.mailbox_test.store import KEPT, CredentialSubmissions, SealedCredentials
from wizard.page_context import WizardParts
from wizard.registrations.store import RegistrationStore
from wizard.runs import handler as runs
from wizard.runs.anonymous.store import AnonymousRuns
from wizard.runs.handler import Evaluator, Reports, Runner
from wizard.runs.limits import KINDS
from wizard.runs.start import RunStarter
from wizard.runs.store import RunStore
from wizard.ticket_link import TICKET_OF_RUN
from wizard.watches import recheck
from wizard.watches import web as watch_pages
from wizard.watches.outgoing_emails import WatchEmails
from wizard.watches.recheck import WatchRechecker
from wizard.watches.store import WatchStore, enqueue_verdict
from wizard.watches.web import WatchPages

RENEW_KEYS_EVERY = timedelta(seconds=5)


@dataclass(frozen=True)
class WizardRoom(Room):
    """What is wrong with a domain. `status` tells what is known to be broken already; of `rooms`,
    all of them, one tells the ticket that a run is for."""

    ctx: RoomContext
    accounts: AccountsRoom
    hosting: HostingRoom
    kb: KnowledgeRoom
    status: KnownIncidents
    rooms: Iterable[Room]
    name = "wizard"

    # ------------------------------------------------------------------ runs and reports
    @cached_property
    def evaluator(self) -> Evaluator:
        """Checks, and the operator's own severities. Raises SettingsError."""
        severities = {id: Severity(text) for id, text in self.ctx.settings.severity.items()}  # noqa: A001
        return Evaluator(self.ctx.clock, profile=Profile(severities))

    @cached_property
    def runs(self) -> RunStore:
        """Stored runs."""
        return RunStore(self.ctx.db, self.ctx.clock, self.ctx.jobs, enqueue_verdict)

    @cached_property
    def reports(self) -> Reports:
        """Stored runs, judged."""
        return Reports(self.runs, self.evaluator)

    @cached_property
    def starter(self) -> RunStarter:
        """Starts runs within limits."""
        domains = self.ctx.network.demo_domains
        return RunStarter(
            self.runs, self.ctx.limiter, self.hosting.account_of, demo_domains=domains
        )

    @cached_property
    def watches(self) -> WatchStore:
        """What is looked at again until it is well."""
        return WatchStore(self.ctx.db, self.ctx.clock, self.ctx.secret, self.ctx.jobs)

    @cached_property
    def registrations(self) -> RegistrationStore:
        """Registries' answers."""
        return RegistrationStore(self.ctx.db)

    # ------------------------------------------------------------------ the engine's side
    def sources(self) -> Sources:
        """Where a run may look."""
        provider = self.ctx.settings.provider
        return Sources(
            self.ctx.network,
            Expectations(
                provider.nameservers,
                provider.addresses,
                provider.mail_hosts,
                mailbox_hosts=provider.mailbox_hosts,
                outgoing=provider.outgoing_addresses,
                spf_include=provider.spf_include,
                dkim_selectors=provider.dkim_selectors,
            ),
            panel=self.hosting.panel if self.hosting.has_panel else None,
            incident=self.status.known_incident,
            any_incident=self.status.open_incident,
            panel_calls=self.panel_calls,
            incident_calls=self.incident_calls,
            ends={name.lower().strip("."): day for name, day in provider.domain_ends.items()},
            standpoint=self.standpoint.current,
        )

    @cached_property
    def standpoint(self) -> OwnStandpoint:
        """What our own place can see, looked at now and then."""
        return OwnStandpoint(self.ctx.network, self.ctx.settings.vantage.mail_references)

    @cached_property
    def panel_calls(self) -> BlockingCalls:
        """Threads in which runs ask the panel; each run has two questions at most."""
        return BlockingCalls("the panel", 2 * runs.MAX_CONCURRENT)

    @cached_property
    def incident_calls(self) -> BlockingCalls:
        """Threads in which runs read the publication, so that no panel keeps them waiting."""
        return BlockingCalls("the publication", 2)

    @cached_property
    def credentials(self) -> SealedCredentials:
        """Passwords that customers want tried, sealed to this engine."""
        return SealedCredentials(self.ctx.db, self.ctx.clock, self.ctx.worker)

    @cached_property
    def runner(self) -> Runner:
        """Works on runs, in an engine: what registries answer is kept for the others."""
        self.ctx.network.registries.use_cache(self.registrations)
        return Runner(self.runs, self.sources, self.evaluator, claim=self.credentials.claim)

    @property
    def rechecker(self) -> WatchRechecker:
        """Looks again at what is watched."""
        people = self.accounts.store
        return WatchRechecker(self.watches, self.reports, people.person, self.ctx.clock)

    # ------------------------------------------------------------------ what the room gives
    def configured(self) -> Iterable[Callable[[], object]]:
        return (lambda: self.evaluator,)

    def blueprints(self) -> Blueprints:
        parts = self.page_parts()
        submissions = CredentialSubmissions(self.ctx.db, self.ctx.clock)
        watched = WatchPages(parts, self.watches, self.contacts_of_domain, self.ctx.site.name)
        return (
            run_pages.blueprint(parts),
            instruction_pages.blueprint(parts),
            lost_mail_pages.blueprint(parts),
            lost_mail_api.blueprint(parts),
            mailbox_pages.blueprint(mailbox_pages.MailboxTestPages(parts, submissions)),
            run_api.blueprint(parts),
            watch_pages.blueprint(watched),
        )

    def page_parts(self) -> WizardParts:
        """What the pages need."""
        return WizardParts(
            self.runs,
            self.reports,
            self.starter,
            self.kb.articles_for,
            self.status.open_incident,
            self.kb.article,
            self.watches.of_run,
            self.ctx.settings.provider.mailbox_hosts,
            self.status.incident_is_over,
            part_of(TICKET_OF_RUN, self.rooms),
        )

    def contacts_of_domain(self, domain: str) -> tuple[Person, ...]:
        """The people of the account that a domain belongs to."""
        account = self.hosting.account_of(domain)
        return self.accounts.store.contacts_of(account) if account else ()

    def handlers(self) -> Mapping[str, Handler]:
        return {**runs.handlers(self.runner), **recheck.handlers(self.rechecker)}

    def emails(self) -> EmailRenderers:
        return WatchEmails(self.watches.by_id, self.reports, self.ctx.site).renderers()

    def with_links(self, text: str) -> str:
        return self.watches.with_links(text, self.ctx.site.url)

    def roles(self) -> Mapping[str, Role]:
        return dict.fromkeys(KINDS.values(), Role.DIAGNOSE)

    def chores(self) -> Mapping[str, Chore]:
        retention = self.ctx.settings.retention
        period, anonymous = retention.diagnoses, AnonymousRuns(self.ctx.db, self.ctx.clock)
        return {
            "forgetting registries' answers": lambda: self.registrations.forget(
                self.ctx.ago(STALE_LIFETIME)
            ),
            "forgetting watches": lambda: self.watches.forget(self.ctx.ago(period)),
            "forgetting diagnoses": lambda: self.runs.forget(self.ctx.ago(period)),
            "forgetting strangers' diagnoses": lambda: anonymous.forget(
                self.ctx.ago(min(period, retention.anonymous_diagnoses))
            ),
            "forgetting what strangers filled up": lambda: anonymous.forget_beyond(
                retention.anonymous_megabytes * 1_000_000
            ),
        }

    def repeated_calls(self) -> Mapping[str, RepeatedCall]:
        renew = RepeatedCall(self.credentials.renew, RENEW_KEYS_EVERY, Role.DIAGNOSE)
        return {"sealing key": renew}

    def retention(self) -> Iterable[Retention]:
        whole = ("diagnostics_runs", "diagnostics_evidence", "diagnostics_shares")
        reports = (*whole, "diagnostics_places")
        strangers = (
            "of these, what strangers had checked, without a shared link, a watch, a check link or a"
            " ticket; the oldest sooner when all of it is more than `anonymous_megabytes`"
        )
        sealed, keys = ("diagnostics_sealed",), ("diagnostics_engine_keys",)
        answers = ("diagnostics_registrations",)
        return (
            Retention("reports, their evidence and shared links", reports, "diagnoses"),
            Retention(strangers, whole, "anonymous_diagnoses"),
            Retention("watches that have ended", ("diagnostics_watches",), "diagnoses"),
            Retention("registries' answers", answers, after=STALE_LIFETIME),
            Retention("that a mailbox was to be tried", sealed, after=KEPT),
            Retention("public keys of engines that stopped", keys, after=4 * ENGINE_TIMEOUT),
        )

    def close(self) -> None:
        self.runner.close()
        self.panel_calls.close()
        self.incident_calls.close()
        if self.ctx.worker:
            self.credentials.withdraw()
