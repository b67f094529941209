"""Labels of ticket states, outcomes and events, the mark beside a state, and a department's hours in words."""

from __future__ import annotations

from collections.abc import Mapping

from messages import RefusalReason
from render.i18n import N_, translate
from render.message_format import sentence
from tickets.departments.opening_hours import ALWAYS, OpeningSpan, Week
from tickets.model import TicketOutcome, TicketState

STATES: Mapping[str, str] = {
    TicketState.NEW: N_("Received, waiting its turn"),
    TicketState.OPEN: N_("We are working on it"),
    TicketState.WAITING: N_("Waiting for your answer"),
    TicketState.TECHNICIANS: N_("Handed over to our technicians"),
    TicketState.CLOSED: N_("Closed"),
}
STAFF_STATES: Mapping[str, str] = {
    TicketState.NEW: N_("New"),
    TicketState.OPEN: N_("In progress"),
    TicketState.WAITING: N_("Waiting for the customer"),
    TicketState.TECHNICIANS: N_("With the technicians"),
    TicketState.CLOSED: N_("Closed"),
}
# States to the marks of the design system.
MARKS: Mapping[str, str] = {
    TicketState.NEW: "info",
    TicketState.OPEN: "in_progress",
    TicketState.WAITING: "monitoring",
    TicketState.TECHNICIANS: "identified",
    TicketState.CLOSED: "resolved",
}
OUTCOMES: Mapping[str, str] = {
    TicketOutcome.FIRST_CONTACT: N_("Solved at first contact"),
    TicketOutcome.LATER: N_("Solved after more than one contact"),
    TicketOutcome.UNSOLVED: N_("Not solved"),
}
WHAT_NEXT: Mapping[str, str] = {
    TicketState.NEW: N_("It stands in the queue and is answered in order of arrival and urgency."),
    TicketState.OPEN: N_("Somebody is looking at it. You will get a letter with the answer."),
    TicketState.WAITING: N_("We have answered or asked something. Please write below to go on."),
    TicketState.TECHNICIANS: N_(
        "It needs work on the servers. A technician takes over from here and will answer in this thread."
    ),
    TicketState.CLOSED: N_("If it comes back, just write below and it opens again."),
}

REFUSALS: Mapping[str, str] = {
    RefusalReason.ADDRESS: N_(
        "This letter was not sent: no mail can be addressed to the customer."
    ),
    RefusalReason.RECIPIENT: N_(
        "This letter was refused: the mail server takes no mail for the customer's mailbox."
    ),
    RefusalReason.MESSAGE: N_("This letter was refused: the mail server does not take it."),
    RefusalReason.GIVEN_UP: N_("This letter was not sent: no mail server took it, for hours."),
}

HANDED_OVER = N_("Handed over to our technicians.")
CLOSED = N_("Closed.")
LINK_SENT = N_("A check link was sent.")
PARAGRAPH = "\n\n"  # between an event's msgid and the words that somebody wrote with it


def event_text(event: str, words: str = "") -> str:
    """The text of a note of an event, as templates/tickets/parts.html takes it apart."""
    return f"{event}{PARAGRAPH}{words}" if words else event


# What the record of a ticket calls an act; all that are written with its audit rows.
ACTS: Mapping[str, str] = {
    "ticket.opened": N_("Request opened"),
    "ticket.said": N_("Customer's message"),
    "ticket.replied": N_("Answer sent"),
    "ticket.noted": N_("Internal note written"),
    "ticket.handed_over": N_("Handed over to technicians"),
    "ticket.checked": N_("Check run by support"),
    "ticket.closed": N_("Request closed"),
    "invite.created": N_("Check link made"),
    "invite.sent": N_("Check link sent"),
    "invite.result": N_("Result of a check received"),
}

DAY_NAMES = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
AROUND_THE_CLOCK = N_("around the clock, every day")
ONE_DAY = N_("{day} {hours:list}")
SOME_DAYS = N_("{first}–{last} {hours:list}")


def hours_text(week: Week, lang: str) -> str:
    """A week's hours for readers, days with the same hours together; "" for none."""
    if week == ALWAYS:
        return translate(lang, AROUND_THE_CLOCK)
    runs: list[tuple[int, int, tuple[OpeningSpan, ...]]] = []
    for day in range(7):
        spans = week.get(day, ())
        if runs and spans and runs[-1][1] == day - 1 and runs[-1][2] == spans:
            runs[-1] = (runs[-1][0], day, spans)
        elif spans:
            runs.append((day, day, spans))
    return "; ".join(_days(run, lang) for run in runs)


def _days(run: tuple[int, int, tuple[OpeningSpan, ...]], lang: str) -> str:
    first, last, spans = run
    hours = [f"{s.start:%H:%M}–{s.end:%H:%M}" for s in spans]
    names = {"first": translate(lang, DAY_NAMES[first]), "last": translate(lang, DAY_NAMES[last])}
    if first == last:
        return sentence(lang, ONE_DAY, {"day": names["first"], "hours": hours})
    return sentence(lang, SOME_DAYS, {**names, "hours": hours})
