"""What operators type, read into values; nothing here is trusted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from render.i18n import LANGUAGES, N_, translate
from status import words
from status.incidents import News, Refused
from status.model import Condition, Incident, IncidentState
from status.statuspage import said

CHOICES = (
    Condition.OPERATIONAL,
    Condition.DEGRADED_PERFORMANCE,
    Condition.PARTIAL_OUTAGE,
    Condition.MAJOR_OUTAGE,
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent, to be shown again when something is amiss."""

    title: Mapping[str, str]
    text: Mapping[str, str]
    state: str
    told: Mapping[str, str]  # component → condition, "" for untouched
    parts: tuple[str, ...]  # components ticked
    starts_at: str = ""
    ends_at: str = ""
    go: str = ""

    @property
    def news(self) -> News:
        """What the form says of an incident. Raises Refused for a condition nobody offers."""
        if any(c and c not in CHOICES for c in self.told.values()):
            raise Refused({"components": N_("Choose one of the offered states.")})
        told = {p: Condition(c) for p, c in self.told.items() if c}
        return News(self.text, self.state or IncidentState.INVESTIGATING, told)

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From when until when, in UTC. Raises Refused."""
        return moment("starts_at", self.starts_at), moment("ends_at", self.ends_at)


def typed(form: Mapping[str, str], parts: tuple[str, ...] = ()) -> Typed:
    """A form's fields by their names: title-cs, text-en, on-<component>."""
    return Typed(
        title={code: form.get(f"title-{code}", "") for code in LANGUAGES},
        text={code: form.get(f"text-{code}", "").replace("\r\n", "\n") for code in LANGUAGES},
        state=form.get("state", ""),
        told={k.removeprefix("on-"): v for k, v in form.items() if k.startswith("on-")},
        parts=parts,
        starts_at=form.get("starts_at", ""),
        ends_at=form.get("ends_at", ""),
        go=form.get("go", ""),
    )


def moment(field: str, text: str) -> datetime:
    """A datetime-local value, which we ask for in UTC. Raises Refused."""
    try:
        found = datetime.fromisoformat(text.strip()[:40])
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Refused({field: N_("Give a date and a time, such as 2026-03-01 22:00.")}) from wrong


@dataclass(frozen=True, slots=True)
class Preview:
    """How readers of one language will see it. `borrowed` is the language it falls back to."""

    lang: str
    name: str
    title: str
    text: str
    state: str
    borrowed: str


def previews(form: Typed, before: Incident | None = None) -> tuple[Preview, ...]:
    """The same news in every shipped language."""
    title = before.title if before else {k: v.strip() for k, v in form.title.items() if v.strip()}
    text = {k: v.strip() for k, v in form.text.items() if v.strip()}
    state = words.STATES.get(form.state or "investigating", form.state)
    return tuple(
        Preview(
            lang=code,
            name=name,
            title=said(title, code),
            text=said(text, code),
            state=translate(code, state),
            borrowed=_borrowed(text, code),
        )
        for code, name in LANGUAGES.items()
    )


def _borrowed(text: Mapping[str, str], code: str) -> str:
    if not text or code in text:
        return ""
    return LANGUAGES["en" if "en" in text else next(iter(text))]
