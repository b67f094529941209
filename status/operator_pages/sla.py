"""The uptime report under /ops/sla: a page, CSV, JSON, and a page that stands alone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, make_response
from werkzeug.wrappers import Response as AnyResponse

from status.operator_pages.web import require_operator
from status.sla import export
from status.sla.pages import CSP, periods, standalone, values
from status.sla.report import SlaReport, parse_period
from status.sla.store import SlaStore
from web.language import lang
from web.page import page
from web.problems import not_found
from web.site import plumbing


@dataclass(frozen=True, slots=True)
class SlaPages:
    """The report."""

    store: SlaStore

    def show(self, name: str = "") -> AnyResponse:
        """GET /ops/sla and /ops/sla/<period>."""
        require_operator()
        now = self.store.now().date()
        return page(
            "status/operator_pages/sla.html",
            200,
            periods=periods(now, now.replace(year=now.year - 2, day=1)),
            **values(self._report(name), lang()),
        )

    def file(self, name: str, form: str) -> AnyResponse:
        """GET /ops/sla/<period>.csv, .json or .html."""
        require_operator()
        report = self._report(name)
        if form == "csv":
            body, kind = export.as_csv(report), "text/csv; charset=utf-8"
        elif form == "json":
            body, kind = export.as_json(report), "application/json"
        elif form == "html":
            render = standalone(plumbing().pages, plumbing().site)
            body, kind = render(report, lang()).encode(), "text/html; charset=utf-8"
        else:
            raise not_found()
        response = make_response(body)
        if form == "html":
            response.headers["Content-Security-Policy"] = CSP
        response.headers["Content-Type"] = kind
        response.headers["Content-Disposition"] = f'inline; filename="uptime-{name}.{form}"'
        return response

    def _report(self, name: str) -> SlaReport:
        try:
            return self.store.report(parse_period(name, self.store.now().date()))
        except ValueError:
            raise not_found() from None


def blueprint(store: SlaStore) -> Blueprint:
    """The pages."""
    pages = SlaPages(store)
    routes = Blueprint("status-sla", __name__)
    routes.add_url_rule("/ops/sla", view_func=pages.show)
    routes.add_url_rule("/ops/sla/<name>", view_func=pages.show, endpoint="period")
    routes.add_url_rule("/ops/sla/<name>.<form>", view_func=pages.file)
    return routes
