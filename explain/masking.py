"""Private parts of pasted text made unreadable before anything is shown or stored. Pure."""

from __future__ import annotations

import re

MAX_EXCERPT = 600
MAX_SPOKEN = 200_000
_ADDRESS = re.compile(r"([^\s<>()\[\],;:\"'`=]{1,64})@([\w.-]{1,253})")
_SECRET = re.compile(
    r"((?:pass(?:word|wd)?|heslo|has[lł]o|lozinka|pwd|token|secret|api[_-]?key|key|auth|sid|session|bearer|pin)"
    r"\s?[=:]\s?)(\"[^\"]{1,200}\"|'[^']{1,200}'|[^\s&,;)]{1,200})",
    re.IGNORECASE,
)
# A password as a program says it to a server: in its own line, or behind the method's name.
_SPOKEN = re.compile(
    r"(\bAUTH (?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER) )(?=[a-z+/]*[A-Z0-9=])(?:[\w+/]{4})*(?:[\w+/]{4}|[\w+/]{3}=|[\w+/]{2}==)(?![\w+/=])"
    r"|(^[^\n]{0,30}?\bPASS )\S+(?=[ \t]*\r?$)"
    r"|(^[^\n]{0,30}?\b(?<!AUTH )LOGIN \S{1,254} )\S+(?=[ \t]*\r?$)"
    r"|(\b334 [\w+/]{4,}={0,2}[ \t]*\r?\n[^\n]{0,20}?)[\w+/]{4,}={0,2}(?=[ \t]*\r?$)",
    re.MULTILINE,
)
_USER_INFO = re.compile(r"(\w{2,10}://)[^\s/@]{1,200}@")
_TOKEN = re.compile(r"(?<![\w/.-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{28,}")
_QUERY = re.compile(r"(https?://[^\s?#]{1,500})\?(?!p=)[^\s>\"')]{1,2000}")


def unspoken(raw: bytes) -> bytes:
    """What was pasted without passwords that a program said to a server (AUTH, PASS, LOGIN).

    At the door, where lines are still lines; of anything long only the beginning, as people paste.
    """
    head = raw[:MAX_SPOKEN].decode("latin-1")
    plain = _SPOKEN.sub(lambda m: f"{m[m.lastindex or 0]}***", head)
    return plain.encode("latin-1") + raw[MAX_SPOKEN:]


def masked(text: str, keep: frozenset[str] = frozenset()) -> str:
    """An excerpt without secrets; of addresses only those in `keep` (lower case) stay whole."""

    def address(match: re.Match[str]) -> str:
        if match[0].lower().strip(".") in keep:
            return match[0]
        return f"{match[1][:1]}***@{match[2]}"

    text = _USER_INFO.sub(r"\1***@", " ".join(text.split())[: MAX_EXCERPT * 3])
    text = _QUERY.sub(r"\1?…", text)
    text = _SECRET.sub(r"\1***", text)
    text = _ADDRESS.sub(address, text)
    text = _TOKEN.sub("***", text)
    return text if len(text) <= MAX_EXCERPT else text[: MAX_EXCERPT - 1] + "…"
