"""How well WHOIS answers are understood: state and dates, against what each answer really means.

    python -m bench.registration FOLDER [--part dev|held] [--misses]

FOLDER holds `<server>/<tld>/<case>.txt` and `expected.json`. A wrong date is one we give and the
answer does not mean; a missed one is a date it has and we do not give. Develop against `dev`;
believe `held`, a third that nobody has looked at.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from standards import text as texts
from standards.registration import whois

DATES = {"expires": "expires_on", "created": "created_on", "updated": "updated_on"}
_STAMP = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d)?(?: ?[+-]\d\d:?\d\d)?")


def part(case: str) -> str:
    """A third is kept apart by the name of the case."""
    return "held" if int(hashlib.sha1(case.encode()).hexdigest(), 16) % 3 == 0 else "dev"


def states(expect: Mapping[str, object]) -> set[str]:
    """Which of our states an expectation allows; empty when it says nothing about it."""
    status = str(expect.get("status") or "")
    if expect.get("response_throttled?"):
        return {"throttled"}
    if expect.get("available?"):
        return {"available"}
    if "reserved" in status:
        return {"reserved"}
    if "invalid" in status:
        return {"unknown", "reserved"}
    if expect.get("registered?"):
        return {"registered"}
    return (
        {"registered"}
        if re.search(r"hold|prohibited|:incomplete", status, re.IGNORECASE)
        else set()
    )


def days(expect: Mapping[str, object], key: str) -> set[date] | None:
    """The days a date may be: as written, and in UTC. None: the expectation is silent."""
    if key not in expect:
        return None
    value = expect[key]
    stamp = (
        _STAMP.match(str(value["time"])) if isinstance(value, dict) and "time" in value else None
    )
    if stamp is None:
        return set()
    when = datetime.fromisoformat(stamp[0].replace(" +", "+").replace(" -", "-"))
    return {when.date(), when.astimezone(UTC).date()} if when.tzinfo else {when.date()}


def score(folder: Path, only: str) -> Iterator[tuple[str, str, str]]:
    """(case, what, "right" | "wrong" | "missed" | "more" | …) for all that an answer tells."""
    for row in json.loads((folder / "expected.json").read_text("utf-8")):
        case, expect = row["case"], row["expect"]
        if only and part(case) != only:
            continue
        text = texts.decode_undeclared((folder / f"{case}.txt").read_bytes())
        seen = whois.parse_whois(text, row["tld"] or "")
        if wanted := states(expect):
            good = seen.state.value in wanted
            missed = "missed" if seen.state.value == "unknown" else "wrong"
            yield case, f"state {'/'.join(sorted(wanted))}", "right" if good else missed
            if not good:
                yield case, f"  said {seen.state.value}", "note"
        for ours, theirs in DATES.items():
            meant, actual = days(expect, theirs), getattr(seen, ours, None)
            if ours == "expires":
                actual = actual or seen.registrar_expires
            if meant is None or not hasattr(seen, ours):
                continue
            yield case, ours, _dated(actual, meant)


def _dated(actual: date | None, meant: set[date]) -> str:
    if actual is None:
        return "missed" if meant else "right"
    if not meant:
        return "more"  # the label does not give this date; look whether the answer does
    return "right" if actual in meant else "wrong"


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("folder", type=Path)
    args.add_argument("--part", choices=("dev", "held"), default="")
    args.add_argument("--misses", action="store_true")
    options = args.parse_args()
    totals: Counter[tuple[str, str]] = Counter()
    for case, what, outcome in score(options.folder, options.part):
        totals[what.split()[0], outcome] += outcome != "note"
        if options.misses and outcome != "right":
            sys.stdout.write(f"{outcome:7} {case} {what}\n")
    sys.stdout.write("| what | right | wrong | missed | not labelled |\n|---|---|---|---|---|\n")
    for what in ("state", *DATES):
        row = (str(totals[what, o]) for o in ("right", "wrong", "missed", "more"))
        sys.stdout.write(f"| {what} | {' | '.join(row)} |\n")


if __name__ == "__main__":
    main()
