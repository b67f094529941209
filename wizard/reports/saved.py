"""A saved diagnosis (the JSON of `diagnose --json` or /r/<token>.json) back to run and evidence.

Pure. What was gathered by a newer version is passed over by name; anything else that does not
fit is refused with the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from db.stored import UnreadableDocument
from diagnostics.evidence.keys import TYPES, gathered
from diagnostics.model import Evidence, Item, Run, RunState, Scope
from subject import Subject
from wizard.reports.stored_evidence import load

LARGEST = 20_000_000  # bytes


class NotSaved(ValueError):
    """The file cannot be judged; the message says why, in English."""


class SavedRun(msgspec.Struct, frozen=True):
    """The part of the document that judging needs."""

    schema: int
    subject: Subject
    scope: Scope
    symptom: str
    evidence: dict[str, dict[str, object]]
    evidence_schema: int = 1
    started_at: datetime | None = None
    finished_at: datetime | None = None
    answers: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class SavedEvidence:
    """A run with its evidence; `unknown` names what this version cannot read."""

    run: Run
    evidence: Evidence
    unknown: tuple[str, ...]


def read(raw: bytes) -> SavedEvidence:
    """The run as it was. Raises NotSaved."""
    if len(raw) > LARGEST:
        raise NotSaved("it is too large")
    try:
        found = msgspec.json.decode(raw, type=SavedRun)
        ended = found.finished_at or found.started_at
        if ended is None or ended.tzinfo is None:
            raise NotSaved("it does not say when it was made")
        items = tuple(
            _item(key, fields, found.evidence_schema)
            for key, fields in found.evidence.items()
            if key in TYPES
        )
    except (msgspec.DecodeError, UnreadableDocument, UnicodeDecodeError, RecursionError) as error:
        raise NotSaved(str(error)) from error
    run = Run(
        "saved",
        "",
        found.subject,
        found.scope,
        found.symptom,
        RunState.DONE,
        found.started_at or ended,
        answers=found.answers,
        started_at=found.started_at,
        finished_at=ended,
    )
    unknown = tuple(sorted(set(found.evidence) - set(TYPES)))
    return SavedEvidence(run, gathered(items), unknown)


def _item(key: str, fields: Mapping[str, object], schema: int) -> Item[object]:
    return load({**fields, "schema": schema, "key": key})
