"""Exceptions of sockets, TLS and time, told as Trouble. Pure."""

from __future__ import annotations

import asyncio
import errno
import ssl

from facts import Trouble
from observe.budget import OverBudget

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


def trouble(error: BaseException) -> Trouble:
    """Which kind of failure an exception of ours or of the system stands for."""
    if isinstance(error, OverBudget):
        return Trouble.OVERBUDGET
    if isinstance(error, TimeoutError):
        return Trouble.TIMEOUT
    if isinstance(error, ssl.SSLError):
        return Trouble.TLS
    if isinstance(error, ConnectionRefusedError):
        return Trouble.REFUSED
    if isinstance(error, ConnectionError | asyncio.IncompleteReadError | EOFError):
        return Trouble.RESET
    if isinstance(error, OSError):
        return Trouble.UNREACHABLE if error.errno in _UNREACHABLE else Trouble.RESET
    return Trouble.PROTOCOL


def reason(error: BaseException) -> str:
    """A short technical reason, without addresses of our own machine."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or "handshake failed").replace("_", " ").lower()
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.errno:
        return errno.errorcode.get(error.errno, "") or "connection failed"
    return str(error)[:200] or type(error).__name__
