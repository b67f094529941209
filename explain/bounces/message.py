"""A bounded MIME parser for hostile mail: headers and text parts. Never raises.

Not the standard library's: deep nesting, missing boundaries and absurd sizes must cost nothing.
"""

from __future__ import annotations

import binascii
import quopri
import re
from base64 import b64decode
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header

from explain.pasted_text import fold_text

MAX_BYTES = 3_000_000
MAX_HEAD = 128_000
MAX_HEADERS = 400
MAX_PARTS = 40
MAX_DEPTH = 8
MAX_INNER = 4
MAX_PART = 160_000

_FIELD = re.compile(r"^([^\W\d_](?:[^\W_]|-){0,60})[ \t]?:[ \t]?(.*)$", re.DOTALL)
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE)
_KNOWN_HEADER = re.compile(
    r"^(?:from|to|subject|date|received|return-path|message-id|mime-version|content-type|sent|cc|"
    r"delivered-to|reply-to|x-[a-z-]+|authentication-results|dkim-signature|auto-submitted|"
    r"arc-[a-z-]+|received-spf|od|komu|predmet|předmět|datum|temat|data|do|wyslano|wysłano|"
    r"odeslano|odesláno|odoslane|odoslané|za|poslano|von|an|betreff|gesendet)\s?:",
    re.IGNORECASE,
)
_READABLE_TYPES = ("text/plain", "text/html", "text/rfc822-headers", "message/delivery-status",
             "message/feedback-report", "message/disposition-notification")  # fmt: skip
_NESTED_TYPES = ("message/rfc822", "message/global")
# Charset labels decoded as a superset.
_CHARSET_ALIASES = {"us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "cp1252", "iso-8859-8-i": "cp1255",
            "unknown-8bit": "utf-8", "x-unknown": "utf-8", "": "utf-8"}  # fmt: skip
# Python codecs that are not character sets.
_UNSAFE_CODECS = re.compile(
    r"zip|zlib|bz2|base64|hex|quopri|uu|rot|punycode|idna|escape|undefined|mbcs|oem"
)

MessageHeaders = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MessagePart:
    """One readable part, decoded."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A message, or a plain text when `headers` is empty. `inner` are messages attached to it."""

    headers: MessageHeaders = ()
    type: str = "text/plain"
    parts: tuple[MessagePart, ...] = ()
    inner: tuple[ParsedMessage, ...] = field(default_factory=tuple)

    def header(self, name: str) -> str:
        """The first header of this name, folded, and decoded; "" when there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.headers if key == name)


def is_message(text: str) -> bool:
    """Whether a text begins with the headers of a message."""
    head = text.lstrip("\ufeff\r\n\t ")[:6_000].split("\n")[:30]
    if head and head[0].startswith("From "):
        head = head[1:]
    known_headers = 0
    for line in head:
        if not line.strip():
            break
        if _KNOWN_HEADER.match(line):
            known_headers += 1
        elif not line[:1].isspace() and not _FIELD.match(line):
            return known_headers >= 4
    return known_headers >= 2


def parse_message(data: bytes, depth: int = 0) -> ParsedMessage:
    """Parse a message; a text without headers becomes one plain part."""
    data = data[:MAX_BYTES]
    if not is_message(data[:8_000].decode(errors="replace")):
        return ParsedMessage(parts=(MessagePart("text/plain", decode_text(data, "")),))
    headers, body = _split_head(data)
    reader = _PartCollector()
    reader.add_part(headers, body, 0)
    inner: list[ParsedMessage] = []
    if depth < 2:
        inner = [parse_message(raw, depth + 1) for raw in reader.nested[:MAX_INNER]]
    return ParsedMessage(headers, _content_type(headers), tuple(reader.parts), tuple(inner))


class _PartCollector:
    """Collects the readable parts of one message, without recursion beyond MAX_DEPTH."""

    def __init__(self) -> None:
        self.parts: list[MessagePart] = []
        self.nested: list[bytes] = []

    def add_part(self, headers: MessageHeaders, body: bytes, depth: int) -> None:
        kind = _content_type(headers)
        if len(self.parts) >= MAX_PARTS or depth > MAX_DEPTH:
            return
        if kind.startswith("multipart/"):
            pieces = _split_multipart(body, _boundary(headers))
            for piece in pieces:
                self.add_part(*_split_head(piece), depth + 1)
            if not pieces:  # delimiters lost on the way: still a text
                self.parts.append(MessagePart("text/plain", decode_text(body[:MAX_PART], "")))
        elif kind in _NESTED_TYPES:
            self.nested.append(_decode_body(headers, body, MAX_BYTES))
        elif kind in _READABLE_TYPES:
            raw = _decode_body(headers, body, MAX_PART)
            self.parts.append(MessagePart(kind, decode_text(raw, _charset(headers))))


def _split_multipart(body: bytes, boundary: bytes) -> list[bytes]:
    """The parts between delimiters (RFC 2046); what stands before the first is no part."""
    if not boundary:
        return []
    delimiter = b"\n--" + boundary
    pieces = (b"\n" + body).split(delimiter, MAX_PARTS + 1)[1:]
    parts: list[bytes] = []
    for piece in pieces[:MAX_PARTS]:
        if piece.startswith(b"--"):
            break
        _, _, content = piece.partition(b"\n")
        parts.append(content)
    return parts


def _split_head(data: bytes) -> tuple[MessageHeaders, bytes]:
    """Headers and body. Tolerates a mailbox's "From " line and lines that are no header."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data[:1] in b"\r\n":
        return (), data
    head = data[:MAX_HEAD]
    blank = re.search(rb"\r?\n[ \t]*\r?\n", head)
    if blank is None:
        return _parse_headers(head), b""
    return _parse_headers(head[: blank.start()]), data[blank.end() :]


def _parse_headers(head: bytes) -> MessageHeaders:
    lines = head.replace(b"\r\n", b"\n").decode(errors="surrogateescape").split("\n")
    fields: list[tuple[str, list[str]]] = []
    for line in lines[: MAX_HEADERS * 8]:
        is_broken_parameter = (
            fields and fields[-1][1][-1].endswith(";") and "=" in line and ":" not in line
        )
        if (line[:1] in (" ", "\t") or is_broken_parameter) and fields:
            if len(fields[-1][1]) < 200:
                fields[-1][1].append(line.strip())
        elif (match := _FIELD.match(line)) and len(fields) < MAX_HEADERS:
            fields.append((fold_text(match[1]), [match[2].strip()]))
    return tuple((name, _decode_words(" ".join(values)[:8_000])) for name, values in fields)


def _decode_words(raw: str) -> str:
    """A header in readable letters (RFC 2047); broken encodings stay as they are."""
    text = raw.encode(errors="surrogateescape").decode(errors="replace")
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text[:4_000])
        return "".join(decode_text(p, c or "") if isinstance(p, bytes) else p for p, c in pieces)
    except (HeaderParseError, ValueError, LookupError, binascii.Error):
        return text


def _first_header(headers: MessageHeaders, name: str) -> str:
    return next((value for key, value in headers if key == name), "")


def _content_type(headers: MessageHeaders) -> str:
    kind = _first_header(headers, "content-type").split(";")[0].strip().lower()
    kind = "".join(kind.split())
    if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", kind):
        return "text/plain"
    # The international forms (RFC 6533) differ in their letters only.
    kind = kind.replace("message/global-d", "message/d", 1)
    is_head = kind in ("text/rfc822-header", "message/global-headers")
    return "text/rfc822-headers" if is_head else kind


def _boundary(headers: MessageHeaders) -> bytes:
    match = _BOUNDARY.search(_first_header(headers, "content-type"))
    return (match[1] or match[2]).encode(errors="replace") if match else b""


def _charset(headers: MessageHeaders) -> str:
    match = _CHARSET.search(_first_header(headers, "content-type"))
    return match[1] if match else ""


def _decode_body(headers: MessageHeaders, body: bytes, limit: int) -> bytes:
    """The body without its transfer encoding, no more than `limit` bytes."""
    encoding = _first_header(headers, "content-transfer-encoding").strip().lower()
    if encoding == "base64":
        raw = re.sub(rb"[^A-Za-z0-9+/]", b"", body[: limit * 2])
        raw = raw[:-1] if len(raw) % 4 == 1 else raw  # it was cut within a byte
        try:
            return b64decode(raw + b"=" * (-len(raw) % 4))[:limit]
        except (binascii.Error, ValueError):
            return b""
    if encoding == "quoted-printable":
        return quopri.decodestring(body[: limit * 3])[:limit]
    return body[:limit]


def decode_text(data: bytes, charset: str) -> str:
    """Decode bytes in the declared charset, else UTF-8, else Windows-1250."""
    name = _CHARSET_ALIASES.get(charset.lower(), charset.lower())
    if b"\x1b$" in data[:4_000] and name in ("utf-8", "cp1252"):
        name = "iso-2022-jp"
    for charset_name in (name, "utf-8", "cp1250"):
        if _UNSAFE_CODECS.search(charset_name):
            continue
        try:
            return data.decode(charset_name)
        except (LookupError, ValueError):
            continue
    return data.decode(errors="replace")
