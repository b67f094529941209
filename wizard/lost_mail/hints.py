"""Hints about a lost message that need no log, such as a mistyped recipient domain. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from explain.document import domain_of
from explain.domain_typos import intended_provider
from explain.model import Explanation, ExplanationKind, Reason
from render.i18n import N_
from wizard.lost_mail.case import RECEIVING, SENDING, LostMessage

RECENT, OLD = timedelta(minutes=30), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Hint:
    """A remark and what to do about it (one msgid with arguments), with topics of articles."""

    text: str
    args: dict[str, object] = field(default_factory=dict)
    articles: tuple[str, ...] = ()


MISTYPED = N_("“{domain}” looks like a slip of the pen for “{guess}”. Please compare the address letter by letter.")  # fmt: skip
SENT_RECENTLY = N_("It was sent less than half an hour ago. Servers that see each other for the first time make a message wait up to an hour; if nothing came back, please give it that long.")  # fmt: skip
FUTURE = N_("The time you gave is still to come. Please check the date.")
SENT_LONG_AGO = N_("It was sent {days:days} ago. Mail servers keep their logs for a limited time, so please write to us today.")  # fmt: skip
NOTHING_ARRIVES = N_("If nothing arrives from anybody, it is not this message that is lost: something is wrong with the domain or the mailbox. The check below looks at both.")  # fmt: skip
NOTHING_LEAVES = N_("If nothing you send arrives anywhere, look first whether the mail program reports an error and whether the messages stay in its outbox.")  # fmt: skip
OTHERS_ARRIVE = N_("Others get through, so the domain and the mailbox work. Then the trace begins at the sender: their mail operator sees whether our server took the message.")  # fmt: skip
SPAM = N_("Please look into the spam folder and the filters first, in webmail; most lost messages are found there.")  # fmt: skip
NOTHING_OUT = N_("Nothing came back, so the recipient's server most likely took the message. Ask the recipient to look into spam and filters; with its time and addresses we can prove the delivery.")  # fmt: skip
SAME = N_("Sender and recipient are the same address. Please check both.")


def hints(
    case: LostMessage, items: Sequence[Explanation], sent: datetime | None, now: datetime
) -> tuple[Hint, ...]:
    """Remarks in the order of what to try first."""
    remarks = [
        _typo_hint(case.sender),
        _typo_hint(case.recipient),
        _time_hint(sent, now),
        *_pattern_hints(case, items),
    ]
    return tuple(hint for hint in remarks if hint is not None)


def _typo_hint(address: str) -> Hint | None:
    name = domain_of(address)
    guess = intended_provider(name)
    return Hint(MISTYPED, {"domain": name, "guess": guess}, ("mail-comes-back",)) if guess else None


def _time_hint(sent: datetime | None, now: datetime) -> Hint | None:
    if sent is None:
        return None
    if sent > now + timedelta(minutes=15):
        return Hint(FUTURE)
    if now - sent < RECENT:
        return Hint(SENT_RECENTLY, {}, ("mail-lost",))
    return Hint(SENT_LONG_AGO, {"days": (now - sent).days}) if now - sent > OLD else None


def _pattern_hints(case: LostMessage, items: Sequence[Explanation]) -> list[Hint | None]:
    if case.sender and case.sender.lower() == case.recipient.lower():
        return [Hint(SAME)]
    refused = any(
        i.kind in (ExplanationKind.BOUNCE, ExplanationKind.SMTP)
        and i.reason != Reason.NOT_A_FAILURE
        and i.headers is None  # whoever has a message's headers has the message
        for i in items
    )
    if case.side == RECEIVING:
        return [
            Hint(SPAM, {}, ("mail-lost", "mail-lands-in-spam")) if case.spam != "yes" and not refused else None,
            Hint(NOTHING_ARRIVES, {}, ("mail-not-arriving",)) if case.extent == "all" else None,
            Hint(OTHERS_ARRIVE, {}, ("mail-lost",)) if case.extent in ("one", "some") else None,
        ]  # fmt: skip
    if case.side == SENDING:
        return [
            Hint(NOTHING_LEAVES, {}, ("mail-cannot-send",)) if case.extent == "all" else None,
            Hint(NOTHING_OUT, {}, ("mail-lost",)) if case.nothing == "yes" and not refused else None,
        ]  # fmt: skip
    return []
