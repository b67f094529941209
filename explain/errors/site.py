"""Web, browser, TLS, DNS, FTP and database errors in pasted text. Pure.

A support letter that quotes an error is answered by the error; one that quotes none is not.
"""

from __future__ import annotations

import re

from explain.errors.site_advice import FAMILIES
from explain.errors.site_signatures import MARKS, STATUSES
from explain.masking import masked
from explain.model import Explanation, ExplanationKind
from explain.plain_text import joined

MAX_TEXT = 20_000
_PHRASES = (
    r"bad request|unauthori[sz]ed|payment required|forbidden|not found|method not allowed|not acceptable|proxy auth\w*|"
    r"request time-?out|conflict|gone|(?:payload|content|request entity|request-uri|uri|request header\w*)(?: fields?)? too (?:large|long)|"
    r"i.?m a teapot|misdirected request|too many requests|internal server error|not implemented|bad gateway|"
    r"service (?:temporarily )?unavailable|gateway time-?out|insufficient storage|loop detected|resource limit|bandwidth limit|"
    r"unavailable for legal reasons|web server is down|unknown error|"
    r"zakazano|pristup odepren|neautorizovan\w+|neopravnen\w+ pristup|nieautoryzowan\w+|neovlasten\w+ pristup|nenalezeno|stranka nenalezena|interni chyba serveru|sluzba nedostupna|spatna brana|chybna brana|zla brama|bledna brama|neispravan pristupnik|los pristupnik|zabronione|"
    r"nie znaleziono|wewnetrzny blad serwera|usluga niedostepna|zabranjeno|nije pronadeno|interna pogreska posluzitelja"
)
_STATUS = (
    re.compile(r"\bhttp/\d(?:\.\d)? ([45]\d\d)\b"),
    re.compile(rf"(?<![\d.,])([45]\d\d)\s?[-:|\u2013.!]{{0,2}}\s?(?:error:? ?)?(?:{_PHRASES})\b"),
    re.compile(rf"\b(?:{_PHRASES})\s?[-:(]{{0,2}}\s?(?:error )?(?:http )?(?:code:? )?([45]\d\d)\b"),
    re.compile(
        r"\b(?:http(?: status)?(?: code)?|status(?: code)?|error code|(?:http )?(?:error|chyb[aouy]|blad|kod bledu|gresk\w|pogresk\w|stavovy kod|kod))"
        r"[ :#=\u2013-]{1,3}(?:http[ /]?)?([45]\d\d)(?![\d.]|[ -]\d\.\d)"
    ),
    re.compile(r"\b([45]\d\d)[ -](?:error|chyb[aouy]|blad|gresk\w|pogresk\w)\b"),
)
_BARE = re.compile(r"^\W*([45]\d\d)\W*$")
_PHRASE_ONLY = {
    "502": r"bad gateway", "500": r"internal server error|interni chyba serveru|wewnetrzny blad serwera",
    "503": r"service (?:temporarily )?unavailable", "403": r"\b(?:403|access) forbidden\b|you don.t have permission to access",
    "404": r"the requested url .{0,200}was not found|page not found|strank[au] (?:nenalezena|nebyla nalezena|sa nenasla|nebola najdena|nenajdena|neexistuje)|stron[ay] nie (?:zostala znaleziona|znaleziono|istnieje)|nie znaleziono strony|stranica (?:nije pronadena|ne postoji)", "429": r"too many requests", "413": r"request entity too large",
}  # fmt: skip
_PHRASE_MARKS = tuple((int(code), re.compile(said)) for code, said in _PHRASE_ONLY.items())
_SURE = {403, 404, 500, 502, 503, 504, 508, 520, 521, 522, 523, 524, 525, 526}
_MAIL = re.compile(
    r"\b(?:smtp|rcpt|esmtp|mailbox|recipient|e-?mail|imap|pop3|starttls|relay\w*|mail)\b|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])|[\w.-]@[\w-]"
)

_ANSWER = re.compile(r"\W*[45]\d\d[ -]")  # how a server's answer begins; a database's never does
# Marks of these families are words that letters use too.
_LOOSE = frozenset({"cdn_setting", "suspended", "default_page", "unavailable"})


def find(text: str) -> Explanation | None:
    """The error a text quotes; None when it quotes none of ours, or mail speaks."""
    flat = joined(text[:MAX_TEXT])
    mail, answer = bool(_MAIL.search(flat)), bool(_ANSWER.match(flat))
    for known in MARKS:
        if (
            mail
            and "ftp" not in flat
            and known.kind in (ExplanationKind.TLS, ExplanationKind.DNS, ExplanationKind.FTP)
        ):
            continue
        if (mail and known.family in _LOOSE) or (answer and known.kind is ExplanationKind.DATABASE):
            continue
        if match := known.pattern.search(flat):
            return _item(known.kind, known.family, "", flat, match.start())
    status, at = _status(flat, mail=mail)
    family = STATUSES.get(status) if status else None
    if family is None:
        return None
    return _item(ExplanationKind.HTTP, family, str(status), flat, at)


def _status(flat: str, *, mail: bool) -> tuple[int, int]:
    """The status of the web and where it stands; 0 when there is none."""
    # Mail servers number their answers the same way: with mail in the text, words must name the web.
    patterns = _STATUS[:2] if mail else _STATUS
    for pattern in patterns:
        for said in pattern.finditer(flat):
            if int(said[1]) in STATUSES:
                return int(said[1]), said.start()
    for status, phrase in () if mail else _PHRASE_MARKS:
        if match := phrase.search(flat):
            return status, match.start()
    bare = None if mail else _BARE.match(flat)
    return (int(bare[1]), 0) if bare and int(bare[1]) in _SURE else (0, 0)


def _item(kind: ExplanationKind, family: str, reply: str, flat: str, at: int) -> Explanation:
    advice = FAMILIES[family]
    return Explanation(
        kind, family, None, advice.owner, advice.title, advice.says, advice.next,
        reply=reply, articles=advice.articles, checks=advice.checks,
        text=masked(flat[max(0, at - 60) : at + 260]),
    )  # fmt: skip
