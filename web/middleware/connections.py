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

_FDS = Path("/proc/self/fd")
_INFO = 160  # bytes of struct tcp_info (linux/tcp.h) that we look at
_SLACK = 0.5  # seconds between what the kernel and we take for the beginning


def cut_unanswered(address: str, waited: float, most: int = 1) -> int:
    """End connections from an address to which nothing has been sent for so many seconds, though
    they have sent something since; how many. Those that wait the longest first, `most` of them."""
    waiting = sorted(_unanswered(address, waited - min(_SLACK, waited / 2)), reverse=True)
    done = 0
    for _, fd in waiting[:most]:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(fd)) as connection:
            connection.shutdown(socket.SHUT_RDWR)
            done += 1
    return done


def _unanswered(address: str, waited: float) -> Iterator[tuple[float, int]]:
    """How long connections have waited for an answer, with their descriptors."""
    for entry in list(_FDS.iterdir()) if _FDS.is_dir() else ():
        with contextlib.suppress(OSError, ValueError):
            fd = int(entry.name)
            if not str(entry.readlink()).startswith("socket:"):
                continue
            with socket.socket(fileno=os.dup(fd)) as connection:
                if _peer(connection) != address:
                    continue
                unanswered = _awaits(connection)
            if unanswered and unanswered >= waited:
                yield unanswered, fd


def _peer(connection: socket.socket) -> str:
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return ""
    return str(connection.getpeername()[0]).removeprefix("::ffff:")


def _awaits(connection: socket.socket) -> float:
    """Seconds since we last sent, or since it was made, when the other side has sent something
    since; 0.0 for a connection that awaits nothing of us."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO)
    if len(info) < _INFO:
        return 0.0
    sent, _, received = struct.unpack_from("3I", info, 44)  # milliseconds ago
    segments_in, segments_out = struct.unpack_from("2I", info, 152)  # with data
    awaits = segments_in and (not segments_out or received < sent)
    return sent / 1000 if awaits else 0.0
