"""Maps exceptions of sockets, TLS and time-outs to Trouble and a short reason."""

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


_TROUBLE_BY_EXCEPTION: tuple[tuple[type[BaseException], Trouble], ...] = (
    (OverBudget, Trouble.OVERBUDGET),
    (TimeoutError, Trouble.TIMEOUT),
    (ssl.SSLError, Trouble.TLS),
    (ConnectionRefusedError, Trouble.REFUSED),
    (ConnectionError, Trouble.RESET),
    (EOFError, Trouble.RESET),  # asyncio.IncompleteReadError is one
)


def trouble(error: BaseException) -> Trouble:
    """The Trouble that an exception stands for."""
    for exception_type, matching in _TROUBLE_BY_EXCEPTION:
        if isinstance(error, exception_type):
            return matching
    if isinstance(error, OSError):
        return Trouble.UNREACHABLE if error.errno in _UNREACHABLE else Trouble.RESET
    return Trouble.PROTOCOL


def reason(error: BaseException) -> str:
    """A short technical reason, without local addresses."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or "handshake failed").replace("_", " ").lower()
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, EOFError):
        return "the connection was closed"
    if isinstance(error, OSError) and error.errno:
        return errno.errorcode.get(error.errno, "") or "connection failed"
    return str(error)[:200] or type(error).__name__
