"""Private parts of pasted text made unreadable before anything is shown or stored. Pure."""

from __future__ import annotations

import re

MAX_EXCERPT = 600
_ADDRESS = re.compile(r"([^\s<>()\[\],;:\"'`=]{1,64})@([\w.-]{1,253})")
_SECRET = re.compile(
    r"((?:pass(?:word|wd)?|heslo|has[lł]o|lozinka|pwd|token|secret|api[_-]?key|key|auth|sid|session|bearer|pin)"
    r"\s?[=:]\s?)(\"[^\"]{1,200}\"|'[^']{1,200}'|[^\s&,;)]{1,200})",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"(\w{2,10}://)[^\s/@]{1,200}@")
_TOKEN = re.compile(r"(?<![\w/.-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{28,}")
_QUERY = re.compile(r"(https?://[^\s?#]{1,500})\?(?!p=)[^\s>\"')]{1,2000}")


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
