"""The model of instructions: wanted records, and planned changes with their conflicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class WantedRecord:
    """One record that the instructions name.

    `name` is whole, in lower-case A-labels without the last dot; `value` is in presentation form
    (RFC 1035, 5.1), names in it without the last dot, text without quotes; `ttl` seconds or 0.
    """

    name: str
    type: str
    value: str
    ttl: int = 0


@dataclass(frozen=True, slots=True)
class Instructions:
    """All records a text asks for, each once and in the order of the text.

    `records` concern the domain; `foreign` name another one; `unfilled` still hold a placeholder
    that the other provider meant to be replaced ("your-token-here").
    """

    records: tuple[WantedRecord, ...] = ()
    foreign: tuple[WantedRecord, ...] = ()
    unfilled: tuple[WantedRecord, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.records or self.foreign or self.unfilled)


class ChangeStep(StrEnum):
    """What has to happen to the record set of one name and type."""

    SAME = "same"  # it is there already
    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"
    UNKNOWN = "unknown"  # what is there now could not be seen


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One name and type, before and after. `reason` is a `Conflict` that made it so, or ""."""

    name: str
    type: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    step: ChangeStep
    reason: str = ""


class Conflict(StrEnum):
    """Why setting a record is more than adding it."""

    ALIAS = "alias"  # a CNAME stands alone at its name (RFC 1034, 3.6.2)
    CONTRADICTION = "contradiction"  # the text itself wants an alias and something beside it
    APEX_ALIAS = "apex_alias"  # and never at the top of a zone
    TWO_SPF = "two_spf"  # one SPF record a name (RFC 7208, 3.2)
    TWO_DMARC = "two_dmarc"  # one DMARC record a name (RFC 9989)
    OTHER_FAMILY = "other_family"  # a new A beside an old AAAA leads visitors to two places
    MAIL_MOVES = "mail_moves"
    ZONE_MOVES = "zone_moves"
