"""Bounded decoding of content codings (gzip, deflate, br): no decompression bombs."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

import brotli

MAX_MEMBERS = 1000
_GZIP_MAGIC = b"\x1f\x8b"


class _ChunkDecoder(Protocol):
    def __call__(self, chunk: bytes, max_bytes: int) -> bytes: ...

    @property
    def is_complete(self) -> bool: ...


class Inflater:
    """Decodes one body, chunk by chunk. An unknown coding gives the bytes as they are.

    `fault` says why the body cannot be decoded, "" while it can.
    """

    def __init__(self, coding: str) -> None:
        make = _DECODERS.get(coding.strip().lower())
        self._decoder = make() if make else None
        self._has_begun = False
        self.fault = ""

    def feed(self, chunk: bytes, max_bytes: int) -> bytes:
        """The next decoded bytes, at most `max_bytes`; what does not fit is dropped."""
        if self._decoder is None:
            return chunk[:max_bytes]
        if self.fault or not chunk:
            return b""
        self._has_begun = True
        try:
            return self._decoder(chunk, max(1, max_bytes))
        except (zlib.error, brotli.error):
            self.fault = "the compressed page is broken"
            return b""

    def finish(self) -> str:
        """The fault of the whole body, once all of it was fed. No body at all has none."""
        if self._decoder is not None and self._has_begun and not self.fault:
            self.fault = "" if self._decoder.is_complete else "the compressed page is cut off"
        return self.fault


class _Gzip:
    """One or more members, decoded one after the other (RFC 1952, 2.2); padding is ignored."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(31)
        self._members = 1
        self._held = b""
        self._is_padding = False

    def __call__(self, chunk: bytes, max_bytes: int) -> bytes:
        pending, self._held = self._held + chunk, b""
        output = bytearray()
        while pending and not self._is_padding and len(output) < max_bytes:
            if self._member.eof:
                if pending == _GZIP_MAGIC[:1]:
                    self._held = pending
                    break
                self._begin_member(pending)
            else:
                output += self._member.decompress(pending, max_bytes - len(output))
                pending = self._member.unused_data
        return bytes(output)

    def _begin_member(self, pending: bytes) -> None:
        self._is_padding = not pending.startswith(_GZIP_MAGIC)
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise zlib.error("too many members")
        if not self._is_padding:
            self._member = zlib.decompressobj(31)

    @property
    def is_complete(self) -> bool:
        return self._member.eof


class _Deflate:
    """The zlib format (RFC 1950), or deflate without its header, as many send it."""

    def __init__(self) -> None:
        self._decompressor: zlib._Decompress | None = None
        self._held = b""

    def __call__(self, chunk: bytes, max_bytes: int) -> bytes:
        if self._decompressor is None:
            chunk = self._held + chunk
            if len(chunk) < 2:
                self._held = chunk
                return b""
            self._decompressor = zlib.decompressobj(15 if _has_zlib_header(chunk) else -15)
        return self._decompressor.decompress(chunk, max_bytes)

    @property
    def is_complete(self) -> bool:
        return self._decompressor is not None and self._decompressor.eof


def _has_zlib_header(start: bytes) -> bool:
    return start[0] & 0x8F == 8 and int.from_bytes(start[:2], "big") % 31 == 0


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def __call__(self, chunk: bytes, max_bytes: int) -> bytes:
        if self.is_complete or not self._decompressor.can_accept_more_data():
            return b""
        return bytes(self._decompressor.process(chunk, output_buffer_limit=max_bytes))[:max_bytes]

    @property
    def is_complete(self) -> bool:
        return bool(self._decompressor.is_finished())


_DECODERS: dict[str, Callable[[], _ChunkDecoder]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
}
