"""Administration of heartbeats, manual signals and remote vantages: their addresses and tokens.

The same acts for pages and programs; each that changes something is audited by its store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clock import Clock
from status.model import Component, Probe
from status.probing.configuration import named_by_no_probe
from status.probing.heartbeats.signals import HeartbeatSignal, RecordedSignal
from status.probing.heartbeats.store import HeartbeatProbe, HeartbeatStore
from status.probing.kinds import kind_of
from status.probing.kinds.heartbeat import (
    HeartbeatProbeSettings,
    HeartbeatState,
    heartbeat_state,
)
from status.probing.probe_kind import PushedSignal, parse_settings
from status.probing.vantages.store import VantageRecord, VantageStore

STATES = ("up", "degraded", "down")


@dataclass(frozen=True, slots=True)
class HeartbeatStatus:
    """A probe whose state is pushed: since when it has an address, its last signal, and where it
    stands by its settings; a manual probe has none of these two."""

    probe: Probe
    made_at: datetime | None
    last: PushedSignal | None
    state: HeartbeatState | None = None
    settings: HeartbeatProbeSettings | None = None


@dataclass(frozen=True, slots=True)
class HeartbeatAddress:
    """A new address of a job, told once: its own form, and those of healthchecks and Uptime Kuma."""

    heartbeat: str
    ping: str
    push: str


@dataclass(frozen=True, slots=True)
class HeartbeatAdministration:
    """The acts and what they need. `url` is where jobs reach us."""

    heartbeats: HeartbeatStore
    vantage_store: VantageStore
    probes: tuple[Probe, ...]
    url: str
    clock: Clock
    components: tuple[Component, ...] = ()

    def component_names(self, lang: str) -> dict[str, str]:
        """What readers of a language call each component, by id."""
        return {c.id: c.in_language(lang).name for c in self.components}

    def statuses(self) -> tuple[HeartbeatStatus, ...]:
        """Every probe whose state is pushed, by name."""
        heartbeats = {k.probe: k for k in self.heartbeats.list_probes()}
        probes = sorted((p for p in self.probes if kind_of(p.kind).is_pushed), key=lambda p: p.name)
        return tuple(self._status(p, heartbeats.get(p.name)) for p in probes)

    def status(self, probe: str) -> HeartbeatStatus | None:
        """One of them by its name."""
        return next((s for s in self.statuses() if s.probe.name == probe), None)

    def signals(self, probe: str) -> tuple[RecordedSignal, ...] | None:
        """What was sent in for a probe, the newest first; with what jobs wrote, which operators
        alone may see. None when there is no such heartbeat."""
        return self.heartbeats.signals_of(probe) if self._kind(probe) else None

    def _status(self, probe: Probe, heartbeat: HeartbeatProbe | None) -> HeartbeatStatus:
        made_at, last = (heartbeat.made_at, heartbeat.last) if heartbeat else (None, None)
        if probe.kind != "heartbeat":
            return HeartbeatStatus(probe, made_at, last)
        settings = parse_settings(HeartbeatProbeSettings, probe.settings)
        state = heartbeat_state(settings, last, self.clock.now())
        return HeartbeatStatus(probe, made_at, last, state, settings)

    def address(self, probe: str, by: str) -> HeartbeatAddress | None:
        """A new address; the old one stops working. None when there is no such heartbeat."""
        if self._kind(probe) != "heartbeat":
            return None
        token = self.heartbeats.make_token(probe, by)
        forms = (f"{self.url}/{form}/{token}" for form in ("heartbeat", "ping", "api/push"))
        return HeartbeatAddress(*forms)

    def drop_address(self, probe: str, by: str) -> bool:
        """The address stops working. False when there was none."""
        return self.heartbeats.drop_token(probe, by)

    def record_by_hand(self, probe: str, state: str, because: str, by: str) -> bool:
        """A word by hand. False when no such probe takes words. Raises ValueError."""
        if state not in STATES:
            raise ValueError(state)
        if not self._kind(probe):
            return False
        self.heartbeats.record_by_hand(probe, HeartbeatSignal(state, because), by)
        return True

    def vantages(self) -> tuple[VantageRecord, ...]:
        """Every vantage, by name."""
        return self.vantage_store.list_vantages()

    def unnamed_vantages(self) -> frozenset[str]:
        """Those that no probe names, while probes name others: mistyped, maybe."""
        names = (vantage.name for vantage in self.vantages())
        return frozenset(name for name in names if named_by_no_probe(self.probes, name))

    def vantage(self, name: str, by: str) -> str:
        """A new token of a vantage; its old one stops working. Raises ValueError."""
        return self.vantage_store.make_token(name, by)

    def drop_vantage(self, name: str, by: str) -> bool:
        """It may no longer pull or push. False when there is none."""
        return self.vantage_store.drop(name, by)

    def _kind(self, probe: str) -> str:
        pushed = (p for p in self.probes if kind_of(p.kind).is_pushed)
        return next((p.kind for p in pushed if p.name == probe), "")
