"""Foreign bytes decoded to text that is safe to store, encode and display.

A declared charset is honoured only when it is a real character set of the web; Python's other
codecs (zip, rot13, idna …) never run.
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
    """The text with U+FFFD in place of controls, lone surrogates and bidirectional marks.

    Tab and line breaks stay.
    """
    return text if text.isprintable() else _UNSAFE.sub("\ufffd", text)


def decode_text(raw: bytes, charset: str = "") -> str:
    """Decode bytes in the declared charset if it is one of the web's, else as UTF-8; never raises.

    What cannot be decoded becomes U+FFFD; the result is sanitised.
    """
    try:
        name = codecs.lookup(charset[:40]).name if charset else "utf-8"
    except (LookupError, ValueError):
        name = "utf-8"
    return sanitise(raw.decode(name if _WEB_CHARSETS.fullmatch(name) else "utf-8", "replace"))


def decode_undeclared(raw: bytes) -> str:
    """Decode bytes without a declared charset: ISO-2022-JP by its escapes, UTF-8, else Latin-1."""
    if b"\x1b$" in raw:
        return sanitise(raw.decode("iso2022_jp", "replace"))
    try:
        return sanitise(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return sanitise(raw.decode("latin-1"))
