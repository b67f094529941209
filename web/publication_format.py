"""The form of a publication: every public file with its compressed bytes, in one document.

Written by the engine with one atomic replace, read by web/middleware/published.py. No Flask, no features.
"""

from __future__ import annotations

import contextlib
import gzip
from datetime import datetime
from pathlib import Path

import brotli
import msgspec

SCHEMA = 1
FILE = "publication.bin"  # its name inside the folder of publications
ONE_PACKET = 1_100  # bytes of a body that travel in one packet, with our headers
_FORMER_FILE = "edition.bin"  # as older releases called it


class EncodedBody(msgspec.Struct, frozen=True, array_like=True):
    """The same bytes three times: as they are, brotli, gzip (empty when it does not pay)."""

    plain: bytes
    br: bytes = b""
    gz: bytes = b""


class PublishedEntry(msgspec.Struct, frozen=True):
    """One file. `aged` is served after `valid_until`; None means it never looks old.

    `tag` is the ETag without quotes: it names the content without the check time.
    `lang` is "" for what has no language.
    """

    type: str
    tag: str
    fresh: EncodedBody
    aged: EncodedBody | None = None
    lang: str = ""


class Publication(msgspec.Struct, frozen=True):
    """A whole publication. Paths begin with "/"; pages in a language with "/<lang>/"."""

    at: datetime
    checked_at: datetime
    valid_until: datetime
    languages: tuple[str, ...]
    files: dict[str, PublishedEntry]
    schema: int = SCHEMA


class OtherVersion(msgspec.ValidationError):
    """Another version of Jasno wrote this publication; the engine of ours replaces it."""


class _AnySchema(msgspec.Struct, frozen=True):
    """Of a publication of any version, what says which."""

    schema: int = 1


def take_over(folder: Path) -> None:
    """Give the publication of an older release its name of today, so that readers get it until
    there is a new one."""
    if not (folder / FILE).exists():
        with contextlib.suppress(OSError):  # there is none, or another process was first
            (folder / _FORMER_FILE).replace(folder / FILE)


def encode(publication: Publication) -> bytes:
    """A publication as bytes."""
    return msgspec.msgpack.encode(publication)


def decode(raw: bytes) -> Publication:
    """The publication again. Raises OtherVersion on one of another schema, msgspec.DecodeError or
    ValidationError on anything else."""
    schema = msgspec.msgpack.decode(raw, type=_AnySchema).schema
    if schema != SCHEMA:
        raise OtherVersion(
            f"it is of schema {schema} and this version reads {SCHEMA}; its engine writes a new one"
        )
    return msgspec.msgpack.decode(raw, type=Publication)


def compressed(body: bytes, quality: int = 6) -> EncodedBody:
    """Bytes with their compressed forms, where these travel in fewer packets."""
    if len(body) <= ONE_PACKET:
        return EncodedBody(body)
    br = brotli.compress(body, quality=quality)
    gz = gzip.compress(body, 6, mtime=0)
    return EncodedBody(
        body, br if len(br) < len(body) - 50 else b"", gz if len(gz) < len(body) - 50 else b""
    )
