"""Reads a saved diagnosis (the JSON of `diagnose --json` or /r/<token>.json) back into run and evidence.

Pure. What was gathered by a newer version is passed over by name; anything else that does not
fit is refused with the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from db.stored import UnreadableDocument
from diagnostics.evidence.keys import TYPES, evidence_of
from diagnostics.model import Evidence, Item, Run, RunState, Scope
from subject import Subject
from wizard.reports.stored_evidence import load

MAX_SIZE = 20_000_000  # bytes


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


def read_saved(raw: bytes) -> SavedEvidence:
    """The run as it was. Raises NotSaved."""
    if len(raw) > MAX_SIZE:
        raise NotSaved("it is too large")
    try:
        saved = msgspec.json.decode(raw, type=SavedRun)
        ended_at = saved.finished_at or saved.started_at
        if ended_at is None or ended_at.tzinfo is None:
            raise NotSaved("it does not say when it was made")
        items = tuple(
            _item(key, fields, saved.evidence_schema)
            for key, fields in saved.evidence.items()
            if key in TYPES
        )
    except (msgspec.DecodeError, UnreadableDocument, UnicodeDecodeError, RecursionError) as error:
        raise NotSaved(str(error)) from error
    run = Run(
        "saved",
        "",
        saved.subject,
        saved.scope,
        saved.symptom,
        RunState.DONE,
        saved.started_at or ended_at,
        answers=saved.answers,
        started_at=saved.started_at,
        finished_at=ended_at,
    )
    unknown = tuple(sorted(set(saved.evidence) - set(TYPES)))
    return SavedEvidence(run, evidence_of(items), unknown)


def _item(key: str, fields: Mapping[str, object], schema: int) -> Item[object]:
    return load({**fields, "schema": schema, "key": key})
