"""The questions about one lost message: what is known of it, and what is still to be asked. Pure.

What stands in a pasted report or follows from the account is filled in and never asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace

from explain.bounces.delivery_report import ADDRESS
from explain.document import domain_of
from explain.identifiers import MessageIdentifiers
from explain.model import Explanation, ExplanationKind
from render.i18n import N_
from render.meter import CompletenessMeter
from wizard.lost_mail.sent_time import is_to_the_minute

RECEIVING, SENDING = "receiving", "sending"
IsTheirs = Callable[[str], bool]  # domain → whether it is on an account of whoever asks


@dataclass(frozen=True, slots=True)
class LostMessage:
    """One lost message, as typed. `when` is in the reader's own time; `back` is what came back."""

    side: str = ""  # receiving, sending; "" not said
    sender: str = ""
    recipient: str = ""
    when: str = ""
    extent: str = ""  # one, some, all
    spam: str = ""  # yes, no: were the spam folder and the filters looked into
    nothing: str = ""  # yes: nothing came back
    back: str = ""
    subject: str = ""
    client: str = ""

    @property
    def own(self) -> str:
        """The address on the side of whoever asks; "" while the side is not known."""
        return {RECEIVING: self.recipient, SENDING: self.sender}.get(self.side, "")

    @property
    def other(self) -> str:
        return {RECEIVING: self.sender, SENDING: self.recipient}.get(self.side, "")


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A case with what we found ourselves. `sources` names the fields and where they are from:
    paste or account."""

    case: LostMessage
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LostMailQuestion:
    """One question (msgids), with an answer that leads nowhere and one that is of use."""

    name: str
    text: str
    why: str
    bad: str
    good: str


EXTENTS: tuple[tuple[str, str], ...] = (
    ("one", N_("Only this one message")),
    ("some", N_("Several, but others get through")),
    ("all", N_("Everything")),
)
SIDES: tuple[tuple[str, str], ...] = (
    (RECEIVING, N_("Somebody wrote to me and it did not arrive")),
    (SENDING, N_("I wrote to somebody and it did not arrive")),
)
QUESTIONS: tuple[LostMailQuestion, ...] = (
    LostMailQuestion("side", N_("Are you waiting for the message, or did you send it?"),
        N_("It decides in which logs we look."), N_("“Mail does not work.”"),
        N_("“A customer wrote to me and it did not arrive.”")),
    LostMailQuestion("sender", N_("The complete address of the sender"),
        N_("Without it the message cannot be told from thousands of others."),
        N_("“Peter from the office”"), "peter@office.example"),
    LostMailQuestion("recipient", N_("The complete address of the recipient"),
        N_("A mistyped letter is the most common reason of all."), N_("“to my mail”"),
        "jana@shop.example"),
    LostMailQuestion("when", N_("When was it sent, to the minute if you can?"),
        N_("Logs are searched by time."), N_("“yesterday”"), N_("“2 November, 14:05”")),
    LostMailQuestion("back", N_("What came back to the sender, word for word?"),
        N_("The error names the server that refused and its reason."), N_("“some error”"),
        "550 5.1.1 <jana@shop.example>: Recipient address rejected"),
    LostMailQuestion("extent", N_("Is it one message, several, or everything?"),
        N_("Everything points to a setting, one message to its content or its address."),
        N_("“sometimes”"), N_("“Only messages from peter@office.example; others arrive.”")),
    LostMailQuestion("spam", N_("Were the spam folder and the filters looked into, in webmail?"),
        N_("Mail programs do not show every folder."), N_("“it is not in my inbox”"),
        N_("“Yes, in webmail, in spam and in all folders.”")),
)  # fmt: skip
_BY_NAME = {ask.name: ask for ask in QUESTIONS}
# As a report says where it is from, and whether it came back at all.
_REPORTS = (ExplanationKind.BOUNCE, ExplanationKind.SMTP)


def fill_in(
    typed: LostMessage,
    items: Sequence[Explanation],
    lifted: MessageIdentifiers,
    is_theirs: IsTheirs,
    own_address: str = "",
) -> AnsweredQuestion:
    """A case with what a paste and the account tell, where nothing was typed. `me` is the address
    whoever asks signs in with."""
    pasted_fields = _pasted_fields(typed, items, lifted)
    sources, case = dict.fromkeys(pasted_fields, "paste"), replace(typed, **pasted_fields)
    if not case.side and (side := _likely_side(case, is_theirs)):
        case, sources = replace(case, side=side), {**sources, "side": "account"}
    own_field = {RECEIVING: "recipient", SENDING: "sender"}.get(case.side, "")
    if own_field and not case.own and own_address and is_theirs(domain_of(own_address)):
        case, sources = _with_field(case, own_field, own_address), {**sources, own_field: "account"}
    return AnsweredQuestion(case, sources)


def _pasted_fields(
    typed: LostMessage, items: Sequence[Explanation], lifted: MessageIdentifiers
) -> dict[str, str]:
    reports = [i for i in items if i.kind in _REPORTS]
    reported_recipient = next((i.recipient for i in reports if i.recipient), "")
    recipient = reported_recipient or next(iter(lifted.recipients), "")
    sender = next(
        (s for s in (*lifted.senders, *lifted.recipients) if s.lower() != recipient.lower()), ""
    )
    when = min(lifted.dates).strftime("%Y-%m-%d %H:%M UTC") if lifted.dates else ""
    pasted = {"sender": sender, "recipient": recipient, "when": when}
    return {k: v for k, v in pasted.items() if v and not getattr(typed, k)}


def _likely_side(case: LostMessage, is_theirs: IsTheirs) -> str:
    """Which side is theirs, when exactly one is."""
    sends, receives = is_theirs(domain_of(case.sender)), is_theirs(domain_of(case.recipient))
    if sends == receives:
        return ""
    return SENDING if sends else RECEIVING


def _with_field(case: LostMessage, name: str, value: str) -> LostMessage:
    return LostMessage(
        **{f.name: value if f.name == name else getattr(case, f.name) for f in fields(case)}
    )


def completeness(case: LostMessage) -> CompletenessMeter[LostMailQuestion]:
    """What is known and what is missing, by what this case needs."""
    needed = [name for name in _BY_NAME if name != "spam" or case.side != SENDING]
    missing = tuple(_BY_NAME[name] for name in needed if not _is_sufficient(name, case))
    return CompletenessMeter(len(needed), missing)


def _is_sufficient(name: str, case: LostMessage) -> bool:
    value = getattr(case, name).strip()
    if name in ("sender", "recipient"):
        return ADDRESS.fullmatch(value) is not None and "." in domain_of(value)
    if name == "when":
        return is_to_the_minute(value)
    if name == "back":
        return case.nothing == "yes" or len(value.split()) >= 3 or bool(re.search(r"\d{3}", value))
    return bool(value)
