"""Notes in a ticket the result of a finished diagnosis that a check link or an agent asked for.

Owns the handler of `diagnosis.finished`. Running twice leaves one note.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from diagnostics.model import FINISHED_JOB, Report, Run, RunRef, RunState
from jobs.model import Handler, Job
from render.i18n import N_, translate
from render.languages import DEFAULT
from render.message_format import sentence
from tickets.invites.result_notes import comparison_sentences, identity_sentence
from tickets.invites.store import InviteStore
from tickets.model import AuthenticationSnapshot, Note, NoteKind, Ticket, TicketState
from tickets.reports import Diagnoses
from tickets.store import TicketCommand, TicketStore

RESULT = "result:"
UNFINISHED = N_("The check could not be finished. It can be run again from the same link.")
VERDICT = N_("Result of checking {subject}: {verdict}")
CLEAN = N_("Result of checking {subject}: nothing failed.")


@dataclass(frozen=True, slots=True)
class FinishedRuns:
    """Where results of check links come down. Notes are in the language of their ticket, or in `lang`
    when it names none."""

    tickets: TicketStore
    invites: InviteStore
    diagnoses: Diagnoses
    lang: str = DEFAULT

    def run(self, job: Job) -> None:
        """Handle one finished run."""
        ref = msgspec.json.decode(job.payload, type=RunRef)
        run = self.diagnoses.by_id(ref.run)
        claimed = self.invites.claim_with_invite(run.invite) if run and run.invite else None
        ticket = self.tickets.ticket(claimed[1].ticket) if claimed else None
        if run is None or claimed is None or ticket is None:
            return
        claim, invite = claimed
        note = Note(
            key=RESULT + run.id,
            kind=NoteKind.INTERNAL,
            author="",
            text="\n".join(self._lines(claim.statement, invite.subject, ticket, run)),
            at=run.finished_at or claim.at,
            run=run.id,
            statement=claim.statement,
        )
        answers = ticket.state is TicketState.WAITING and not claim.statement.is_staff
        state = TicketState.OPEN if answers else None  # our own look leaves the customer's turn
        command = TicketCommand(
            "", "invite.result", note, state, notify_desk=True, detail={"run": run.id}
        )
        self.tickets.apply(ticket.id, command)

    def _lines(
        self, runner: AuthenticationSnapshot, subject: str, ticket: Ticket, run: Run
    ) -> list[str]:
        lang, after = ticket.draft.lang or self.lang, self.diagnoses.report(run)
        if after is None or run.state is not RunState.DONE:
            return [identity_sentence(runner, lang), translate(lang, UNFINISHED)]
        before = self.previous_report(ticket, run.id)
        words = self.diagnoses.view(after, lang, before)
        titles = {**self.diagnoses.view(before, lang).titles(), **words.titles()}
        verdict = {"subject": subject, "verdict": words.title}
        return [
            identity_sentence(runner, lang),
            sentence(lang, VERDICT if words.title else CLEAN, verdict),
            *comparison_sentences(words.since, titles, lang),
        ]

    def previous_report(self, ticket: Ticket, run: str) -> Report | None:
        """The newest report in the ticket that is older than this run."""
        notes = self.tickets.thread(ticket.id, internal=True)
        return self.diagnoses.report_of(previous_run(notes, run))


def previous_run(notes: tuple[Note, ...], run: str) -> str:
    """The run that stands last in a thread before this one; "" when there is none."""
    earlier = ""
    for note in notes:
        if note.run == run:
            break
        earlier = note.run or earlier
    return earlier


def handlers(finished_runs: FinishedRuns) -> dict[str, Handler]:
    """The handler of finished diagnoses."""
    return {FINISHED_JOB: Handler(finished_runs.run, blocking=True, payload=RunRef)}
