"""`app.py publish`: the current publication as a site for any web server, from the terminal."""

from __future__ import annotations

from pathlib import Path

import msgspec

from exit_status import FINE, refuse
from status.publishing.exports.static_site import write_site
from web.middleware.static_files import load
from web.publication_format import FILE, decode
from web.site import Site


def publish(folder: Path, target: Path, site: Site) -> int:
    """Write the current publication as a whole site for any web server. Needs no database."""
    try:
        published = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return refuse("nothing has been published yet; start the engine first")
    except OSError as failed:
        return refuse(f"the publication cannot be read: {failed.strerror}")
    try:
        publication = decode(published)
    except msgspec.DecodeError as failed:
        return refuse(f"the publication cannot be read: {failed}")
    try:
        write_site(publication, target, site, load())
    except OSError as failed:
        return refuse(f"{failed.filename or target} cannot be written: {failed.strerror}")
    print(f"{len(publication.files)} files of {publication.at:%Y-%m-%d %H:%M:%S} UTC in {target}")
    return FINE
