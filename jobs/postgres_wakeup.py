"""Waking the engine over PostgreSQL, with NOTIFY and LISTEN. Loaded only where that is the database.

A lost wake-up costs one poll (a second), never a job.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from datetime import timedelta
from typing import Any, Self

import psycopg

log = logging.getLogger("jasno.jobs")
CHANNEL = "jasno_jobs"


class PostgresWakeup:
    """Wakes engines through NOTIFY, on any machine, over one connection that is kept. Never fails."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._conn: psycopg.Connection[Any] | None = None
        self._pid = os.getpid()
        self._parents: psycopg.Connection[Any] | None = None  # not ours to use or to end, forked

    def close(self) -> None:
        """End the connection; the next wake-up opens another."""
        with self._lock:
            if self._conn is not None and self._pid == os.getpid():
                self._conn.close()

    def __del__(self) -> None:
        self.close()

    def __call__(self) -> None:
        """Notify; when the database is away there is no job to run either."""
        with self._lock, contextlib.suppress(psycopg.Error):
            if not self._notify():  # the server was restarted, or dropped an idle connection
                self._notify()

    def _notify(self) -> bool:
        try:
            self._connection().execute(f"NOTIFY {CHANNEL}")
        except psycopg.Error:
            if self._conn is None:
                raise
            self._conn.close()
            return False
        return True

    def _connection(self) -> psycopg.Connection[Any]:
        if self._pid != os.getpid():
            self._pid, self._parents, self._conn = os.getpid(), self._conn, None
        if self._conn is None or self._conn.closed:
            self._conn = None
            self._conn = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=2,
                tcp_user_timeout=2000,
                application_name="jasno-wakeup",
                options="-c statement_timeout=2000",
            )
        return self._conn


class PostgresWait:
    """Listens with LISTEN; reconnects by itself. Use as an async context manager."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._start()
        return self

    def _start(self) -> None:
        self._task = asyncio.create_task(self._listen(), name="jobs-listen")

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _listen(self) -> None:
        while True:
            try:
                conn = await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=3
                )
                async with conn:
                    await conn.execute(f"LISTEN {CHANNEL}")
                    async for _ in conn.notifies():
                        self._woken.set()
            except (psycopg.Error, OSError) as error:
                log.debug("listening again in a second: %s", error)
            await asyncio.sleep(1)

    async def wait(self, at_most: timedelta) -> None:
        """Return when woken, or after `at_most`. A listener that has ended begins again."""
        if self._task is not None and self._task.done():
            ended = "cancelled" if self._task.cancelled() else repr(self._task.exception())
            log.error("listening for jobs ended (%s) and begins again", ended)
            self._start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most.total_seconds()):
                await self._woken.wait()
        self._woken.clear()
