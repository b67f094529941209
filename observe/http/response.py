"""One HTTP/1.1 answer read from bytes as they come, and the question as bytes (RFC 9110, 9112).

Sans I/O. As strict as h11, which is the oracle of its tests, at a fifth of the work: a probe's
answer is read once and its connection closed, so there is no state of a next request to keep.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_HEAD = 65536
MAX_INTERIM = 10
MAX_DIGITS = 20  # of a length

_TOKEN = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+").fullmatch
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})(?: (.*))?", re.DOTALL).fullmatch
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,20})(?:;.*)?[ \t]*").fullmatch
_BLANK = re.compile(rb"\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")  # RFC 9112, 5.2
_UNFIT = re.compile(rb"[\x00\x0b\x0c]|\r(?!\n)").search
_SENT = re.compile(r"[\t\x20-\x7e]*").fullmatch
_TARGET = re.compile(r"[\x21-\x7e]+").fullmatch

Fields = tuple[tuple[bytes, bytes], ...]


class Malformed(ValueError):
    """What came is no HTTP/1.1 answer, or ends before it is whole; the message says how."""


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """Status line and header fields, names in lower case, in the order received."""

    status: int
    reason: bytes
    fields: Fields


def question(
    method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes = b""
) -> bytes:
    """A request as bytes. Raises ValueError for what would be read as something else."""
    if not (_TOKEN(method.encode()) and _TARGET(target)):
        raise ValueError("no request line can be made of this")
    lines = [f"{method} {target} HTTP/1.1\r\n"]
    for name, value in headers:
        if not _TOKEN(name.encode()) or not _SENT(value):
            raise ValueError(f"{name[:50]!r} is no header that can be sent")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode() + b"\r\n" + body


class ResponseReader:
    """Feed it all that arrives and b"" at the end, until it is `done`.

    `head` is there once all of it has come; interim answers (1xx) are passed over. `fault` is
    Malformed, or EOFError when the stream ended without a single byte of an answer.
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
        self._left = 0  # bytes of this body or chunk that are still to come

    def feed(self, received: bytes) -> bytes:
        """The bytes of the body that this has brought."""
        self._buffer += received
        body = bytearray()
        try:
            while not self.done and (found := self._step()) is not None:
                body += found
            if not self.done:
                self._wait(ended=not received)
        except (Malformed, EOFError) as fault:
            self.fault, self.done = fault, True
        return bytes(body)

    def _wait(self, *, ended: bool) -> None:
        """More must come, if it may."""
        if ended and self._step == self._until_closed:
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
        block = self._block()
        if block is None:
            return None
        line, _, rest = block.partition(b"\n")
        found = _STATUS(line.removesuffix(b"\r"))
        if found is None or _UNFIT(block):
            raise Malformed("not an HTTP answer")
        head = ResponseHead(int(found[1]), found[2] or b"", _fields(rest))
        length, chunked = _framing(head.fields)
        if head.status >= 200:
            self.head = head
            self._frame(head.status, length, chunked=chunked)
            return b""
        self._interim += 1
        if head.status < 100 or head.status == 101 or self._interim > MAX_INTERIM:
            raise Malformed("interim answers that nobody asked for")
        return b""

    def _frame(self, status: int, length: int | None, *, chunked: bool) -> None:
        """How the end of the body is found (RFC 9112, 6.3)."""
        if self._bodiless or status in (204, 304):
            self.done = True
        elif chunked:
            self._step = self._chunk_head
        elif length is None:
            self._step = self._until_closed
        else:
            self._left, self._step = length, self._counted
            self.done = not length

    def _until_closed(self) -> bytes | None:
        return self._taken(len(self._buffer)) or None

    def _counted(self) -> bytes | None:
        taken = self._taken(self._left)
        self._left -= len(taken)
        self.done = not self._left
        return taken or (b"" if self.done else None)

    def _chunk_head(self) -> bytes | None:
        end = self._buffer.find(b"\r\n", self._searched)
        if end < 0:
            self._searched = max(0, len(self._buffer) - 1)
            return None
        found = _CHUNK(self._taken(end + 2)[:-2])
        if found is None:
            raise Malformed("a chunk without its length")
        self._left = int(found[1], 16)
        self._step = self._chunk if self._left else self._trailer
        return b""

    def _chunk(self) -> bytes | None:
        taken = self._taken(self._left)
        self._left -= len(taken)
        if not self._left:
            self._step = self._chunk_end
        return taken or None

    def _chunk_end(self) -> bytes | None:
        end = bytes(self._buffer[:2])
        if end != b"\r\n"[: len(end)]:
            raise Malformed("a chunk longer than its length")
        if len(end) < 2:
            return None
        self._taken(2)
        self._step = self._chunk_head
        return b""

    def _trailer(self) -> bytes | None:
        block = self._block()
        if block is None:
            return None
        if _UNFIT(block):
            raise Malformed("not a header")
        _framing(_fields(block))
        self.done = True
        return b""

    # ------------------------------------------------------------------ the buffer

    def _block(self) -> bytes | None:
        """Lines up to the blank one, which is taken with them and left out."""
        for blank in (b"\n", b"\r\n"):
            if self._buffer.startswith(blank):
                self._taken(len(blank))
                return b""
        found = _BLANK.search(self._buffer, self._searched)
        if found is None:
            self._searched = max(0, len(self._buffer) - 2)
            return None
        return self._taken(found.end())[: found.start() + 1]

    def _taken(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._searched = 0
        return taken


def _fields(block: bytes) -> Fields:
    """Header lines, each with its line end. Raises Malformed."""
    if not block:
        return ()
    if block[:1] in b" \t":
        raise Malformed("not a header")
    if b"\n " in block or b"\n\t" in block:
        block = _FOLD.sub(b" ", block)
    found = []
    for line in block.split(b"\n")[:-1]:
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN(name):
            raise Malformed("not a header")
        found.append((name.lower(), value.strip(b" \t\r")))
    return tuple(found)


def _framing(fields: Fields) -> tuple[int | None, bool]:
    """Content-Length and whether the body is chunked. Raises Malformed for contradictions."""
    lengths: set[bytes] = set()
    codings = []
    for name, value in fields:
        if name == b"content-length":
            lengths |= {one.strip() for one in value.split(b",")}
        elif name == b"transfer-encoding":
            codings.append(value.lower())
    if codings not in ([], [b"chunked"]):
        raise Malformed("a transfer coding nobody asked for")
    if not lengths:
        return None, bool(codings)
    told = lengths.pop()
    if lengths or not told.isdigit() or len(told) > MAX_DIGITS:
        raise Malformed("no length that could be believed")
    return int(told), bool(codings)
