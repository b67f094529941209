"""Receivers' own error codes (receivers.toml), the strongest evidence of a failure's class."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from explain.model import Reason
from explain.pasted_text import fold_to_line

FILE = Path(__file__).parent / "receivers.toml"


@cache
def receiver_rules() -> tuple[
    tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], Reason], ...]], ...
]:
    """The host patterns and their codes, compiled."""
    table = tomllib.loads(FILE.read_text("utf-8"))["rule"]
    return tuple(
        (
            re.compile(rule["hosts"]),
            tuple((re.compile(pattern), Reason(name)) for pattern, name in rule["reasons"].items()),
        )
        for rule in table
    )


def reason_by_receiver_code(remote: str, diagnostic: str) -> Reason | None:
    """The class of a receiver's own code in a diagnostic; None without one."""
    text = fold_to_line(diagnostic[:4_000])
    searched = f"{remote.lower()} {text}"
    for hosts, codes in receiver_rules():
        if not hosts.search(searched):
            continue
        for pattern, reason in codes:
            if pattern.search(text):
                return reason
    return None
