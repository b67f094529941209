"""Masks passwords, tokens and addresses in pasted text before it is shown or stored."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from explain.pasted_text import fold_text

MAX_EXCERPT = 600
MAX_REDACTED = 200_000
_ADDRESS = re.compile(r"(?<![^\s<>()\[\],;:\"'`=])([^\s<>()\[\],;:\"'`=]+)@([\w.-]{1,253})")
# Passwords in protocol dialogues: AUTH with its argument, PASS, LOGIN, or after a 334 challenge.
_PROTOCOL_PASSWORD = re.compile(
    r"(\bAUTH (?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER) )(?=[a-z+/]*[A-Z0-9=])(?:[\w+/]{4})*(?:[\w+/]{4}|[\w+/]{3}=|[\w+/]{2}==)(?![\w+/=])"
    r"|(^[^\n]{0,30}?\bPASS )\S+(?=[ \t]*\r?$)"
    r"|(^[^\n]{0,30}?\b(?<!AUTH )LOGIN \S{1,254} )\S+(?=[ \t]*\r?$)"
    r"|(\b334 [\w+/]{4,}={0,2}[ \t]*\r?\n[^\n]{0,20}?)[\w+/]{4,}={0,2}(?=[ \t]*\r?$)",
    re.MULTILINE,
)
_LABELS = tomllib.loads(Path(__file__).with_name("secret_labels.toml").read_text("utf-8"))


def _initials(labels: Iterable[str]) -> str:
    return "".join(sorted({label[0] for label in labels}))


def _any_of(labels: Iterable[str]) -> str:
    """An expression for one of these labels, the longest first; a star is any ending."""
    return "|".join(sorted((w.replace("*", r"\w{0,6}") for w in labels), key=len, reverse=True))


# Of folded text. Group 1 is what stays, the rest of what matches is a secret. Behind a colon or an
# equals sign anything is; else only what looks like one, so that "password incorrect" is told.
_COLON = r" ?(?:[:=]{1,2}>?|[=-]>|→|：)[*_]{0,3} ?(?=\S)(?!(?:yes|no)\b)"
_MIXED_WORD = r"[\"']|(?!0x)(?=\S{4})(?=\S{0,60}?\d)\S{0,60}?[^\W\d_]"
_LABELLED_SECRET = re.compile(
    rf"(?=[{_initials(_LABELS['labels'] + _LABELS['whole'])}])"
    rf"((?:{_any_of(_LABELS['labels'])}|(?<![^\W_])(?:{_any_of(_LABELS['whole'])}))(?![^\W_])"
    r"[\"'*_]{0,3}(?: ?\([^()]{0,30}\))?"
    rf"(?: (?:{_any_of(_LABELS['verbs'])})\b)?"
    rf"(?:{_COLON}|(?: ?(?:[-|]|\.{{2,}}))? (?={_MIXED_WORD})))"
    r"(\"[^\"]{1,200}\"|'[^']{1,200}'|(?<==)[^\s&;]{1,200}|\S{1,200})"
)
_USER_INFO = re.compile(r"(\w{2,10}://)[^\s/@]{1,200}@")
_TOKEN = re.compile(
    r"(?<![\w/.-])(?!(?<=[+=])[+=])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{28,}"
)
_QUERY = re.compile(r"(https?://[^\s?#]{1,500})\?(?!p=)[^\s>\"')]{1,2000}")


def redact_protocol_passwords(raw: bytes) -> bytes:
    """The bytes without passwords of protocol dialogues (AUTH, PASS, LOGIN).

    Applied before parsing, while line ends are intact; only to the first MAX_REDACTED bytes.
    """
    head = raw[:MAX_REDACTED].decode("latin-1")
    redacted = _PROTOCOL_PASSWORD.sub(lambda m: f"{m[m.lastindex or 0]}***", head)
    return redacted.encode("latin-1") + raw[MAX_REDACTED:]


def mask_excerpt(text: str, keep: frozenset[str] = frozenset()) -> str:
    """An excerpt without secrets; addresses are shortened except those in `keep` (lower case)."""

    def mask_address(match: re.Match[str]) -> str:
        if match[0].lower().strip(".") in keep or match[1].endswith("***"):  # masked already
            return match[0]
        return f"{match[1][:1]}***@{match[2]}"

    text = _USER_INFO.sub(r"\1***@", " ".join(text.split())[: MAX_EXCERPT * 3])
    text = _QUERY.sub(r"\1?…", text)
    text = _mask_labelled_secrets(text)
    text = _ADDRESS.sub(mask_address, text)
    text = _TOKEN.sub("***", text)
    return text if len(text) <= MAX_EXCERPT else text[: MAX_EXCERPT - 1] + "…"


def _mask_labelled_secrets(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    folded = "".join(map(_fold_letter, text))  # as long as the text
    pieces, position = [], 0
    for match in _LABELLED_SECRET.finditer(folded):
        pieces += [text[position : match.end(1)], "***"]
        position = match.end()
    return "".join((*pieces, text[position:]))


def _fold_letter(letter: str) -> str:
    return letter.lower() if letter.isascii() else fold_text(letter)[:1] or letter
