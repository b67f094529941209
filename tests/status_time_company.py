"""A company whose minutes pass: looks, silence, statements, restarts; and the account under test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec

from status.model import (
    Condition,
    Grade,
    Impact,
    Incident,
    IncidentState,
    Maintenance,
    Override,
    Update,
)
from status.monitoring import state_file
from status.monitoring.state_file import StateFile
from status.publishing import statuspage
from status.sla.report import build_report, parse_period
from status.state import composition, recurrence, uptime
from status.state.component_states import ComponentStates
from status.state.damping import DampingSample, DebouncedState, damp, policy_of
from status.state.statements import PublicStatements
from tests.status_time_model import (
    BY_COMPONENT,
    BY_NAME,
    CLOSED,
    COMPONENTS,
    GRID,
    PLACES,
    START,
    ZONE,
    days_of,
    figures_of,
    model_cells,
)

PERIOD = parse_period(f"{START:%Y-%m}", START.date())
PAGE = statuspage.PageAddress("Sklep", "https://status.example", "en")

# ---------------------------------------------------------------- what happens


def fresh_states():
    states = ComponentStates(COMPONENTS, BY_COMPONENT)
    states.accumulators = {c.id: uptime.new_accumulator(START) for c in COMPONENTS}
    return states


@dataclass
class Company:
    """A company whose minutes pass, with the account under test beside all that happened."""

    now: datetime = START
    states: ComponentStates = field(default_factory=fresh_states)
    debounced: dict = field(default_factory=dict)
    ticks: dict = field(default_factory=lambda: {place: [] for place in PLACES})
    statements: PublicStatements = field(default_factory=PublicStatements)  # as they stand
    heard: PublicStatements = field(default_factory=PublicStatements)  # as the engine knows them
    heard_series: PublicStatements = field(default_factory=PublicStatements)  # with recurring work
    components: tuple = COMPONENTS
    unchangeable: dict = field(default_factory=dict)  # component → cells before its policy changed
    database_dead: bool = False
    kept: tuple = ()
    kept_model: tuple = ()

    def hear(self):
        works = recurrence.expand_occurrences(self.statements.maintenances, self.now)
        statements = replace(self.statements, maintenances=works)
        if not self.database_dead and self.heard != statements:
            self.heard, self.heard_series = statements, self.statements
        self.states.evaluate(self.heard, self.now)

    def look(self, place, grade, late):
        at = self.now - late * GRID
        its_probe, vantage = BY_NAME[place[0]], place[1]
        before = self.debounced.get(place, DebouncedState())
        if at < START or (before.last_at and at <= before.last_at):
            return
        after = damp(before, policy_of(its_probe), DampingSample(at, grade))
        self.debounced[place] = after
        self.ticks[place].append((at, grade))
        self.states.observe(its_probe, vantage, before, after)

    def say(self, **changed):
        self.statements = replace(self.statements, **changed)

    def keep(self):
        """Write the file that a start reads."""
        self.hear()
        self.states.accumulate(self.now)
        states = self.states
        snapshot = composition.snapshot(
            self.components, states.verdicts, states.accumulators, self.heard, self.now
        )
        written = state_file.new_state_file(snapshot, {}, {}, states, self.heard)
        ticks = {place: list(seen) for place, seen in self.ticks.items()}
        self.kept = (msgspec.json.encode(written), dict(self.debounced), ticks)
        self.kept_model = (self.components, self.heard_series, self.now, dict(self.unchangeable))

    def restart(self, components=None, probes=BY_COMPONENT):
        """All that happened since the file was written is lost, but what people said; without the
        database, also what they have said since."""
        self.components = components = components or self.components
        if not self.kept:
            return
        body, debounced, ticks = self.kept
        saved = msgspec.json.decode(body, type=StateFile)
        self.states = ComponentStates(components, probes)
        self.states.timelines = state_file.timelines_of(
            saved, {p.name: p for listed in probes.values() for p in listed}
        )
        self.states.claims = dict(saved.claims)
        self.states.accumulators = state_file.accumulators_of(saved, self.states)
        self.debounced = dict(debounced)
        self.ticks = {place: list(seen) for place, seen in ticks.items()}
        before, series, kept_at, unchangeable = self.kept_model
        self.unchangeable = dict(unchangeable)
        for component, former in zip(components, before, strict=True):
            if component.policy != former.policy:
                cells = self.cells(former, series, kept_at)
                self.unchangeable[component.id] = cells
        if self.database_dead:
            self.heard, self.heard_series = state_file.statements_of(saved), series

    def cells(self, component, statements, now):
        """What a component should have been in since START."""
        past = self.unchangeable.get(component.id, [])
        return [*past, *model_cells(component, self.ticks, statements, now)[len(past) :]]

    def compare(self):
        self.hear()
        self.states.accumulate(self.now)
        cells = {c.id: self.cells(c, self.heard_series, self.now) for c in self.components}
        for component in self.components:
            account = self.states.accumulators[component.id]
            expected = days_of(cells[component.id])
            assert {d.on: dict(d.seconds) for d in account.days} == expected, component.id
            assert all(n > 0 for d in account.days for n in d.seconds.values())
            verdict = self.states.verdicts[component.id]
            assert verdict.condition is account.condition
        self.compare_reports(cells)

    def compare_reports(self, cells):
        """What the API tells of the month, and of each component now."""
        accumulators = self.states.accumulators
        days = {c: account.days for c, account in accumulators.items()}
        report = build_report(PERIOD, self.components, days, (), at=self.now)
        for line in report.lines:
            seconds, uptime, coverage = figures_of(cells[line.id], self.now)
            assert (line.seconds, line.uptime) == (seconds, uptime), line.id
            assert line.coverage == coverage
        snapshot = composition.snapshot(
            self.components, self.states.verdicts, accumulators, self.heard, self.now
        )
        for component, document in statuspage.component_objects(snapshot, PAGE).items():
            condition = accumulators[component].condition
            assert document["status"] is statuspage.public_condition(condition)


NUMBERED = ("work", "series", "open", "past", "probes open", "schedule")


def do_pass(company, count):
    company.now += count * GRID


def do_looks(company, index, grades, every):
    for grade in grades:
        company.now += every * GRID
        company.look(PLACES[index], grade, 0)
        company.hear()


def do_storm(company, index, swings, end):
    """Up and down by turns, then calm, or down for good."""
    for n in range(swings):
        do_looks(company, index, [Grade.DOWN if n % 2 else Grade.UP], 1)
    do_looks(company, index, [end] * 25, 4)


def do_late(company, index, grade, late):
    company.look(PLACES[index], grade, late)


def do_work(company, component, ahead, span, *, number):
    begins = company.now + ahead * GRID
    ends = begins + span * GRID
    if ends <= company.now:
        return
    planned = Maintenance(
        f"w{number}", {"en": "W"}, {"en": "w"}, begins, ends, (component,), company.now
    )
    company.say(maintenances=(*company.statements.maintenances, planned))


def do_series(company, component, ahead, span, *, number):
    """Daily work by the clock of a zone, whose first date was a day ago; today's may lie in the
    hour that clocks skip."""
    wall = company.now.astimezone(ZONE).replace(tzinfo=None) + ahead * GRID
    local = wall - timedelta(days=1)
    begins, ends = (m.replace(tzinfo=ZONE).astimezone(UTC) for m in (local, local + span * GRID))
    planned = Maintenance(
        *(f"s{number}", {"en": "S"}, {"en": "s"}, begins, ends, (component,), company.now),
        rrule="FREQ=DAILY",
        zone=ZONE.key,
    )
    company.say(maintenances=(*company.statements.maintenances, planned))


def do_cancel_series(company, index):
    def cancel(work):
        if not work.rrule or work.cancelled:
            return work
        return replace(work, cancelled=True, changed_at=company.now)

    change_work(company, index, cancel)


def do_policy(company, component, policy):
    """A start with another policy for a component."""
    company.keep()
    company.restart(
        tuple(replace(c, policy=policy) if c.id == component else c for c in company.components)
    )


def picked(statements, index):
    return index % len(statements) if statements else None


def change_work(company, index, change):
    works = list(company.statements.maintenances)
    if (n := picked(works, index)) is not None:
        works[n] = change(works[n])
        company.say(maintenances=tuple(works))


def do_end_work(company, index):
    def end(work):
        running = work.starts_at <= company.now < work.ends_at
        return replace(work, ends_at=company.now) if running else work

    change_work(company, index, end)


def do_cancel_work(company, index):
    def cancel(work):
        return replace(work, cancelled=True) if work.starts_at > company.now else work

    change_work(company, index, cancel)


def do_override(company, component, condition, span):
    do_relent(company, component)
    word = Override(component, condition, company.now, company.now + span * GRID, "olu")
    company.say(overrides=(*company.statements.overrides, word))


def do_relent(company, component):
    company.say(
        overrides=tuple(
            replace(o, until=min(o.until, company.now)) if o.component == component else o
            for o in company.statements.overrides
        )
    )


def opened(company, number, component, condition, since, **more):
    entry = Update(f"u{number}", "investigating", since, {"en": "x"}, {component: condition})
    values = {
        "id": f"i{number}",
        "title": {"en": "I"},
        "state": IncidentState.INVESTIGATING,
        "impact": Impact.MAJOR,
        "started_at": since,
        "updates": (entry,),
        "components": (component,),
        **more,
    }
    company.say(incidents=(*company.statements.incidents, Incident(**values)))


def do_open(company, component, condition, back, draft, *, number):
    since = max(START, company.now - back * GRID)
    opened(company, number, component, condition, since, draft=draft)


def do_past(company, component, condition, back, span, *, number):
    since = max(START, company.now - back * GRID)
    ended = min(company.now, since + span * GRID)
    if ended <= since:
        return
    entry = Update(f"u{number}", "resolved", ended, {"en": "x"}, {component: condition})
    opened(
        company,
        number,
        component,
        condition,
        since,
        updates=(entry,),
        state=IncidentState.RESOLVED,
        resolved_at=ended,
    )


def do_probes_open(company, component, condition, *, number):
    opened(company, number, component, condition, company.now, cause=component)


def do_schedule(company, component, condition, ahead, *, number):
    later = company.now + ahead * GRID
    opened(company, number, component, condition, company.now, publish_at=later)


def change_incident(company, index, change):
    incidents = list(company.statements.incidents)
    if (n := picked(incidents, index)) is not None:
        incidents[n] = change(incidents[n])
        company.say(incidents=tuple(incidents))


def continued(company, incident, state, components, back=0):
    newest = max(u.at for u in incident.updates)
    at = max(company.now - back * GRID, newest + GRID)
    if at > company.now:
        return incident
    entry = Update(f"{incident.id}-{len(incident.updates)}", state, at, {"en": "y"}, components)
    return replace(
        incident,
        state=IncidentState(state),
        updates=(entry, *incident.updates),
        components=tuple(dict.fromkeys((*incident.components, *components))),
        resolved_at=at if state in CLOSED else None,
        cause="",
        probes_until=at if incident.cause else incident.probes_until,
    )


def do_update(company, index, component, condition, back):
    change_incident(
        company,
        index,
        lambda i: continued(company, i, IncidentState.IDENTIFIED, {component: condition}, back),
    )


def do_take_over(company, index):
    change_incident(company, index, lambda i: continued(company, i, IncidentState.IDENTIFIED, {}))


def do_resolve(company, index):
    def resolve(incident):
        well = dict.fromkeys(incident.components, Condition.OPERATIONAL)
        return continued(company, incident, IncidentState.RESOLVED, well)

    change_incident(company, index, resolve)


def do_approve(company, index):
    change_incident(company, index, lambda i: replace(i, draft=False))


def do_database(company, dead):
    company.database_dead = dead


def do_keep(company):
    company.keep()


def do_restart(company, away):
    company.restart()
    company.now += away * GRID
