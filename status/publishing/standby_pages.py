"""Pages shown before anything was published, and while the web process is away.
The latter lie beside what is published, for the server in front.
"""

from __future__ import annotations

from datetime import UTC, datetime

from render.templates import TemplateRenderer
from status import labels
from status.model import Snapshot
from status.publishing.pages import page_frame
from web.site import Site

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def waiting_pages(site: Site, pages: TemplateRenderer) -> dict[str, bytes]:
    """For each language, the page to show before anything was ever published."""
    return _pages(site, pages, "status/publishing/waiting.html")


def away_pages(site: Site, pages: TemplateRenderer) -> dict[str, bytes]:
    """For each language, the page for whatever only the web process could answer."""
    return _pages(site, pages, "status/publishing/away.html")


def _pages(site: Site, pages: TemplateRenderer, template: str) -> dict[str, bytes]:
    nothing = Snapshot(_NEVER, _NEVER, (), (), ())
    return {
        lang: pages.render(
            template,
            lang,
            **page_frame(site, "/"),
            headline=labels.headline(nothing),
        ).encode()
        for lang in site.languages
    }
