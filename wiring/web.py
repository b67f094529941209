"""The web application: every room's pages, and what stands around each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from room import ReadinessCheck, all_blueprints, all_checks, all_metrics, part_of
from web.install import install
from web.middleware.allowed_hosts import AllowedHosts
from web.middleware.connections import cut_unanswered
from web.middleware.published import PUBLICATION, PublishedMiddleware
from web.middleware.request_bodies import BodySlots, RequestBodyLimit
from web.middleware.static_files import StaticFiles
from web.site import FORM_KEEPER, VISITOR, Plumbing
from wiring.rooms import Rooms

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(rooms: Rooms) -> Flask:
    """The Flask application with every room's pages. Needs no database to start, opens nothing and
    starts no thread, so that a process may be forked after it. Raises RoomConflict."""
    app = Flask("jasno", static_folder=None)
    ctx, foundation = rooms.ctx, rooms.foundation
    publication = part_of(PUBLICATION, rooms)
    published = PublishedMiddleware(
        app.wsgi_app,
        publication.folder,
        ctx.clock,
        waiting=publication.waiting,
        secure=ctx.site.secure,
    )
    install(app, _plumbing(rooms, published.readiness_message))
    for blueprint in all_blueprints(rooms):
        app.register_blueprint(blueprint)
    most = ctx.settings.server.threads // 2
    places = BodySlots(most, foundation.is_proxy, cut_unanswered)
    outer: WSGIApplication = RequestBodyLimit(StaticFiles(published), places)
    app.wsgi_app = AllowedHosts(outer, foundation.hosts(), ctx.site.languages)  # type: ignore[method-assign,assignment]  # reason: Flask's documented way to add middleware
    return app


def _plumbing(rooms: Rooms, publication: ReadinessCheck) -> Plumbing:
    """What web/ is given; `publication` tells whether what this process serves is old."""
    ctx = rooms.ctx
    return Plumbing(
        site=ctx.site,
        pages=ctx.pages,
        secret=ctx.secret,
        clock=ctx.clock,
        limiter=ctx.limiter,
        visitor=part_of(VISITOR, rooms),
        trusted_proxies=rooms.foundation.proxies,
        checks=all_checks(rooms, publication),
        metrics_token=ctx.settings.server.metrics_token,
        form_keeper=part_of(FORM_KEEPER, rooms),
        metrics=lambda: all_metrics(rooms),
    )
