"""What an act asks for in its own transaction: that a row still has the version the act was made from,
and a step that is taken with the act, so that both are kept or neither; and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, update

TRANSACTION = "jasno_transaction"  # an execution option of its connection
ActStep = Callable[[Connection], None]
_STEP: ContextVar[ActStep | None] = ContextVar("act_step", default=None)


class StaleVersion(Exception):
    """Somebody else has written the row since it was read; nothing was written now."""


def update_versioned(
    conn: Connection, table: Table, key: object, version: int, values: Mapping[str, object]
) -> None:
    """Write the row with this primary key if it still has this version, which then grows by one.

    Raises StaleVersion.
    """
    (id_,) = table.primary_key.columns
    written = _row(values, id_) | {"version": version + 1}
    done = conn.execute(update(table).where(id_ == key, table.c.version == version).values(written))
    if done.rowcount != 1:
        raise StaleVersion(f"{table.name} {key} is no longer of version {version}")


def _row(values: Mapping[str, object], id_: Column[object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name != id_.name}


def set_step(step: ActStep | None) -> None:
    """What the next acts of this request take along; None for nothing more."""
    _STEP.set(step)


def take_step(conn: Connection) -> None:
    """Take the step, if there is one, in the transaction of this connection."""
    if step := _STEP.get():
        step(conn)


@dataclass(slots=True)
class Transaction:
    """Of one `Database.write`: whether a connection was had and its commit has not been asked for,
    and whether it was kept."""

    is_open: bool = False
    is_committed: bool = False


def transaction_of(conn: Connection) -> Transaction | None:
    """The writing transaction that a connection was given for."""
    transaction = conn.get_execution_options().get(TRANSACTION)
    return transaction if isinstance(transaction, Transaction) else None
