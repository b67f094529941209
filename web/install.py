"""Puts the plumbing into a Flask application: what happens around every request."""

from __future__ import annotations

from flask import Flask, Response

from web import csrf, health, page, problems, security
from web.site import KEY, Plumbing


def install(app: Flask, parts: Plumbing) -> None:
    """Give the application its plumbing. Call once, before the rooms' blueprints."""
    app.extensions[KEY] = parts
    app.config.update(MAX_CONTENT_LENGTH=security.MAX_BODY, MAX_FORM_PARTS=200)
    app.url_map.merge_slashes = False  # a redirect would name scheme and host as we see them
    app.before_request(security.vet)
    app.before_request(csrf.check)
    app.after_request(_finish)
    problems.install(app, page.problem_page)
    app.register_blueprint(health.blueprint())


def _finish(answer: Response) -> Response:
    csrf.remember(answer)
    page.remember_language(answer)
    security.decorate(answer)
    return answer
