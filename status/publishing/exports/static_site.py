"""The publication as a whole site that any web server or CDN serves by itself.

Pages in all languages, documents, feeds, badges, icons, styles. Links to what only the portal can
answer lead to its own address. Knows which files it wrote, and removes no others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from status.publishing.data_files import default_language
from status.publishing.files import public_folder, replace_file, unchanged_since
from web.middleware.static_files import Asset
from web.publication_format import Publication, PublishedEntry, compressed
from web.site import Site

MANIFEST = ".jasno-files.json"
_LINK = re.compile(rb'\b(href|src|action)="(/(?!/)[^"]*)"')
_SUFFIXES = {"br": ".br", "gzip": ".gz"}


def write_site(
    publication: Publication, root: Path, site: Site, assets: Mapping[str, Asset]
) -> int:
    """Write the site below `root`; how many files changed. Raises OSError.

    Every file is replaced whole; what an earlier call wrote and is published no longer goes.
    """
    contents = _site_contents(publication, site, assets)
    public_folder(root, root)
    before = _manifest(root)
    changed = 0
    for name, content in contents.items():
        target = root / name
        if unchanged_since(target, content) is None:
            public_folder(target.parent, root)
            replace_file(target, content, sync=False, public=True)
            changed += 1
    if before != set(contents):
        replace_file(root / MANIFEST, msgspec.json.encode(sorted(contents)), sync=False)
    for obsolete in before - set(contents):
        (root / obsolete).unlink(missing_ok=True)
    return changed


def rewrite_links(body: bytes, site_paths: Mapping[str, bool], home: str, name: str) -> bytes:
    """A page, to lie at `name`, whose links lead from there to what is in `site_paths`, so that the site
    may stand below any path, and to `home` for the rest. Pages (True) are folders. Pure."""
    to_root = "../" * name.count("/") or "./"

    def rewrite(match: re.Match[bytes]) -> bytes:
        target = match[2].decode("utf-8", "replace")
        path = re.split("[?#]", target, maxsplit=1)[0]
        rest = target.removeprefix(path)
        site_path = path.strip("/")
        if path not in site_paths:
            target_path = f"{home}{path}{rest}"
        elif site_path and site_paths[path]:
            target_path = f"{to_root}{site_path}/{rest}"
        else:
            target_path = f"{to_root}{site_path}{rest}"
        return b'%s="%s"' % (match[1], target_path.encode())

    return _LINK.sub(rewrite, body)


def _site_contents(
    publication: Publication, site: Site, assets: Mapping[str, Asset]
) -> dict[str, bytes]:
    """Every file of the site by its name below the root."""
    site_paths = dict.fromkeys(assets, False)
    for path, entry in publication.files.items():
        site_paths[path] = site_paths[path.removeprefix(f"/{entry.lang}")] = _is_page(entry)
    contents: dict[str, bytes] = {}
    for path, entry in publication.files.items():
        for name in file_names(path, entry, default_language(site)):
            encoded = entry.fresh
            if _is_page(entry):
                encoded = compressed(
                    rewrite_links(encoded.plain, site_paths, site.url.rstrip("/"), name)
                )
            contents[name] = encoded.plain
            compressed_bodies = {".br": encoded.br, ".gz": encoded.gz}
            contents |= {name + suffix: body for suffix, body in compressed_bodies.items() if body}
    for path, asset in assets.items():
        for coding, body in asset.bodies.items():
            contents[path.lstrip("/") + _SUFFIXES.get(coding, "")] = body
    return contents


def _is_page(entry: PublishedEntry) -> bool:
    return entry.type.startswith("text/html")


def file_names(path: str, entry: PublishedEntry, default_lang: str) -> tuple[str, ...]:
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
        written = msgspec.json.decode((root / MANIFEST).read_bytes(), type=list[str])
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return set()
    return {n for n in written if n and not n.startswith("/") and ".." not in n.split("/")}
