"""The web application and the command line; nothing else. `python app.py --help`."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

gc.disable()  # what is loaded stays; looking through it again and again takes a fifth of the start

from flask import Flask

from commands.main import main
from context import context
from engine.supervise import die_with
from room import all_blueprints
from settings import load
from status.publishing.standby_pages import waiting_pages
from web.install import install
from web.logs.redaction import log_to_stderr
from web.middleware.allowed_hosts import AllowedHosts
from web.middleware.connections import cut_unanswered
from web.middleware.published import PublishedMiddleware
from web.middleware.request_bodies import BodySlots, RequestBodyLimit
from web.middleware.static_files import StaticFiles
from wiring.rooms import Rooms, build

gc.enable()

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(rooms: Rooms) -> Flask:
    """The Flask application with every room's pages. Needs no database to start.
    Raises RoomConflict."""
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
    app.wsgi_app = AllowedHosts(outer, foundation.hosts())  # type: ignore[method-assign,assignment]  # reason: Flask's documented way to add middleware
    return app


def wsgi() -> Flask:
    """What the web server loads in each of its processes; settings come from the environment."""
    die_with(os.getppid())
    log_to_stderr()
    return create_app(build(context(load())))


if __name__ == "__main__":
    sys.exit(main())
