"""A database write that joins the next act of a request, in one transaction: both are stored or neither."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import Connection

ActStep = Callable[[Connection], None]


@dataclass(slots=True)
class _Pending:
    step: ActStep
    taken_on: Connection | None = None  # a transaction has a connection of its own


_PENDING: ContextVar[_Pending | None] = ContextVar("act_step", default=None)


def set_step(step: ActStep | None) -> None:
    """What the next act of this request takes along; None for nothing more."""
    _PENDING.set(_Pending(step) if step else None)


def take_step(conn: Connection) -> None:
    """Take the step, if there is one, in the transaction of this connection; once in each."""
    pending = _PENDING.get()
    if pending is not None and pending.taken_on is not conn:
        pending.step(conn)
        pending.taken_on = conn


def end_step(conn: Connection) -> None:
    """The transaction of this connection is kept: a step that was taken in it is done with."""
    pending = _PENDING.get()
    if pending is not None and pending.taken_on is conn:
        _PENDING.set(None)
