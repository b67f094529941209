"""What is true of each component, and its account of time. Owns no clock and no database.

Only components whose probes have moved, whose last word has grown old, or of which people have
said something are weighed again; time is written into a book when somebody reads it.
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

BUFFER = 20_000  # transitions that wait for the database
NOBODY = DebouncedState()


@dataclass(slots=True)
class ComponentStates:
    """Verdicts and books by component. `moved` holds transitions that are not yet stored."""

    components: tuple[Component, ...]
    probes: Mapping[str, list[Probe]]  # by component
    verdicts: dict[str, ComponentVerdict] = field(default_factory=dict)
    probed: dict[str, ComponentVerdict] = field(default_factory=dict)
    books: dict[str, UptimeAccumulator] = field(default_factory=dict)
    moved: deque[Transition] = field(default_factory=lambda: deque(maxlen=BUFFER))
    _touched: set[str] = field(default_factory=set)
    _old_at: dict[str, datetime] = field(default_factory=dict)  # when a word stops counting
    _said: bool = True  # whether people's words counted when last weighed
    _dirty: dict[str, date] = field(default_factory=dict)  # the first day that is not yet stored

    def touch(self, component: str) -> None:
        """A probe of it has looked."""
        self._touched.add(component)

    def weigh(
        self, settled: Mapping[str, DebouncedState], words: PublicStatements, now: datetime
    ) -> bool:
        """Bring the verdicts up to date; True when a condition has changed."""
        alive = composition.alive(words, now)
        said, self._said = self._said, alive != _SILENCE
        changed = False
        for component in self.components:
            known, old_at = component.id in self.probed, self._old_at.get(component.id)
            moved = component.id in self._touched or not known or (old_at and now > old_at)
            if moved:
                self._look_at(component, settled, now)
            if moved or said or self._said:
                changed |= self._judge(component, alive, now)
        self._touched.clear()
        return changed

    def _look_at(
        self, component: Component, settled: Mapping[str, DebouncedState], now: datetime
    ) -> None:
        probes = self.probes.get(component.id, ())
        seen = [(p, settled.get(p.name, NOBODY)) for p in probes]
        self.probed[component.id] = composition.probed(component, seen, now)
        ends = [s.last_at + patience(p) for p, s in seen if s.verdict and s.last_at]
        coming = [end for end in ends if end >= now]
        if coming:
            self._old_at[component.id] = min(coming)
        else:
            self._old_at.pop(component.id, None)

    def _judge(self, component: Component, words: PublicStatements, now: datetime) -> bool:
        verdict = composition.effective(component, self.probed[component.id], words, now)
        self.verdicts[component.id] = verdict
        before = self.books[component.id]
        if verdict.condition is before.condition:
            return False
        after = composition.kept(before, verdict, now)
        self._keep(component.id, after, min(before.until, after.since))
        self.moved.append(
            Transition(component.id, before.condition, after.condition, after.since, verdict.reason)
        )
        return True

    def _keep(self, component: str, book: UptimeAccumulator, since: datetime) -> None:
        self.books[component] = book
        self._dirty[component] = min(self._dirty.get(component, since.date()), since.date())

    # ------------------------------------------------------------------ time

    def written(self, now: datetime, components: Iterable[str] | None = None) -> None:
        """Write the time up to now into the books of some components, or of all."""
        for name in self.books if components is None else components:
            before = self.books[name]
            after = uptime.trimmed(uptime.advanced(before, now))
            self._keep(name, after, before.until)

    def days(self, component: str) -> tuple[UptimeDay, ...]:
        """The days of a component that are not yet stored."""
        first = self._dirty.get(component)
        return tuple(d for d in self.books[component].days if first is None or d.on >= first)

    def stored(self, components: Iterable[str], today: date) -> None:
        """These days are in the database now; today goes on."""
        self._dirty.update(dict.fromkeys(components, today))

    def stepped(self, by: timedelta, now: datetime) -> None:
        """The wall clock was set: what was true until then is written down by the old time."""
        self.written(now - by)
        self.books = {c: uptime.stepped(book, by) for c, book in self.books.items()}
        self._touched |= set(self.books)


_SILENCE = PublicStatements()
