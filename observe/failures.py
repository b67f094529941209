"""Exceptions of sockets, TLS and time, told as Trouble. Pure."""

from __future__ import annotations

import errno
import ssl

from observe.budget import OverBudget
from standards.dns_types import Trouble

_UNREACHABLE = frozenset(
    (
        errno.ENETUNREACH,
        errno.EHOSTUNREACH,
        errno.EADDRNOTAVAIL,
        errno.ENETDOWN,
        errno.EACCES,
        errno.EPERM,
        errno.EAFNOSUPPORT,
        errno.EINVAL,
    )
)


_KINDS: tuple[tuple[type[BaseException], Trouble], ...] = (
    (OverBudget, Trouble.OVERBUDGET),
    (TimeoutError, Trouble.TIMEOUT),
    (ssl.SSLError, Trouble.TLS),
    (ConnectionRefusedError, Trouble.REFUSED),
    (ConnectionError, Trouble.RESET),
    (EOFError, Trouble.RESET),  # asyncio.IncompleteReadError is one
)


def trouble(error: BaseException) -> Trouble:
    """Which kind of failure an exception of ours or of the system stands for."""
    for kind, meaning in _KINDS:
        if isinstance(error, kind):
            return meaning
    if isinstance(error, OSError):
        return Trouble.UNREACHABLE if error.errno in _UNREACHABLE else Trouble.RESET
    return Trouble.PROTOCOL


def reason(error: BaseException) -> str:
    """A short technical reason, without addresses of our own machine."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or "handshake failed").replace("_", " ").lower()
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, EOFError):
        return "the connection was closed"
    if isinstance(error, OSError) and error.errno:
        return errno.errorcode.get(error.errno, "") or "connection failed"
    return str(error)[:200] or type(error).__name__
