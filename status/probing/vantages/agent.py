"""Agent of a remote vantage: pulls its probes, runs them, pushes observations. No database.

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
from observe.session import JsonService
from status.model import Grade, Observation, Probe
from status.probing.connectivity import OwnConnection
from status.probing.kinds import check, kind_of
from status.probing.observe import as_unreliable, run_probe
from status.probing.vantages import model

log = logging.getLogger("jasno.vantage")
MAX_BUFFERED = 20_000
MAX_BATCH = 1_000
MAX_BATCH_BYTES = 800_000  # of one push; the portal takes a million
LATE_AFTER = timedelta(seconds=10)


class PortalRefused(Exception):
    """The portal does not know us; the message says what to do."""


@dataclass(slots=True)
class VantageAgent:
    """One remote vantage. `portal` is the one service it brings its looks to."""

    portal: JsonService
    token: str
    net: Network
    references: tuple[str, ...] = ()
    name: str = ""
    portal_error: str = ""
    dropped: int = 0
    probes: dict[str, Probe] = field(default_factory=dict)
    _buffer: deque[Observation] = field(default_factory=deque)
    _connection: OwnConnection = field(init=False)
    _push_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._connection = OwnConnection(self.net, self.references)

    @property
    def waiting(self) -> int:
        """Looks that have not been pushed yet."""
        return len(self._buffer)

    async def pull(self) -> bool:
        """Ask what to look at; True when that has changed. Raises PortalRefused."""
        answer = await self._call("GET", "/api/vantage/probes")
        if answer is None:
            return False
        assignment = msgspec.json.decode(answer, type=model.ProbeAssignment)
        probes = {}
        for assigned in assignment.probes:
            try:
                check(assigned.kind, assigned.settings)
            except ValueError as error:
                log.warning("probe %s is not for us: %s", assigned.name, error)
                continue
            if not kind_of(assigned.kind).is_passive:
                probes[assigned.name] = model.to_probe(assigned)
        self.name = assignment.vantage
        if probes == self.probes:
            return False
        self.probes = probes
        return True

    async def tick(self, name: str, due: datetime) -> Observation | None:
        """Look once, like the engine does; what we could not see ourselves blames nobody."""
        probe = self.probes.get(name)
        if probe is None:
            return None
        started_at = self.net.clock.now()
        result = await self._connection.without_own_faults(
            await run_probe(self.net, probe, started_at)
        )
        observation = result.observation
        if observation.signal.grade in (Grade.DOWN, Grade.DEGRADED):
            late = started_at - due > min(LATE_AFTER, probe.interval)
            observation = as_unreliable(observation) if late else observation
        if len(self._buffer) >= MAX_BUFFERED:
            self._buffer.popleft()
            self.dropped += 1
        self._buffer.append(observation)
        return observation

    async def push(self) -> None:
        """Bring what waits; what cannot be brought waits on. Raises PortalRefused."""
        async with self._push_lock:
            while self._buffer:
                batch = self._next_batch()
                body = msgspec.json.encode(model.ObservationPush(tuple(map(model.to_push, batch))))
                if await self._call("POST", "/api/vantage/observations", body) is None:
                    return
                pushed_ids = {id(observation) for observation in batch}
                while self._buffer and id(self._buffer[0]) in pushed_ids:
                    self._buffer.popleft()

    def _next_batch(self) -> tuple[Observation, ...]:
        """As many of the oldest as one push may carry."""
        size, batch = 0, list[Observation]()
        for observation in islice(self._buffer, MAX_BATCH):
            size += len(observation.fact.encode()) * 2 + len(observation.signal.reason) + 300
            if batch and size > MAX_BATCH_BYTES:
                break
            batch.append(observation)
        return tuple(batch)

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
            self._note_outage(why or f"answered {status}")
            return None
        if self.portal_error:
            log.info("the portal is back")
        self.portal_error = ""
        return answer

    def _note_outage(self, why: str) -> None:
        if not self.portal_error:
            log.warning("the portal is away (%s); looks wait here", why)
        self.portal_error = why
