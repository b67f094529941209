"""Characters that published text may not hold: those XML 1.0 forbids, and invisible ones. Pure.

Invisible ones are seen by nobody but change how the rest is read.
"""

from __future__ import annotations

import re

FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2

# The same in JSON, where only an even number of backslashes stand for themselves.
_FORBIDDEN_JSON = re.compile(
    rb"(\\\\)|\\(?:u00(?:0[1-8bBcCeEfF]|1[0-9a-fA-F])|u[fF]{3}[eEfF]|[bf])|\xef\xbf[\xbe\xbf]"
)

# Marks of direction (UAX 9) and of no width, the two joiners within words and emoji apart.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_GAPS = re.compile("[ \t\r\n\x85\u2028\u2029]+")  # not the space that keeps words together
_JOINERS = " \t\r\n\u200c\u200d"


def printable(text: str) -> str:
    """The text without control characters, such as the colours of a pasted log line."""
    return FORBIDDEN.sub("", text)


def printable_json(raw: bytes) -> bytes:
    """A JSON text whose strings hold no control characters either; NUL stays, for it is refused."""
    return _FORBIDDEN_JSON.sub(lambda match: match[1] or b"", raw)


def visible(text: str) -> str:
    """The text without what nobody sees, such as marks that turn the direction of a line; empty
    when nothing is left to see."""
    return _INVISIBLE.sub("", printable(text)).strip(_JOINERS).strip()


def one_line(text: str) -> str:
    """The same on a single line, for headings and subjects of letters."""
    return _GAPS.sub(" ", visible(text)).strip()
