"""Waking the engine at once when a job was put in: a Unix socket, or PostgreSQL (postgres_wakeup.py).

A lost wake-up costs one poll (a second), never a job.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Self

from db.engine import libpq_url, sqlite_path
from jobs.worker import Wait

_PATH_LIMIT = 100  # sun_path holds 108 bytes


def socket_path(var: Path, name: str = "") -> Path:
    """Where an engine listens; a short path in the temporary folder when `var` is too deep."""
    more = f"-{name}" if name else ""
    path = var.absolute() / f"wake{more}.sock"
    if len(os.fsencode(path)) <= _PATH_LIMIT - 30:
        return path
    digest = hashlib.sha256(os.fsencode(var.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"jasno-{os.getuid()}-{digest}{more}.sock"


class SocketWakeup:
    """Wakes every engine process on this machine. Never blocks, never fails."""

    def __init__(self, var: Path) -> None:
        self._path = socket_path(var)

    def __call__(self) -> None:
        """Send a datagram to each socket; nobody may be listening, which is fine."""
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender,
        ):
            for path in self._path.parent.glob(f"{self._path.stem}*.sock"):
                with contextlib.suppress(OSError):  # one that was killed
                    sender.sendto(b"\n", str(path))


class SocketWait:
    """Listens for wake-ups on a Unix datagram socket. Use as an async context manager."""

    def __init__(self, var: Path, name: str = "") -> None:
        self._path = socket_path(var, name)
        self._woken = asyncio.Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    async def __aenter__(self) -> Self:
        self._path.unlink(missing_ok=True)
        self._socket.bind(str(self._path))
        self._path.chmod(0o600)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read)
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(64):
                pass
        self._woken.set()

    async def wait(self, at_most: timedelta) -> None:
        """Return when woken, or after `at_most`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most.total_seconds()):
                await self._woken.wait()
        self._woken.clear()


def wakeup(var: Path, database_url: str) -> Callable[[], None]:
    """What wakes the engines: over PostgreSQL when that is the database, else on this machine."""
    if sqlite_path(database_url) is not None:
        return SocketWakeup(var)
    from jobs import postgres_wakeup

    return postgres_wakeup.PostgresWakeup(libpq_url(database_url))


def listen(var: Path, database_url: str, name: str) -> AbstractAsyncContextManager[Wait]:
    """What an engine of this name is woken by."""
    if sqlite_path(database_url) is not None:
        return SocketWait(var, name)
    from jobs import postgres_wakeup

    return postgres_wakeup.PostgresWait(libpq_url(database_url))
