"""The publication as a whole site that any web server or CDN serves by itself.

Pages in all languages, documents, feeds, badges, icons, styles. Links to what only the portal can
answer lead to its own address. Knows which files it wrote, and removes no others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from status.publishing.pages import reader
from status.publishing.publisher import replace
from web.middleware.static_files import Asset
from web.publication import Publication, PublishedEntry, compressed
from web.site import Site

MANIFEST = ".jasno-files.json"
_LINK = re.compile(rb'\b(href|src|action)="(/(?!/)[^"]*)"')
_SUFFIXES = {"br": ".br", "gzip": ".gz"}


def write_site(edition: Publication, root: Path, site: Site, assets: Mapping[str, Asset]) -> int:
    """Write the site below `root`; how many files changed. Raises OSError.

    Every file is replaced whole; what an earlier call wrote and is published no longer goes.
    """
    wanted = _wanted(edition, site, assets)
    root.mkdir(parents=True, exist_ok=True)
    before = _manifest(root)
    changed = 0
    for name, content in wanted.items():
        place = root / name
        if not _same(place, content):
            place.parent.mkdir(parents=True, exist_ok=True)
            replace(place, content, sync=False)
            changed += 1
    if before != set(wanted):
        replace(root / MANIFEST, msgspec.json.encode(sorted(wanted)), sync=False)
    for gone in before - set(wanted):
        (root / gone).unlink(missing_ok=True)
    return changed


def links(body: bytes, known: Mapping[str, bool], home: str, name: str) -> bytes:
    """A page, to lie at `name`, whose links lead from there to what is `known`, so that the site
    may stand below any path, and to `home` for the rest. Pages (True) are folders. Pure."""
    up = "../" * name.count("/") or "./"

    def moved(found: re.Match[bytes]) -> bytes:
        target = found[2].decode("utf-8", "replace")
        path = re.split("[?#]", target, maxsplit=1)[0]
        rest = target.removeprefix(path)
        place = path.strip("/")
        if path not in known:
            where = f"{home}{path}{rest}"
        elif place and known[path]:
            where = f"{up}{place}/{rest}"
        else:
            where = f"{up}{place}{rest}"
        return b'%s="%s"' % (found[1], where.encode())

    return _LINK.sub(moved, body)


def _wanted(edition: Publication, site: Site, assets: Mapping[str, Asset]) -> dict[str, bytes]:
    """Every file of the site by its name below the root."""
    known = dict.fromkeys(assets, False)
    for path, entry in edition.files.items():
        known[path] = known[path.removeprefix(f"/{entry.lang}")] = _is_page(entry)
    wanted: dict[str, bytes] = {}
    for path, entry in edition.files.items():
        for name in names(path, entry, reader(site)):
            made = entry.fresh
            if _is_page(entry):
                made = compressed(links(made.plain, known, site.url.rstrip("/"), name))
            wanted[name] = made.plain
            packed = {".br": made.br, ".gz": made.gz}
            wanted |= {name + suffix: body for suffix, body in packed.items() if body}
    for path, asset in assets.items():
        for coding, body in asset.bodies.items():
            wanted[path.lstrip("/") + _SUFFIXES.get(coding, "")] = body
    return wanted


def _is_page(entry: PublishedEntry) -> bool:
    return entry.type.startswith("text/html")


def names(path: str, entry: PublishedEntry, default_lang: str) -> tuple[str, ...]:
    """Where a published file lies: pages as `index.html` in a folder, those of the default
    language at the top as well. Pure."""
    if not _is_page(entry):
        return (path.lstrip("/"),)
    paths = [path]
    if entry.lang == default_lang:
        paths.append(path.removeprefix(f"/{entry.lang}"))
    return tuple(f"{p.strip('/')}/index.html".lstrip("/") for p in paths)


def _manifest(root: Path) -> set[str]:
    """What an earlier call wrote. Names that lead out of the folder are not ours."""
    try:
        told = msgspec.json.decode((root / MANIFEST).read_bytes(), type=list[str])
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return set()
    return {n for n in told if n and not n.startswith("/") and ".." not in n.split("/")}


def _same(place: Path, content: bytes) -> bool:
    try:
        return place.stat().st_size == len(content) and place.read_bytes() == content
    except OSError:
        return False
