"""Styles and scripts from memory, compressed ahead, with ETag. Read once at start."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import brotli

from web.middleware.request_headers import best_encoding, names_tag
from web.security import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FOLDER = Path(__file__).resolve().parents[2] / "static"
_COMPRESS = ("text/", "image/svg", "application/javascript", "application/json")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file in the forms it can be sent in, by Content-Encoding."""

    type: str
    etag: str
    bodies: dict[str, bytes]


def load(folder: Path = FOLDER, prefix: str = "/static/") -> dict[str, Asset]:
    """Every file below a folder, by path."""
    assets: dict[str, Asset] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        bodies = {"": raw}
        if kind.startswith(_COMPRESS) and len(raw) > 200:
            bodies |= {"br": brotli.compress(raw), "gzip": gzip.compress(raw, 9, mtime=0)}
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        etag = f'"{hashlib.sha256(raw).hexdigest()[:20]}"'
        assets[prefix + path.relative_to(folder).as_posix()] = Asset(kind, etag, bodies)
    return assets


class StaticFiles:
    """WSGI: answers what lies in the static folder, passes on the rest."""

    def __init__(self, inner: WSGIApplication, assets: dict[str, Asset] | None = None) -> None:
        self._inner = inner
        self._assets = load() if assets is None else assets

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """One request."""
        asset = self._assets.get(environ.get("PATH_INFO", ""))
        if asset is None or environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return self._inner(environ, start)
        headers = [
            ("Content-Type", asset.type),
            ("ETag", asset.etag),
            ("Cache-Control", "public, max-age=300"),
            ("Vary", "Accept-Encoding"),
            *HEADERS.items(),
        ]
        if names_tag(environ.get("HTTP_IF_NONE_MATCH", ""), asset.etag.strip('"')):
            start("304 Not Modified", headers[1:4])
            return []
        coding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""), asset.bodies)
        body = asset.bodies[coding]
        if coding:
            headers.append(("Content-Encoding", coding))
        start("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [body]
