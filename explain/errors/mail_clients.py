"""Errors that a mail program shows (clients.toml): by its own number, then by its words. Pure."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from explain.model import Reason
from explain.plain_text import joined

FILE = Path(__file__).parent / "mail_clients.toml"
SHORT = 400  # where single words, not sentences, must tell
MAX_TEXT = 1_500  # a program's error is short; a longer text is a letter about it
_NUMBER = re.compile(r"\b0x([0-9a-f]{8})\b")
_CODE = re.compile(r"\[(overquota|limit|unavailable|inuse|authenticationfailed|authorizationfailed|expired|contactadmin|privacyrequired|auth|sys/temp|sys/perm|login-delay|in-use)\]")  # fmt: skip
# The words of a program count only when mail is what it talks of.
_ABOUT_MAIL = re.compile(
    r"\b(?:smtp|imap|pop3?|outlook|thunderbird|phpmailer|roundcube|outbox|inbox|e-?mail\w*|mail|schrank\w*|postu|posta|posty|poczt\w*|skrzynk\w*|sanducic\w*|wiadomosc\w*|poruk\w+|zprav\w+|sprav\w+|message|username|user ?name)\b|"
    r"\b(?:mail|imap|smtp|pop3?|posta|poczta)\d?\.[\w-]+|"
    # Outlook's dialog about a certificate names no mail.
    r"target principal name|server,? (?:you are connected to|ke kteremu jste|ku ktoremu ste|mit dem sie|s kojim ste)|"
    r"serwer, z ktorym|posluzitelj,? (?:s kojim|na koji) ste"
)
_PROTOCOL = re.compile(
    r"\b(?:smtp|imap|pop3?)\b|\b(?:smtplib|imaplib|smtpserver|nodemailer|phpmailer)|\bmail server\b|\b(?:postovni|postovy|e-?mailov\w+) server|\b(?:out|in)(?:going|coming) (?:mail )?server|"
    r"(?:serv\w+|posluzitelj\w*) (?:odchoz\w+|prichoz\w+|odosielan\w+|odchadzaj\w+|prichadzaj\w+|prijiman\w+) post|"
    r"serw\w+ poczty|posluzitelj\w* (?:za )?(?:odlazn\w+|dolazn\w+)"
)
_PLANS = re.compile(
    r"\b(?:will|shall|would|should|want|please (?:set|help|check)|bude|budou|budu|budeme|bedzie|beda|bit ce|ce biti|planovan\w*|scheduled|maintenance|udrzb\w*|"
    r"we (?:use|have|are)|i (?:am|have|use|can|cannot|tried|will|get)|my|our|muj|moje|moj|nase|nas|nasza|nasz|hledame|hladame|szukamy|trazimo|looking for)\b"
)
# Response codes of IMAP (RFC 5530, RFC 9208, RFC 9051) and POP3 (RFC 3206).
_CODES = {
    "overquota": Reason.MAILBOX_FULL, "limit": Reason.RATE_LIMITED, "unavailable": Reason.SERVER_ERROR,
    "inuse": Reason.RATE_LIMITED, "in-use": Reason.RATE_LIMITED, "login-delay": Reason.RATE_LIMITED,
    "authenticationfailed": Reason.RELAY_DENIED, "authorizationfailed": Reason.RELAY_DENIED,
    "auth": Reason.RELAY_DENIED, "expired": Reason.RELAY_DENIED, "contactadmin": Reason.SERVER_ERROR,
    "privacyrequired": Reason.TLS_REQUIRED, "sys/temp": Reason.SERVER_ERROR, "sys/perm": Reason.SERVER_ERROR,
}  # fmt: skip


@cache
def _numbers() -> dict[str, Reason]:
    said = tomllib.loads(FILE.read_text("utf-8"))["outlook"]
    return {number: Reason(name) for name, numbers in said.items() for number in numbers}


@cache
def _words() -> tuple[tuple[Reason, re.Pattern[str]], ...]:
    said = tomllib.loads(FILE.read_text("utf-8"))["says"]
    return tuple((Reason(one["reason"]), re.compile("|".join(one["said"]))) for one in said)


@cache
def _subjects() -> tuple[re.Pattern[str], tuple[tuple[Reason, re.Pattern[str]], ...]]:
    said = tomllib.loads(FILE.read_text("utf-8"))
    subjects = ((Reason(one["reason"]), re.compile(one["words"])) for one in said["speaks_of"])
    return re.compile("|".join(said["failing"]["said"])), tuple(subjects)


def coded(text: str) -> Reason | None:
    """What the program's own number or the server's bracketed code names; None without one."""
    flat = joined(text[:4_000])
    if code := _CODE.search(flat):
        return _CODES[code[1]]
    known = _numbers()
    return next((known[m[1]] for m in _NUMBER.finditer(flat) if m[1] in known), None)


# Questions that programs ask below their errors; a person's are others.
_ASKED = re.compile(
    r"(?:do you (?:want|wish|still want) to|would you like to|chcete|prajete si|przejsc|czy chcesz|czy na pewno|"
    r"zelite li|mochten sie|szeretne|kivanja)[^?.!]{0,160}\?"
)


def unasked(text: str) -> str:
    """The opening of a text without the question that a dialog asks."""
    return _ASKED.sub(" ", joined(text[:600]))


def numbered(text: str) -> bool:
    """Whether a program's own number (0x...) is in a text."""
    known = _numbers()
    return any(m[1] in known for m in _NUMBER.finditer(joined(text[:4_000])))


def of_mail(text: str) -> bool:
    """Whether a text names a mail protocol or its server, as only a mail program's error does."""
    return bool(_PROTOCOL.search(joined(text[:1_500])))


def worded(text: str) -> Reason | None:
    """What the program says in words, in any language we know; None when it is no such error."""
    flat = joined(text[:4_000])
    if len(flat) > MAX_TEXT or not (_ABOUT_MAIL.search(flat) or _PROTOCOL.search(flat)):
        return None
    return next((reason for reason, said in _words() if said.search(flat)), None) or _spoken_of(
        flat
    )


def _spoken_of(flat: str) -> Reason | None:
    """What a short text that names a mail protocol speaks of as failed; not of what is planned."""
    failing, subjects = _subjects()
    if len(flat) > SHORT or not _PROTOCOL.search(flat) or _PLANS.search(flat):
        return None
    if not failing.search(flat):
        return None
    return next((reason for reason, words in subjects if words.search(flat)), None)
