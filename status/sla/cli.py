"""`app.py sla [PERIOD]`: the uptime report in the terminal, as CSV, JSON or HTML."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from exit_status import FINE, PROBLEM, refuse
from render.languages import DEFAULT, NAMES
from status.sla import export
from status.sla.report import SlaReport, parse_period
from status.sla.store import SlaStore


def options(to: argparse.ArgumentParser) -> None:
    """`sla [PERIOD] [--csv|--json|--html]`."""
    to.add_argument(
        "period", nargs="?", default="", metavar="PERIOD",
        help="2026-03, 2026-Q1 or 2026; the month that ended last when absent",
    )  # fmt: skip
    shape = to.add_mutually_exclusive_group()
    shape.add_argument("--csv", action="store_true")
    shape.add_argument("--json", action="store_true")
    shape.add_argument("--html", action="store_true", help="one page that stands alone")
    shape.add_argument(
        "--doubtful", action="store_true",
        help="frozen months that hold less trouble or maintenance than was published in them",
    )  # fmt: skip
    to.add_argument("--lang", default=DEFAULT, choices=tuple(NAMES))


def run(args: argparse.Namespace, store: SlaStore, html: Callable[[SlaReport, str], str]) -> int:
    """Print the report. Raises DatabaseAway."""
    if args.doubtful:
        return _print_doubtful(store)
    try:
        requested = parse_period(args.period, store.now().date())
    except ValueError:
        return refuse("a period is a month 2026-03, a quarter 2026-Q1 or a year 2026")
    report = store.report(requested)
    if args.json:
        print(export.as_json(report).decode())
    elif args.csv:
        print(export.as_csv(report).decode(), end="")
    elif args.html:
        print(html(report, args.lang))
    else:
        _print(report, args.lang)
    return FINE


def _print_doubtful(store: SlaStore) -> int:
    """Months that were frozen before people's statements counted for good."""
    doubtful = store.doubtful_months()
    for month in doubtful:
        print(
            f"{month.month:%Y-%m}\t{month.component}\t{month.condition.value}"
            f"\tpublished {month.claimed} s\tcounted {month.written} s\tfrozen {month.frozen_at:%Y-%m-%d}"
        )
    if not doubtful:
        print("every frozen month holds what was published in it")
    return PROBLEM if doubtful else FINE


def _print(report: SlaReport, lang: str) -> None:
    for line in report.lines:
        uptime = "no data" if line.uptime is None else f"{float(line.uptime):.4%}"
        name = line.name if line.kind == "component" else f"[{line.name}]"
        imported = f", {line.imported_days} days told by another page" if line.imported_days else ""
        print(f"{name}\t{uptime}\tobserved {line.coverage:.2%}{imported}")
    for rule in export.method_sentences(report.methods[0], lang):
        print(rule)
