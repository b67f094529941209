"""What the customer's ticket shows of a check run by its link: that it ran, by whom, its first finding.
And where the reader finds the report. What else the note of thread_reports.py says, and checks of
staff, are for staff alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.model import Person
from diagnostics.model import Run, RunState
from render.i18n import N_, translate
from render.message_format import sentence
from tickets.invites.thread_reports import RESULT, UNFINISHED
from tickets.model import Draft, Note, NoteKind
from tickets.reports import Diagnoses, can_see_report

RAN_BY = N_("{name} ran the check that we asked for.")
RAN = N_("Somebody who held its link ran the check that we asked for.")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one reader sees of a check: sentences in their language, and the run with its report
    when they may see that, else None."""

    sentences: tuple[str, ...]
    run: Run | None = None


def is_link_result(note: Note) -> bool:
    """Whether a note is of a check that was run by a link, and not by staff."""
    runner = note.statement
    is_known = runner is not None and runner.is_readable and not runner.is_staff
    return note.key.startswith(RESULT) and is_known


def customer_thread(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The entries that customers read. An internal note is none, but of a check's result stays that
    there is one, without the words for staff."""
    blank = (_without_words(n) if is_link_result(n) else n for n in notes)
    return tuple(n for n in blank if n.kind is not NoteKind.INTERNAL)


def check_result(
    note: Note, draft: Draft, reader: Person, diagnoses: Diagnoses, lang: str
) -> CheckResult:
    """What a reader of a ticket sees of a link's result in it."""
    run, name = diagnoses.by_id(note.run), _runner_name(note, draft)
    ran = sentence(lang, RAN_BY, {"name": name}) if name else translate(lang, RAN)
    if run is None or not can_see_report(run, reader):
        return CheckResult((ran,))
    if run.state is not RunState.DONE:
        return CheckResult((ran, translate(lang, UNFINISHED)))
    view = diagnoses.view(diagnoses.report_for_reader(run), lang)
    return CheckResult((ran, view.headline), run)


def _without_words(note: Note) -> Note:
    return Note(note.key, NoteKind.EVENT, "", "", note.at, note.run, note.statement)


def _runner_name(note: Note, draft: Draft) -> str:
    """The name of who ran it, for a contact of the account and whoever wrote the ticket; others
    have not told it to the customer."""
    runner = note.statement
    if runner is None:
        return ""
    is_theirs = runner.role != "stranger" or runner.email == draft.statement.email != ""
    return runner.name if is_theirs else ""
