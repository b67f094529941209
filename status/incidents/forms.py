"""Forms of operators parsed into values; nothing in them is trusted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from render.i18n import N_, translate
from render.languages import DEFAULT, NAMES, localized
from status import words
from status.incidents.incident_editing import AnnouncementText, Backdating
from status.incidents.maintenance_editing import Recurrence
from status.incidents.placeholders import is_unfilled, name_services, with_marks
from status.incidents.repetition import ONCE, Repetition
from status.incidents.templates import IncidentTemplate
from status.incidents.validation import RuleViolation, known_zone
from status.model import Component, Condition, Incident, IncidentState

CHOICES = (
    Condition.OPERATIONAL,
    Condition.DEGRADED_PERFORMANCE,
    Condition.PARTIAL_OUTAGE,
    Condition.MAJOR_OUTAGE,
)


_ONE_LANGUAGE = N_(
    "Nothing is written in these languages: {languages:list}. Their readers see it in another"
    " ({shown})."
)
_NO_SERVICE = N_(
    "No service is chosen. Bars and uptime will not show it, and readers who chose services do not"
    " hear of it."
)


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to know before publishing: a msgid, and the names of languages it speaks of."""

    text: str
    languages: tuple[str, ...] = ()
    shown: str = ""


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """A form as it was sent, to be shown again when something is amiss."""

    title: Mapping[str, str]
    text: Mapping[str, str]
    state: str
    conditions: Mapping[str, str]  # component → condition, "" for untouched
    component_ids: tuple[str, ...]  # components ticked
    starts_at: str = ""
    ends_at: str = ""
    go: str = ""
    started: str = ""  # when an incident really began, if not now
    ended: str = ""
    publish_at: str = ""
    rrule: str = ""
    repetition: Repetition = ONCE
    zone: str = ""
    take_over: bool = False
    at: str = ""  # when an entry was so, if not now
    zone_of_moments: str = "UTC"  # the zone of every moment that is typed
    version: int | None = None  # of what its writer saw
    asks: bool = False  # its writer wants to hear of concerns before it is published

    @property
    def announcement_text(self) -> AnnouncementText:
        """What the form says of an incident. Raises RuleViolation for a condition nobody offers."""
        if any(c and c not in CHOICES for c in self.conditions.values()):
            raise RuleViolation({"components": N_("Choose one of the offered states.")})
        conditions = {p: Condition(c) for p, c in self.conditions.items() if c}
        return AnnouncementText(
            self.text, self.state or IncidentState.INVESTIGATING, conditions, self.take_over
        )

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From when until when, in UTC. Raises RuleViolation."""
        return (
            parse_moment("starts_at", self.starts_at, self.zone_of_moments),
            parse_moment("ends_at", self.ends_at, self.zone_of_moments),
        )

    @property
    def backdating(self) -> Backdating:
        """Other moments than now, in UTC. Raises RuleViolation."""
        return Backdating(
            self.optional_moment("started_at", self.started),
            self.optional_moment("publish_at", self.publish_at),
            self.optional_moment("ended_at", self.ended),
        )

    def optional_moment(self, field: str, text: str) -> datetime | None:
        """A moment that need not be given. Raises RuleViolation."""
        return parse_moment(field, text, self.zone_of_moments) if text else None

    @property
    def recurrence(self) -> Recurrence:
        """How planned work comes again: by a rule, else as chosen. Raises RuleViolation."""
        zone = self.zone.strip() or self.zone_of_moments
        rule = self.rrule.strip()
        if not rule and self.repetition.kind:
            begin = parse_moment("starts_at", self.starts_at, self.zone_of_moments)
            rule = self.repetition.rule(begin.astimezone(known_zone(zone)))
        return Recurrence(rule, zone)

    def concerns(
        self, languages: Iterable[str], *, needs_services: bool = False
    ) -> tuple[Concern, ...]:
        """What its writer should know before readers see it, when they ask: languages in which
        nothing is written, and that no service is chosen. None while it says nothing at all."""
        if not self.asks:
            return ()
        written = [code for code, text in self.text.items() if text.strip()]
        lacking = [code for code in languages if code in self.text and code not in written]
        concerns: list[Concern] = []
        if written and lacking:
            shown = NAMES[DEFAULT if DEFAULT in written else written[0]]
            concerns.append(Concern(_ONE_LANGUAGE, tuple(NAMES[c] for c in lacking), shown))
        if written and needs_services and not any(self.conditions.values()):
            concerns.append(Concern(_NO_SERVICE))
        return tuple(concerns)

    @property
    def lacks_names(self) -> bool:
        """Does anything in it stand for services that are not named yet?"""
        texts = (*self.title.items(), *self.text.items())
        return any(is_unfilled(text, code) for code, text in texts)

    def naming(
        self, components: Sequence[Component], before: Incident | None = None
    ) -> SubmittedForm:
        """The form with the chosen services, else those of the incident, named in its words."""
        chosen = [c for c, condition in self.conditions.items() if condition]
        ids = chosen or (before.components if before else self.component_ids)
        services = [c for c in components if c.id in ids]
        return replace(
            self,
            title=name_services(self.title, services),
            text=name_services(self.text, services),
        )

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
        starts_at=form.get("starts_at", ""),
        ends_at=form.get("ends_at", ""),
        go=form.get("go", ""),
        started=form.get("started_at", ""),
        ended=form.get("ended_at", ""),
        publish_at=form.get("publish_at", ""),
        rrule=form.get("rrule", "")[:300],
        repetition=Repetition(
            form.get("repeat", ""), form.get("every", "")[:10], form.get("until", "")[:20]
        ),
        zone=form.get("zone", "")[:60],
        take_over=form.get("take_over", "") == "yes",
        at=form.get("at", ""),
        zone_of_moments=zone,
        version=version_of(form),
        asks=form.get("ask", "") == "yes",
    )


def version_of(form: Mapping[str, str]) -> int | None:
    """The version that a form was made from; None when it does not say."""
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def parse_moment(field: str, text: str, zone: str = "UTC") -> datetime:
    """A date and a time by a zone's wall clock, unless they name an offset. Raises RuleViolation."""
    try:
        parsed = datetime.fromisoformat(text.strip()[:40])
        zoned = parsed.replace(tzinfo=ZoneInfo(zone)) if parsed.tzinfo is None else parsed
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise RuleViolation(
            {field: N_("Give a date and a time, such as 2026-03-01 22:00.")}
        ) from wrong


def local_input(at: datetime, zone: str) -> str:
    """A moment as a datetime-local field holds it."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Preview:
    """How readers of one language will see it. `borrowed` is the language it falls back to."""

    lang: str
    name: str
    title: str
    text: str
    state: str
    borrowed: str


def previews(
    form: SubmittedForm, before: Incident | None = None, *, state: str = "investigating"
) -> tuple[Preview, ...]:
    """The same news in each language of the form. `state` is what it has when none was chosen;
    "" for news that has none."""
    title = before.title if before else {k: v.strip() for k, v in form.title.items() if v.strip()}
    text = {k: v.strip() for k, v in form.text.items() if v.strip()}
    chosen = form.state or state
    label = words.STATES.get(chosen, chosen)
    return tuple(
        Preview(
            lang=code,
            name=NAMES[code],
            title=localized(title, code),
            text=localized(text, code),
            state=translate(code, label) if label else "",
            borrowed=_fallback_language(text, code),
        )
        for code in form.text
    )


def _fallback_language(text: Mapping[str, str], code: str) -> str:
    if not text or code in text:
        return ""
    return NAMES[DEFAULT if DEFAULT in text else next(iter(text))]
