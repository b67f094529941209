"""Builds the mail team's request from a lost message. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explain.document import identifier_lines, ticket_excerpts
from explain.identifiers import MessageIdentifiers
from explain.model import Explanation, ExplanationKind
from render.i18n import N_, translate
from render.message_format import sentence
from wizard.lost_mail.case import EXTENTS, RECEIVING, LostMessage

MAX_TEXT = 6_000
LOST_IN = N_("A message from {sender:code} to {recipient:code} did not arrive.")
LOST_OUT = N_("A message we sent from {sender:code} to {recipient:code} did not arrive.")
SENT = N_("Sent: {when:code}")
SUBJECT = N_("Subject: {subject:code}")
EXTENT = N_("What is lost: {extent}")
LOOKED = N_("The spam folder and the filters were looked into.")
NOTHING_BACK = N_("Nothing came back to the sender.")
RECEIVING_FAILS = N_("Receiving fails: {sender:code} wrote to {recipient:code}")
SENDING_FAILS = N_("Sending fails: {sender:code} wrote to {recipient:code}")


@dataclass(frozen=True, slots=True)
class LostMailRequest:
    """What the ticket form is filled with. `answers` are facts by the ticket's own names."""

    service: str
    text: str
    answers: dict[str, str]


def mail_team_request(
    case: LostMessage, items: Sequence[Explanation], lifted: MessageIdentifiers, lang: str
) -> LostMailRequest:
    """The request in the reader's language, private parts of the pasted text masked."""
    is_receiving = case.side == RECEIVING
    addresses = {"sender": case.sender or "?", "recipient": case.recipient or "?"}
    returned = _returned_text(case, items, lang)
    lines = [
        sentence(lang, LOST_IN if is_receiving else LOST_OUT, addresses),
        sentence(lang, SENT, {"when": case.when}) if case.when else "",
        sentence(lang, SUBJECT, {"subject": case.subject}) if case.subject else "",
        _extent_sentence(case, lang),
        translate(lang, LOOKED) if case.spam == "yes" else "",
        identifier_lines(lifted, lang),
    ]
    answers = {
        "mailbox": case.own,
        "direction": sentence(lang, RECEIVING_FAILS if is_receiving else SENDING_FAILS, addresses),
        "error": returned,
        "client": case.client,
        "since": case.when,
    }
    text = "\n".join(filter(None, lines))[:MAX_TEXT]
    return LostMailRequest(case.own, text, {k: v[:2_000] for k, v in answers.items() if v})


def _extent_sentence(case: LostMessage, lang: str) -> str:
    chosen = dict(EXTENTS).get(case.extent)
    return sentence(lang, EXTENT, {"extent": translate(lang, chosen)}) if chosen else ""


def _returned_text(case: LostMessage, items: Sequence[Explanation], lang: str) -> str:
    """What came back, explained and masked; an ordinary letter pasted there is not repeated."""
    errors = [item for item in items if item.kind is not ExplanationKind.UNCLEAR]
    if errors:
        return ticket_excerpts(errors, lang)
    return translate(lang, NOTHING_BACK) if case.nothing == "yes" else ""
