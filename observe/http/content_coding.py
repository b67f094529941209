"""Bounded decoding of content codings (gzip, deflate, br): no decompression bombs."""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli

_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class _ChunkDecoder(Protocol):
    def __call__(self, chunk: bytes, max_bytes: int) -> bytes: ...


class Inflater:
    """Decodes one body, chunk by chunk. An unknown or broken coding gives the bytes as they are."""

    def __init__(self, coding: str) -> None:
        name = coding.strip().lower()
        self._decoder: _ChunkDecoder | None = None
        if name in _WINDOW:
            self._decoder = _Zlib(_WINDOW[name])
        elif name == "br":
            self._decoder = _Brotli()

    def feed(self, chunk: bytes, max_bytes: int) -> bytes:
        """The next decoded bytes, at most `max_bytes`; what does not fit is dropped."""
        if self._decoder is None:
            return chunk[:max_bytes]
        try:
            return self._decoder(chunk, max(1, max_bytes))
        except (zlib.error, brotli.error):
            return b""


class _Zlib:
    def __init__(self, window: int) -> None:
        self._decompressor = zlib.decompressobj(window)
        self._may_lack_header = window == 15

    def __call__(self, chunk: bytes, max_bytes: int) -> bytes:
        try:
            return self._decompressor.decompress(chunk, max_bytes)
        except zlib.error:
            if not self._may_lack_header:
                raise
            self._decompressor = zlib.decompressobj(
                -15
            )  # "deflate" without its header, as many send it
            return self._decompressor.decompress(chunk, max_bytes)
        finally:
            self._may_lack_header = False


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def __call__(self, chunk: bytes, max_bytes: int) -> bytes:
        if not self._decompressor.can_accept_more_data():
            return b""
        return bytes(self._decompressor.process(chunk, output_buffer_limit=max_bytes))[:max_bytes]
