"""Pacing of registry queries: concurrency limits, back-off when throttled, cached answers.

Owns what outlives one query: the table of servers, IANA's referrals, back-offs, the cache.
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
from observe.registry_table import (
    MAX_FILE,
    InvalidBootstrap,
    RegistryTable,
    built_in_table,
    decode_table,
)
from standards.registration.model import RegistryState

V = TypeVar("V")
log = logging.getLogger("jasno.observe")
MAX_CONCURRENT = 2  # questions to one server at a time
BACKOFF = timedelta(minutes=5)
MAX_BACKOFF = timedelta(hours=6)
MAX_REMEMBERED = 2000
CONCLUSIVE_STATES = (RegistryState.REGISTERED, RegistryState.AVAILABLE, RegistryState.RESERVED)


class RegistrationCache(Protocol):
    """A persistent cache of registrations. Blocking; a failure is OSError or RuntimeError."""

    def get(self, domain: str) -> Registration | None:
        """The last conclusive answer about a domain."""

    def put(self, registration: Registration) -> None:
        """Replace the cached answer about a domain."""


class RegistryPacing:
    """One per process. `file` is IANA's refreshed table, `cache` the persistent answers."""

    def __init__(self, file: Path | None = None, cache: RegistrationCache | None = None) -> None:
        self._file = file
        self._cache = cache
        self._table = built_in_table()
        self._file_mtime = 0  # the file's time, in nanoseconds, when it was read
        self._semaphores: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]
        ] = WeakKeyDictionary()
        self._backoffs: dict[str, tuple[datetime, timedelta]] = {}
        self._whois_referrals: dict[str, str] = {}

    def use_cache(self, cache: RegistrationCache) -> None:
        """Cache answers there from now on."""
        self._cache = cache

    # ------------------------------------------------------------------ which server
    def table(self) -> RegistryTable:
        """The table as refreshed last, or the built-in one."""
        if self._file is None:
            return self._table
        try:
            mtime = self._file.stat().st_mtime_ns
            if mtime != self._file_mtime:
                self._file_mtime = mtime
                with self._file.open("rb") as file:
                    self._table = decode_table(file.read(MAX_FILE + 1))
        except FileNotFoundError:
            return self._table
        except (OSError, InvalidBootstrap) as error:
            log.warning("the table of registries in %s cannot be read: %s", self._file, error)
        return self._table

    def whois_referral(self, ending: str) -> str | None:
        """The WHOIS server of a TLD by IANA; "" for none; None when not asked yet."""
        return self._whois_referrals.get(ending)

    def remember_referral(self, ending: str, server: str) -> None:
        """Remember IANA's referral for a TLD."""
        _evict_older_half(self._whois_referrals)
        self._whois_referrals[ending] = server

    # ------------------------------------------------------------------ how often
    def semaphore(self, server: str) -> asyncio.Semaphore:
        """Limits concurrent queries to a server; hold it while asking."""
        semaphores = self._semaphores.setdefault(asyncio.get_running_loop(), {})
        if server not in semaphores and len(semaphores) >= MAX_REMEMBERED:
            semaphores.clear()
        return semaphores.setdefault(server, asyncio.Semaphore(MAX_CONCURRENT))

    def backs_off_until(self, server: str, now: datetime) -> datetime | None:
        """The end of a server's back-off, or None."""
        until = self._backoffs.get(server, (now, BACKOFF))[0]
        return until if until > now else None

    def note_throttled(self, server: str, now: datetime, retry_after: timedelta | None) -> None:
        """The server throttled us: back off as long as it asks, or twice as long as the last time."""
        _evict_older_half(self._backoffs)
        previous = self._backoffs.get(server)
        doubled = previous[1] * 2 if previous else BACKOFF
        backoff = min(max(retry_after or doubled, BACKOFF / 10), MAX_BACKOFF)
        self._backoffs[server] = (now + backoff, backoff)

    def note_answered(self, server: str) -> None:
        """The server answered: reset its back-off."""
        self._backoffs.pop(server, None)

    # ------------------------------------------------------------------ what was answered
    async def cached(
        self, domain: str, now: datetime, *, max_age: timedelta
    ) -> Registration | None:
        """The cached answer, if it is younger than `max_age`."""
        if self._cache is None:
            return None
        try:
            registration = await asyncio.to_thread(self._cache.get, domain)
        except (OSError, RuntimeError) as error:
            log.warning("the kept answers of registries cannot be read: %s", error)
            return None
        if registration is None or not timedelta(0) <= now - registration.asked_at < max_age:
            return None
        return registration

    async def store(self, registration: Registration) -> None:
        """Cache a conclusive answer; failures of the cache are logged."""
        if (
            self._cache is None
            or registration.state not in CONCLUSIVE_STATES
            or registration.trouble
        ):
            return
        try:
            await asyncio.to_thread(
                self._cache.put, replace(registration, raw=registration.raw[:2000])
            )
        except (OSError, RuntimeError) as error:
            log.warning("an answer of a registry cannot be kept: %s", error)


def _evict_older_half(mapping: MutableMapping[str, V]) -> None:
    """Drop the older half of a full mapping."""
    if len(mapping) >= MAX_REMEMBERED:
        for key in list(mapping)[: MAX_REMEMBERED // 2]:
            del mapping[key]
