"""Content codings: undone however they are cut, and told when they are broken."""

import gzip
import zlib

import brotli
import pytest

from clock import SystemClock
from observe.budget import Budget
from observe.http.content_coding import Inflater
from observe.http.http_client import fetch
from standards.dns_types import Trouble
from tests.observe_servers import answer, http, net, tcp


def budget():
    return Budget(SystemClock())


PAGE = b"otevreno " * 50
RAW_DEFLATE = zlib.compress(PAGE)[2:-4]


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("deflate", RAW_DEFLATE),
        ("deflate", zlib.compress(PAGE)),
        ("gzip", gzip.compress(PAGE)),
        ("x-gzip", gzip.compress(PAGE[:9]) + gzip.compress(b"") + gzip.compress(PAGE[9:])),
        ("gzip", gzip.compress(PAGE) + b"\0" * 20),
        ("gzip", gzip.compress(PAGE) + b"\x1f"),
        ("br", brotli.compress(PAGE)),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_codings_are_undone_however_the_body_is_cut_into_pieces(coding, packed, size):
    inflater = Inflater(coding)
    pieces = [packed[n : n + size] for n in range(0, len(packed), size)]
    assert b"".join(inflater.feed(piece, 10_000) for piece in pieces) == PAGE
    assert inflater.finish() == ""


BROKEN = {
    "cut gzip": ("gzip", gzip.compress(PAGE)[:-9]),
    "cut second member": ("gzip", gzip.compress(PAGE) + gzip.compress(PAGE)[:-9]),
    "wrong checksum": ("gzip", gzip.compress(PAGE)[:-8] + b"\0" * 8),
    "not gzip": ("gzip", b"<h1>plain</h1>"),
    "cut deflate": ("deflate", zlib.compress(PAGE)[:-5]),
    "cut raw deflate": ("deflate", RAW_DEFLATE[:-2]),
    "one byte": ("deflate", b"x"),
    "cut br": ("br", brotli.compress(PAGE)[:-3]),
    "not br": ("br", b"<h1>plain</h1>"),
    "members without end": ("gzip", gzip.compress(b"") * 3000),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_a_page_that_cannot_be_unpacked_is_told(case):
    coding, packed = BROKEN[case]
    async with tcp(http(lambda path, headers: answer(packed, content_encoding=coding))) as port:
        seen = await fetch(net(), budget(), f"http://127.0.0.1:{port}/")
    assert (seen.status, seen.trouble) == (200, Trouble.PROTOCOL)
    assert "compressed page" in seen.detail


async def test_no_body_is_no_broken_one():
    async with tcp(http(lambda path, headers: answer(b"", content_encoding="gzip"))) as port:
        seen = await fetch(net(), budget(), f"http://127.0.0.1:{port}/")
        head = await fetch(net(), budget(), f"http://127.0.0.1:{port}/", method="HEAD")
    assert (seen.trouble, head.trouble) == (None, None)
