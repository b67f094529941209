"""The reports in one ticket's thread, in words for staff: each beside the earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.model import Report, Run, RunState
from render.i18n import N_, translate
from render.message_format import sentence
from tickets.invites.staff_notes import comparison_sentences, identity_sentence
from tickets.model import AuthenticationSnapshot, Note
from tickets.reports import Diagnoses, ReportView

RESULT = "result:"  # how the keys of notes begin that hold the result of a check
MOST_EARLIER = 10  # reports that one is compared with
UNFINISHED = N_("The check could not be finished. It can be run again from the same link.")
VERDICT = N_("Result of checking {subject}: {verdict}")
CLEAN = N_("Result of checking {subject}: nothing failed.")


class ThreadReports:
    """Loads each report once. `notes` is the whole thread, internal notes included."""

    def __init__(self, notes: Sequence[Note], diagnoses: Diagnoses, lang: str) -> None:
        self._notes = notes
        self._diagnoses = diagnoses
        self._lang = lang
        self._loaded: dict[str, Report | None] = {}

    def view(self, run: str) -> ReportView:
        """A run's report, marked against those before it; empty when it is gone."""
        return self._diagnoses.view(self._report(run), self._lang, self._earlier(run))

    def result_texts(self) -> dict[str, str]:
        """What the notes of results say, by their keys; without those whose run is gone."""
        results = (note for note in self._notes if note.key.startswith(RESULT))
        return {
            note.key: self.result_text(note.statement, run)
            for note in results
            if note.statement and (run := self._diagnoses.by_id(note.run))
        }

    def result_text(self, runner: AuthenticationSnapshot, run: Run) -> str:
        """How the runner was known, the verdict, and what has changed: a line for each."""
        identity, view = identity_sentence(runner, self._lang), self.view(run.id)
        if view.report is None or run.state is not RunState.DONE:
            return f"{identity}\n{translate(self._lang, UNFINISHED)}"
        titles: dict[str, str] = {}
        for report in reversed(self._earlier(run.id)):
            titles |= self._diagnoses.view(report, self._lang).titles()
        verdict = {"subject": run.subject.text, "verdict": view.title}
        return "\n".join(
            (
                identity,
                sentence(self._lang, VERDICT if view.title else CLEAN, verdict),
                *comparison_sentences(view.since, {**titles, **view.titles()}, self._lang),
            )
        )

    def _report(self, run: str) -> Report | None:
        if run not in self._loaded:
            stored = self._diagnoses.by_id(run)
            self._loaded[run] = self._diagnoses.report(stored) if stored else None
        return self._loaded[run]

    def _earlier(self, run: str) -> tuple[Report, ...]:
        """The reports before a run's, newest first."""
        runs = list(dict.fromkeys(note.run for note in self._notes if note.run))
        earlier = runs[: runs.index(run)] if run in runs else runs
        newest = reversed(earlier[-MOST_EARLIER:])
        return tuple(report for id in newest if (report := self._report(id)))  # noqa: A001
