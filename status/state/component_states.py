"""State and uptime of each component at every moment. Owns no clock, no database.

Looks and statements are kept as timelines; a component's condition at any moment follows from
them (composition.py). When one of them changes, also for a moment that has passed, the time since
then is weighed anew and its seconds move. Only components of which something has changed, or for
which the clock brings something, are touched.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from status.model import Component, Condition, Grade, Probe, Transition, UptimeDay
from status.state import grade_timeline, timeline, uptime
from status.state.composition import ComponentVerdict, measured_condition, published_condition
from status.state.damping import DebouncedState, patience
from status.state.grade_timeline import GradeTimeline
from status.state.operator_conditions import (
    Claims,
    claims_by_component,
    next_publication,
    sources_of,
)
from status.state.quorum import agreed_grade
from status.state.statements import PublicStatements
from status.state.timeline import truncate_to_second
from status.state.uptime import UptimeAccumulator

MAX_BUFFERED = 20_000  # transitions that wait for the database
HERE = ""  # the vantage of probes that are looked from nowhere else
REWRITABLE = timedelta(days=uptime.DAYS)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class ComponentStates:
    """Verdicts and uptime by component. `transitions` are those not yet stored."""

    components: tuple[Component, ...]
    probes: Mapping[str, list[Probe]]  # by component
    verdicts: dict[str, ComponentVerdict] = field(default_factory=dict)
    measured: dict[str, ComponentVerdict] = field(default_factory=dict)
    accumulators: dict[str, UptimeAccumulator] = field(default_factory=dict)
    timelines: dict[str, dict[str, GradeTimeline]] = field(default_factory=dict)
    claims: dict[str, Claims] = field(default_factory=dict)
    transitions: deque[Transition] = field(default_factory=lambda: deque(maxlen=MAX_BUFFERED))
    rewritten: set[str] = field(default_factory=set)  # whose past has changed since it was stored
    reasons: dict[str, str] = field(default_factory=dict)  # by probe, of its last verdict
    _position: dict[str, int] = field(default_factory=dict)
    _recompute_from: dict[str, datetime] = field(default_factory=dict)  # by component
    _looked: dict[str, datetime] = field(default_factory=dict)  # since the last evaluation
    _alarms: list[tuple[datetime, str]] = field(default_factory=list)  # a heap
    _alarm_of: dict[str, datetime] = field(default_factory=dict)
    _statements: PublicStatements | None = None
    _next_publication: datetime | None = None
    _unsaved_since: dict[str, date] = field(default_factory=dict)  # the first day not stored yet

    def __post_init__(self) -> None:
        self._position = {c.id: n for n, c in enumerate(self.components)}

    # ------------------------------------------------------------------ what happens

    def observe(
        self, probe: Probe, vantage: str, before: DebouncedState, after: DebouncedState
    ) -> None:
        """A probe has looked from a place; where its damping stood, and where it stands."""
        lines = self.timelines.setdefault(probe.name, {})
        line = lines.get(vantage, GradeTimeline())
        lines[vantage], differs = grade_timeline.record(line, before, after, patience(probe))
        if after.last_at is not None:
            self._looked[probe.component] = after.last_at
        if differs is not None:
            self._recompute_since(probe.component, differs)
        if (deadline := lines[vantage].silent_after(patience(probe))) is not None:
            self._set_alarm(probe.component, deadline)

    def evaluate(self, statements: PublicStatements, now: datetime) -> bool:
        """Bring everything up to a moment; True when a condition has changed."""
        self._apply_statements(statements, now)
        self._fire_alarms(now)
        changed = False
        for component_id in sorted(self._recompute_from, key=self._position.__getitem__):
            changed |= self._recompute(self.components[self._position[component_id]], now)
        for component_id, at in self._looked.items():
            self._note_look(component_id, at)
        self._looked.clear()
        return changed

    def _apply_statements(self, statements: PublicStatements, now: datetime) -> None:
        """What people say now, and since when it differs from what they said before."""
        is_due = self._next_publication is not None and now >= self._next_publication
        if statements is self._statements and not is_due:
            return
        if self._statements is None:
            for component_id, accumulator in self.accumulators.items():
                self._recompute_since(component_id, accumulator.until)
        self._statements = statements
        self._next_publication = next_publication(statements, now)
        claims = claims_by_component(self.components, statements, now)
        sources = sources_of(statements)
        for component in self.components:
            before, after = self.claims.get(component.id, ()), claims.get(component.id, ())
            after = (*after, *_expired_claims(before, sources, now))
            if differing := set(before) ^ set(after):
                self._recompute_since(component.id, min(claim.starts_at for claim in differing))
            self.claims[component.id] = after

    def _fire_alarms(self, now: datetime) -> None:
        """The alarms that are due: silence, and the beginnings and ends of claims."""
        while self._alarms and self._alarms[0][0] <= now:
            at, component_id = heapq.heappop(self._alarms)
            if self._alarm_of.get(component_id) != at:
                continue
            del self._alarm_of[component_id]
            for moment in _boundaries(self.claims.get(component_id, ())):
                if at <= moment <= now:
                    self._recompute_since(component_id, moment)
            for probe in self.probes.get(component_id, ()):
                self._apply_silence(probe, now)
            if component_id not in self._recompute_from:  # it has looked meanwhile
                self._set_next_alarm(self.components[self._position[component_id]], now)

    def _apply_silence(self, probe: Probe, now: datetime) -> None:
        lines = self.timelines.get(probe.name, {})
        for vantage, line in lines.items():
            deadline = line.silent_after(patience(probe))
            if deadline is not None and line.last_at is not None and now > deadline:
                lines[vantage], since = grade_timeline.fall_silent(line, line.last_at)
                if since is not None:
                    self._recompute_since(probe.component, since)

    def _recompute_since(self, component: str, since: datetime) -> None:
        self._recompute_from[component] = min(self._recompute_from.get(component, _NEVER), since)

    def _set_alarm(self, component: str, at: datetime) -> None:
        if at < self._alarm_of.get(component, _NEVER):
            self._alarm_of[component] = at
            heapq.heappush(self._alarms, (at, component))

    # ------------------------------------------------------------------ one component

    def _recompute(self, component: Component, now: datetime) -> bool:
        """Write anew what is no longer true of its time; True when its condition has changed."""
        for probe in self.probes.get(component.id, ()):
            self._apply_silence(probe, now)
        before = self.accumulators[component.id]
        since = min(self._recompute_from.pop(component.id, before.until), before.until)
        begin = max(since, before.rewritable_from, *self._remembered_from(component.id))
        end = max(truncate_to_second(now), before.until)
        segments = tuple(self._published_since(component, begin, end))
        after = uptime.trim(uptime.rewrite(before, segments, now))
        self._set_accumulator(component.id, after, begin)
        if begin < before.until:
            self.rewritten.add(component.id)
        self._judge(component, end)
        self._set_next_alarm(component, now)
        if after.condition is before.condition:
            return False
        reason = self.verdicts[component.id].reason
        self.transitions.append(
            Transition(component.id, before.condition, after.condition, after.since, reason)
        )
        return True

    def _published_since(
        self, component: Component, begin: datetime, end: datetime
    ) -> Iterator[tuple[datetime, Condition]]:
        claims = self.claims.get(component.id, ())
        moments = {begin, *self._look_moments(component.id, begin, end)}
        moments |= {at for at in _boundaries(claims) if begin < at <= end}
        for at in sorted(moments):
            yield at, published_condition(component, self._measured(component, at), claims, at)[0]

    def _look_moments(self, component: str, after: datetime, until: datetime) -> Iterator[datetime]:
        for probe in self.probes.get(component, ()):
            for line in self.timelines.get(probe.name, {}).values():
                yield from timeline.starts_between(line.segments, after, until)

    def basis(self, component: Component) -> str:
        """What its condition follows from, besides looks and statements. When it changes, the past
        can no longer be weighed anew: a probe that is gone no longer tells of its outages."""
        probes = (
            f"{p.name}({','.join(p.vantages)};{p.agree})" for p in self.probes.get(component.id, ())
        )
        return " ".join((component.policy, *sorted(probes)))

    def first_looks(self, component: str) -> Iterator[datetime]:
        """Where the remembered looks of each of its probes begin."""
        for probe in self.probes.get(component, ()):
            for line in self.timelines.get(probe.name, {}).values():
                if line.segments:
                    yield line.segments[0][0]

    def _remembered_from(self, component: str) -> Iterator[datetime]:
        """How far back the looks of probes that changed very often are remembered."""
        for probe in self.probes.get(component, ()):
            for line in self.timelines.get(probe.name, {}).values():
                if len(line.segments) == grade_timeline.MAX_SEGMENTS:
                    yield line.segments[0][0]

    def _measured(self, component: Component, at: datetime) -> Condition:
        """What its probes said of a moment, as far as is known now."""
        grades = [self._grade(probe, at) for probe in self.probes.get(component.id, ())]
        return measured_condition(component, grades)

    def _grade(self, probe: Probe, at: datetime) -> Grade | None:
        lines = self.timelines.get(probe.name, {})
        if not probe.vantages:
            return timeline.value_at(lines[HERE].segments, at) if HERE in lines else None
        votes = {v: timeline.value_at(line.segments, at) for v, line in lines.items()}
        return agreed_grade(probe, {v: grade for v, grade in votes.items() if grade is not None})

    def _judge(self, component: Component, at: datetime) -> None:
        """What holds at a moment, for those who ask for the reason."""
        checked_at = self._checked_at(component.id)
        condition = self._measured(component, at)
        reason = self._reason(component.id, at)
        since = self._measured_since(component, condition, at)
        self.measured[component.id] = ComponentVerdict(condition, since, reason, checked_at)
        published, claim = published_condition(
            component, condition, self.claims.get(component.id, ()), at
        )
        self.verdicts[component.id] = ComponentVerdict(
            published,
            self.accumulators[component.id].since,
            claim.reason if claim else reason if published is condition else "",
            checked_at,
        )

    def _measured_since(self, component: Component, condition: Condition, at: datetime) -> datetime:
        since = at
        first = self.accumulators[component.id].rewritable_from
        for moment in sorted(set(self._look_moments(component.id, first, at)), reverse=True):
            if self._measured(component, moment) is not condition:
                break
            since = moment
        else:
            if self._measured(component, first) is condition:
                since = first
        return since

    def _reason(self, component: str, at: datetime) -> str:
        grades = {p.name: self._grade(p, at) for p in self.probes.get(component, ())}
        voting = [name for name, grade in grades.items() if grade is not None]
        if not voting:
            return "no recent observation" if grades else ""
        decisive = [name for name in voting if grades[name] is not Grade.UP] or voting
        return self.reasons.get(decisive[0], "")

    def _checked_at(self, component: str) -> datetime | None:
        looks = (
            line.last_at
            for probe in self.probes.get(component, ())
            for line in self.timelines.get(probe.name, {}).values()
            if line.last_at is not None
        )
        return max(looks, default=None)

    def _note_look(self, component: str, at: datetime) -> None:
        for verdicts in (self.verdicts, self.measured):
            held = verdicts.get(component)
            if held is not None and (held.checked_at is None or held.checked_at < at):
                verdicts[component] = replace(held, checked_at=at)

    def _set_next_alarm(self, component: Component, now: datetime) -> None:
        coming = [at for at in _boundaries(self.claims.get(component.id, ())) if at > now]
        for probe in self.probes.get(component.id, ()):
            lines = self.timelines.get(probe.name, {}).values()
            deadlines = (line.silent_after(patience(probe)) for line in lines)
            coming += [at + timedelta(microseconds=1) for at in deadlines if at is not None]
        if coming:
            self._set_alarm(component.id, min(coming))

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
        self.rewritten.difference_update(components)

    def clock_stepped(self, by: timedelta, now: datetime) -> None:
        """The wall clock was set: what was true until then is written down by the old time."""
        self.accumulate(now - by)
        self.accumulators = {
            c: uptime.skip_clock_step(accumulator, by)
            for c, accumulator in self.accumulators.items()
        }
        for lines in self.timelines.values():
            for vantage, line in lines.items():
                lines[vantage] = grade_timeline.shift_clock(line, by, now)
        self._alarms.clear()
        self._alarm_of.clear()
        self._looked.clear()  # by the old time; the timelines tell by the new one
        for component, accumulator in self.accumulators.items():
            self._recompute_since(component, accumulator.until)


def _boundaries(claims: Claims) -> Iterator[datetime]:
    for claim in claims:
        yield claim.starts_at
        if claim.ends_at is not None:
            yield claim.ends_at


def _expired_claims(before: Claims, sources: set[str], now: datetime) -> Claims:
    """Claims that ended and whose statement is no longer handed over, being too old."""
    return tuple(
        claim
        for claim in before
        if claim.source not in sources
        and claim.ends_at is not None
        and now - REWRITABLE < claim.ends_at <= now
    )
