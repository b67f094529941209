"""Builds this room: components, probes, incidents, uptime, the publication and what watches them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import msgspec

from context import RoomContext
from db.engine import DatabaseAway
from jobs.model import Handler
from messages import EmailRenderers
from room import (
    MONITOR,
    Blueprints,
    Chore,
    MonitoredProbes,
    ReadinessCheck,
    RepeatedCall,
    Retention,
    Role,
    Room,
)
from room_ports import ProvidedPart
from settings import SettingsError, environment, schema
from settings.choices import Mistakes, one_of
from status.incidents import reminders
from status.incidents.configured_templates import configured_templates
from status.incidents.incident_automation import IncidentAutomation, ReminderPolicy
from status.incidents.incident_editing import IncidentEditor
from status.incidents.reminders import IncidentReminder
from status.incidents.templates import IncidentTemplates
from status.model import Component, Incident, KnownComponent, Probe
from status.monitoring import metrics
from status.monitoring.incident_matching import IncidentMatch, IncidentMatcher
from status.monitoring.monitor import Monitor
from status.operator_pages import announcements, corrections, maintenance
from status.operator_pages import sla as sla_pages
from status.operator_pages import web as component_pages
from status.probing.configuration import configured_probes, seen_from, unused_keys
from status.probing.heartbeats import web as heartbeat_pages
from status.probing.heartbeats.store import RETENTION as SIGNALS_KEPT
from status.probing.heartbeats.store import HeartbeatStore
from status.probing.kinds import KINDS
from status.probing.vantages import api as vantage_api
from status.probing.vantages.store import RETENTION as PUSHES_KEPT
from status.probing.vantages.store import VantageStore
from status.publishing.data_files import default_language
from status.publishing.exports.mirror import Mirror
from status.publishing.exports.static_site import write_site
from status.publishing.publisher import Publisher
from status.publishing.standby_pages import waiting_pages
from status.sla.store import SlaStore
from status.state.statements import is_visible
from status.state.uptime import Planned, UptimeMethod
from status.storage.forgetting import (
    DISCARDED_KEPT,
    forget_discarded_drafts,
    forget_override_authors,
)
from status.storage.history import HistoryStore
from status.storage.store import PUBLISH, StatusStore
from status.timeseries.response_times import (
    MeasuredComponent,
    ResponseTimes,
    TimesReader,
    measured_components,
)
from status.timeseries.store import RetentionPeriods, TimeseriesStore
from web.middleware import static_files
from web.middleware.published import PUBLICATION, ServedPublication
from web.publication_format import Publication

PUBLISHED = "published"
MIRROR_EVERY = timedelta(seconds=1)


@dataclass(frozen=True)
class StatusRoom(Room):
    """What is up, and what readers are told of it."""

    ctx: RoomContext
    name = "status"

    # ------------------------------------------------------------------ what settings say
    @cached_property
    def components(self) -> tuple[Component, ...]:
        """What readers know services by. Raises SettingsError for a language the site lacks."""
        languages, mistakes = self.ctx.languages, Mistakes()
        for section in self.ctx.settings.component:
            for key in ("names", "group_names", "descriptions"):
                for code in getattr(section, key):
                    with mistakes:
                        one_of(code, languages, f'[[component]] "{section.id}" {key}')
        mistakes.refuse()
        charts = self.ctx.settings.status.charts
        return tuple(
            Component(
                **{**msgspec.structs.asdict(c), "charts": charts if c.charts is None else c.charts}
            )
            for c in self.ctx.settings.component
        )

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """Probes with settings that their kind accepts. Raises SettingsError."""
        return configured_probes(self.ctx.settings)

    def warnings(self) -> Iterable[str]:
        return unused_keys(self.ctx.settings, self.ctx.loaded.probe_keys)

    @cached_property
    def measured(self) -> tuple[MeasuredComponent, ...]:
        """Which probes tell how fast each component answers."""
        timed = {kind.name for kind in KINDS if kind.has_response_time}
        return measured_components(self.components, self.probes, timed)

    @cached_property
    def times(self) -> TimesReader:
        """How fast components and probes answer, for operators."""
        zone = self.ctx.site.time_zone
        return TimesReader(self.timeseries, self.measured, zone, self.ctx.clock)

    @property
    def probes_here(self) -> tuple[Probe, ...]:
        """Those that are looked at from this machine."""
        return seen_from(self.probes, self.ctx.network.vantage.name)

    @cached_property
    def templates(self) -> IncidentTemplates:
        """Ready words for incidents, the operator's own first. Raises SettingsError."""
        return configured_templates(self.ctx.settings.template, self.ctx.languages)

    @cached_property
    def uptime_method(self) -> UptimeMethod:
        """How uptime is counted."""
        chosen = self.ctx.settings.uptime
        return UptimeMethod(chosen.partial, chosen.degraded, Planned(chosen.maintenance))

    @property
    def published(self) -> Path:
        """The folder of the publication."""
        return self.ctx.var / PUBLISHED

    # ------------------------------------------------------------------ stores
    @cached_property
    def store(self) -> StatusStore:
        """Observations, days, incidents."""
        return StatusStore(self.ctx.db, self.ctx.clock, self.ctx.jobs)

    @cached_property
    def history(self) -> HistoryStore:
        """What other status pages told before."""
        return HistoryStore(self.ctx.db, self.ctx.clock, self.ctx.jobs)

    @cached_property
    def incidents(self) -> IncidentEditor:
        """What operators tell the public."""
        return IncidentEditor(self.store, self.ctx.clock, self.components, self.ctx.site.languages)

    @cached_property
    def sla(self) -> SlaStore:
        """Uptime of months, frozen when they are over."""
        method = self.uptime_method
        return SlaStore(self.store, self.ctx.db, self.ctx.clock, self.components, method)

    @cached_property
    def heartbeats(self) -> HeartbeatStore:
        """What jobs elsewhere sent in."""
        return HeartbeatStore(self.ctx.db, self.ctx.clock)

    @cached_property
    def vantages(self) -> VantageStore:
        """Other places that look, and what they pushed."""
        return VantageStore(self.ctx.db, self.ctx.clock)

    @cached_property
    def timeseries(self) -> TimeseriesStore:
        """Observations rolled up."""
        keep = self.ctx.settings.retention
        periods = RetentionPeriods(keep.raw, keep.five_minutes, keep.hours, keep.days)
        return TimeseriesStore(self.ctx.db, self.ctx.clock, periods)

    def known_components(self) -> tuple[KnownComponent, ...]:
        """What components are and were called."""
        return self.store.known_components()

    def visible_incident(self, id: str) -> Incident | None:
        """An incident, when readers can see it."""
        incident = self.store.incident(id)
        return incident if incident and is_visible(incident, self.ctx.clock.now()) else None

    def known_incident(self, servers: tuple[str, ...], domain: str) -> IncidentMatch | None:
        """What is open on a customer's servers, by what is published; one file is read."""
        return self._incident_matcher(servers, domain)

    def open_incident(self) -> IncidentMatch | None:
        """What is open anywhere, by what is published; one file is read."""
        return self._incident_matcher.open_now()

    def incident_is_over(self, id: str) -> bool:
        """Whether an incident or work that a report names has ended since."""
        return self._incident_matcher.is_over(id)

    @cached_property
    def _incident_matcher(self) -> IncidentMatcher:
        site = self.ctx.site
        status_url = site.status_url or site.url
        return IncidentMatcher(self.published, status_url, self.probes, site.languages)

    # ------------------------------------------------------------------ the engine's side
    @cached_property
    def monitor(self) -> Monitor:
        """What probes and publishes, for one event loop; its writes need the lead."""
        return replace(self, ctx=self.ctx.fenced()).unfenced_monitor()

    def unfenced_monitor(self) -> Monitor:
        """The same, over the database of this room as it is."""
        zone = self.ctx.site.time_zone
        public = [
            m for m in self.measured if m.component in {c.id for c in self.components if c.charts}
        ]
        publisher = Publisher(
            self.published,
            self.ctx.site,
            self.ctx.pages,
            method=self.uptime_method,
            response_times=ResponseTimes(self.timeseries, self.ctx.clock, public, zone),
        )
        chosen = self.ctx.settings.status
        return Monitor(
            self.components,
            self.probes,
            self.ctx.network,
            self.store,
            publisher,
            self.ctx.settings.vantage.references,
            automation=IncidentAutomation(
                self.store,
                self.templates,
                ReminderPolicy(chosen.remind_after, chosen.remind_before),
            ),
            pushed=self.heartbeats.pushed,
            pushed_observations=self.vantages.pushed_observations(),
        )

    # ------------------------------------------------------------------ what the room gives
    def configured(self) -> Iterable[Callable[[], object]]:
        yield lambda: self.components
        yield lambda: self.probes
        yield lambda: self.templates
        yield lambda: check_mirror(self.ctx.settings.mirror)

    def provides(self) -> Iterable[ProvidedPart]:
        yield MONITOR.given(
            lambda: MonitoredProbes(self.monitor, {p.name: p.interval for p in self.probes_here})
        )
        yield PUBLICATION.given(
            lambda: ServedPublication(self.published, waiting_pages(self.ctx.site, self.ctx.pages))
        )

    def preload(self) -> None:
        self.ctx.pages.compile("status/publishing/")

    def checks(self) -> Mapping[str, ReadinessCheck]:
        return {"vantages": self._unknown_vantages}

    def _unknown_vantages(self) -> str:
        """Vantages that probes name and nobody may push from; "" when there is none."""
        names = {v for p in self.probes for v in p.vantages} - {self.ctx.network.vantage.name}
        try:
            unknown = names - {v.name for v in self.vantages.list_vantages()} if names else ()
        except DatabaseAway:
            return ""  # the part "database" tells
        return "; ".join(
            f"no vantage {name} is known here: app.py vantage token {name}, or take it out of the probes"
            for name in sorted(unknown)
        )

    def blueprints(self) -> Blueprints:
        return (
            heartbeat_pages.blueprint(
                self.heartbeats,
                self.ctx.settings.status.ping_key,
                frozenset(p.name for p in self.probes if p.kind == "heartbeat"),
            ),
            vantage_api.blueprint(self.vantages, self.probes),
            component_pages.blueprint(
                self.incidents,
                self.store,
                self.probes,
                self.published,
                self.templates,
                times=self.times,
            ),
            announcements.blueprint(self.incidents),
            maintenance.blueprint(self.incidents),
            corrections.blueprint(self.incidents),
            sla_pages.blueprint(self.sla),
        )

    def handlers(self) -> Mapping[str, Handler]:
        return {**self.monitor.handlers(), **reminders.handlers(self._reminder)}

    @property
    def _reminder(self) -> IncidentReminder:
        site, addresses = self.ctx.site, self.ctx.settings.status.remind_to
        return IncidentReminder(
            *(site, default_language(site), tuple(addresses)),
            *(self.store.enqueue_all, self.store.incident, self.ctx.clock.now),
        )

    def emails(self) -> EmailRenderers:
        return self._reminder.emails()

    def roles(self) -> Mapping[str, Role]:
        return {PUBLISH: Role.WATCH}

    def chores(self) -> Mapping[str, Chore]:
        return {
            "counting observations": lambda: self.timeseries.roll_up_and_prune(
                p.name for p in self.probes
            ),
            "forgetting what jobs sent in": self.heartbeats.prune,
            "forgetting what vantages pushed": self.vantages.prune,
            "forgetting discarded drafts": lambda: forget_discarded_drafts(
                self.ctx.db, self.ctx.ago(DISCARDED_KEPT)
            ),
            "forgetting who overrode": lambda: forget_override_authors(
                self.ctx.db, self.ctx.ago(self.ctx.settings.retention.audit)
            ),
            "freezing months": self.sla.freeze,
            "remembering services": lambda: self.store.remember_components(self.components),
        }

    def repeated_calls(self) -> Mapping[str, RepeatedCall]:
        """Keeps a second place of the site in step, when one is configured."""
        section = self.ctx.settings.mirror
        check_mirror(section)
        if not section.folder:
            return {}
        assets = static_files.load()

        def write(publication: Publication, folder: Path) -> int:
            return write_site(publication, folder, self.ctx.site, assets)

        mirror_folder, clock = Path(section.folder), self.ctx.clock
        mirror = Mirror(self.published, mirror_folder, write, clock, section.command, environment())
        return {"mirror": RepeatedCall(mirror.run, MIRROR_EVERY, Role.WATCH)}

    def metrics(self) -> str:
        """The numbers of the last looks, for /metrics."""
        return metrics.read(self.published, self.ctx.clock.now())

    def retention(self) -> Iterable[Retention]:
        rollups, history = ("status_rollups",), "published history"
        words = ("status_incidents", "status_updates", "status_maintenances")
        uptime = ("status_days", "status_months", "status_transitions", "status_known_components")
        one_row = ("status_heartbeats", "status_vantages")
        signals, pushes = ("status_heartbeat_signals",), ("status_pushes",)
        return (
            Retention("looks of probes, each one", ("status_observations",), "raw"),
            Retention("looks of probes, counted by five minutes", rollups, "five_minutes"),
            Retention("looks of probes, counted by the hour", rollups, "hours"),
            Retention("looks of probes, counted by the day", rollups, "days"),
            Retention("what jobs sent in", signals, after=SIGNALS_KEPT),
            Retention("what vantages pushed", pushes, after=PUSHES_KEPT),
            Retention("tokens of heartbeats and vantages", one_row, why="one row each"),
            Retention(
                "drafts of incidents that were discarded",
                ("status_incidents", "status_updates"),
                after=DISCARDED_KEPT,
            ),
            Retention(
                "who overrode a component, and why, after it ended", ("status_overrides",), "audit"
            ),
            Retention("incidents and planned work, drafts too", words, why=history),
            Retention(
                "news and overrides", ("status_announcements", "status_overrides"), why=history
            ),
            Retention("uptime and what services were called", uptime, why=history),
        )


def check_mirror(section: schema.MirrorSection) -> None:
    """Whether a command has something to bring. Raises SettingsError."""
    if section.command and not section.folder:
        raise SettingsError("[mirror] command needs a folder to bring somewhere")
