"""Masks passwords, tokens and addresses in pasted text before it is shown or stored."""

from __future__ import annotations

import re

MAX_EXCERPT = 600
MAX_REDACTED = 200_000
_ADDRESS = re.compile(r"(?<![^\s<>()\[\],;:\"'`=])([^\s<>()\[\],;:\"'`=]+)@([\w.-]{1,253})")
_SECRET_ASSIGNMENT = re.compile(
    r"((?=[abhklpst])(?:pass(?:word|wd)?|heslo|has[lł]o|lozinka|pwd|token|secret|api[_-]?key|key|auth|sid|session|bearer|pin)"
    r"\s?[=:]\s?)(\"[^\"]{1,200}\"|'[^']{1,200}'|[^\s&,;)]{1,200})",
    re.IGNORECASE,
)
# Passwords in protocol dialogues: AUTH with its argument, PASS, LOGIN, or after a 334 challenge.
_PROTOCOL_PASSWORD = re.compile(
    r"(\bAUTH (?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER) )(?=[a-z+/]*[A-Z0-9=])(?:[\w+/]{4})*(?:[\w+/]{4}|[\w+/]{3}=|[\w+/]{2}==)(?![\w+/=])"
    r"|(^[^\n]{0,30}?\bPASS )\S+(?=[ \t]*\r?$)"
    r"|(^[^\n]{0,30}?\b(?<!AUTH )LOGIN \S{1,254} )\S+(?=[ \t]*\r?$)"
    r"|(\b334 [\w+/]{4,}={0,2}[ \t]*\r?\n[^\n]{0,20}?)[\w+/]{4,}={0,2}(?=[ \t]*\r?$)",
    re.MULTILINE,
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
        if match[0].lower().strip(".") in keep:
            return match[0]
        return f"{match[1][:1]}***@{match[2]}"

    text = _USER_INFO.sub(r"\1***@", " ".join(text.split())[: MAX_EXCERPT * 3])
    text = _QUERY.sub(r"\1?…", text)
    text = _SECRET_ASSIGNMENT.sub(r"\1***", text)
    text = _ADDRESS.sub(mask_address, text)
    text = _TOKEN.sub("***", text)
    return text if len(text) <= MAX_EXCERPT else text[: MAX_EXCERPT - 1] + "…"
