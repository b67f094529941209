"""Foreign bytes decoded to text that is safe to store, encode and display.

A declared charset is honoured only when it is a real character set of the web; Python's other
codecs (zip, rot13, idna …) never run.
"""

from __future__ import annotations

import codecs
import re

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
MAX_PRESCAN = 1024  # bytes in which a page may declare its charset (HTML, 13.2.3.2)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_DECLARED = re.compile(
    rb"""<(?:meta\s[^>]{0,400}?\bcharset|\?xml\s[^>]{0,200}?\bencoding)\s*=\s*["']?\s*([\w:.+-]+)""",
    re.IGNORECASE,
)
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


def decode_page(raw: bytes, content_type: str = "") -> str:
    """Decode a body as browsers do: by its byte order mark, which is left out, the charset of
    `Content-Type`, what HTML or XML declare themselves, the look of UTF-16, else as UTF-8.
    """
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return sanitise(raw[len(mark) :].decode(name, "replace"))
    media_type, _, parameters = content_type.lower().partition(";")
    charset = parameters.partition("charset=")[2].split(";")[0].strip(" \"'")
    return decode_text(raw, charset or _charset_of_page(raw, media_type.strip()))


def _charset_of_page(raw: bytes, media_type: str) -> str:
    start = raw[:4]
    if len(start) == 4 and (start[0], start[2]) == (0, 0) and start[1] and start[3]:
        return "utf-16-be"
    if len(start) == 4 and (start[1], start[3]) == (0, 0) and start[0] and start[2]:
        return "utf-16-le"
    if media_type and "html" not in media_type and "xml" not in media_type:
        return ""
    declared = _DECLARED.search(_COMMENT.sub(b"", raw[:MAX_PRESCAN]))
    name = declared[1].decode("ascii", "replace").lower() if declared else ""
    return "" if name.startswith("utf-16") else name  # what could be read so far is none


def decode_undeclared(raw: bytes) -> str:
    """Decode bytes without a declared charset: ISO-2022-JP by its escapes, UTF-8, else Latin-1."""
    if b"\x1b$" in raw:
        return sanitise(raw.decode("iso2022_jp", "replace"))
    try:
        return sanitise(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return sanitise(raw.decode("latin-1"))
