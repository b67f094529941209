"""The other end: pulls its probes, looks, pushes what it saw. Knows no database.

Owns the buffer of what could not be pushed yet. Blocking calls run in a thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from observe.network import Network
from observe.session import Service
from status.model import Grade, Observation, Probe
from status.probing.connectivity import OwnConnection
from status.probing.kinds import check, kind_of
from status.probing.observe import look, unreliable
from status.probing.vantages import model

log = logging.getLogger("jasno.vantage")
BUFFER = 20_000
CHUNK = 1_000
BYTES = 800_000  # of one push; the portal takes a million
LATE = timedelta(seconds=10)


class PortalRefused(Exception):
    """The portal does not know us; the message says what to do."""


@dataclass(slots=True)
class VantageAgent:
    """One remote vantage. `portal` is the one service it brings its looks to."""

    portal: Service
    token: str
    net: Network
    references: tuple[str, ...] = ()
    name: str = ""
    away: str = ""
    dropped: int = 0
    probes: dict[str, Probe] = field(default_factory=dict)
    _buffer: deque[Observation] = field(default_factory=deque)
    _connection: OwnConnection = field(init=False)
    _pushing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._connection = OwnConnection(self.net, self.references)

    @property
    def waiting(self) -> int:
        """Looks that have not been pushed yet."""
        return len(self._buffer)

    async def pull(self) -> bool:
        """Ask what to look at; True when that has changed. Raises Refused."""
        answer = await self._call("GET", "/api/vantage/probes")
        if answer is None:
            return False
        work = msgspec.json.decode(answer, type=model.ProbeAssignment)
        found = {}
        for asked in work.probes:
            try:
                check(asked.kind, asked.settings)
            except ValueError as error:
                log.warning("probe %s is not for us: %s", asked.name, error)
                continue
            if not kind_of(asked.kind).told:
                found[asked.name] = model.probe(asked)
        self.name = work.vantage
        if found == self.probes:
            return False
        self.probes = found
        return True

    async def tick(self, name: str, due: datetime) -> Observation | None:
        """Look once, like the engine does; what we could not see ourselves blames nobody."""
        probe = self.probes.get(name)
        if probe is None:
            return None
        began = self.net.clock.now()
        found = await self._connection.judged(await look(self.net, probe, began))
        seen = found.observation
        if seen.signal.grade in (Grade.DOWN, Grade.DEGRADED):
            late = began - due > min(LATE, probe.interval)
            seen = unreliable(seen) if late else seen
        if len(self._buffer) >= BUFFER:
            self._buffer.popleft()
            self.dropped += 1
        self._buffer.append(seen)
        return seen

    async def push(self) -> None:
        """Bring what waits; what cannot be brought waits on. Raises Refused."""
        async with self._pushing:
            while self._buffer:
                taken = self._chunk()
                body = msgspec.json.encode(model.ObservationPush(tuple(map(model.told, taken))))
                if await self._call("POST", "/api/vantage/observations", body) is None:
                    return
                gone = {id(seen) for seen in taken}
                while self._buffer and id(self._buffer[0]) in gone:
                    self._buffer.popleft()

    def _chunk(self) -> tuple[Observation, ...]:
        """As many of the oldest as one push may carry."""
        size, taken = 0, list[Observation]()
        for seen in islice(self._buffer, CHUNK):
            size += len(seen.fact.encode()) * 2 + len(seen.signal.reason) + 300
            if taken and size > BYTES:
                break
            taken.append(seen)
        return tuple(taken)

    async def _call(self, method: str, path: str, body: bytes = b"") -> bytes | None:
        """The answer, or None when the portal is away; that is logged once."""
        status, answer, why = await asyncio.to_thread(
            self.portal.call, method, path, self.token, body
        )
        if status in (401, 403, 404):
            raise PortalRefused(
                "the portal does not know this token; make one there: app.py vantage token NAME"
            )
        if status != 200:
            self._lost(why or f"answered {status}")
            return None
        if self.away:
            log.info("the portal is back")
        self.away = ""
        return answer

    def _lost(self, why: str) -> None:
        if not self.away:
            log.warning("the portal is away (%s); looks wait here", why)
        self.away = why
