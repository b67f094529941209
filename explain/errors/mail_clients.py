"""Errors of mail clients (mail_clients.toml), by their numbers, response codes and wording."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from explain.model import Reason
from explain.pasted_text import fold_to_line

FILE = Path(__file__).parent / "mail_clients.toml"
MAX_SHORT_TEXT = 400  # where single words, not sentences, must tell
MAX_TEXT = 1_500  # a client's error is short; a longer text is a message about one
_HEX_NUMBER = re.compile(r"\b0x([0-9a-f]{8})\b")
_RESPONSE_CODE = re.compile(r"\[(overquota|limit|unavailable|inuse|authenticationfailed|authorizationfailed|expired|contactadmin|privacyrequired|auth|sys/temp|sys/perm|login-delay|in-use)\]")  # fmt: skip
# Wording counts only in a text about mail.
_ABOUT_MAIL = re.compile(
    r"\b(?:smtp|imap|pop3?|outlook|thunderbird|phpmailer|roundcube|outbox|inbox|e-?mail\w*|mail|schrank\w*|postu|posta|posty|poczt\w*|skrzynk\w*|sanducic\w*|wiadomosc\w*|poruk\w+|zprav\w+|sprav\w+|message|username|user ?name)\b|"
    r"\b(?:mail|imap|smtp|pop3?|posta|poczta)\d?\.[\w-]+|"
    # Outlook's dialog about a certificate names no mail.
    r"target principal name|server,? (?:you are connected to|ke kteremu jste|ku ktoremu ste|mit dem sie|s kojim ste)|"
    r"serwer, z ktorym|posluzitelj,? (?:s kojim|na koji) ste"
)
_PROTOCOL_WORDS = re.compile(
    r"\b(?:smtp|imap|pop3?)\b|\b(?:smtplib|imaplib|smtpserver|nodemailer|phpmailer)|\bmail server\b|\b(?:postovni|postovy|e-?mailov\w+) server|\b(?:out|in)(?:going|coming) (?:mail )?server|"
    r"(?:serv\w+|posluzitelj\w*) (?:odchoz\w+|prichoz\w+|odosielan\w+|odchadzaj\w+|prichadzaj\w+|prijiman\w+) post|"
    r"serw\w+ poczty|posluzitelj\w* (?:za )?(?:odlazn\w+|dolazn\w+)"
)
_PLANNING_WORDS = re.compile(
    r"\b(?:will|shall|would|should|want|please (?:set|help|check)|bude|budou|budu|budeme|bedzie|beda|bit ce|ce biti|planovan\w*|scheduled|maintenance|udrzb\w*|"
    r"we (?:use|have|are)|i (?:am|have|use|can|cannot|tried|will|get)|my|our|muj|moje|moj|nase|nas|nasza|nasz|hledame|hladame|szukamy|trazimo|looking for)\b"
)
# Response codes of IMAP (RFC 5530, RFC 9208, RFC 9051) and POP3 (RFC 3206).
_REASON_BY_RESPONSE_CODE = {
    "overquota": Reason.MAILBOX_FULL, "limit": Reason.RATE_LIMITED, "unavailable": Reason.SERVER_ERROR,
    "inuse": Reason.RATE_LIMITED, "in-use": Reason.RATE_LIMITED, "login-delay": Reason.RATE_LIMITED,
    "authenticationfailed": Reason.RELAY_DENIED, "authorizationfailed": Reason.RELAY_DENIED,
    "auth": Reason.RELAY_DENIED, "expired": Reason.RELAY_DENIED, "contactadmin": Reason.SERVER_ERROR,
    "privacyrequired": Reason.TLS_REQUIRED, "sys/temp": Reason.SERVER_ERROR, "sys/perm": Reason.SERVER_ERROR,
}  # fmt: skip


@cache
def _reason_by_number() -> dict[str, Reason]:
    table = tomllib.loads(FILE.read_text("utf-8"))["outlook"]
    return {number: Reason(name) for name, numbers in table.items() for number in numbers}


@cache
def _phrases() -> tuple[tuple[Reason, re.Pattern[str]], ...]:
    entries = tomllib.loads(FILE.read_text("utf-8"))["phrases"]
    return tuple(
        (Reason(entry["reason"]), re.compile("|".join(entry["patterns"]))) for entry in entries
    )


@cache
def _subjects() -> tuple[re.Pattern[str], tuple[tuple[Reason, re.Pattern[str]], ...]]:
    table = tomllib.loads(FILE.read_text("utf-8"))
    subjects = (
        (Reason(entry["reason"]), re.compile(entry["pattern"])) for entry in table["subjects"]
    )
    return re.compile("|".join(table["failing"]["patterns"])), tuple(subjects)


def reason_by_code(text: str) -> Reason | None:
    """The class of a client's number (0x...) or a bracketed response code; None without one."""
    folded = fold_to_line(text[:4_000])
    if code := _RESPONSE_CODE.search(folded):
        return _REASON_BY_RESPONSE_CODE[code[1]]
    reasons = _reason_by_number()
    return next((reasons[m[1]] for m in _HEX_NUMBER.finditer(folded) if m[1] in reasons), None)


# Questions of dialogs below an error.
_DIALOG_QUESTION = re.compile(
    r"(?:do you (?:want|wish|still want) to|would you like to|chcete|prajete si|przejsc|czy chcesz|czy na pewno|"
    r"zelite li|mochten sie|szeretne|kivanja)[^?.!]{0,160}\?"
)


def without_dialog_question(text: str) -> str:
    """The beginning of a text without a dialog's question."""
    return _DIALOG_QUESTION.sub(" ", fold_to_line(text[:600]))


def has_client_number(text: str) -> bool:
    """Whether a text has a known client number (0x...)."""
    reasons = _reason_by_number()
    return any(m[1] in reasons for m in _HEX_NUMBER.finditer(fold_to_line(text[:4_000])))


def names_mail_protocol(text: str) -> bool:
    """Whether a text names a mail protocol or server."""
    return bool(_PROTOCOL_WORDS.search(fold_to_line(text[:1_500])))


def reason_by_words(text: str) -> Reason | None:
    """The class by a client's wording, in any known language; None when it is no such error."""
    folded = fold_to_line(text[:4_000])
    if len(folded) > MAX_TEXT or not (_ABOUT_MAIL.search(folded) or _PROTOCOL_WORDS.search(folded)):
        return None
    return next(
        (reason for reason, pattern in _phrases() if pattern.search(folded)), None
    ) or _reason_by_subject(folded)


def _reason_by_subject(folded: str) -> Reason | None:
    """The class of what a short text about a mail protocol reports as failed; None for plans."""
    failing, subjects = _subjects()
    if (
        len(folded) > MAX_SHORT_TEXT
        or not _PROTOCOL_WORDS.search(folded)
        or _PLANNING_WORDS.search(folded)
    ):
        return None
    if not failing.search(folded):
        return None
    return next((reason for reason, words in subjects if words.search(folded)), None)
