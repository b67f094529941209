"""HTTP/1.1 requests built as bytes, and an incremental response parser (RFC 9110, 9112).

Sans I/O, at a fifth of h11's work: an answer is read once and its connection closed, so there is no
state of a next request to keep. As strict as h11, which is the oracle of its tests, but for what
browsers, curl and Go accept alike: spaces around names and in the status line, odd controls in
values, a transfer coding that is named twice or is "identity", chunk sizes ended by a line feed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_HEAD = 65536
MAX_INTERIM = 10
MAX_DIGITS = 20  # of a length

_TOKEN = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+").fullmatch
_NAME = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+(?: +[-!#$%&'*+.^_`|~0-9A-Za-z]+)*").fullmatch
_STATUS = re.compile(rb"HTTP/\d\.\d +(\d{3})(?: (.*))?", re.DOTALL).fullmatch
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,20})(?:;.*)?[ \t]*").fullmatch
_BLANK = re.compile(rb"\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")  # RFC 9112, 5.2
_FORBIDDEN_BYTES = re.compile(rb"\x00|\r(?!\n)").search
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*").fullmatch
_TARGET = re.compile(r"[\x21-\x7e]+").fullmatch

HeaderFields = tuple[tuple[bytes, bytes], ...]


class Malformed(ValueError):
    """The bytes are no complete HTTP/1.1 response; the message says why."""


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """Status line and header fields, names in lower case, in the order received."""

    status: int
    reason: bytes
    fields: HeaderFields


def build_request(
    method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes = b""
) -> bytes:
    """A request as bytes. Raises ValueError for an invalid method, target or header."""
    if not (_TOKEN(method.encode()) and _TARGET(target)):
        raise ValueError("no request line can be made of this")
    lines = [f"{method} {target} HTTP/1.1\r\n"]
    for name, value in headers:
        if not _TOKEN(name.encode()) or not _HEADER_VALUE(value):
            raise ValueError(f"{name[:50]!r} is no header that can be sent")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode() + b"\r\n" + body


class ResponseReader:
    """An incremental parser: feed it what arrives, and b"" at the end, until it is `done`.

    `head` is set once it is complete; interim responses (1xx) are skipped. `fault` is Malformed,
    or EOFError when the stream ended without a single byte.
    """

    def __init__(self, method: str = "GET") -> None:
        self.head: ResponseHead | None = None
        self.fault: Malformed | EOFError | None = None
        self.done = False
        self._bodiless = method == "HEAD"
        self._buffer = bytearray()
        self._searched = 0
        self._interim = 0
        self._step: Callable[[], bytes | None] = self._read_head
        self._remaining = 0  # bytes of this body or chunk that are still to come

    def feed(self, received: bytes) -> bytes:
        """The bytes of the body that these received bytes complete."""
        self._buffer += received
        body = bytearray()
        try:
            while not self.done and (piece := self._step()) is not None:
                body += piece
            if not self.done:
                self._require_more(ended=not received)
        except (Malformed, EOFError) as fault:
            self.fault, self.done = fault, True
        return bytes(body)

    def _require_more(self, *, ended: bool) -> None:
        """Check that more bytes may come. Raises Malformed or EOFError."""
        if ended and self._step == self._read_until_closed:
            self.done = True
        elif ended and self.head is None and not self._buffer:
            raise EOFError
        elif ended:
            raise Malformed("closed before the answer was whole")
        elif len(self._buffer) > MAX_HEAD:
            raise Malformed("a header without end")

    # ------------------------------------------------------------------ steps: None waits for more

    def _read_head(self) -> bytes | None:
        start = bytes(self._buffer[:5])
        if start != b"HTTP/"[: len(start)]:
            raise Malformed("not an HTTP answer")
        block = self._take_block()
        if block is None:
            return None
        line, _, field_lines = block.partition(b"\n")
        status_line = _STATUS(line.removesuffix(b"\r"))
        if status_line is None or _FORBIDDEN_BYTES(block):
            raise Malformed("not an HTTP answer")
        head = ResponseHead(int(status_line[1]), status_line[2] or b"", _parse_fields(field_lines))
        length, chunked = _framing(head.fields)
        if head.status >= 200:
            self.head = head
            self._choose_framing(head.status, length, chunked=chunked)
            return b""
        self._interim += 1
        if head.status < 100 or head.status == 101 or self._interim > MAX_INTERIM:
            raise Malformed("interim answers that nobody asked for")
        return b""

    def _choose_framing(self, status: int, length: int | None, *, chunked: bool) -> None:
        """How the end of the body is found (RFC 9112, 6.3)."""
        if self._bodiless or status in (204, 304):
            self.done = True
        elif chunked:
            self._step = self._read_chunk_size
        elif length is None:
            self._step = self._read_until_closed
        else:
            self._remaining, self._step = length, self._read_counted
            self.done = not length

    def _read_until_closed(self) -> bytes | None:
        return self._take(len(self._buffer)) or None

    def _read_counted(self) -> bytes | None:
        taken = self._take(self._remaining)
        self._remaining -= len(taken)
        self.done = not self._remaining
        return taken or (b"" if self.done else None)

    def _read_chunk_size(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            return None
        size_line = _CHUNK(self._take(end + 1)[:-1].removesuffix(b"\r"))
        if size_line is None:
            raise Malformed("a chunk without its length")
        self._remaining = int(size_line[1], 16)
        self._step = self._read_chunk if self._remaining else self._read_trailer
        return b""

    def _read_chunk(self) -> bytes | None:
        taken = self._take(self._remaining)
        self._remaining -= len(taken)
        if not self._remaining:
            self._step = self._read_chunk_end
        return taken or None

    def _read_chunk_end(self) -> bytes | None:
        end = bytes(self._buffer[:2])
        if end != b"\r\n"[: len(end)]:
            raise Malformed("a chunk longer than its length")
        if len(end) < 2:
            return None
        self._take(2)
        self._step = self._read_chunk_size
        return b""

    def _read_trailer(self) -> bytes | None:
        block = self._take_block()
        if block is None:
            return None
        if _FORBIDDEN_BYTES(block):
            raise Malformed("not a header")
        _framing(_parse_fields(block))
        self.done = True
        return b""

    # ------------------------------------------------------------------ the buffer

    def _take_block(self) -> bytes | None:
        """Consume lines up to a blank one, which is left out; None when it has not come."""
        for blank in (b"\n", b"\r\n"):
            if self._buffer.startswith(blank):
                self._take(len(blank))
                return b""
        match = _BLANK.search(self._buffer, self._searched)
        if match is None:
            self._searched = max(0, len(self._buffer) - 2)
            return None
        return self._take(match.end())[: match.start() + 1]

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._searched = 0
        return taken


def _parse_fields(block: bytes) -> HeaderFields:
    """Header lines, each with its line end. Raises Malformed."""
    if not block:
        return ()
    if block[:1] in b" \t":
        raise Malformed("not a header")
    if b"\n " in block or b"\n\t" in block:
        block = _FOLD.sub(b" ", block)
    pairs = []
    for line in block.split(b"\n")[:-1]:
        name, colon, value = line.partition(b":")
        name = name.rstrip(b" \t")
        if not colon or not _NAME(name):
            raise Malformed("not a header")
        pairs.append((name.lower(), value.strip(b" \t\r")))
    return tuple(pairs)


def _framing(fields: HeaderFields) -> tuple[int | None, bool]:
    """Content-Length and whether the body is chunked. Raises Malformed for contradictions."""
    lengths: set[bytes] = set()
    codings = []
    for name, value in fields:
        if name == b"content-length":
            lengths |= {length.strip() for length in value.split(b",")}
        elif name == b"transfer-encoding":
            codings += [coding.strip().lower() for coding in value.split(b",")]
    codings = [coding for coding in codings if coding not in (b"identity", b"")]
    if not {b"chunked"}.issuperset(codings):
        raise Malformed("a transfer coding nobody asked for")
    if not lengths:
        return None, bool(codings)
    length_text = lengths.pop()
    if lengths or not length_text.isdigit() or len(length_text) > MAX_DIGITS:
        raise Malformed("no length that could be believed")
    return int(length_text), bool(codings)
