"""What strangers say as text that can be kept, encoded and shown. Pure.

Their charset is a wish, not an order: Python knows codecs that run code paths no page needs.
"""

from __future__ import annotations

import codecs
import re

# Controls but tab and line breaks, halves of surrogate pairs, and marks that turn the direction.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_WEB_CHARSETS = re.compile(
    r"utf-(?:8|16(?:-[bl]e)?)|ascii|iso8859-\d+|cp(?:125\d|437|85\d|866|874|932|949|950)"
    r"|koi8-[rut]|gb2312|gbk|gb18030|big5|big5hkscs|shift_jis|euc_(?:jp|kr)|iso2022_jp|mac-roman"
)


def sanitise(text: str) -> str:
    """The text with a mark in place of every character that could harm who keeps or reads it."""
    return text if text.isprintable() else _UNSAFE.sub("\ufffd", text)


def decode_text(raw: bytes, charset: str = "") -> str:
    """Bytes in the named charset if pages are written in it, else in UTF-8; never raises."""
    try:
        name = codecs.lookup(charset[:40]).name if charset else "utf-8"
    except (LookupError, ValueError):
        name = "utf-8"
    return sanitise(raw.decode(name if _WEB_CHARSETS.fullmatch(name) else "utf-8", "replace"))


def decode_undeclared(raw: bytes) -> str:
    """Bytes that nobody declared: ISO-2022-JP by its own marks, UTF-8, or else Latin-1."""
    if b"\x1b$" in raw:
        return sanitise(raw.decode("iso2022_jp", "replace"))
    try:
        return sanitise(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return sanitise(raw.decode("latin-1"))
