"""A letter to the failures it reports: structure first, then words. Pure.

An ordinary letter reports nothing, even when it complains about mail: only a machine's report does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from explain.bounces import delivery_report, phrases, status_codes, transcript
from explain.bounces.message import ParsedMessage
from explain.model import DeliveryFailure
from explain.plain_text import is_markup, joined, without_markup

_MACHINE = re.compile(
    r"mailer.?daemon|mail ?deliver|mail ?system|mdaemon|mail ?admin|system ?administrator|"
    r"post.?master|content.?filter|amazonses|email-bounces|delivery ?sub|bounce"
)
_SURELY = re.compile(r"mailer.?daemon|mail deliver\w* (?:sub)?system|email-bounces|bounces?@")
_SUBJECT = re.compile(
    r"undeliver|returned (?:mail|message)|(?:mail|delivery|message|non.?delivery)[ -]?(?:delivery)? ?"
    r"(?:fail|status|notif|error|report|problem)|failure notice|delivery (?:has )?fail|mail failure|"
    r"could not be delivered|nedoruc|nelze dorucit|vracen\w* (?:zprav|sprav)|niedostarcz|zwrot|zwroc|"
    r"nie mozna dostarczyc|neisporu|user unknown!?$|nedostavljen|kezbesit|impossibile recapitare|nepovedlo dorucit|nemozno dorucit|unzustell|nicht zustell|non remis|non distribu|no entregad|mancata"
)
# Reports known by their shape in any language: Exchange closes its code with ##, Google opens with
# a title between asterisks and shows the answer of the receiving server. Exchange 2003 signs with its
# name and code; Postfix and Exim put an answer into a frame of their own.
_SHAPE = re.compile(
    r"<[\w-]{1,60}(?:\.[\w-]{1,60}){1,6} #[45]\.\d{1,3}\.\d{1,3}\b|"
    r"\bSMTP error from remote (?:mail )?server after |\brefused to talk to me: [45]\d\d|"
    r"\[[\da-fA-F.:]{3,45}\]\)?(?::\d{1,5})? ?said: [45]\d\d|\(in reply to [\w ]{4,40} command\)|"
    r"^\W{0,3}#?[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3} .{0,400}##\s*$|"
    r"\A\s*\*\* ?\S.{2,80}\*\*\s(?s:.{0,2000}?)(?:^\s*[45]\d\d[ -]|support\.google\.com/mail)",
    re.MULTILINE,
)
_REPORT_TYPE = re.compile(
    r"report-type\s*=\s*\"?(?:global-)?(delivery-status|feedback-report|disposition)", re.IGNORECASE
)
_COMPLAINT = re.compile(
    r"^(?:fw: )?complaint about message from|^(?:dmarc )?forensic report|^abuse report"
)
_FEEDBACK = re.compile(
    r"^\W*this is an? (?:\w+[ -]){0,4}(?:abuse|opt-out|complaint|fraud|feedback|not-spam|virus|authentication failure)[\w -]{0,20} report"
)
_PERSON = re.compile(
    r"\b(?:hello|hi|dear|please help|thanks|thank you|help|i am|i have|i tried|why|how can|dobry den|ahoj|prosim|dekuj\w*|"
    r"dakuj\w*|muj|moj\w*|mam|mame|nefunguj\w*|nejde|nechodi|proc|preco|witam|dzien dobry|prosze|dziekuj\w*|nie dziala|"
    r"dlaczego|pozdrav\w*|postovani|dobar dan|lijep pozdrav|molim|hvala|ne radi|zasto|bok|imam|guten tag|sehr geehrte\w*|hallo|bitte|danke|bonjour|merci|buongiorno|grazie|hola|gracias|jo napot|koszonom|"
    r"vazen[yai]\w*|szanown\w*|dobry den|mila|mily|czesc|s pozdravem|z powazaniem)\b"
)
# How mail programs tell that a message was read: its own To, Subject and Sent, one below the other.
_RECEIPT = re.compile(
    r"^\W{0,8}(?:to|komu|do|za|prima|an|c.mzett)\s?:[^\n]{0,200}\n\W{0,8}(?:subject|p.edm.t|predmet|temat|betreff|t.rgy)\s?:"
    r"[^\n]{0,300}\n\W{0,8}(?:sent|odesl.no|odoslan.|wys.ano|poslano|gesendet|elk.ldve)\b",
    re.IGNORECASE | re.MULTILINE,
)
_QUESTION = re.compile(r"\?(?=[\s\"')]|$)")  # not the one inside a link
FRAMED = re.compile(r"^[\s>]{0,8}<[^\s<>@]{1,64}@[^\s<>]{3,253}>: \S", re.MULTILINE)
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-autoreply-from")
_ABOUT = re.compile(
    r"^(?:original-rcpt-to|removal-recipient|original-recipient|final-recipient)\s?:\s*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)


def failures(letter: ParsedMessage) -> list[DeliveryFailure]:
    """What a letter, or a message attached to it, reports; nothing for an ordinary letter."""
    found = _own(letter)
    if found:
        return found
    for inner in letter.inner:
        if deeper := failures(inner):
            return deeper
    return []


def body(letter: ParsedMessage) -> str:
    """The first part a person would read."""
    return next(iter(_readable(letter)), "")


def _readable(letter: ParsedMessage) -> list[str]:
    plain = [p.text for p in letter.parts if p.type == "text/plain" and p.text.strip()]
    plain = [without_markup(t) if is_markup(t) else t for t in plain]
    marked = [without_markup(p.text) for p in letter.parts if p.type == "text/html"]
    return [*plain[:3], *[t for t in marked[:2] if t.strip()]]


def _own(letter: ParsedMessage) -> list[DeliveryFailure]:
    texts = _readable(letter)
    human = texts[0] if texts else ""
    if feedback := _feedback(letter, human):
        return feedback
    fields = [p.text for p in letter.parts if p.type == "message/delivery-status"]
    structured = [f for text in fields for f in delivery_report.failures(text)]
    if not structured:
        structured = next((s for s in (_pasted(t) for t in texts) if s), [])
    if not structured:
        structured = next((s for s in map(delivery_report.notices, texts) if s), [])
        if structured:
            return structured
    machine = is_machine(letter)
    if structured:
        return _enriched(structured, texts)
    if answer := _automatic(letter, human, machine=machine):
        return [answer]
    return _worded(letter, texts, machine=machine)


def _pasted(text: str) -> list[DeliveryFailure]:
    if not delivery_report.has_fields(text):
        return []
    cut = transcript.without_original(text)
    found = delivery_report.failures(cut if delivery_report.has_fields(cut) else text, strict=False)
    return [f for f in found if f.recipient or f.diagnostic or f.action]


def speaks(text: str) -> bool:
    """Whether a person is speaking rather than a program."""
    opening = joined(text[:600])
    return bool(_PERSON.search(opening) or _QUESTION.search(opening))


def is_machine(letter: ParsedMessage) -> bool:
    """Whether the headers say that a mail system wrote this."""
    who = joined(letter.header("from") or letter.header("sender") or letter.header("od"))
    if _REPORT_TYPE.search(letter.header("content-type")) or letter.header("x-failed-recipients"):
        return True
    nobody = letter.header("return-path").strip() == "<>"
    if nobody and letter.inner and not phrases.says(_subject(letter), phrases.AUTO):
        return True  # a null sender that returns a message (RFC 5321, 4.5.5)
    if _SURELY.search(who) or nobody:
        return bool(_SURELY.search(who)) or bool(_SUBJECT.search(_subject(letter)))
    blank = bool(letter.headers) and who.strip() in ("", "<>")
    return (blank or bool(_MACHINE.search(who))) and bool(_SUBJECT.search(_subject(letter)))


def _subject(letter: ParsedMessage) -> str:
    names = ("subject", "predmet", "předmět", "temat", "betreff")
    return joined(next((s for n in names if (s := letter.header(n))), "")[:300])


def _feedback(letter: ParsedMessage, human: str) -> list[DeliveryFailure]:
    """Complaints (RFC 5965) and read receipts (RFC 8098): reports of mail that did arrive."""
    parts = [p.text for p in letter.parts if p.type == "message/feedback-report"]
    read = [p.text for p in letter.parts if p.type == "message/disposition-notification"]
    about = (parts or read or [""])[0]
    if not about and not _COMPLAINT.search(_subject(letter)):
        opening = joined(human[:300])
        if not _FEEDBACK.search(opening) or letter.headers:
            return []
    people = [delivery_report.address_in(m[1]) for m in _ABOUT.finditer(about)][:100]
    unique = list(dict.fromkeys(filter(None, people))) or [""]
    return [
        DeliveryFailure(recipient=who, action="delivered", diagnostic=human[:500]) for who in unique
    ]


def _automatic(letter: ParsedMessage, human: str, *, machine: bool) -> DeliveryFailure | None:
    """A vacation notice or a receipt: an answer, not a failure (RFC 3834)."""
    if machine and not phrases.says(_subject(letter), phrases.AUTO):
        return None
    auto = letter.header("auto-submitted").lower().startswith("auto-replied")
    auto = auto or any(letter.header(name) for name in _AUTO_HEADERS)
    auto = auto or letter.header("precedence").lower() in ("auto_reply", "auto-reply")
    subject = _subject(letter)
    if not letter.headers and phrases.says(human[:2_000], phrases.REPORT):
        return None
    said = phrases.says(f"{subject} . {human[:400]}", phrases.AUTO)
    surely = said and (auto or phrases.says(subject, phrases.AUTO) or _is_notice(human))
    if not surely and (not auto or _fails(human)):
        return None
    who = delivery_report.mailbox_in(letter.header("from"))
    return DeliveryFailure(recipient=who, action="delivered", diagnostic=human[:500])


def _is_notice(human: str) -> bool:
    """A text without headers that is itself a vacation notice: short and in the first person."""
    return len(human) < 1_500 and "?" not in human and phrases.says(human[:500], phrases.AUTO)


def _fails(text: str) -> bool:
    votes = phrases.heard(text).votes
    return phrases.REPORT in votes or any(status_codes.find(text))


def _worded(letter: ParsedMessage, texts: Sequence[str], *, machine: bool) -> list[DeliveryFailure]:
    """What a report without fields says in its own words."""
    known = [a for a in letter.header("x-failed-recipients").replace(" ", "").split(",") if a]
    for text in texts:
        cut = transcript.without_original(text)
        votes = phrases.heard(cut).votes
        opened = phrases.heard(text).votes.get(phrases.REPORT, 0)
        shaped = bool(_SHAPE.search(text[:20_000]))
        if _RECEIPT.search(text[:4_000]) and phrases.DELIVERED in votes and not _cause(votes):
            return [
                DeliveryFailure(recipient=_someone(cut), action="delivered", diagnostic=cut[:500])
            ]
        leans = opened or FRAMED.search(cut[:20_000])
        if not (machine or shaped or opened >= phrases.SAYS or (leans and _is_answer(cut))):
            continue
        if phrases.DELIVERED in votes and not any(status_codes.find(cut)) and not _cause(votes):
            return [DeliveryFailure(recipient=(known or [""])[0] or _someone(cut), action="delivered",
                            diagnostic=cut[:500])]  # fmt: skip
        found = transcript.failures(text, known=known)
        if machine or any(f.recipient for f in found) or _someone(text):
            if not _tell(found) and text is not texts[-1]:
                continue
            return [_with_subject(f, letter, delayed=phrases.DELAYED in votes) for f in found]
    return []


def _is_answer(text: str) -> bool:
    """Machine talk of the weaker kind counts when nobody speaks and a cause or a code is named."""
    return not speaks(text) and (any(status_codes.find(text)) or _cause(phrases.heard(text).votes))


def _cause(votes: dict[str, float]) -> bool:
    other = (phrases.REPORT, phrases.AUTO, phrases.DELIVERED, phrases.DELAYED)
    return any(w >= phrases.SAYS for s, w in votes.items() if s not in other)


def _tell(found: Sequence[DeliveryFailure]) -> bool:
    return any(f.reply or f.status or _cause(phrases.heard(f.diagnostic).votes) for f in found)


def _with_subject(
    failure: DeliveryFailure, letter: ParsedMessage, *, delayed: bool
) -> DeliveryFailure:
    around = f"{_subject(letter)} . {failure.around}" if letter.headers else failure.around
    action = failure.action or ("delayed" if delayed and not failure.reply.startswith("5") else "")
    return replace(failure, around=around, action=action)


def _someone(text: str) -> str:
    return delivery_report.address_in(text[:2_000])


def _enriched(found: list[DeliveryFailure], texts: Sequence[str]) -> list[DeliveryFailure]:
    """Structured failures with what the words add: the stage, and the answer when it is missing."""
    if not texts:
        return found
    said = {f.recipient.lower(): f for text in texts[:1] for f in transcript.failures(text)}
    around = transcript.without_original(texts[0])
    return [_joined(f, said, around) for f in found]


def _joined(
    failure: DeliveryFailure, said: dict[str, DeliveryFailure], around: str
) -> DeliveryFailure:
    words = said.get(failure.recipient.lower())
    if words is None:
        only = len(said) == 1
        words = next(iter(said.values())) if only else None
    if words is None:
        return replace(failure, around=around)
    bare = not failure.diagnostic
    return replace(
        failure,
        around=around,
        diagnostic=words.diagnostic if bare else failure.diagnostic,
        reply=failure.reply or words.reply,
        status=failure.status or words.status,
        recipient=failure.recipient or words.recipient,
        remote=failure.remote or words.remote,
        stage=words.stage,
    )
