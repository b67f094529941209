"""Operators' forms (incidents, planned work, announcements, corrections), parsed into times and texts. Pure.
Nothing in them is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from clock import moments_showing, skipped_span
from render.i18n import N_, FilledText
from render.languages import DEFAULT, NAMES
from status.incidents.incident_editing import AnnouncementText, Backdating
from status.incidents.maintenance_editing import NOT_RECURRING, Recurrence
from status.incidents.repetition import ONCE, Repetition
from status.incidents.service_placeholders import is_unfilled, with_marks
from status.incidents.templates import IncidentTemplate
from status.incidents.validation import RuleViolation, known_zone
from status.model import Condition, IncidentState, Maintenance

CHOICES = (
    Condition.OPERATIONAL,
    Condition.DEGRADED_PERFORMANCE,
    Condition.PARTIAL_OUTAGE,
    Condition.MAJOR_OUTAGE,
)


MOMENTS = ("starts_at", "ends_at", "started_at", "ended_at", "publish_at", "at")
WINDOW = ("starts_at", "ends_at")
FAR_AHEAD = timedelta(days=2 * 365)
READINGS = ("first", "second")  # of a time that clocks show twice
SHOWN_TWICE = N_(
    "Clocks are put back then and show this time twice. Say which is meant: {first} or {second}."
)
NEVER_SHOWN = N_(
    "Clocks never show this time that day: in {zone} they are put forward from {before} to {after}."
    " Give a time that exists."
)
_ONE_LANGUAGE = N_(
    "Nothing is written in these languages: {languages:list}. Their readers see it in another"
    " ({shown})."
)
_FAR_AHEAD = N_("A time lies more than two years ahead. Is the year right?")
_NO_SERVICE = N_(
    "No service is chosen. Bars and uptime will not show it, and readers who chose services do not"
    " hear of it."
)


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """A form as it was sent, to be shown again when something is amiss."""

    title: Mapping[str, str]
    text: Mapping[str, str]
    state: str
    conditions: Mapping[str, str]  # component → condition, "" for untouched
    component_ids: tuple[str, ...]  # components ticked
    moments: dict[str, str]  # as they were typed, by field
    readings: dict[str, str] = field(default_factory=dict)  # which, where clocks show one twice
    go: str = ""
    rrule: str = ""
    repetition: Repetition = ONCE
    zone: str = ""
    take_over: bool = False
    zone_of_moments: str = "UTC"  # the zone of every moment that is typed
    version: int | None = None  # of what its writer saw
    asks: bool = False  # its writer wants to hear of concerns before it is published

    @property
    def announcement_text(self) -> AnnouncementText:
        """What the form says of an incident, without conditions that nobody offers."""
        conditions = {p: Condition(c) for p, c in self.conditions.items() if c in CHOICES}
        return AnnouncementText(
            self.text, self.state or IncidentState.INVESTIGATING, conditions, self.take_over
        )

    def problems(self, *required: str) -> dict[str, str]:
        """What of the form cannot be read, by field; `required` are moments that must be given."""
        problems: dict[str, str] = {}
        if any(c and c not in CHOICES for c in self.conditions.values()):
            problems["components"] = N_("Choose one of the offered states.")
        for name in (*self.moments, *required):
            if self.moments.get(name) or name in required:
                problems |= _problems_of(partial(self._read, name))
        if not self.rrule.strip():
            problems |= self.repetition.problems()
        return problems | _problems_of(self._recurrence)

    def errors(self, refusals: Mapping[str, str], *required: str) -> dict[str, str]:
        """All that is amiss, by field: what an editor refuses, and what cannot be read. Of moments
        nothing is said beyond that some cannot be read: the rest would be guessed."""
        unread = self.problems(*required)
        if any(name in MOMENTS for name in unread):
            refusals = {name: why for name, why in refusals.items() if name not in MOMENTS}
        return {**refusals, **unread}

    def _read(self, field: str) -> datetime:
        typed, which = self.moments.get(field, ""), self.readings.get(field, "")
        return parse_moment(field, typed, self.zone_of_moments, which)

    def moment(self, field: str) -> datetime | None:
        """A moment in UTC; None where none is given or it cannot be read."""
        if not self.moments.get(field):
            return None
        with suppress(RuleViolation):
            return self._read(field)
        return None

    def both_readings(self, field: str) -> tuple[datetime, ...]:
        """The two moments that may be meant, where clocks show what was typed twice."""
        readings = shown_at(self.moments.get(field, ""), self.zone_of_moments)
        return readings if len(readings) > 1 else ()

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """From when until when, in UTC; None where one of them cannot be read."""
        starts, ends = self.moment("starts_at"), self.moment("ends_at")
        return (starts, ends) if starts and ends else None

    def with_window(self, planned: Maintenance) -> SubmittedForm:
        """The form with the window that planned work has."""
        ends = zip(WINDOW, (planned.starts_at, planned.ends_at), strict=True)
        typed = {name: typed_as(at, self.zone_of_moments) for name, at in ends}
        return replace(
            self,
            moments=self.moments | {name: text for name, (text, _) in typed.items()},
            readings=self.readings | {name: which for name, (_, which) in typed.items()},
        )

    def moved_window(self, planned: Maintenance) -> tuple[datetime, datetime] | None:
        """The window, to the second where it stands as it did: forms hold minutes."""
        before, window = self.with_window(planned), self.window
        if window is None:
            return None
        planned_window = (planned.starts_at, planned.ends_at)
        starts, ends = (
            was
            if (self.moments[name], self.readings[name])
            == (before.moments[name], before.readings[name])
            else typed
            for name, was, typed in zip(WINDOW, planned_window, window, strict=True)
        )
        return starts, ends

    @property
    def backdating(self) -> Backdating:
        """Other moments than now, in UTC."""
        return Backdating(*map(self.moment, ("started_at", "publish_at", "ended_at")))

    @property
    def recurrence(self) -> Recurrence:
        """How planned work comes again: by a rule, else as chosen; once where that cannot be
        read."""
        with suppress(RuleViolation):
            return self._recurrence()
        return NOT_RECURRING

    def _recurrence(self) -> Recurrence:
        zone = self.zone.strip() or self.zone_of_moments
        known_zone(zone)
        rule, begin = self.rrule.strip(), self.moment("starts_at")
        if not rule and begin:
            rule = self.repetition.rule(begin, zone)
        return Recurrence(rule, zone)

    def concerns(
        self, languages: Iterable[str], *, needs_services: bool = False
    ) -> tuple[FilledText, ...]:
        """What its writer should know before readers see it, when they ask: languages in which
        nothing is written, and that no service is chosen. None while it says nothing at all."""
        if not self.asks:
            return ()
        return word_concerns(
            self.title,
            self.text,
            [code for code in languages if code in self.text],
            names_services=not needs_services or any(self.conditions.values()),
        )

    def concerns_about_time(self, now: datetime) -> tuple[FilledText, ...]:
        """What of its moments its writer may not have meant, when they ask."""
        if not self.asks:
            return ()
        return time_concerns((at for name in self.moments if (at := self.moment(name))), now)

    @property
    def lacks_names(self) -> bool:
        """Does anything in it stand for services that are not named yet?"""
        texts = (*self.title.items(), *self.text.items())
        return any(is_unfilled(text, code) for code, text in texts)

    def with_template(self, template: IncidentTemplate) -> SubmittedForm:
        """The form with a template's words where nothing is written yet."""
        title = with_marks(template.unfilled(template.title, self.title))
        text = with_marks(template.unfilled(template.text, self.text))
        return replace(
            self,
            title={code: self.title[code] or title.get(code, "") for code in self.title},
            text={code: self.text[code] or text.get(code, "") for code in self.text},
            state=self.state or template.state,
        )


def word_concerns(
    title: Mapping[str, str],
    text: Mapping[str, str],
    languages: Iterable[str],
    *,
    names_services: bool,
) -> tuple[FilledText, ...]:
    """Languages in which nothing is written, and that no service is chosen; nothing of what says
    nothing at all."""
    written = [code for code, words in text.items() if words.strip()]
    begun = {*written, *(code for code, words in title.items() if words.strip())}
    lacking = [code for code in languages if code not in begun]
    concerns: list[FilledText] = []
    if written and lacking:
        language_name = NAMES[DEFAULT if DEFAULT in written else written[0]]
        lacking_names = tuple(NAMES[c] for c in lacking)
        concerns.append(FilledText(_ONE_LANGUAGE, languages=lacking_names, shown=language_name))
    if written and not names_services:
        concerns.append(FilledText(_NO_SERVICE))
    return tuple(concerns)


def time_concerns(moments: Iterable[datetime], now: datetime) -> tuple[FilledText, ...]:
    """That one of some moments may have another year than was meant."""
    is_far = any(at - now > FAR_AHEAD for at in moments)
    return (FilledText(_FAR_AHEAD),) if is_far else ()


def parse_form(
    form: Mapping[str, str],
    parts: tuple[str, ...] = (),
    zone: str = "UTC",
    *,
    languages: Sequence[str],
) -> SubmittedForm:
    """A form's fields by their names: title-cs, text-en, on-<component>; times by a zone's clock.
    `languages` are the site's: whoever writes is offered each of them."""
    return SubmittedForm(
        title={code: form.get(f"title-{code}", "") for code in languages},
        text={code: form.get(f"text-{code}", "").replace("\r\n", "\n") for code in languages},
        state=form.get("state", ""),
        conditions={k.removeprefix("on-"): v for k, v in form.items() if k.startswith("on-")},
        component_ids=parts,
        moments={name: form.get(name, "").strip() for name in MOMENTS},
        readings={name: form.get(f"{name}-which", "") for name in MOMENTS},
        go=form.get("go", ""),
        rrule=form.get("rrule", ""),
        repetition=Repetition(form.get("repeat", ""), form.get("every", ""), form.get("until", "")),
        zone=form.get("zone", ""),
        take_over=form.get("take_over", "") == "yes",
        zone_of_moments=zone,
        version=version_of(form),
        asks=form.get("ask", "") == "yes",
    )


def version_of(form: Mapping[str, str]) -> int | None:
    """The version that a form was made from; None when it does not say."""
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def parse_moment(field: str, text: str, zone: str = "UTC", which: str = "") -> datetime:
    """A date and a time by a zone's wall clock, unless they name an offset. `which` says "first" or
    "second" where clocks show that time twice. Raises RuleViolation."""
    readings = shown_at(text, zone)
    if len(readings) == 1:
        return readings[0]
    if len(readings) == 2 and which in READINGS:
        return readings[READINGS.index(which)]
    raise RuleViolation({field: _why_no_moment(text, zone, readings)})


def shown_at(text: str, zone: str) -> tuple[datetime, ...]:
    """The moments, in UTC, that a typed date and time may stand for; none where it is no such thing
    or clocks are put forward over it."""
    with suppress(ValueError, OverflowError):
        typed = datetime.fromisoformat(text.strip())
        if typed.tzinfo is not None:
            return (typed.astimezone(UTC),)
        return moments_showing(typed, ZoneInfo(zone))
    return ()


def _why_no_moment(text: str, zone: str, readings: Sequence[datetime]) -> str:
    if readings:
        first, second = (
            f"{at.astimezone(ZoneInfo(zone)).isoformat(sep=' ', timespec='minutes')}"
            for at in readings
        )
        return FilledText(SHOWN_TWICE, first=first, second=second)
    with suppress(ValueError, OverflowError):
        before, after = skipped_span(datetime.fromisoformat(text.strip()), ZoneInfo(zone))
        return FilledText(NEVER_SHOWN, zone=zone, before=f"{before:%H:%M}", after=f"{after:%H:%M}")
    return N_("Give a date and a time, such as 2026-03-01 22:00.")


def _problems_of(read: Callable[[], object]) -> dict[str, str]:
    try:
        read()
    except RuleViolation as refused:
        return dict(refused.fields)
    return {}


def typed_as(at: datetime, zone: str) -> tuple[str, str]:
    """A moment as a datetime-local field holds it, and which one where clocks show that twice."""
    local = at.astimezone(ZoneInfo(zone))
    text = f"{local:%Y-%m-%dT%H:%M}"
    return text, READINGS[local.fold] if len(shown_at(text, zone)) > 1 else ""


# ------------------------------------------------------------------ as options of commands give them
def parse_texts(texts: Iterable[str], lang: str) -> dict[str, str]:
    """ "cs=Text" by its language; without one in the default language."""
    by_language = {}
    for text in texts:
        code, equals, rest = text.partition("=")
        has_language = bool(equals) and len(code) == 2 and code.isalpha() and code.islower()
        by_language[code if has_language else lang] = rest if has_language else text
    return by_language


def parse_conditions(pairs: Iterable[str]) -> dict[str, Condition]:
    """ "mail=partial_outage" by component. Raises RuleViolation."""
    conditions = {}
    for pair in pairs:
        component, _, condition = pair.partition("=")
        if condition not in CHOICES:
            raise RuleViolation({"--on": f"{pair!r}: a state is one of {', '.join(CHOICES)}"})
        conditions[component] = Condition(condition)
    return conditions
