"""Bodies of requests, read whole before anything is done with them, in one span of time.

Who sends one slowly holds a thread, and must not hold them all: so many at a time, a few of one
address. When all places are taken and somebody else wants one, the slowest loses theirs, and who
was late lately finds half of the places only. A place is free again as soon as the body is there. Pages, which have no body, are never refused here.
"""

from __future__ import annotations

import io
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from web.security import BODY_REFUSED, BUSY, LATE, MAX_BODY, RAW_BODIES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EACH = 6  # of one address at a time
DEADLINE = 10.0  # seconds for a whole body
GRACE = 0.3  # seconds that a body has, however many wait for its place
PATIENCE = 2.0  # seconds that a request waits for a place
LONG_DEADLINE = 60.0  # and for one that is taken piece by piece
MOMENT = 0.05  # and when many wait already: bodies that are there at once take less
REMEMBERED = 60.0  # seconds for which an address that was late has only the half of all places
MOST_REMEMBERED = 10_000  # addresses
WAITING = 4
TICK = 0.1  # seconds between two looks at who is late

Cut = Callable[[str, float], object]  # an address, and for how many seconds it has kept us waiting


@dataclass(slots=True, eq=False)
class ReadingBody:
    """A body that is being read."""

    address: str
    since: float
    deadline: float
    was_cut: bool = False


@dataclass(slots=True)
class BodyPlaces:
    """Who reads a body, and for how long. `cut` ends the connection of one who is late."""

    most: int
    is_proxy: Callable[[str], bool]
    cut: Cut
    monotonic: Callable[[], float] = time.monotonic
    patience: float = PATIENCE
    _reading: list[ReadingBody] = field(default_factory=list)
    _late: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _line: deque[object] = field(default_factory=deque)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def enter(self, address: str, deadline: float = DEADLINE) -> ReadingBody | None:
        """A place, after a wait for one when all are taken; None when there is none to be had."""
        each = self.most if self.is_proxy(address) else EACH

        def may_read() -> bool:
            return self._count(address) < each

        def is_next() -> bool:
            return self._line[0] is ticket and len(self._reading) < self.most

        ticket = object()
        with self._changed:
            if self._was_late(address) and len(self._reading) >= self.most // 2:
                return None
            if not self._changed.wait_for(may_read, MOMENT):
                return None
            patience = self.patience if len(self._line) < WAITING else MOMENT
            self._line.append(ticket)
            try:
                if not self._changed.wait_for(is_next, patience):
                    return None
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()
            body = ReadingBody(address, self.monotonic(), deadline)
            self._reading.append(body)
            return body

    def leave(self, body: ReadingBody) -> None:
        """The body is there, or will not come."""
        with self._changed:
            self._reading.remove(body)
            self._changed.notify_all()

    def cut_late(self) -> None:
        """End the connections of those whose time is over, and of the slowest while others wait."""
        now = self.monotonic()
        with self._changed:
            late = [body for body in self._reading if now - body.since >= body.deadline]
            if self._line and not late:
                late = self._slowest(now)[: len(self._line)]
            cut = {body.address for body in late}
            self._remember(cut, now)
            for body in self._reading:  # whichever of an address it is, it has waited as long
                body.was_cut |= body.address in cut and now - body.since >= GRACE
        for body in late:
            self.cut(body.address, now - body.since)

    def _remember(self, addresses: Iterable[str], now: float) -> None:
        for address in addresses:
            if not self.is_proxy(address):
                self._late[address] = now
                self._late.move_to_end(address)
        while len(self._late) > MOST_REMEMBERED:
            self._late.popitem(last=False)

    def _was_late(self, address: str) -> bool:
        return self.monotonic() - self._late.get(address, -REMEMBERED) < REMEMBERED

    def __len__(self) -> int:
        """How many bodies are being read."""
        return len(self._reading)

    def waiting(self) -> int:
        """How many requests wait for a place."""
        return len(self._line)

    def _slowest(self, now: float) -> list[ReadingBody]:
        """Those beyond their grace, of whom the most are of one address first."""
        beyond = [body for body in self._reading if now - body.since >= GRACE]
        counts = Counter(body.address for body in self._reading)
        return sorted(beyond, key=lambda body: (-counts[body.address], body.since))

    def _count(self, address: str) -> int:
        return sum(body.address == address for body in self._reading)


class RequestBodyLimit:
    """WSGI: hands on requests with their bodies in memory. One whose body was not taken goes on
    without it and with the reason, so that the refusal is a page like any other."""

    def __init__(self, inner: WSGIApplication, places: BodyPlaces) -> None:
        self._inner = inner
        self._places = places
        self._guard_lock = threading.Lock()
        self._guarded = False

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """One request."""
        length = environ.get("CONTENT_LENGTH") or "0"
        if length == "0" and not environ.get("HTTP_TRANSFER_ENCODING"):
            return self._inner(environ, start)
        by_piece = _is_taken_piece_by_piece(environ, length)
        self._guard()
        deadline = LONG_DEADLINE if by_piece else DEADLINE
        body = self._places.enter(environ.get("REMOTE_ADDR", ""), deadline)
        if body is None:
            return self._without(environ, start, BUSY)
        if by_piece:
            try:
                return self._inner(environ, start)
            finally:
                self._places.leave(body)
        try:
            text = environ["wsgi.input"].read(MAX_BODY + 1)
        finally:
            self._places.leave(body)
        is_whole = len(text) >= int(length) if length.isdecimal() else not body.was_cut
        if not is_whole:
            return self._without(environ, start, LATE)
        _replace_body(environ, text)
        return self._inner(environ, start)

    def _without(
        self, environ: WSGIEnvironment, start: StartResponse, reason: str
    ) -> Iterable[bytes]:
        environ[BODY_REFUSED] = reason
        _replace_body(environ, b"")
        return self._inner(environ, start)

    def _guard(self) -> None:
        with self._guard_lock:
            if self._guarded:
                return
            self._guarded = True
        threading.Thread(target=self._watch, name="late-bodies", daemon=True).start()

    def _watch(self) -> None:
        time.sleep(TICK)
        while self._places:
            self._places.cut_late()
            time.sleep(TICK)
        with self._guard_lock:
            self._guarded = False
        if self._places:
            self._guard()


def _is_taken_piece_by_piece(environ: WSGIEnvironment, length: str) -> bool:
    """A job's output, of which only the beginning is kept, and what is refused for its size."""
    path = environ.get("PATH_INFO", "")
    return path.startswith(RAW_BODIES) or (length.isdecimal() and int(length) > MAX_BODY)


def _replace_body(environ: WSGIEnvironment, text: bytes) -> None:
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["CONTENT_LENGTH"] = str(len(text))
    environ["wsgi.input"] = io.BytesIO(text)
