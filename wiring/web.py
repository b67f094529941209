"""The web application: every room's pages, and what stands around each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from room import all_blueprints
from status.publishing.standby_pages import waiting_pages
from web.install import install
from web.middleware.allowed_hosts import AllowedHosts
from web.middleware.connections import cut_unanswered
from web.middleware.published import PublishedMiddleware
from web.middleware.request_bodies import BodySlots, RequestBodyLimit
from web.middleware.static_files import StaticFiles
from wiring.rooms import Rooms

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(rooms: Rooms) -> Flask:
    """The Flask application with every room's pages. Needs no database to start, opens nothing and
    starts no thread, so that a process may be forked after it. Raises RoomConflict."""
    app = Flask("jasno", static_folder=None)
    ctx, foundation = rooms.ctx, rooms.foundation
    published = PublishedMiddleware(
        app.wsgi_app,
        rooms.status.published,
        ctx.clock,
        waiting=waiting_pages(ctx.site, ctx.pages),
        secure=ctx.site.secure,
    )
    install(app, rooms.plumbing(published.ready))
    for blueprint in all_blueprints(rooms):
        app.register_blueprint(blueprint)
    most = ctx.settings.server.threads // 2
    places = BodySlots(most, foundation.is_proxy, cut_unanswered)
    outer: WSGIApplication = RequestBodyLimit(StaticFiles(published), places)
    app.wsgi_app = AllowedHosts(outer, foundation.hosts(), ctx.site.languages)  # type: ignore[method-assign,assignment]  # reason: Flask's documented way to add middleware
    return app
