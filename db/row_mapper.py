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
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, Union, get_args, get_origin
from typing import get_type_hints as type_hints

import msgspec
from sqlalchemy import Column, Integer, Row, Table, Text

from db.metadata import Json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
Convert = Callable[[Any], Any]
_MICROSECOND = timedelta(microseconds=1)
_PLAIN = (str, int, float, bool, date, datetime)


class DocumentCodec(Protocol):
    """What turns a value into a stored document and back; see db.stored.Stored."""

    def dump(self, value: Any) -> object:
        """The document of a value."""
        ...

    def load(self, document: object) -> Any:
        """The value of a document."""
        ...


class MappingError(TypeError):
    """A dataclass and its table do not fit; the message names field and column."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Pair:
    field: str
    column: str
    write: Convert
    read: Convert


class RowMapper(Generic[T]):
    """Rows of `table` as values of `type`, and back.

    Fields and columns of one name belong together; `columns` names those that differ.
    `elsewhere` are fields that are no column of this table: `from_row` is given them. `others` are
    columns that are no field (hashes, counters): `to_row` may be given them. `derived` are columns
    computed from the value. `documents` are JSON columns with a codec of their own.
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
        documents: Mapping[str, DocumentCodec] | None = None,
    ) -> None:
        self._type = type
        self._elsewhere = frozenset(elsewhere)
        self._others = frozenset(others)
        self._derived = dict(derived or {})
        names = {f.name: f.name for f in dataclasses.fields(type) if f.init} | dict(columns or {})
        for field in self._elsewhere:
            if names.pop(field, None) is None:
                raise MappingError(f"{type.__name__} has no field {field}")
        self._check_columns(table, names)
        hints = type_hints(type)
        codecs = documents or {}
        self._pairs = tuple(
            _pair(field, table.c[name], hints[field], codecs.get(field))
            for field, name in names.items()
        )

    def _check_columns(self, table: Table, names: Mapping[str, str]) -> None:
        what = f"{self._type.__name__} and {table.name}"
        claimed = [*names.values(), *self._others, *self._derived]
        have = {c.name for c in table.columns}
        if missing := sorted(set(claimed) - have):
            raise MappingError(f"{what}: no column {', '.join(missing)}")
        if extra := sorted(have - set(claimed)):
            raise MappingError(f"{what}: no field for the column {', '.join(extra)}")
        if len(claimed) != len(have):
            raise MappingError(f"{what}: a column is claimed twice")

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
        columns = row._mapping  # noqa: SLF001 - SQLAlchemy's own public name for it
        values = {p.field: p.read(columns[p.column]) for p in self._pairs}
        return self._type(**values, **elsewhere)

    def first(self, rows: Iterable[Row[Any]]) -> T | None:
        """The value of the first row, or None."""
        row = next(iter(rows), None)
        return None if row is None else self.from_row(row)

    def all(self, rows: Iterable[Row[Any]]) -> tuple[T, ...]:
        """The values of all rows, in their order."""
        return tuple(self.from_row(row) for row in rows)


def _pair(
    field: str, column: Column[Any], annotation: object, codec: DocumentCodec | None
) -> _Pair:
    kind, optional = _without_none(annotation)
    if codec is not None:
        return _Pair(field, column.name, _or_none(codec.dump), _or_none(codec.load))
    if isinstance(column.type, Json):
        return _Pair(field, column.name, _json, _json_reader(annotation))
    write, read = _scalar(f"{column.table.name}.{column.name}", kind, column)
    if optional and not column.nullable:
        return _Pair(field, column.name, _none_as_empty(write), _empty_as_none(read))
    if column.nullable and not optional:
        return _Pair(field, column.name, _empty_as_none(write), _none_as_empty(read))
    return _Pair(field, column.name, _or_none(write), _or_none(read))


def _without_none(annotation: object) -> tuple[object, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [a for a in get_args(annotation) if a is not types.NoneType]
        if len(rest) == 1:
            return rest[0], True
    return annotation, False


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


def _json_reader(annotation: Any) -> Convert:
    return lambda value: msgspec.convert(value, annotation)


def _or_none(convert: Convert) -> Convert:
    if convert is _same:
        return _same
    return lambda value: None if value is None else convert(value)


def _none_as_empty(convert: Convert) -> Convert:
    return lambda value: "" if value is None else convert(value)


def _empty_as_none(convert: Convert) -> Convert:
    return lambda value: None if value in ("", None) else convert(value)
