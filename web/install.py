"""Puts the plumbing into a Flask application: what happens around every request."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.routing import IntegerConverter, ValidationError

from web import health_endpoints, language, page, problems, security
from web.forms import csrf, kept_forms
from web.site import KEY, Plumbing

MOST = 2**63 - 1


class BoundedNumber(IntegerConverter):
    """A number in an address, no larger than a database's: beyond it there is nothing (404)."""

    def to_python(self, value: str) -> int:
        """The number. Raises ValidationError, which means: no such address."""
        if len(value) > len(str(MOST)) or int(value) > MOST:
            raise ValidationError
        return int(super().to_python(value))


def install(app: Flask, parts: Plumbing) -> None:
    """Give the application its plumbing. Call once, before the rooms' blueprints."""
    app.extensions[KEY] = parts
    app.request_class = security.TextRequest
    app.config.update(MAX_CONTENT_LENGTH=security.MAX_BODY, MAX_FORM_PARTS=200)
    app.url_map.converters["int"] = BoundedNumber
    app.url_map.merge_slashes = False  # a redirect would name scheme and host as we see them
    app.before_request(security.vet)
    app.before_request(csrf.check)
    app.before_request(kept_forms.begin_kept)
    app.teardown_request(kept_forms.end_kept)
    app.after_request(_finish)
    problems.install(app, page.problem_page, language.lang)
    app.register_blueprint(health_endpoints.blueprint())


def _finish(answer: Response) -> Response:
    csrf.set_cookie(answer)
    language.remember_language(answer)
    security.decorate(answer)
    return answer
