"""`app.py sla [PERIOD]`: the uptime report in the terminal, as CSV, JSON or HTML."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from render.languages import DEFAULT, LANGUAGES
from status.sla import forms
from status.sla.report import SlaReport, period
from status.sla.store import SlaStore

FINE, PROBLEM = 0, 1


def options(to: argparse.ArgumentParser) -> None:
    """`sla [PERIOD] [--csv|--json|--html]`."""
    to.add_argument(
        "period", nargs="?", default="", metavar="PERIOD",
        help="2026-03, 2026-Q1 or 2026; the month that ended last when absent",
    )  # fmt: skip
    shape = to.add_mutually_exclusive_group()
    shape.add_argument("--csv", action="store_true")
    shape.add_argument("--json", action="store_true", help="one JSON document")
    shape.add_argument("--html", action="store_true", help="one page that stands alone")
    to.add_argument("--lang", default=DEFAULT, choices=tuple(LANGUAGES))


def run(args: argparse.Namespace, store: SlaStore, html: Callable[[SlaReport, str], str]) -> int:
    """Print the report. Raises DatabaseAway."""
    try:
        over = period(args.period, store.now().date())
    except ValueError:
        print("a period is a month 2026-03, a quarter 2026-Q1 or a year 2026", file=sys.stderr)
        return PROBLEM
    made = store.report(over)
    if args.json:
        print(forms.as_json(made).decode())
    elif args.csv:
        print(forms.as_csv(made).decode(), end="")
    elif args.html:
        print(html(made, args.lang))
    else:
        _print(made, args.lang)
    return FINE


def _print(made: SlaReport, lang: str) -> None:
    for line in made.lines:
        uptime = "no data" if line.uptime is None else f"{float(line.uptime):.4%}"
        name = line.name if line.kind == "component" else f"[{line.name}]"
        print(f"{name}\t{uptime}\tobserved {line.coverage:.2%}")
    for rule in forms.rules(made.methods[0], lang):
        print(rule)
