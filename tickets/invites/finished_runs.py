"""Notes in a ticket the result of a finished diagnosis that a check link or an agent asked for.

Owns the handler of `diagnosis.finished`. Running twice leaves one note.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from diagnostics.model import FINISHED_JOB, RunRef
from jobs.model import Handler, Job
from render.languages import DEFAULT
from tickets.invites.store import InviteStore
from tickets.invites.thread_reports import RESULT, ThreadReports
from tickets.model import Note, NoteKind, TicketState
from tickets.reports import Diagnoses
from tickets.store import TicketCommand, TicketStore


@dataclass(frozen=True, slots=True)
class FinishedRuns:
    """Where results of check links come down. A note's text, in the site's language `lang`, is read
    when its run is gone; until then the desk puts the run into its reader's words."""

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
        claim, thread = claimed[0], self.tickets.thread(ticket.id, internal=True)
        reports = ThreadReports(thread, self.diagnoses, self.lang)
        note = Note(
            key=RESULT + run.id,
            kind=NoteKind.INTERNAL,
            author="",
            text=reports.result_text(claim.statement, run),
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


def handlers(finished_runs: FinishedRuns) -> dict[str, Handler]:
    """The handler of finished diagnoses."""
    return {FINISHED_JOB: Handler(finished_runs.run, blocking=True, payload=RunRef)}
