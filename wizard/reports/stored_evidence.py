"""The stored form of evidence: one document an item, read by the type of its key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from db.stored import Stored
from diagnostics.evidence.keys import TYPES
from diagnostics.model import Item, Missing
from standards.dns_types import NO_TIME, Trouble


class StoredItem(msgspec.Struct, frozen=True):
    """The stored form of an Item: its value is read by the type of its key."""

    key: str
    at: datetime
    elapsed: timedelta = NO_TIME
    value: object = None
    missing: Missing | None = None
    trouble: Trouble | None = None
    detail: str = ""


def _incident_in_all_languages(item: dict[str, object]) -> dict[str, object]:
    """Schema 2 keeps a known incident's title and page by language; "" where it was not kept which."""
    value = item.get("value")
    if item.get("key") != "known" or not isinstance(value, dict):
        return item
    texts = {name: {"": value[name]} if value.get(name) else {} for name in ("title", "url")}
    return {**item, "value": {**value, **texts}}


EVIDENCE: Stored[StoredItem] = Stored(
    "diagnostics.evidence", StoredItem, schema=2, upcasters={1: _incident_in_all_languages}
)
"""A changed type of any key raises the schema; its upcaster is given the whole item and looks at
`item["key"]`."""


def encode(item: Item[object]) -> bytes:
    """An item as JSON."""
    return EVIDENCE.encode(
        StoredItem(
            item.key,
            item.at,
            item.elapsed,
            item.value,
            item.missing,
            item.trouble,
            item.detail,
        )
    )


def decode(raw: bytes) -> Item[object]:
    """The item again. Raises UnreadableDocument on anything that is not one."""
    return _item(EVIDENCE.decode(raw))


def load(document: Mapping[str, object]) -> Item[object]:
    """The item of a document in plain values. Raises UnreadableDocument."""
    return _item(EVIDENCE.load(dict(document)))


def _item(stored: StoredItem) -> Item[object]:
    type_ = TYPES.get(stored.key)
    if type_ is None:
        raise EVIDENCE.refused(f"unknown evidence {stored.key!r}")
    try:
        value = msgspec.convert(stored.value, type=type_ | None, str_keys=True)
    except msgspec.ValidationError as error:
        raise EVIDENCE.refused(f"{stored.key}: {error}") from error
    return Item(
        stored.key,
        value,
        stored.at,
        stored.elapsed,
        stored.missing,
        stored.trouble,
        stored.detail,
    )
