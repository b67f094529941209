"""The uptime report under /ops/sla: a page, CSV, JSON, and a page that stands alone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, make_response
from werkzeug.wrappers import Response as AnyResponse

from status.operator_pages.web import operator
from status.sla import forms
from status.sla.pages import periods, standalone, values
from status.sla.report import SlaReport, period
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
        operator()
        now = self.store.now().date()
        return page(
            "status/ops_sla.html",
            200,
            periods=periods(now, now.replace(year=now.year - 2, day=1)),
            **values(self._report(name), lang()),
        )

    def file(self, name: str, form: str) -> AnyResponse:
        """GET /ops/sla/<period>.csv, .json or .html."""
        operator()
        made = self._report(name)
        if form == "csv":
            body, kind = forms.as_csv(made), "text/csv; charset=utf-8"
        elif form == "json":
            body, kind = forms.as_json(made), "application/json"
        elif form == "html":
            render = standalone(plumbing().pages, plumbing().site)
            body, kind = render(made, lang()).encode(), "text/html; charset=utf-8"
        else:
            raise not_found()
        answer = make_response(body)
        answer.headers["Content-Type"] = kind
        answer.headers["Content-Disposition"] = f'inline; filename="uptime-{name}.{form}"'
        return answer

    def _report(self, name: str) -> SlaReport:
        try:
            return self.store.report(period(name, self.store.now().date()))
        except ValueError:
            raise not_found() from None


def blueprint(store: SlaStore) -> Blueprint:
    """The pages."""
    pages = SlaPages(store)
    made = Blueprint("status-sla", __name__)
    made.add_url_rule("/ops/sla", view_func=pages.show)
    made.add_url_rule("/ops/sla/<name>", view_func=pages.show, endpoint="period")
    made.add_url_rule("/ops/sla/<name>.<form>", view_func=pages.file)
    return made
