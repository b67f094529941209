"""Registers the routes below /api/ops/ and serves /api/openapi.json. Knows flask."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from flask import Blueprint, Response

from portal.routes_described_by_hand import ELSEWHERE
from web.api.openapi import document
from web.api.operations import Operation, register
from web.site import Site

VERSION = "1"


def blueprint(
    operations: Iterable[Operation], authorise: Callable[[str], str], site: Site
) -> Blueprint:
    """All operations that need a token, and the description of the whole API."""
    own = tuple(operations)
    described = msgspec.json.encode(
        document(
            (*ELSEWHERE, *own),
            title=site.name,
            url=site.url,
            version=VERSION,
            languages=site.languages,
        )
    )
    pages = Blueprint("api", __name__)
    register(pages, own, authorise)

    @pages.get("/api/openapi.json")
    def openapi() -> Response:
        answer = Response(described, content_type="application/json")
        answer.headers["Cache-Control"] = "public, max-age=300"
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer

    return pages
