"""A bounded reader of messages: headers and text parts of hostile mail. Pure, never raises.

Not the standard parser: nesting thousands deep, missing ends and absurd sizes must cost nothing.
"""

from __future__ import annotations

import binascii
import quopri
import re
from base64 import b64decode
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header

MAX_BYTES = 3_000_000
MAX_HEAD = 128_000
MAX_HEADERS = 400
MAX_PARTS = 40
MAX_DEPTH = 8
MAX_INNER = 4
MAX_PART = 160_000

_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{0,60})[ \t]?:[ \t]?(.*)$", re.DOTALL)
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE)
_KNOWN = re.compile(
    r"^(?:from|to|subject|date|received|return-path|message-id|mime-version|content-type|sent|cc|"
    r"delivered-to|reply-to|x-[a-z-]+|authentication-results|dkim-signature|auto-submitted|"
    r"arc-[a-z-]+|received-spf|od|komu|predmet|předmět|datum|temat|data|do|wyslano|wysłano|"
    r"odeslano|odesláno|odoslane|odoslané|za|poslano|von|an|betreff|gesendet)\s?:",
    re.IGNORECASE,
)
_READABLE = ("text/plain", "text/html", "text/rfc822-headers", "message/delivery-status",
             "message/feedback-report", "message/disposition-notification")  # fmt: skip
_NESTED = ("message/rfc822", "message/global")
# What label and alias of a character set we read under its honest superset.
_ALIASES = {"us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "cp1252", "iso-8859-8-i": "cp1255",
            "unknown-8bit": "utf-8", "x-unknown": "utf-8", "": "utf-8"}  # fmt: skip
# Codecs that decompress or run other tricks are not character sets.
_TRICKS = re.compile(
    r"zip|zlib|bz2|base64|hex|quopri|uu|rot|punycode|idna|escape|undefined|mbcs|oem"
)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MessagePart:
    """One readable part, decoded."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A message, or a plain text when `headers` is empty. `inner` are messages attached to it."""

    headers: Headers = ()
    type: str = "text/plain"
    parts: tuple[MessagePart, ...] = ()
    inner: tuple[ParsedMessage, ...] = field(default_factory=tuple)

    def header(self, name: str) -> str:
        """The first header of this name, decoded; "" when there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.headers if key == name)


def is_message(text: str) -> bool:
    """Whether a text begins with the headers of a message."""
    head = text.lstrip("\ufeff\r\n\t ")[:6_000].split("\n")[:30]
    if head and head[0].startswith("From "):
        head = head[1:]
    seen = 0
    for line in head:
        if not line.strip():
            break
        if _KNOWN.match(line):
            seen += 1
        elif not line[:1].isspace() and not _FIELD.match(line):
            return seen >= 4
    return seen >= 2


def read(data: bytes, depth: int = 0) -> ParsedMessage:
    """The message in these bytes; a text without headers becomes one plain part."""
    data = data[:MAX_BYTES]
    if not is_message(data[:8_000].decode("utf-8", "replace")):
        return ParsedMessage(parts=(MessagePart("text/plain", text_of(data, "")),))
    headers, body = _split(data)
    reader = _Reader()
    reader.take(headers, body, 0)
    inner: list[ParsedMessage] = []
    if depth < 2:
        inner = [read(raw, depth + 1) for raw in reader.nested[:MAX_INNER]]
    return ParsedMessage(headers, _type(headers), tuple(reader.parts), tuple(inner))


class _Reader:
    """Collects the readable parts of one message, without recursion beyond MAX_DEPTH."""

    def __init__(self) -> None:
        self.parts: list[MessagePart] = []
        self.nested: list[bytes] = []

    def take(self, headers: Headers, body: bytes, depth: int) -> None:
        kind = _type(headers)
        if len(self.parts) >= MAX_PARTS or depth > MAX_DEPTH:
            return
        boundary = _boundary(headers)
        if kind.startswith("multipart/") and boundary:
            pieces = _pieces(body, boundary)
            for piece in pieces:
                self.take(*_split(piece), depth + 1)
            if not pieces and depth == 0:  # delimiters lost on the way: still a text
                self.parts.append(MessagePart("text/plain", text_of(body[:MAX_PART], "")))
            return
        if kind in _NESTED:
            self.nested.append(_decoded(headers, body, MAX_BYTES))
        elif kind in _READABLE or kind.startswith("multipart/"):
            raw = _decoded(headers, body, MAX_PART)
            self.parts.append(MessagePart(kind, text_of(raw, _charset(headers))))


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """The parts between delimiters (RFC 2046); what stands before the first is no part."""
    mark = b"\n--" + boundary
    pieces = (b"\n" + body).split(mark, MAX_PARTS + 1)[1:]
    kept: list[bytes] = []
    for piece in pieces[:MAX_PARTS]:
        if piece.startswith(b"--"):
            break
        _, _, rest = piece.partition(b"\n")
        kept.append(rest)
    return kept


def _split(data: bytes) -> tuple[Headers, bytes]:
    """Headers and body. Tolerates a mailbox's "From " line and lines that are no header."""
    head = data[:MAX_HEAD].lstrip(b"\xef\xbb\xbf")
    if data[:1] in b"\r\n":
        return (), data
    match = re.search(rb"\r?\n[ \t]*\r?\n", head)
    end, start = (match.start(), match.end()) if match else (len(head), len(head))
    body = data[start:] if match else b""
    return _headers(head[:end]), body


def _headers(head: bytes) -> Headers:
    lines = head.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape").split("\n")
    fields: list[tuple[str, list[str]]] = []
    for line in lines[: MAX_HEADERS * 8]:
        broken = fields and fields[-1][1][-1].endswith(";") and "=" in line and ":" not in line
        if (line[:1] in (" ", "\t") or broken) and fields:
            if len(fields[-1][1]) < 200:
                fields[-1][1].append(line.strip())
        elif (match := _FIELD.match(line)) and len(fields) < MAX_HEADERS:
            fields.append((match[1].lower(), [match[2].strip()]))
    return tuple((name, _words(" ".join(values)[:8_000])) for name, values in fields)


def _words(raw: str) -> str:
    """A header in readable letters (RFC 2047); broken encodings stay as they are."""
    text = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text[:4_000])
        return "".join(text_of(p, c or "") if isinstance(p, bytes) else p for p, c in pieces)
    except (HeaderParseError, ValueError, LookupError, binascii.Error):
        return text


def _first(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key == name), "")


def _type(headers: Headers) -> str:
    kind = _first(headers, "content-type").split(";")[0].strip().lower()
    kind = "".join(kind.split())
    if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", kind):
        return "text/plain"
    # The international forms (RFC 6533) differ in their letters only.
    kind = kind.replace("message/global-d", "message/d", 1)
    return "text/rfc822-headers" if kind == "text/rfc822-header" else kind


def _boundary(headers: Headers) -> bytes:
    match = _BOUNDARY.search(_first(headers, "content-type"))
    return (match[1] or match[2]).encode("utf-8", "replace") if match else b""


def _charset(headers: Headers) -> str:
    match = _CHARSET.search(_first(headers, "content-type"))
    return match[1] if match else ""


def _decoded(headers: Headers, body: bytes, limit: int) -> bytes:
    """The body without its transfer encoding, no more than `limit` bytes."""
    encoding = _first(headers, "content-transfer-encoding").strip().lower()
    if encoding == "base64":
        raw = re.sub(rb"[^A-Za-z0-9+/]", b"", body[: limit * 2])
        try:
            return b64decode(raw[: len(raw) // 4 * 4])[:limit]
        except (binascii.Error, ValueError):
            return b""
    if encoding == "quoted-printable":
        return quopri.decodestring(body[: limit * 3])[:limit]
    return body[:limit]


def text_of(data: bytes, charset: str) -> str:
    """Bytes as letters: the declared set, else UTF-8, else the trade's usual eight bits."""
    name = _ALIASES.get(charset.lower(), charset.lower())
    if b"\x1b$" in data[:4_000] and name in ("utf-8", "cp1252"):
        name = "iso-2022-jp"
    for known in (name, "utf-8", "cp1250"):
        if _TRICKS.search(known):
            continue
        try:
            return data.decode(known)
        except (LookupError, ValueError):
            continue
    return data.decode("utf-8", "replace")
