"""Reads what callers say of versions (If-Match, If-None-Match) and encodings. Pure."""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache

from werkzeug.http import parse_etags

LONGEST = 2000  # of a header
_CODING = re.compile(r"--?(?:br|deflate|gzip|zstd)$")


def names_tag(header: str, tag: str) -> bool:
    """Whether a list of entity tags names `tag`, which stands without quotes; "*" names every one.

    Compared weakly (RFC 9110, 8.8.3.2): what compresses before us makes a tag weak ('W/"7"', nginx)
    or appends its coding ('"7-gzip"', Apache and Jetty), and callers send back what they got.
    """
    sent = parse_etags(header[:LONGEST])
    return sent.star_tag or any(
        tag in (plain, _CODING.sub("", plain)) for plain in sent.as_set(include_weak=True)
    )


def best_encoding(header: str, available: Container[str] = ("br", "gzip")) -> str:
    """The best of our encodings for an Accept-Encoding header (RFC 9110, 12.5.3); "" for none."""
    qualities = _qualities(header[:LONGEST])
    for name in ("br", "gzip"):
        if name in available and qualities.get(name, qualities.get("*", 0.0)) > 0:
            return name
    return ""


@lru_cache(maxsize=512)
def _qualities(header: str) -> dict[str, float]:
    qualities: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, quality = part.partition(";")
        try:
            qualities[name.strip()] = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
    return qualities
