"""Registry of JSON columns and their readers; scans every stored document.

A RowMapper declares its columns by itself; a store that reads one in another way declares it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Column, Text, select, type_coerce

from db.engine import Database
from db.metadata import JsonType, PlainJson, metadata

Reader = Callable[[Any], object]
"""Given the plain values of a Json column, or the text of another; raises ValueError."""

PART = 1000  # rows fetched at a time
_readers: dict[Column[Any], Reader] = {}


def declare_reader(column: Column[Any], read: Reader) -> None:
    """Say what reads the documents of a column. Called where modules are loaded."""
    _readers[column] = read


def readers() -> Mapping[Column[Any], Reader]:
    """What reads each column of our tables, as far as its room is loaded."""
    plain = {
        column: column.type.codec.load
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, PlainJson)
    }
    return plain | {c: read for c, read in _readers.items() if c.table.metadata is metadata}


@dataclass(frozen=True, slots=True)
class UnreadableField:
    """A document that cannot be read; it is left as it is. `row` is its primary key."""

    table: str
    row: str
    column: str
    fault: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}, {self.column}: {self.fault}"


@dataclass(slots=True)
class DocumentScan:
    """Goes over all documents once; `count` are those looked at so far."""

    db: Database
    readers: Mapping[Column[Any], Reader] = field(default_factory=readers)
    count: int = 0

    def unreadable(self) -> Iterator[UnreadableField]:
        """Each that cannot be read, by table and column. Raises DatabaseAway."""
        for column in sorted(self.readers, key=str):
            yield from self._of(column)

    def _of(self, column: Column[Any]) -> Iterator[UnreadableField]:
        table, reader = column.table, self.readers[column]
        keys = list(table.primary_key.columns)
        query = select(*keys, type_coerce(column, Text).label("document"))
        with self.db.read() as conn:
            rows = conn.execution_options(yield_per=PART).execute(
                query.where(column.is_not(None)).order_by(*keys)
            )
            for *key, document in rows:
                self.count += 1
                if fault := _fault(column, reader, document):
                    row = " ".join(map(str, key))
                    yield UnreadableField(str(table.name), row, column.name, fault)


def _fault(column: Column[Any], reader: Reader, document: str) -> str:
    """Why a document cannot be read, or ""."""
    try:
        reader(msgspec.json.decode(document) if isinstance(column.type, JsonType) else document)
    except (ValueError, TypeError, LookupError) as error:  # msgspec's own are ValueErrors
        return str(error) or type(error).__name__
    return ""
