"""Sockets of the lab: TCP listeners on free loopback ports, switches for faults, added latency."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")
ANYWHERE = ("127.0.0.1", 0)  # a free port of loopback
SLOW = timedelta(seconds=1.5)
FAULTS = ("down", "hang", "slow", "error")
Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class RequestLog(deque[T]):
    """What the lab saw, newest last; the oldest fall out."""

    def __init__(self) -> None:
        super().__init__(maxlen=50_000)


class FaultSwitches:
    """Faults set at run time, by the machine's name. Safe to use from another thread."""

    def __init__(self) -> None:
        self._faults: dict[str, str] = {}

    def set(self, machine: str, fault: str) -> None:
        if fault not in FAULTS:
            raise ValueError(f"unknown fault {fault!r}; one of {', '.join(FAULTS)}")
        self._faults[machine] = fault

    def clear(self, machine: str) -> None:
        self._faults.pop(machine, None)

    def of(self, machine: str) -> str:
        """The fault of a machine, or ""."""
        return self._faults.get(machine, "")


class Link:
    """How far away everything is: the added latency, and the slowness of a switched machine."""

    def __init__(self, delay: timedelta, switches: FaultSwitches) -> None:
        self.delay = delay
        self.switches = switches
        self.mail_connections: RequestLog[str] = (
            RequestLog()
        )  # "machine port" of every connection to a mail server

    def wait(self, machine: str) -> timedelta:
        return self.delay + (SLOW if self.switches.of(machine) == "slow" else timedelta(0))


class Listener:
    """A TCP server, on a free port of 127.0.0.1 unless told otherwise; every conversation ends when it stops."""

    def __init__(
        self,
        converse: Conversation,
        tls: ssl.SSLContext | None = None,
        at: tuple[str, int] = ANYWHERE,
    ) -> None:
        self._converse = converse
        self._tls = tls
        self._at = at
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._accept, *self._at, ssl=self._tls, backlog=512
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await self._converse(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the other side left, or the lab closes
        finally:
            await _close(writer)


class Port(ABC):
    """A port of a machine of the lab; what it says is its `_converse`."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._listener = Listener(self._converse, tls)

    @property
    def endpoint(self) -> str:
        return self._listener.endpoint

    async def start(self) -> None:
        await self._listener.start()

    async def stop(self) -> None:
        await self._listener.stop()

    @abstractmethod
    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation, to its end."""


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        await asyncio.wait_for(writer.wait_closed(), 0.3)
    except (OSError, TimeoutError, asyncio.CancelledError):
        writer.transport.abort()


def reset(writer: asyncio.StreamWriter) -> None:
    """Throw a connection away so that the other side sees a reset."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class ClosedPort:
    """A port that is taken but not listened on: connections to it are refused."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind(("127.0.0.1", 0))
        self.endpoint = f"127.0.0.1:{self._socket.getsockname()[1]}"

    async def start(self) -> None:
        """Nothing to start: it never listens."""

    async def stop(self) -> None:
        self._socket.close()
