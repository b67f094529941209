"""Redirects to addresses that are written in odd bytes."""

from __future__ import annotations

import pytest

from tests.observe_servers import answer, redirect
from tests.unit.test_observe_http import walk


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (b"/caf\xe9?\xb9=1", "/caf%E9?%B9=1"),  # as curl, Go and Chromium
        ("/café".encode(), "/caf%C3%A9"),
        (b"/caf%e9", "/caf%e9"),
    ],
)
async def test_a_redirect_asks_for_the_bytes_that_were_sent(location, target):
    seen = []

    def pages(path, headers):
        seen.append(path)
        moved = redirect("{}").replace(b"{}", location)
        return moved if path == "/" else answer("here")

    chain, _ = await walk(pages)
    assert (chain.outcome, seen) == ("arrived", ["/", target])
