"""Finds web, browser, TLS, DNS, FTP and database errors in pasted text by their signatures."""

from __future__ import annotations

import re

from explain.errors.site_advice import SITE_ADVICE
from explain.errors.site_signatures import FAMILY_BY_STATUS, SITE_SIGNATURES
from explain.masking import mask_excerpt
from explain.model import Explanation, ExplanationKind
from explain.pasted_text import fold_to_line

MAX_TEXT = 20_000
_STATUS_PHRASES = (
    r"bad request|unauthori[sz]ed|payment required|forbidden|not found|method not allowed|not acceptable|proxy auth\w*|"
    r"request time-?out|conflict|gone|(?:payload|content|request entity|request-uri|uri|request header\w*)(?: fields?)? too (?:large|long)|"
    r"i.?m a teapot|misdirected request|too many requests|internal server error|not implemented|bad gateway|"
    r"service (?:temporarily )?unavailable|gateway time-?out|insufficient storage|loop detected|resource limit|bandwidth limit|"
    r"unavailable for legal reasons|web server is down|unknown error|"
    r"zakazano|pristup odepren|neautorizovan\w+|neopravnen\w+ pristup|nieautoryzowan\w+|neovlasten\w+ pristup|nenalezeno|stranka nenalezena|interni chyba serveru|sluzba nedostupna|spatna brana|chybna brana|zla brama|bledna brama|neispravan pristupnik|los pristupnik|zabronione|"
    r"nie znaleziono|wewnetrzny blad serwera|usluga niedostepna|zabranjeno|nije pronadeno|interna pogreska posluzitelja"
)
_STATUS_PATTERNS = (
    re.compile(r"\bhttp/\d(?:\.\d)? ([45]\d\d)\b"),
    re.compile(
        rf"(?<![\d.,])([45]\d\d)\s?[-:|\u2013.!]{{0,2}}\s?(?:error:? ?)?(?:{_STATUS_PHRASES})\b"
    ),
    re.compile(
        rf"\b(?:{_STATUS_PHRASES})\s?[-:(]{{0,2}}\s?(?:error )?(?:http )?(?:code:? )?([45]\d\d)\b"
    ),
    re.compile(
        r"\b(?:http(?: status)?(?: code)?|status(?: code)?|error code|(?:http )?(?:error|chyb[aouy]|blad|kod bledu|gresk\w|pogresk\w|stavovy kod|kod))"
        r"[ :#=\u2013-]{1,3}(?:http[ /]?)?([45]\d\d)(?![\d.]|[ -]\d\.\d)"
    ),
    re.compile(r"\b([45]\d\d)[ -](?:error|chyb[aouy]|blad|gresk\w|pogresk\w)\b"),
)
_BARE_STATUS = re.compile(r"^\W*([45]\d\d)\W*$")
_PHRASE_BY_STATUS = {
    "502": r"bad gateway", "500": r"internal server error|interni chyba serveru|wewnetrzny blad serwera",
    "503": r"service (?:temporarily )?unavailable", "403": r"\b(?:403|access) forbidden\b|you don.t have permission to access",
    "404": r"the requested url .{0,200}was not found|page not found|strank[au] (?:nenalezena|nebyla nalezena|sa nenasla|nebola najdena|nenajdena|neexistuje)|stron[ay] nie (?:zostala znaleziona|znaleziono|istnieje)|nie znaleziono strony|stranica (?:nije pronadena|ne postoji)", "429": r"too many requests", "413": r"request entity too large",
}  # fmt: skip
_STATUS_BY_PHRASE = tuple(
    (int(code), re.compile(phrase)) for code, phrase in _PHRASE_BY_STATUS.items()
)
_CERTAIN_STATUSES = {403, 404, 500, 502, 503, 504, 508, 520, 521, 522, 523, 524, 525, 526}
_MAIL_WORDS = re.compile(
    r"\b(?:smtp|rcpt|esmtp|mailbox|recipient|e-?mail|imap|pop3|starttls|relay\w*|mail)\b|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])|[\w.-]@[\w-]"
)

_REPLY_START = re.compile(
    r"\A\W*[45]\d\d[ -]"
)  # a reply code at the start, which database errors never have
# Families whose signatures are words of ordinary messages too.
_AMBIGUOUS_FAMILIES = frozenset({"cdn_setting", "suspended", "default_page", "unavailable"})


def find_site_error(text: str) -> Explanation | None:
    """The error that a text quotes; None without a known one, or when it is about mail."""
    folded = fold_to_line(text[:MAX_TEXT])
    is_mail, is_reply = bool(_MAIL_WORDS.search(folded)), bool(_REPLY_START.match(folded))
    for signature in SITE_SIGNATURES:
        if (
            is_mail
            and "ftp" not in folded
            and signature.kind in (ExplanationKind.TLS, ExplanationKind.DNS, ExplanationKind.FTP)
        ):
            continue
        if (is_mail and signature.family in _AMBIGUOUS_FAMILIES) or (
            is_reply and signature.kind is ExplanationKind.DATABASE
        ):
            continue
        if match := signature.pattern.search(folded):
            return _explanation(signature.kind, signature.family, "", folded, match.start())
    status, offset = _find_status(folded, is_mail=is_mail)
    family = FAMILY_BY_STATUS.get(status) if status else None
    if family is None:
        return None
    return _explanation(ExplanationKind.HTTP, family, str(status), folded, offset)


def _find_status(folded: str, *, is_mail: bool) -> tuple[int, int]:
    """The HTTP status in a text and its offset; (0, 0) when there is none."""
    # SMTP reply codes look the same: in a text about mail, HTTP must be named.
    patterns = _STATUS_PATTERNS[:2] if is_mail else _STATUS_PATTERNS
    for pattern in patterns:
        for status_match in pattern.finditer(folded):
            if int(status_match[1]) in FAMILY_BY_STATUS:
                return int(status_match[1]), status_match.start()
    for status, phrase in () if is_mail else _STATUS_BY_PHRASE:
        if match := phrase.search(folded):
            return status, match.start()
    bare_status = None if is_mail else _BARE_STATUS.match(folded)
    return (
        (int(bare_status[1]), 0)
        if bare_status and int(bare_status[1]) in _CERTAIN_STATUSES
        else (0, 0)
    )


def _explanation(
    kind: ExplanationKind, family: str, reply: str, folded: str, offset: int
) -> Explanation:
    advice = SITE_ADVICE[family]
    return Explanation(
        kind, family, None, advice.owner, advice.title, advice.says, advice.next,
        reply=reply, articles=advice.articles, checks=advice.checks,
        text=mask_excerpt(folded[max(0, offset - 60) : offset + 260]),
    )  # fmt: skip
