"""Validation of what is published: limits, violations, fresh ids, impact of an incident. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.model import AuditEntry
from render.i18n import N_
from render.languages import LANGUAGES
from status.model import Condition, Impact, IncidentState

TITLE = 200
TEXT = 5000
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
        super().__init__("; ".join(f"{k}: {v}" for k, v in fields.items()))
        self.fields = fields


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
    """The languages in which something is said."""
    return {lang: text.strip() for lang, text in texts.items() if text.strip()}


def text_problems(field: str, texts: Mapping[str, str], max_length: int) -> dict[str, str]:
    """What is amiss with some texts, by field."""
    filled = filled_texts(texts)
    if not filled:
        return {field: N_("Say it in at least one language.")}
    if any(lang not in LANGUAGES for lang in filled):
        return {field: N_("This language is not shipped.")}
    if any(len(text) > max_length for text in filled.values()):
        return {field: N_("This is too long. Say the rest in a later update.")}
    if any("\0" in text for text in filled.values()):
        return {field: N_("There is a character in it that cannot be stored.")}
    return {}


def state_problems(state: str) -> dict[str, str]:
    """What is amiss with an incident's state."""
    if state in set(IncidentState):
        return {}
    return {"state": N_("This is not a state of an incident.")}


def audit_entry(at: datetime, by: str, action: str, subject: str, state: str = "") -> AuditEntry:
    """The audit row of something that was said."""
    room = action.partition(".")[0]
    return AuditEntry(at, by, action, f"{room}:{subject}", {"state": str(state)} if state else {})
