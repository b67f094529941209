"""Bodies of requests, read whole before anything is done with them, in one span of time.

Who sends one slowly holds a thread, and must not hold them all: so many at a time, a few of one
address (or one /64 of IPv6). When all places are taken, or all of one address, and somebody wants
one more, the slowest loses theirs, and who was late lately finds half of the places only. A place
is free again as soon as the body is there. Pages, which have no body, are never refused here.
"""

from __future__ import annotations

import io
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from web.logs.token_paths import SIGNALS
from web.security import BODY_REFUSED, BUSY, LATE, MAX_BODY
from web.visitor import rate_limit_key_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EACH = 6  # of one asker at a time
EACH_WAITING = 2  # of one asker who wait for more than a moment
DEADLINE = 10.0  # seconds for a whole body
GRACE = 0.3  # seconds that a body has, however many wait for its place
PATIENCE = 2.0  # seconds that a request waits for a place
LONG_DEADLINE = 60.0  # and for one that is taken piece by piece
MOMENT = 0.05  # and when many wait already: bodies that are there at once take less
REMEMBERED = 60.0  # seconds for which an address that was late has only the half of all places
MOST_REMEMBERED = 10_000  # addresses
WAITING = 4
TICK = 0.1  # seconds between two looks at who is late
AGAIN = 2.0  # seconds until one is cut once more that the first cut did not end

Cut = Callable[[str, float], object]  # an address, and for how many seconds it has kept us waiting


@dataclass(slots=True, eq=False)
class ReadingBody:
    """A body that is being read. `asker` is what its address counts as; the request came at
    `requested_at`, and is read `since` it has a place."""

    address: str
    asker: str
    requested_at: float
    since: float
    deadline: float
    was_cut: bool = False
    cut_at: float = -AGAIN


@dataclass(frozen=True, slots=True, eq=False)
class WaitingBody:
    """One that waits for a place; its asker may hold `each` of them."""

    asker: str
    each: int
    is_patient: bool


@dataclass(slots=True)
class BodySlots:
    """Who reads a body, and for how long. `cut` ends the connection of one who is late."""

    most: int
    is_proxy: Callable[[str], bool]
    cut: Cut
    monotonic: Callable[[], float] = time.monotonic
    patience: float = PATIENCE
    _reading: list[ReadingBody] = field(default_factory=list)
    _late: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _line: deque[WaitingBody] = field(default_factory=deque)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def enter(self, address: str, deadline: float = DEADLINE) -> ReadingBody | None:
        """A place, after a wait for one when all are taken or all that its asker may have; None
        when there is none to be had."""
        began, is_many = self.monotonic(), self.is_proxy(address)
        asker = address if is_many else rate_limit_key_of(address)
        with self._changed:
            if self._was_late(asker) and len(self._reading) >= self.most // 2:
                return None
            patient = [waiting.asker for waiting in self._line if waiting.is_patient]
            is_patient = len(patient) < WAITING and (is_many or patient.count(asker) < EACH_WAITING)
            ticket = WaitingBody(asker, self.most if is_many else EACH, is_patient)
            self._line.append(ticket)
            try:
                if not self._changed.wait_for(
                    lambda: self._next() is ticket, self.patience if is_patient else MOMENT
                ):
                    return None
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()
            body = ReadingBody(address, asker, began, self.monotonic(), deadline)
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
            late = [body for body in late or self._in_the_way(now) if not _is_leaving(body, now)]
            cut = {body.address for body in late}
            self._remember({body.asker for body in late if not self.is_proxy(body.address)}, now)
            for body in late:
                body.cut_at = now
            for body in self._reading:  # whichever of an address it is, it has waited as long
                body.was_cut |= body.address in cut and now - body.since >= GRACE
        for body in late:
            self.cut(body.address, now - body.requested_at)

    def _remember(self, askers: Iterable[str], now: float) -> None:
        for asker in askers:
            self._late[asker] = now
            self._late.move_to_end(asker)
        while len(self._late) > MOST_REMEMBERED:
            self._late.popitem(last=False)

    def _was_late(self, asker: str) -> bool:
        return self.monotonic() - self._late.get(asker, -REMEMBERED) < REMEMBERED

    def __len__(self) -> int:
        """How many bodies are being read."""
        return len(self._reading)

    def waiting(self) -> int:
        """How many requests wait for a place."""
        return len(self._line)

    def _next(self) -> WaitingBody | None:
        """Whose turn it is: the first whose asker may have one more of the free places."""
        if len(self._reading) >= self.most:
            return None
        return next((ticket for ticket in self._line if not self._has_its_part(ticket)), None)

    def _has_its_part(self, ticket: WaitingBody) -> bool:
        return sum(body.asker == ticket.asker for body in self._reading) >= ticket.each

    def _in_the_way(self, now: float) -> list[ReadingBody]:
        """One for each that waits: the slowest of its asker, who has their part, or of all."""
        slowest, in_the_way = self._slowest(now), list[ReadingBody]()
        for ticket in self._line:
            is_own = self._has_its_part(ticket)
            if not is_own and len(self._reading) < self.most:
                continue  # it is about to enter
            for body in slowest:
                if not is_own or body.asker == ticket.asker:
                    slowest.remove(body)
                    in_the_way.append(body)
                    break
        return in_the_way

    def _slowest(self, now: float) -> list[ReadingBody]:
        """Those who leave already, then those beyond their grace, of whom the most are of one asker
        first."""
        beyond = [body for body in self._reading if now - body.since >= GRACE]
        counts = Counter(body.asker for body in self._reading)
        return sorted(
            beyond,
            key=lambda body: (not _is_leaving(body, now), -counts[body.asker], body.since),
        )


def _is_leaving(body: ReadingBody, now: float) -> bool:
    return now - body.cut_at < AGAIN


class RequestBodyLimit:
    """WSGI: hands on requests with their bodies in memory. One whose body was not taken goes on
    without it and with the reason, so that the refusal is a page like any other."""

    def __init__(self, inner: WSGIApplication, places: BodySlots) -> None:
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
    return path.startswith(SIGNALS) or (length.isdecimal() and int(length) > MAX_BODY)


def _replace_body(environ: WSGIEnvironment, text: bytes) -> None:
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["CONTENT_LENGTH"] = str(len(text))
    environ["wsgi.input"] = io.BytesIO(text)
