"""Entity tags as callers send them back through proxies, and encodings as they ask for them."""

from __future__ import annotations

import pytest

from web.middleware.request_headers import best_encoding, names_tag


@pytest.mark.parametrize(
    "header",
    ['"7"', 'W/"7"', '"7-gzip"', 'W/"7--gzip"', '"7-br"', '"2", W/"7"', "*", "7", '"2","7"'],
)
def test_a_tag_is_known_again_behind_a_proxy(header):
    assert names_tag(header, "7")


@pytest.mark.parametrize("header", ["", '"8"', 'W/"77"', '"7-2"', '"-gzip"', "W/", '"' * 4000])
def test_another_tag_is_another(header):
    assert not names_tag(header, "7")


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("gzip, br", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("identity", ""),
        ("brotli", ""),
        ("", ""),
    ],
)
def test_what_is_not_accepted_is_not_sent(header, encoding):
    assert best_encoding(header) == encoding
    assert best_encoding(header, {""}) == ""
