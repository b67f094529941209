"""Documents kept as JSON or MessagePack in rows and files, read whatever release wrote them.

Each kind of document is one `Stored`: a type, its schema number and one upcaster for every step
from an older schema to the next. What cannot be read stays where it is: it is logged once, counted,
and told by `/readyz` and the metrics until the process ends. This module touches no database.
"""

from __future__ import annotations

import logging
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

log = logging.getLogger("jasno.db")
MAX_NAMED = 20  # rows that are left out, in one message
T = TypeVar("T")
Upcaster = Callable[[Any], Any]
"""From the plain values of one schema to those of the next."""

_left_out: set[str] = set()
_formats: weakref.WeakSet[Stored[Any]] = weakref.WeakSet()


class UnreadableDocument(ValueError):
    """A document that this release cannot read; the message names its kind, schema and fault."""


class UnreadableMapping(dict[str, Any]):
    """Stands, empty, for a mapping whose document cannot be read; written again, it is the
    document. Whoever would merge something into it must refuse first (see is_unread)."""

    def __init__(self, document: object) -> None:
        super().__init__()
        self.document = document


def is_unreadable(*values: object) -> bool:
    """Whether one of these stands for a document that cannot be read."""
    return any(isinstance(value, UnreadableMapping) for value in values)


class _Numbered(msgspec.Struct):
    schema: int = 1


class Stored(Generic[T]):
    """How values of `type` are stored under `name`.

    `body` names the member that holds the value beside "schema"; without one the schema number
    stands among the value's own members. A document without a number is of schema 1. `bare` ones
    carry none: plain values of one shape (db.metadata.PlainJson). Whoever changes that shape
    makes them documents, with an upcaster from schema 1.
    """

    def __init__(
        self,
        name: str,
        type: Any,  # type[T]; mypy does not take tuple[X, ...] as one
        *,
        schema: int = 1,
        upcasters: Mapping[int, Upcaster] | None = None,
        body: str = "",
        bare: bool = False,
    ) -> None:
        self.name = name
        self.schema = schema
        self.body = body
        self.bare = bare
        self._type = type
        self._upcasters = dict(upcasters or {})
        if bare and (body or schema > 1):
            raise TypeError(f"{name}: what is bare has no body and no schema number")
        if sorted(self._upcasters) != list(range(1, schema)):
            raise TypeError(f"{name}: each schema from 1 to {schema - 1} needs its upcaster")
        self._unreadable: Counter[str] = Counter()
        _formats.add(self)

    # ------------------------------------------------------------------ plain values
    def dump(self, value: T) -> Any:
        """The document of a value, in plain values."""
        if isinstance(value, UnreadableMapping):
            return value.document
        plain = msgspec.to_builtins(value, str_keys=True)
        if self.bare:
            return plain
        if self.body:
            return {"schema": self.schema, self.body: plain}
        return {**plain, "schema": self.schema}

    def load(self, document: object) -> T:
        """The value of a document of this schema, an older one, or a newer one that still fits.

        Raises UnreadableDocument; the caller leaves the document where it is.
        """
        schema, plain = self._opened(document)
        try:
            for step in range(schema, self.schema):
                plain = self._upcasters[step](plain)
            value: T = msgspec.convert(plain, type=self._type, str_keys=True)
        except (msgspec.ValidationError, LookupError, TypeError, ValueError) as error:
            raise self._refused(schema, error) from error
        return value

    def load_or_none(self, document: object) -> T | None:
        """The value, or None for no document and for one that cannot be read (it is reported)."""
        try:
            return None if document is None else self.load(document)
        except UnreadableDocument:
            return None

    def _opened(self, document: object) -> tuple[int, Any]:
        if (
            self.bare
            or not isinstance(document, dict)
            or not isinstance(document.get("schema"), int)
        ):
            return 1, document
        schema: int = document["schema"]
        if self.body:
            return schema, document.get(self.body, document)
        return schema, {name: value for name, value in document.items() if name != "schema"}

    # ------------------------------------------------------------------ bytes
    def encode(self, value: T) -> bytes:
        """The document of a value as JSON."""
        plain = msgspec.json.encode(value)
        if self.bare:
            return plain
        if self.body:
            return b'{"schema":%d,"%s":%s}' % (self.schema, self.body.encode(), plain)
        return b'{"schema":%d%s%s' % (self.schema, b"" if plain == b"{}" else b",", plain[1:])

    def decode(self, raw: bytes | str) -> T:
        """The value of a JSON document. Raises UnreadableDocument."""
        try:
            current = self.bare or msgspec.json.decode(raw, type=_Numbered).schema == self.schema
            if current and not self.body:  # as nearly always: straight into the type
                value: T = msgspec.json.decode(raw, type=self._type)
                return value
            document = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._refused(None, error) from error
        return self.load(document)

    # ------------------------------------------------------------------ what could not be read
    def _refused(self, schema: int | None, error: Exception) -> UnreadableDocument:
        kind = self.name if schema is None or self.bare else f"{self.name} of schema {schema}"
        if schema is not None and schema > self.schema:
            kind += " (written by a newer version)"
        if kind not in self._unreadable:
            log.error("a stored document cannot be read and is kept as it is: %s: %s", kind, error)
        self._unreadable[kind] += 1
        return UnreadableDocument(f"{kind}: {error}")

    def refused(self, fault: str) -> UnreadableDocument:
        """What to raise when a value does not fit after all, as the caller found out."""
        return self._refused(None, ValueError(fault))

    @property
    def unreadable(self) -> Mapping[str, int]:
        """Kind and schema of what could not be read → how often that was met."""
        return dict(self._unreadable)


def formats() -> tuple[Stored[Any], ...]:
    """Every kind of document that is declared, by name."""
    return tuple(sorted(_formats, key=lambda stored: stored.name))


def report_left_out(row: str, error: UnreadableDocument) -> None:
    """Tell of a row that is left out of what is read, because a document in it cannot be read."""
    if row not in _left_out:
        log.error("a stored row is left out and kept as it is: %s: %s", row, error)
        _left_out.add(row)


def health_message(declared: Iterable[Stored[Any]] | None = None) -> str:
    """ "" or which stored documents this process could not read, for /readyz."""
    kinds = sorted(kind for f in declared or formats() for kind in f.unreadable)
    if not kinds:
        return ""
    message = f"stored documents cannot be read and are kept as they are: {', '.join(kinds)}"
    rows = sorted(_left_out) if declared is None else []
    return f"{message}; left out: {', '.join(rows[:MAX_NAMED])}" if rows else message
