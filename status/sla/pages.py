"""The uptime report as a page: values for the templates. Pure apart from reading templates."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import date

from markupsafe import Markup

from render.templates import TemplateRenderer
from status import labels
from status.model import Condition
from status.sla import export
from status.sla.frozen_months import next_month
from status.sla.report import SlaReport
from web.site import Site

SHOWN_CONDITIONS = (
    Condition.MAJOR_OUTAGE,
    Condition.PARTIAL_OUTAGE,
    Condition.DEGRADED_PERFORMANCE,
    Condition.UNDER_MAINTENANCE,
    Condition.NO_DATA,
)

# The page that stands alone carries its own style, so that it looks the same sent, saved and printed.
STYLE = """
:root { color-scheme: light; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; background: #fff; color: #111;
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.table-wrap { overflow-x: auto; margin-block: 1rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .6rem .4rem 0; border-bottom: 1px solid #bbb; text-align: start;
  vertical-align: top; }
thead th { border-bottom: 2px solid #111; font-size: .875rem; }
.visually-hidden { position: absolute; clip-path: inset(50%); width: 1px; height: 1px;
  overflow: hidden; white-space: nowrap; }
@page { margin: 15mm; }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 9.5pt; }
  .table-wrap { overflow: visible; }
  thead { display: table-header-group; } tr { break-inside: avoid; } h2 { break-after: avoid; }
}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CSP = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"


def values(report: SlaReport, lang: str) -> dict[str, object]:
    """What the templates need."""
    return {
        "sla": report,
        "last_day": report.period.after.fromordinal(report.period.after.toordinal() - 1),
        "shown": SHOWN_CONDITIONS,
        "conditions": labels.CONDITIONS,
        "methods": [export.method_sentences(m, lang) for m in report.methods],
        "share": lambda uptime: None if uptime is None else float(uptime),
    }


def standalone(pages: TemplateRenderer, site: Site) -> Callable[[SlaReport, str], str]:
    """A page that needs nothing beside itself."""

    def page(report: SlaReport, lang: str) -> str:
        style = Markup(STYLE)  # noqa: S704 - our own
        context = values(report, lang)
        return pages.render("status/sla/report.html", lang, site=site, style=style, **context)

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
