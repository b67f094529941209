"""Our own connections: cutting those that have kept us waiting too long for the rest of a request.

The web server gives no deadline to a body and a thread that reads one cannot be called back; an
end of the connection ends the reading.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from web.visitor import parse_address

_FDS = Path("/proc/self/fd")
_INFO = 160  # bytes of struct tcp_info (linux/tcp.h) that we look at
_ESTABLISHED = 1  # its first byte; one that was ended already has another
_SLACK = 0.5  # seconds between what the kernel and we take for the beginning


def cut_unanswered(address: str, waited: float, most: int = 1) -> int:
    """End connections that an address made to us, to which nothing has been sent for so many
    seconds, though they have sent something since; how many. `most` of them: those whose wait is
    nearest to `waited`, because others may have waited longer for the answer to something else."""
    waiting = _unanswered(address, waited - min(_SLACK, waited / 2))
    nearest = sorted(waiting, key=lambda entry: abs(entry[0] - waited))
    done = 0
    for _, fd in nearest[:most]:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(fd)) as connection:
            connection.shutdown(socket.SHUT_RDWR)
            done += 1
    return done


def _unanswered(address: str, waited: float) -> list[tuple[float, int]]:
    """How long accepted connections have waited for an answer, with their descriptors."""
    local_address, ports = parse_address(address), set[int]()
    waits: list[tuple[int, float, int]] = []
    for fd in _socket_descriptors():
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(fd)) as connection:
            if not _is_tcp(connection):
                continue
            port = int(connection.getsockname()[1])
            if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                ports.add(port)
            elif parse_address(connection.getpeername()[0]) == local_address:
                waits.append((port, _wait(connection), fd))
    return [(wait, fd) for port, wait, fd in waits if port in ports and wait and wait >= waited]


def _socket_descriptors() -> Iterator[int]:
    for entry in list(_FDS.iterdir()) if _FDS.is_dir() else ():
        with contextlib.suppress(OSError, ValueError):
            if str(entry.readlink()).startswith("socket:"):
                yield int(entry.name)


def _is_tcp(connection: socket.socket) -> bool:
    is_internet = connection.family in (socket.AF_INET, socket.AF_INET6)
    return is_internet and connection.type == socket.SOCK_STREAM


def _wait(connection: socket.socket) -> float:
    """Seconds since we last sent, or since it was made, when the other side has sent something
    since; 0.0 for a connection that awaits nothing of us."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO)
    if len(info) < _INFO or info[0] != _ESTABLISHED:
        return 0.0
    sent, _, received = struct.unpack_from("3I", info, 44)  # milliseconds ago
    segments_in, segments_out = struct.unpack_from("2I", info, 152)  # with data
    awaits = segments_in and (not segments_out or received < sent)
    return sent / 1000 if awaits else 0.0
