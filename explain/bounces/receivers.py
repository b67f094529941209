"""Receivers' own codes (receivers.toml): the surest evidence, because their owner defines them."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from explain.model import Reason
from explain.plain_text import joined

FILE = Path(__file__).parent / "receivers.toml"


@cache
def rules() -> tuple[tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], Reason], ...]], ...]:
    """Hosts and their codes, compiled."""
    found = tomllib.loads(FILE.read_text("utf-8"))["rule"]
    return tuple(
        (
            re.compile(rule["hosts"]),
            tuple((re.compile(said), Reason(name)) for said, name in rule["says"].items()),
        )
        for rule in found
    )


def verdict(remote: str, diagnostic: str) -> Reason | None:
    """The class that the receiver's own code names; None when it has none here."""
    text = joined(diagnostic[:4_000])
    who = f"{remote.lower()} {text}"
    for hosts, codes in rules():
        if not hosts.search(who):
            continue
        for said, reason in codes:
            if said.search(text):
                return reason
    return None
