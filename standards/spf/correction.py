"""The corrected SPF record, ready to copy. Never looser than before; no sender is dropped. Pure.

What cannot be understood for certain gives no record: a guess would lock somebody out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from ipaddress import ip_network
from itertools import pairwise

from standards.spf.lint import meaning
from standards.spf.record import MECHANISMS, QUALIFIERS, SyntaxFault, Term, parse

VERSION = "v=spf1"
MAX_STRING = 255  # octets of one character-string (RFC 1035, 3.3)
MAX_WORDS = 120
_STRICTNESS = "+?~-"
_ODD = str.maketrans({"–": "-", "—": "-", "−": "-", "“": "", "”": "", "„": "", '"': "", "\u00a0": " ",
                      "\u200b": "", "\t": " ", "\n": " ", "'": "", "`": "", "\\": ""})  # fmt: skip
_VERSION = re.compile(
    r"\s*v\s*=\s*spf\s*1?(?=[\s:;,]|include|ip[46]|mx|a\b|all|[-~?+]|\Z)[;:,]?", re.IGNORECASE
)
_LOOSE = re.compile(
    r"(?i)(?<![^\s])([-~?+])\s+(?=all\b)|((?:include|a|mx|ip4|ip6|exists|redirect|exp)\s*[:=])\s+"
)
_NAME = re.compile(r"([-+~?]?)([A-Za-z0-9_-]+)([:=/].*)?\Z", re.DOTALL)
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*\Z", re.IGNORECASE)


def looks_like(text: str) -> bool:
    """Was a TXT value meant to be SPF, though receivers take it for something else?"""
    plain = text[:400].translate(_ODD).strip().lower()
    if re.match(r"v=spf1(\s|\Z)", text, re.IGNORECASE):
        return False
    return bool(re.match(r"v\s*=?\s*spf\s*\d?|spf1|spf2\.0|v=spf", plain)) and (
        "spf2.0" not in plain[:8] and not plain.startswith("v=spf2")
    )


def mended(texts: Sequence[str]) -> str:
    """One record that says what these were meant to say; "" when a part cannot be understood.

    A redirect of one means nothing beside “all” of another (RFC 7208, 6.1), and becomes an include.
    """
    records: list[list[str]] = []
    for text in texts:
        repaired = [_repaired(word) for word in _words(text)]
        if None in repaired:
            return ""
        records.append([word for word in repaired if word])
    ended = [any(is_all(w) for w in words) for words in records]
    found = [
        re.sub(r"(?i)^redirect=", "include:", word) if any(ended) and not whole else word
        for words, whole in zip(records, ended, strict=True)
        for word in words
    ]
    return composed(found) if found else ""


def composed(words: Iterable[str], ending: str = "") -> str:
    """A record of valid terms: each once, “all” (the strictest there was) last.

    A redirect beside “all” has no effect and goes. `ending` is used when there is none. "" when a
    term is not valid, or the ending would let everybody send.
    """
    try:
        record = parse(f"{VERSION} {' '.join(words)}")
    except SyntaxFault:
        return ""
    alls = [t.text[0] if t.text[0] in QUALIFIERS else "+" for t in record.terms if t.name == "all"]
    last = max(alls, key=_STRICTNESS.index) if alls else ending
    last = "~" if last in ("+", "?") else last
    senders: dict[object, str] = {}
    for term in record.terms:
        if term.name != "all":
            senders.setdefault(meaning(term), _written(term))
    redirect = [f"redirect={record.redirect}"] if record.redirect and not last else []
    explained = [f"exp={record.exp}"] if record.exp else []
    return " ".join(
        (VERSION, *senders.values(), *([f"{last}all"] if last else []), *redirect, *explained)
    )


def without(text: str, terms: Collection[str]) -> str:
    """The record without these terms; a record that loses its redirect ends in “~all”."""
    words = [w for w in text.split()[1:] if w not in terms]
    lost_redirect = any(t.lower().startswith("redirect=") for t in terms)
    return composed(words, "~" if lost_redirect else "")


def with_senders(text: str, extra: Sequence[str]) -> str:
    """The record with further senders in front of the rest; a redirect keeps its effect."""
    words = text.split()[1:]
    redirect = next((w for w in words if w.lower().startswith("redirect=")), "")
    return composed([*extra, *words]) or composed([*extra, *(w for w in words if w != redirect)])


def quoted(text: str) -> str:
    """A text as the value of a TXT record, in strings of at most 255 characters."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    pieces = [plain[at : at + MAX_STRING] for at in range(0, len(plain), MAX_STRING)] or [""]
    return " ".join(f'"{piece}"' for piece in pieces)


def badly_split(strings: Sequence[str]) -> str:
    """What was meant by strings that lack a space where they meet, or "".

    Receivers join them without a space (3.3): "a:x.example" and "-all" become one word.
    """
    if len(strings) < 2:
        return ""
    joined, spaced = "".join(strings), " ".join(strings)
    if not _valid(spaced):
        return ""
    if all(a[-1:] == " " or b[:1] == " " for a, b in pairwise(strings)):
        return ""
    if _valid(joined) and not any(_starts_term(b) for b in strings[1:]):
        return ""
    return composed(spaced.split()[1:]) if joined.split() != spaced.split() else ""


def _starts_term(text: str) -> bool:
    """Does a string begin with a whole term, so that the one before it should have ended?"""
    word = text.split(" ", 1)[0]
    try:
        terms = parse(f"{VERSION} {word}").terms
    except SyntaxFault:
        return False
    return bool(terms) and (":" in word or word.lstrip("-+~?").lower() == "all")


def is_all(word: str) -> bool:
    """Whether a term ends a record, whatever it says of everybody else."""
    return word.lower().lstrip("+-~?") == "all"


def _valid(text: str) -> bool:
    try:
        parse(text)
    except SyntaxFault:
        return False
    return text.lower().startswith(VERSION)


def _words(text: str) -> list[str]:
    """The words after the version, with stray quotes, dashes and gaps taken out."""
    plain = _VERSION.sub(" ", text.translate(_ODD), count=1)
    plain = _LOOSE.sub(lambda m: m[1] or m[2].replace(" ", ""), plain)
    return [w.strip(",;") for w in plain.split() if w.strip(",;")][:MAX_WORDS]


def _repaired(word: str) -> str | None:
    """A word as a valid term, when there is only one thing it can mean."""
    if word.lower().rstrip(".:;") in ("all-", "all~"):
        word = word[3] + "all"
    for candidate in (word, word.rstrip(".:;,")):
        if _valid(f"{VERSION} {candidate}") and not _unknown_modifier(candidate):
            return candidate
    if _HOST.match(word) and word.lower().startswith(("_spf.", "spf.", "_netblocks")):
        return f"include:{word}"
    return _network(word) or _renamed(word)


def _renamed(word: str) -> str | None:
    """A mistyped name put right; the term that an address asks for, whatever stands before it."""
    match = _NAME.match(word)
    if not match:
        return None
    sign, name, rest = match[1], match[2].lower(), match[3] or ""
    if network := _network(rest.lstrip(":=")):
        return sign + network  # "ip4:" before an IPv6 address, "include:" before an address
    known = get_close_matches(name, (*MECHANISMS, "redirect"), 1, 0.75)
    if not known or not rest[1:]:
        return None
    mark = "=" if known[0] == "redirect" else ":"
    candidate = f"{'' if mark == '=' else sign}{known[0]}{mark}{rest[1:].rstrip('.:;,')}"
    return candidate if _valid(f"{VERSION} {candidate}") else None


def _unknown_modifier(word: str) -> bool:
    """“include=x” is legal, as a modifier that nobody knows; it was meant as a mechanism."""
    name, sign, _ = word.partition("=")
    return bool(sign) and ":" not in name and name.lstrip("-+~?").lower() in MECHANISMS


def _network(text: str) -> str:
    """An address or network as the term that stands for it, or ""."""
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        return ""
    host = text.partition("/")[0]
    whole = found.prefixlen == found.max_prefixlen
    return f"ip{found.version}:{host}" + ("" if whole else f"/{found.prefixlen}")


def _written(term: Term) -> str:
    """A term with its name in small letters."""
    sign = term.text[0] if term.text[0] in QUALIFIERS else ""
    rest = term.text[len(sign) :]
    return sign + term.name + rest[len(term.name) :]
