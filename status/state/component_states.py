"""Verdict and uptime accumulator of each component. Owns no clock and no database.

Only components whose probes have moved, whose last word has grown old, or of which people have
said something are weighed again; time is accumulated when somebody reads it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from status.model import Component, Probe, Transition, UptimeDay
from status.state import composition, uptime
from status.state.composition import ComponentVerdict, PublicStatements
from status.state.damping import DebouncedState, patience
from status.state.uptime import UptimeAccumulator

MAX_BUFFERED = 20_000  # transitions that wait for the database
NO_STATE = DebouncedState()


@dataclass(slots=True)
class ComponentStates:
    """Verdicts and uptime by component. `transitions` are those not yet stored."""

    components: tuple[Component, ...]
    probes: Mapping[str, list[Probe]]  # by component
    verdicts: dict[str, ComponentVerdict] = field(default_factory=dict)
    measured: dict[str, ComponentVerdict] = field(default_factory=dict)
    accumulators: dict[str, UptimeAccumulator] = field(default_factory=dict)
    transitions: deque[Transition] = field(default_factory=lambda: deque(maxlen=MAX_BUFFERED))
    _observed: set[str] = field(default_factory=set)
    _stale_at: dict[str, datetime] = field(default_factory=dict)  # when a word stops counting
    _had_statements: bool = True  # whether people's words counted when last weighed
    _unsaved_since: dict[str, date] = field(
        default_factory=dict
    )  # the first day that is not yet stored

    def mark_observed(self, component: str) -> None:
        """A probe of it has looked."""
        self._observed.add(component)

    def evaluate(
        self, debounced: Mapping[str, DebouncedState], statements: PublicStatements, now: datetime
    ) -> bool:
        """Bring the verdicts up to date; True when a condition has changed."""
        active = composition.active_statements(statements, now)
        had_statements, self._had_statements = self._had_statements, active != _NO_STATEMENTS
        changed = False
        for component in self.components:
            is_measured, stale_at = component.id in self.measured, self._stale_at.get(component.id)
            is_due = (
                component.id in self._observed or not is_measured or (stale_at and now > stale_at)
            )
            if is_due:
                self._measure(component, debounced, now)
            if is_due or had_statements or self._had_statements:
                changed |= self._evaluate_component(component, active, now)
        self._observed.clear()
        return changed

    def _measure(
        self, component: Component, debounced: Mapping[str, DebouncedState], now: datetime
    ) -> None:
        probes = self.probes.get(component.id, ())
        states = [(p, debounced.get(p.name, NO_STATE)) for p in probes]
        self.measured[component.id] = composition.measured_verdict(component, states, now)
        expiries = [s.last_at + patience(p) for p, s in states if s.verdict and s.last_at]
        upcoming = [end for end in expiries if end >= now]
        if upcoming:
            self._stale_at[component.id] = min(upcoming)
        else:
            self._stale_at.pop(component.id, None)

    def _evaluate_component(
        self, component: Component, statements: PublicStatements, now: datetime
    ) -> bool:
        verdict = composition.effective_verdict(
            component, self.measured[component.id], statements, now
        )
        self.verdicts[component.id] = verdict
        before = self.accumulators[component.id]
        if verdict.condition is before.condition:
            return False
        after = composition.accumulated(before, verdict, now)
        self._set_accumulator(component.id, after, min(before.until, after.since))
        self.transitions.append(
            Transition(component.id, before.condition, after.condition, after.since, verdict.reason)
        )
        return True

    def _set_accumulator(
        self, component: str, accumulator: UptimeAccumulator, since: datetime
    ) -> None:
        self.accumulators[component] = accumulator
        self._unsaved_since[component] = min(
            self._unsaved_since.get(component, since.date()), since.date()
        )

    # ------------------------------------------------------------------ time

    def accumulate(self, now: datetime, components: Iterable[str] | None = None) -> None:
        """Accumulate the time up to now for some components, or for all."""
        for name in self.accumulators if components is None else components:
            before = self.accumulators[name]
            after = uptime.trim(uptime.advance(before, now))
            self._set_accumulator(name, after, before.until)

    def unsaved_days(self, component: str) -> tuple[UptimeDay, ...]:
        """The days of a component that are not yet stored."""
        first = self._unsaved_since.get(component)
        return tuple(d for d in self.accumulators[component].days if first is None or d.on >= first)

    def mark_saved(self, components: Iterable[str], today: date) -> None:
        """These days are in the database now; today goes on."""
        self._unsaved_since.update(dict.fromkeys(components, today))

    def clock_stepped(self, by: timedelta, now: datetime) -> None:
        """The wall clock was set: what was true until then is written down by the old time."""
        self.accumulate(now - by)
        self.accumulators = {
            c: uptime.skip_clock_step(accumulator, by)
            for c, accumulator in self.accumulators.items()
        }
        self._observed = set(self.accumulators)


_NO_STATEMENTS = PublicStatements()
