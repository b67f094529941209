"""One mapping between a dataclass and the rows of its table, for every store.

Built when its module is imported: a field without a column, a column without a field, or a pair
that cannot hold each other's values stops the start. It writes no SQL and opens no connection.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Union, get_args, get_origin
from typing import get_type_hints as type_hints

import msgspec
from sqlalchemy import Column, Integer, Row, Table, Text

from db.documents import declare_reader
from db.metadata import JsonType, PlainJson
from db.stored import Stored, UnreadableDocument, UnreadableMapping, report_left_out

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
Convert = Callable[[Any], Any]
_MICROSECOND = timedelta(microseconds=1)
_PLAIN = (str, int, float, bool, date, datetime)


@dataclasses.dataclass(frozen=True, slots=True)
class DocumentColumn:
    """A JSON column that holds values of a type of ours, kept by `codec`.

    What cannot be read stays in its row; `instead` makes, from the row's columns, the value that
    stands for it: one that says so to whoever reads it.
    """

    codec: Stored[Any]
    instead: Callable[[Mapping[str, Any]], Any]


class MappingError(TypeError):
    """A dataclass and its table do not fit; the message names field and column."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Pair:
    field: str
    column: str
    write: Convert
    read: Convert
    instead: Convert | None = (
        None  # from the row's columns, where `read` finds no document it knows
    )

    def value(self, columns: Mapping[Any, Any]) -> Any:
        """The field's value in a row."""
        try:
            return self.read(columns[self.column])
        except UnreadableDocument:
            if self.instead is None:
                raise
            return self.instead(columns)


class RowMapper(Generic[T]):
    """Rows of `table` as values of `type`, and back.

    Fields and columns of one name belong together; `columns` names those that differ.
    `elsewhere` are fields that are no column of this table: `from_row` is given them. `others` are
    columns that are no field (hashes, counters): `to_row` may be given them. `derived` are columns
    computed from the value. `documents` are JSON columns with a codec of their own: every one that
    holds a type of ours, which another release may have written otherwise. Others are PlainJson.
    """

    def __init__(
        self,
        type: type[T],
        table: Table,
        *,
        columns: Mapping[str, str] | None = None,
        elsewhere: Iterable[str] = (),
        others: Iterable[str] = (),
        derived: Mapping[str, Callable[[T], object]] | None = None,
        documents: Mapping[str, DocumentColumn] | None = None,
    ) -> None:
        self._type = type
        self.table = table
        self._elsewhere = frozenset(elsewhere)
        self._others = frozenset(others)
        self._derived = dict(derived or {})
        names = {f.name: f.name for f in dataclasses.fields(type) if f.init} | dict(columns or {})
        for field in self._elsewhere:
            if names.pop(field, None) is None:
                raise MappingError(f"{type.__name__} has no field {field}")
        self._check_columns(table, names)
        hints = type_hints(type)
        documents = documents or {}
        self._pairs = tuple(
            _pair(field, table.c[name], hints[field], documents.get(field))
            for field, name in names.items()
        )
        for pair in self._pairs:
            if isinstance(table.c[pair.column].type, JsonType):
                codec = documents[pair.field].codec if pair.field in documents else None
                declare_reader(table.c[pair.column], codec.load if codec else pair.read)

    def _check_columns(self, table: Table, names: Mapping[str, str]) -> None:
        mapping = f"{self._type.__name__} and {table.name}"
        claimed = [*names.values(), *self._others, *self._derived]
        have = {c.name for c in table.columns}
        if missing := sorted(set(claimed) - have):
            raise MappingError(f"{mapping}: no column {', '.join(missing)}")
        if extra := sorted(have - set(claimed)):
            raise MappingError(f"{mapping}: no field for the column {', '.join(extra)}")
        if len(claimed) != len(have):
            raise MappingError(f"{mapping}: a column is claimed twice")

    def to_row(self, value: T, **others: object) -> dict[str, object]:
        """Column → what is written there; `others` are those declared so."""
        if unknown := others.keys() - self._others:
            raise MappingError(f"{self._type.__name__}: {unknown} are not declared as others")
        row = {p.column: p.write(getattr(value, p.field)) for p in self._pairs}
        for column, compute in self._derived.items():
            row[column] = compute(value)
        return row | others

    def from_row(self, row: Row[Any], **elsewhere: object) -> T:
        """The value of a row; `elsewhere` are the fields declared so (each may have a default)."""
        if unknown := elsewhere.keys() - self._elsewhere:
            raise MappingError(f"{self._type.__name__}: {unknown} are not declared as elsewhere")
        columns: Mapping[Any, Any] = row._mapping  # noqa: SLF001 - SQLAlchemy's own public name for it
        values = {p.field: p.value(columns) for p in self._pairs}
        return self._type(**values, **elsewhere)

    def first(self, rows: Iterable[Row[Any]]) -> T | None:
        """The value of the first row, or None."""
        row = next(iter(rows), None)
        return None if row is None else self.from_row(row)

    def all(self, rows: Iterable[Row[Any]]) -> tuple[T, ...]:
        """The values of all rows, in their order. Raises UnreadableDocument."""
        return tuple(self.from_row(row) for row in rows)

    def readable(self, rows: Iterable[Row[Any]]) -> tuple[T, ...]:
        """The values of the rows that can be read; the others are reported and left out."""
        values = (self.from_row_or_none(row) for row in rows)
        return tuple(value for value in values if value is not None)

    def from_row_or_none(self, row: Row[Any], **elsewhere: object) -> T | None:
        """The value of a row; None for one that cannot be read, which is reported."""
        try:
            return self.from_row(row, **elsewhere)
        except UnreadableDocument as error:
            key = (str(getattr(row, column.name)) for column in self.table.primary_key)
            report_left_out(f"{self.table.name} {' '.join(key)}", error)
            return None


def _pair(
    field: str, column: Column[Any], annotation: object, document: DocumentColumn | None
) -> _Pair:
    kind, optional = _without_none(annotation)
    if document is not None:
        codec = document.codec
        dump, load = _or_none(codec.dump), _or_none(codec.load)
        return _Pair(field, column.name, dump, load, document.instead)
    if isinstance(column.type, JsonType):
        if not isinstance(column.type, PlainJson) or _typed_within(annotation):
            raise MappingError(f"{column.table.name}.{column.name}: {annotation} needs a codec")
        plain: Stored[Any] = Stored(f"{column.table.name}.{column.name}", annotation, bare=True)
        return _Pair(field, column.name, _json, _or_none(_refusing_unread(plain)))
    write, read = _scalar(f"{column.table.name}.{column.name}", kind, column)
    if optional and not column.nullable:
        return _Pair(field, column.name, _none_as_empty(write), _empty_as_none(read))
    if column.nullable and not optional:
        return _Pair(field, column.name, _empty_as_none(write), _none_as_empty(read))
    return _Pair(field, column.name, _or_none(write), _or_none(read))


def _refusing_unread(plain: Stored[Any]) -> Convert:
    def read(value: Any) -> Any:
        if isinstance(value, UnreadableMapping):
            return plain.decode(str(value.document))  # refuses it, and says why
        return plain.load(value)

    return read


def _without_none(annotation: object) -> tuple[object, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [a for a in get_args(annotation) if a is not types.NoneType]
        if len(rest) == 1:
            return rest[0], True
    return annotation, False


def _typed_within(annotation: object) -> str:
    """The name of a type of ours within an annotation, "" when it is made of plain values."""
    if isinstance(annotation, type) and (
        dataclasses.is_dataclass(annotation) or issubclass(annotation, msgspec.Struct)
    ):
        return annotation.__name__
    return next((name for part in get_args(annotation) if (name := _typed_within(part))), "")


def _scalar(where: str, kind: object, column: Column[Any]) -> tuple[Convert, Convert]:
    if not isinstance(kind, type):
        raise MappingError(f"{where} cannot hold {kind}")
    if issubclass(kind, Enum):
        admitted = column.info.get("values")
        if admitted is not None and {m.value for m in kind} - set(admitted):
            raise MappingError(f"{where} admits {admitted}, which is not all of {kind.__name__}")
        return (lambda member: member.value), kind
    if kind is timedelta and isinstance(column.type, Integer):
        return (lambda span: span // _MICROSECOND), (lambda us: timedelta(microseconds=us))
    if kind is str and isinstance(column.type, Text):
        return str, _same
    if kind in _PLAIN:
        return _same, _same
    raise MappingError(f"{where} cannot hold {kind.__name__}")


def _same(value: Any) -> Any:
    return value


def _json(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _or_none(convert: Convert) -> Convert:
    if convert is _same:
        return _same
    return lambda value: None if value is None else convert(value)


def _none_as_empty(convert: Convert) -> Convert:
    return lambda value: "" if value is None else convert(value)


def _empty_as_none(convert: Convert) -> Convert:
    return lambda value: None if value in ("", None) else convert(value)
