"""Correction of SPF records: repair, merge, add and remove terms. Never looser; no sender is lost.

Input that has no single plausible meaning gives "": a guess would lock a sender out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from ipaddress import ip_network
from itertools import pairwise

from standards.spf.lint import term_identity
from standards.spf.record import MECHANISMS, QUALIFIERS, SyntaxFault, Term, parse_spf

VERSION = "v=spf1"
MAX_STRING = 255  # octets of one character-string (RFC 1035, 3.3)
MAX_TERMS = 120
_STRICTNESS = "+?~-"
_STRAY_CHARACTERS = str.maketrans({"–": "-", "—": "-", "−": "-", "“": "", "”": "", "„": "", '"': "", "\u00a0": " ",
                      "\u200b": "", "\t": " ", "\n": " ", "'": "", "`": "", "\\": ""})  # fmt: skip
_VERSION = re.compile(
    r"(?<!\s)\s*v\s*=\s*spf\s*1?(?=[\s:;,]|include|ip[46]|mx|a\b|all|[-~?+]|\Z)[;:,]?",
    re.IGNORECASE,
)
_STRAY_SPACE = re.compile(
    r"(?i)(?<![^\s])([-~?+])\s+(?=all\b)|((?:include|a|mx|ip4|ip6|exists|redirect|exp)\s*[:=])\s+"
)
_TERM_PARTS = re.compile(r"([-+~?]?)([A-Za-z0-9_-]+)([:=/].*)?\Z", re.DOTALL)
_HOST = re.compile(r"\A(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*\Z", re.IGNORECASE)


def is_meant_as_spf(text: str) -> bool:
    """Whether a TXT value is a miswritten SPF record, which receivers do not recognise."""
    cleaned = text[:400].translate(_STRAY_CHARACTERS).strip().lower()
    if re.match(r"v=spf1(\s|\Z)", text, re.IGNORECASE):
        return False
    return bool(re.match(r"v\s*=?\s*spf\s*\d?|spf1|spf2\.0|v=spf", cleaned)) and (
        "spf2.0" not in cleaned[:8] and not cleaned.startswith("v=spf2")
    )


def repair_records(texts: Sequence[str]) -> str:
    """One valid record out of one or more damaged ones; "" when a part cannot be understood.

    A redirect is ignored beside the “all” of another record (RFC 7208, 6.1) and becomes an include.
    """
    records: list[list[str]] = []
    for text in texts:
        repaired = [_repair_term(word) for word in _split_terms(text)]
        if None in repaired:
            return ""
        records.append([word for word in repaired if word])
    ends_in_all = [any(is_all(w) for w in words) for words in records]
    terms = [
        re.sub(r"(?i)^redirect=", "include:", word) if any(ends_in_all) and not has_all else word
        for words, has_all in zip(records, ends_in_all, strict=True)
        for word in words
    ]
    return compose_record(terms) if terms else ""


def compose_record(words: Iterable[str], ending: str = "") -> str:
    """A record of these terms, each once, with the strictest “all” last; "" when a term is invalid.

    A redirect beside “all” has no effect and is left out. `ending` is the qualifier of “all” where
    there is none; “+” and “?” become “~”.
    """
    try:
        record = parse_spf(f"{VERSION} {' '.join(words)}")
    except SyntaxFault:
        return ""
    all_qualifiers = [
        t.text[0] if t.text[0] in QUALIFIERS else "+" for t in record.terms if t.name == "all"
    ]
    all_qualifier = max(all_qualifiers, key=_STRICTNESS.index) if all_qualifiers else ending
    all_qualifier = "~" if all_qualifier in ("+", "?") else all_qualifier
    mechanisms: dict[object, str] = {}
    for term in record.terms:
        if term.name != "all":
            mechanisms.setdefault(term_identity(term), _with_lower_name(term))
    redirect = [f"redirect={record.redirect}"] if record.redirect and not all_qualifier else []
    explanation = [f"exp={record.exp}"] if record.exp else []
    return " ".join(
        (
            VERSION,
            *mechanisms.values(),
            *([f"{all_qualifier}all"] if all_qualifier else []),
            *redirect,
            *explanation,
        )
    )


def remove_terms(text: str, terms: Collection[str]) -> str:
    """The record without these terms; one that loses its redirect ends in “~all”."""
    words = [w for w in text.split()[1:] if w not in terms]
    lost_redirect = any(t.lower().startswith("redirect=") for t in terms)
    return compose_record(words, "~" if lost_redirect else "")


def add_senders(text: str, extra: Sequence[str]) -> str:
    """The record with further mechanisms before its own; a redirect keeps its effect."""
    words = text.split()[1:]
    redirect = next((w for w in words if w.lower().startswith("redirect=")), "")
    return compose_record([*extra, *words]) or compose_record(
        [*extra, *(w for w in words if w != redirect)]
    )


def quote_txt(text: str) -> str:
    """A text as TXT rdata in presentation form, in character-strings of at most 255 characters."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    pieces = [
        escaped[offset : offset + MAX_STRING] for offset in range(0, len(escaped), MAX_STRING)
    ] or [""]
    return " ".join(f'"{piece}"' for piece in pieces)


def repair_split_strings(strings: Sequence[str]) -> str:
    """The record meant by character-strings that lack a space where they meet, or "".

    Receivers join them without a space (3.3): "a:x.example" and "-all" become one word.
    """
    if len(strings) < 2:
        return ""
    joined, spaced = "".join(strings), " ".join(strings)
    if not _is_valid(spaced):
        return ""
    if all(a[-1:] == " " or b[:1] == " " for a, b in pairwise(strings)):
        return ""
    if _is_valid(joined) and not any(_starts_term(b) for b in strings[1:]):
        return ""
    return compose_record(spaced.split()[1:]) if joined.split() != spaced.split() else ""


def _starts_term(text: str) -> bool:
    """Whether a string begins with a whole term, so that a space is missing before it."""
    word = text.split(" ", 1)[0]
    try:
        terms = parse_spf(f"{VERSION} {word}").terms
    except SyntaxFault:
        return False
    return bool(terms) and (":" in word or word.lstrip("-+~?").lower() == "all")


def is_all(word: str) -> bool:
    """Whether a term is “all”, with any qualifier."""
    return word.lower().lstrip("+-~?") == "all"


def _is_valid(text: str) -> bool:
    try:
        parse_spf(text)
    except SyntaxFault:
        return False
    return text.lower().startswith(VERSION)


def _split_terms(text: str) -> list[str]:
    """The words after the version, with stray quotes, dashes and gaps taken out."""
    cleaned = _VERSION.sub(" ", text.translate(_STRAY_CHARACTERS), count=1)
    cleaned = _STRAY_SPACE.sub(lambda m: m[1] or m[2].replace(" ", ""), cleaned)
    return [w.strip(",;") for w in cleaned.split() if w.strip(",;")][:MAX_TERMS]


def _repair_term(word: str) -> str | None:
    """A word as a valid term when it has one plausible meaning; else None."""
    if word.lower().rstrip(".:;") in ("all-", "all~"):
        word = word[3] + "all"
    for candidate in (word, word.rstrip(".:;,")):
        if _is_valid(f"{VERSION} {candidate}") and not _is_mechanism_as_modifier(candidate):
            return candidate
    if _HOST.match(word) and word.lower().startswith(("_spf.", "spf.", "_netblocks")):
        return f"include:{word}"
    return _ip_mechanism(word) or _repair_name(word)


def _repair_name(word: str) -> str | None:
    """A term with its misspelt name corrected, or the ip4/ip6 term of an address; else None."""
    match = _TERM_PARTS.match(word)
    if not match:
        return None
    qualifier, name, argument = match[1], match[2].lower(), match[3] or ""
    if network := _ip_mechanism(argument.lstrip(":=")):
        return qualifier + network  # "ip4:" before an IPv6 address, "include:" before an address
    closest = get_close_matches(name, (*MECHANISMS, "redirect"), 1, 0.75)
    if not closest or not argument[1:]:
        return None
    separator = "=" if closest[0] == "redirect" else ":"
    candidate = f"{'' if separator == '=' else qualifier}{closest[0]}{separator}{argument[1:].rstrip('.:;,')}"
    return candidate if _is_valid(f"{VERSION} {candidate}") else None


def _is_mechanism_as_modifier(word: str) -> bool:
    """Whether a word such as “include=x” is a mechanism written as an unknown modifier."""
    name, sign, _ = word.partition("=")
    return bool(sign) and ":" not in name and name.lstrip("-+~?").lower() in MECHANISMS


def _ip_mechanism(text: str) -> str:
    """An address or network as an ip4 or ip6 mechanism, or ""."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return ""
    host = text.partition("/")[0]
    is_single_address = network.prefixlen == network.max_prefixlen
    return f"ip{network.version}:{host}" + ("" if is_single_address else f"/{network.prefixlen}")


def _with_lower_name(term: Term) -> str:
    """A term with its name in lower case."""
    qualifier = term.text[0] if term.text[0] in QUALIFIERS else ""
    unqualified = term.text[len(qualifier) :]
    return qualifier + term.name + unqualified[len(term.name) :]
