"""Asking registries politely: few questions at once, a rest when one is told off, answers kept.

Owns what outlives one question: the table of servers, referrals of IANA, back-offs, kept answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import MutableMapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

from facts import Registration
from observe.registry_table import MAX_FILE, NotBootstrap, RegistryTable, built_in, decoded
from standards.registration.model import RegistryState

V = TypeVar("V")
log = logging.getLogger("jasno.observe")
AT_ONCE = 2  # questions to one server at a time
KEEP = timedelta(hours=24)
KEEP_BAD = timedelta(hours=1)  # news that its owner is busy changing
STALE = timedelta(days=7)  # still better than nothing while the registry does not answer
REST = timedelta(minutes=5)
LONGEST_REST = timedelta(hours=6)
MAX_KNOWN = 2000
SETTLED = (RegistryState.REGISTERED, RegistryState.AVAILABLE, RegistryState.RESERVED)
LEAVING = frozenset(
    ("clientHold", "serverHold", "redemptionPeriod", "pendingRestore", "pendingDelete", "inactive")
)


class KeptAnswers(Protocol):
    """Where answers outlive a run. Blocking; a failure is OSError or RuntimeError."""

    def get(self, domain: str) -> Registration | None:
        """The last settled answer about a domain."""

    def put(self, found: Registration) -> None:
        """Keep a settled answer in place of the one before."""


def lasts(found: Registration) -> timedelta:
    """How long an answer may be repeated. What a payment or an order changes lasts an hour. Pure."""
    ends = found.expires or found.registrar_expires
    over = ends is not None and ends <= found.asked_at.date() + timedelta(days=3)
    bad = found.state is not RegistryState.REGISTERED or over or LEAVING & set(found.epp)
    return KEEP_BAD if bad else KEEP


class RegistryPacing:
    """One for a process. `file` is where IANA's refreshed table lies; `kept` where answers do."""

    def __init__(self, file: Path | None = None, kept: KeptAnswers | None = None) -> None:
        self._file = file
        self._kept = kept
        self._table = built_in()
        self._read = 0  # the file's time, in nanoseconds, when it was read
        self._gates: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]] = (
            WeakKeyDictionary()
        )
        self._rests: dict[str, tuple[datetime, timedelta]] = {}
        self._referred: dict[str, str] = {}

    def remember(self, kept: KeptAnswers) -> None:
        """From now on answers are kept there."""
        self._kept = kept

    # ------------------------------------------------------------------ which server
    def table(self) -> RegistryTable:
        """The table as refreshed last; the one that ships with us while there is none."""
        if self._file is None:
            return self._table
        try:
            stamp = self._file.stat().st_mtime_ns
            if stamp != self._read:
                self._read = stamp
                with self._file.open("rb") as file:
                    self._table = decoded(file.read(MAX_FILE + 1))
        except FileNotFoundError:
            return self._table
        except (OSError, NotBootstrap) as error:
            log.warning("the table of registries in %s cannot be read: %s", self._file, error)
        return self._table

    def referred(self, ending: str) -> str | None:
        """The WHOIS server IANA named for an ending; "" for none; None when not asked yet."""
        return self._referred.get(ending)

    def refer(self, ending: str, place: str) -> None:
        """Remember what IANA named."""
        _make_room(self._referred)
        self._referred[ending] = place

    # ------------------------------------------------------------------ how often
    def gate(self, server: str) -> asyncio.Semaphore:
        """Hold it while asking the server."""
        gates = self._gates.setdefault(asyncio.get_running_loop(), {})
        if server not in gates and len(gates) >= MAX_KNOWN:
            gates.clear()
        return gates.setdefault(server, asyncio.Semaphore(AT_ONCE))

    def rests_until(self, server: str, now: datetime) -> datetime | None:
        """Until when a server wants to be left alone, or None."""
        until = self._rests.get(server, (now, REST))[0]
        return until if until > now else None

    def told_off(self, server: str, now: datetime, wanted: timedelta | None) -> None:
        """The server said "too often": rest as long as it asks, or twice as long as the last time."""
        _make_room(self._rests)
        last = self._rests.get(server)
        doubled = last[1] * 2 if last else REST
        rest = min(max(wanted or doubled, REST / 10), LONGEST_REST)
        self._rests[server] = (now + rest, rest)

    def answered(self, server: str) -> None:
        """The server answered: the next rest begins small again."""
        self._rests.pop(server, None)

    # ------------------------------------------------------------------ what was answered
    async def known(self, domain: str, now: datetime, *, at_most: timedelta) -> Registration | None:
        """The kept answer, if it is younger than `at_most`."""
        if self._kept is None:
            return None
        try:
            found = await asyncio.to_thread(self._kept.get, domain)
        except (OSError, RuntimeError) as error:
            log.warning("the kept answers of registries cannot be read: %s", error)
            return None
        if found is None or not timedelta(0) <= now - found.asked_at < at_most:
            return None
        return found

    async def keep(self, found: Registration) -> None:
        """Keep a settled answer; when the store is away, the next run asks again."""
        if self._kept is None or found.state not in SETTLED or found.trouble:
            return
        try:
            await asyncio.to_thread(self._kept.put, replace(found, raw=found.raw[:2000]))
        except (OSError, RuntimeError) as error:
            log.warning("an answer of a registry cannot be kept: %s", error)


def _make_room(known: MutableMapping[str, V]) -> None:
    """Forget the older half when there are too many."""
    if len(known) >= MAX_KNOWN:
        for key in list(known)[: MAX_KNOWN // 2]:
            del known[key]
