"""The one metadata all tables live on, and the column types that every room uses.

Tables are written by the rooms in db/tables/<room>.py, their names prefixed by the room.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, Table, Text, event
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from db.stored import Stored, UnreadableDocument, UnreadableMapping

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RowId = BigInteger().with_variant(Integer, "sqlite")
"""An automatic number: autoincrement works with it on both databases."""

# Shapes of plain JSON.
NAMES = list[str]
TEXTS = dict[str, str]  # by language, say, or by a question's id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC: microseconds since 1970 on SQLite, timestamptz on PostgreSQL.

    Sorts and compares in SQL. A naive datetime is refused.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """timestamptz where there is one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> object:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a zone: {value!r}")
        return value if dialect.name == "postgresql" else (value - _EPOCH) // _TICK

    def process_result_value(self, value: object, dialect: Dialect) -> datetime | None:
        """From the database, always in UTC."""
        del dialect
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=int(str(value)))


class JsonType(TypeDecorator[object]):
    """A document of a `Stored`, kept as text and read back as plain values, which its codec reads.
    Plain values of one shape are a PlainJson instead."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """To the database."""
        del dialect
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: object, dialect: Dialect) -> object:
        """From the database."""
        del dialect
        return None if value is None else msgspec.json.decode(str(value))


class PlainJson(JsonType):
    """Plain values of one shape, such as a text by language or a list of names. Any other shape,
    such as a number where a text belongs, is refused when written; read, an Unread stands for it,
    so that the rows beside it are read."""

    cache_ok = True

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self.shape = shape
        self.codec: Stored[Any] = Stored("plain JSON", shape, bare=True)

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """To the database. Raises ValueError on another shape."""
        if isinstance(value, UnreadableMapping):
            return str(value.document)
        document = super().process_bind_param(value, dialect)
        if document is not None:
            msgspec.json.decode(document, type=self.shape)
        return document

    def process_result_value(self, value: object, dialect: Dialect) -> object:
        """From the database; Unread for another shape, which is reported."""
        del dialect
        if value is None:
            return None
        try:
            return self.codec.decode(str(value))
        except UnreadableDocument:
            return UnreadableMapping(value)


@event.listens_for(Column, "after_parent_attach")
def _name_codec(column: Column[Any], table: object) -> None:
    """What a column refuses is reported under its own name; a copy of a column (Table.to_metadata)
    shares its type's codec until it is attached here."""
    if isinstance(column.type, PlainJson) and isinstance(table, Table):
        name = f"{table.name}.{column.name}"
        column.type.codec = Stored(name, column.type.shape, bare=True)


def one_of(name: str, values: Iterable[str], former: str = "", **options: Any) -> Column[str]:
    """A text column that holds one of these words only; the database refuses any other.

    A RowMapper refuses to map an enum onto it that has a word the column does not admit. Backups of
    older versions may know it by its `former` name.
    """
    words = tuple(values)
    listed = ", ".join(f"'{word}'" for word in words)
    check = CheckConstraint(f"{name} IN ({listed})", name=name)
    return Column(
        name, Text, check, nullable=False, info={"values": words, "former": former}, **options
    )


def at_least_zero(name: str, type_: Any = Integer, **options: Any) -> Column[Any]:
    """A number that the database keeps from falling below zero."""
    check = CheckConstraint(f"{name} >= 0", name=name)
    return Column(name, type_, check, **{"nullable": False, **options})
