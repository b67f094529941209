"""Content codings undone within a bound: a small body cannot become a large one. Pure."""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli

_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class _Coder(Protocol):
    def __call__(self, chunk: bytes, room: int) -> bytes: ...


class Inflater:
    """Decodes one body, chunk by chunk. An unknown or broken coding gives the bytes as they are."""

    def __init__(self, coding: str) -> None:
        name = coding.strip().lower()
        self._inner: _Coder | None = None
        if name in _WINDOW:
            self._inner = _Zlib(_WINDOW[name])
        elif name == "br":
            self._inner = _Brotli()

    def feed(self, chunk: bytes, room: int) -> bytes:
        """The next decoded bytes, at most `room` of them; what does not fit is lost."""
        if self._inner is None:
            return chunk[:room]
        try:
            return self._inner(chunk, max(1, room))
        except (zlib.error, brotli.error):
            return b""


class _Zlib:
    def __init__(self, window: int) -> None:
        self._state = zlib.decompressobj(window)
        self._fresh = window == 15

    def __call__(self, chunk: bytes, room: int) -> bytes:
        try:
            return self._state.decompress(chunk, room)
        except zlib.error:
            if not self._fresh:
                raise
            self._state = zlib.decompressobj(-15)  # "deflate" without its header, as many send it
            return self._state.decompress(chunk, room)
        finally:
            self._fresh = False


class _Brotli:
    def __init__(self) -> None:
        self._state = brotli.Decompressor()

    def __call__(self, chunk: bytes, room: int) -> bytes:
        if not self._state.can_accept_more_data():
            return b""
        return bytes(self._state.process(chunk, output_buffer_limit=room))[:room]
