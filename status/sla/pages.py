"""The uptime report as a page: values for the templates. Pure apart from reading templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from render.templates import TemplateRenderer
from status import words
from status.model import Condition
from status.sla import export
from status.sla.monthly_uptime import next_month
from status.sla.report import SlaReport
from web.site import Site

SHOWN_CONDITIONS = (
    Condition.MAJOR_OUTAGE,
    Condition.PARTIAL_OUTAGE,
    Condition.DEGRADED_PERFORMANCE,
    Condition.UNDER_MAINTENANCE,
    Condition.NO_DATA,
)


def values(report: SlaReport, lang: str) -> dict[str, object]:
    """What the templates need."""
    return {
        "sla": report,
        "last_day": report.period.after.fromordinal(report.period.after.toordinal() - 1),
        "shown": SHOWN_CONDITIONS,
        "conditions": words.CONDITIONS,
        "methods": [export.method_sentences(m, lang) for m in report.methods],
        "share": lambda uptime: None if uptime is None else float(uptime),
    }


def standalone(pages: TemplateRenderer, site: Site) -> Callable[[SlaReport, str], str]:
    """A page that needs nothing beside itself."""

    def page(report: SlaReport, lang: str) -> str:
        return pages.render("status/sla/report.html", lang, site=site, **values(report, lang))

    return page


def periods(today: date, first: date) -> tuple[str, ...]:
    """Names of the periods one can ask for, newest first: two years of months, quarters, years."""
    begin = max(first.replace(day=1), today.replace(year=today.year - 2, day=1))
    months = []
    month = begin
    while month <= today:
        months.append(month)
        month = next_month(month)
    quarters = dict.fromkeys(f"{m.year}-Q{(m.month + 2) // 3}" for m in reversed(months))
    years = dict.fromkeys(f"{m.year}" for m in reversed(months))
    return (*(f"{m:%Y-%m}" for m in reversed(months)), *quarters, *years)
