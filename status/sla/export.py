"""The report as JSON and CSV, and the method in words. Pure."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import msgspec

from render.i18n import N_
from render.message_format import sentence
from status.model import Condition
from status.sla.report import SlaLine, SlaReport
from status.state.uptime import Planned, UptimeMethod

CSV_HEAD = (
    *("period", "kind", "id", "name", "group", "uptime_percent", "coverage_percent"),
    *(f"seconds_{c.value}" for c in Condition),
    *("method", "imported_days"),
)
_MAINTENANCE = {
    Planned.EXCLUDED: N_("Announced maintenance is left out."),
    Planned.UP: N_("Announced maintenance counts as available."),
    Planned.DOWN: N_("Announced maintenance counts as an outage."),
}
_FULL = N_("We count time, not answers: an outage lasts from the first failed check until the first good one.")  # fmt: skip
_PART = N_("An outage counts in full, a partial outage as {share:percent} of one.")
_SLOW = N_("Slow or unstable service counts as available and is shown.")
_SLOW_TOO = N_("Slow or unstable service counts as {share:percent} of an outage.")
_SILENT = N_("Time without data is left out; “Observed” says how much of the time the figure stands on.")  # fmt: skip
_GROUP = N_("A group is the mean of its services. Days begin and end at midnight UTC.")


def method_sentences(method: UptimeMethod, lang: str) -> tuple[str, ...]:
    """How uptime is counted, in sentences."""
    slow = _SLOW if not method.degraded else _SLOW_TOO
    return (
        sentence(lang, _FULL),
        sentence(lang, _PART, {"share": method.partial}),
        sentence(lang, slow, {"share": method.degraded}),
        sentence(lang, _MAINTENANCE[method.maintenance]),
        sentence(lang, _SILENT),
        sentence(lang, _GROUP),
    )


def method_line(method: UptimeMethod) -> str:
    """The method in one stable line, for machines."""
    return (
        f"time-weighted; outage 1; partial {method.partial:g}; degraded {method.degraded:g};"
        f" maintenance {method.maintenance}; no data excluded; group mean of components"
    )


def document(sla: SlaReport) -> dict[str, object]:
    """The whole report as plain values."""
    return {
        "schema": 1,
        "period": sla.period.name,
        "from": sla.period.first,
        "until": sla.period.after,
        "made_at": sla.at,
        "over": sla.over,
        "final": sla.frozen,
        "methods": [{**_method(m), "text": method_line(m)} for m in sla.methods],
        "components": [_line(x) for x in sla.lines if x.kind == "component"],
        "groups": [_line(x) for x in sla.lines if x.kind == "group"],
    }


def as_json(sla: SlaReport) -> bytes:
    """One document."""
    return msgspec.json.format(msgspec.json.encode(document(sla)), indent=2)


def _method(method: UptimeMethod) -> dict[str, object]:
    return {
        "partial": method.partial,
        "degraded": method.degraded,
        "maintenance": method.maintenance,
    }


def _line(line: SlaLine) -> dict[str, object]:
    own = {"id": line.id, "name": line.name, "group": line.group or None}
    return {
        **(own if line.kind == "component" else {"name": line.name}),
        "uptime": _number(line.uptime),
        "coverage": round(line.coverage, 6),
        "seconds": {c.value: line.seconds.get(c, 0) for c in Condition},
        "imported_days": line.imported_days,
        "months": [{"month": f"{m:%Y-%m}", "uptime": _number(u)} for m, u in line.months],
    }


def _number(uptime: Fraction | None) -> float | None:
    return None if uptime is None else round(float(uptime), 8)


def as_csv(sla: SlaReport) -> bytes:
    """One row a component and a group; the method in every row, so that none travels without."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(CSV_HEAD)
    method = " | ".join(method_line(m) for m in sla.methods)
    for line in sla.lines:
        uptime = "" if line.uptime is None else f"{float(line.uptime) * 100:.6f}"
        own = (line.kind, line.id, _without_formula(line.name), _without_formula(line.group))
        seconds = (line.seconds.get(c, 0) for c in Condition)
        shares = (uptime, f"{line.coverage * 100:.4f}")
        table.writerow((sla.period.name, *own, *shares, *seconds, method, line.imported_days))
    return out.getvalue().encode()


def _without_formula(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
