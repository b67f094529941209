"""Validation of what is published: limits, violations, fresh ids, impact of an incident. Pure."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from accounts.model import AuditEntry
from db.stored import is_unreadable
from db.versions import StaleVersion
from render.characters import one_line, visible
from render.i18n import N_, FilledText
from render.languages import DEFAULT, NAMES
from render.message_format import message
from settings.near_names import near_name
from status.incidents.service_placeholders import UNFILLED, is_unfilled
from status.model import Condition, Impact, IncidentState

NOTHING_SAID = N_("Say it in at least one language.")
NO_TITLE = N_("{language}: there is a text, but no headline. Write one, or leave out the text.")
NO_TEXT = N_("{language}: there is a headline, but no text. Write one, or leave out the headline.")
TOO_LONG = N_("This is too long: {most:number} characters at most.")
TRIES = 5  # for a writer who did not say which version they saw
T = TypeVar("T")
TITLE = 200
TEXT = 5000
UNREADABLE = N_(
    "Changes of this work were written by another version and cannot be read by this one; they are "
    "kept. Plan it anew, or change it with the version that wrote it."
)
_OPTIONS = {  # of the command line, by field
    "title": "--title",
    "text": "--text",
    "components": "--on",
    "state": "--state",
    "at": "--at",
    "started_at": "--started",
    "ended_at": "--ended",
    "publish_at": "--publish-at",
    "starts_at": "--from",
    "ends_at": "--until",
    "rrule": "--rrule",
    "zone": "--zone",
    "entry": "--entry",
    "until": "--hours",
    "reason": "--reason",
}
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_ORDER = (Impact.NONE, Impact.MINOR, Impact.MAJOR, Impact.CRITICAL)
_IMPACTS = {
    Condition.MAJOR_OUTAGE: Impact.CRITICAL,
    Condition.PARTIAL_OUTAGE: Impact.MAJOR,
    Condition.DEGRADED_PERFORMANCE: Impact.MINOR,
}


class RuleViolation(Exception):
    """What was said cannot be published as it is. `fields` map a field to a msgid."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{k}: {message(DEFAULT, v)}" for k, v in fields.items()))
        self.fields = fields


def option_lines(
    fields: Mapping[str, str], *, is_override: bool = False, components: Collection[str] = ()
) -> str:
    """A line for each field: "--on mail: …". Of an override the component is no option. Of a
    component that is none of `components` the nearest is named."""
    told_one_by_one = {name.partition(".")[0] for name in fields if "." in name}
    lines = []
    for name, why in fields.items():
        if name in told_one_by_one:
            continue
        field, _, detail = name.partition(".")
        option = "" if is_override and field == "components" else _OPTIONS.get(field, "")
        if isinstance(why, FilledText) and "language" in why.values:
            detail = ""  # the sentence says which
        where = " ".join(filter(None, (option or (name if name.startswith("--") else ""), detail)))
        line = f"{where}: {message(DEFAULT, why)}" if where else message(DEFAULT, why)
        near = near_name(detail, components) if field == "components" else ""
        lines.append(line if near in ("", detail) else f"{line} Did you mean {near}?")
    return "\n".join(dict.fromkeys(lines))


class ChangedMeanwhile(RuleViolation):
    """Somebody else has changed it since its writer looked; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            {
                "version": N_(
                    "Somebody else has changed this since you opened it. Look at what is new, then "
                    "send yours again; what you typed is still here."
                )
            }
        )


def refuse_unread(*documents: object) -> None:
    """Raise RuleViolation when one stands for what another version wrote and this one cannot read:
    a change would overwrite it."""
    if is_unreadable(*documents):
        raise RuleViolation({"id": UNREADABLE})


def unless_changed(write: Callable[[], T], seen_version: int | None) -> T:
    """Write once for who named the version they saw; for others begin again when somebody came
    between reading and writing, so that neither change is lost. Raises ChangedMeanwhile."""
    for _ in range(1 if seen_version is not None else TRIES):
        with contextlib.suppress(StaleVersion):
            return write()
    raise ChangedMeanwhile


def check_seen(seen_version: int | None, version: int) -> None:
    """Raises StaleVersion when what was seen is not what is there."""
    if seen_version is not None and seen_version != version:
        raise StaleVersion


class NotFound(Exception):
    """There is no such incident, maintenance or announcement."""


@dataclass(frozen=True, slots=True)
class AnnouncementText:
    """What an operator has to say now: words by language, the state, what is affected how.

    `take_over` ends the telling by probes: from then on only people change and close it.
    """

    text: Mapping[str, str]
    state: str = IncidentState.INVESTIGATING
    components: Mapping[str, Condition] | None = None
    take_over: bool = False


def known_zone(name: str) -> ZoneInfo:
    """A time zone by its name. Raises RuleViolation for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError) as wrong:
        raise RuleViolation({"zone": N_("This time zone is not known.")}) from wrong


def fresh_id() -> str:
    """Twelve lower-case letters and digits, as Statuspage's own."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def impact_of(conditions: Mapping[str, Condition]) -> Impact:
    """How bad an incident is, from what it says of its components."""
    return gravest(*(_IMPACTS.get(c, Impact.NONE) for c in conditions.values()))


def gravest(*impacts: Impact) -> Impact:
    """The gravest of some impacts."""
    return max(impacts, key=_rank, default=Impact.NONE)


def _rank(impact: Impact) -> int:
    return _ORDER.index(impact) if impact in _ORDER else 0


def filled_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The languages in which something is said, without characters that feeds cannot carry or
    nobody sees."""
    stripped = {lang: visible(text) for lang, text in texts.items()}
    return {lang: text for lang, text in stripped.items() if text}


def filled_titles(titles: Mapping[str, str]) -> dict[str, str]:
    """The same for headings, each on one line."""
    return {lang: one_line(text) for lang, text in filled_texts(titles).items()}


def text_problems(
    field: str, texts: Mapping[str, str], max_length: int, languages: Collection[str]
) -> dict[str, str]:
    """What is amiss with some texts, by field; `languages` are those that may be written in."""
    filled = filled_texts(texts)
    if not filled:
        return {field: NOTHING_SAID}
    problems = {
        field_in(field, lang): _text_problem(texts[lang], lang, max_length, languages)
        for lang in filled
    }
    return {where: problem for where, problem in problems.items() if problem}


def _text_problem(text: str, lang: str, max_length: int, languages: Collection[str]) -> str:
    if lang not in languages:
        return N_("The status page does not speak this language.")
    if "\0" in text:
        return N_("There is a character in it that cannot be stored.")
    if len(visible(text)) > max_length:
        return FilledText(TOO_LONG, most=max_length)
    return UNFILLED if is_unfilled(text, lang) else ""


def field_in(field: str, lang: str) -> str:
    """A field in one language, as mistakes name it: "title.cs"."""
    return f"{field}.{lang}"


def in_language(text: str, lang: str) -> str:
    """A mistake that names the language it is in."""
    return FilledText(text, language=NAMES.get(lang, lang))


def pair_problems(title: Mapping[str, str], text: Mapping[str, str]) -> dict[str, str]:
    """What is amiss with a headline and a text that stand together: whoever reads a language finds
    both in it or neither."""
    titled, written = filled_texts(title), filled_texts(text)
    if not titled or not written:
        return {}
    return {
        field_in("title", lang): in_language(NO_TITLE, lang)
        for lang in written
        if lang not in titled
    } | {
        field_in("text", lang): in_language(NO_TEXT, lang) for lang in titled if lang not in written
    }


def state_problems(state: str) -> dict[str, str]:
    """What is amiss with an incident's state."""
    if state in set(IncidentState):
        return {}
    return {"state": N_("This is not a state of an incident.")}


def audit_entry(at: datetime, by: str, action: str, subject: str, state: str = "") -> AuditEntry:
    """The audit row of something that was said."""
    room = action.partition(".")[0]
    return AuditEntry(at, by, action, f"{room}:{subject}", {"state": str(state)} if state else {})
