"""Texts by language and states by component, as options of commands give them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from status.incidents.forms import CHOICES
from status.incidents.validation import RuleViolation
from status.model import Condition


def parse_texts(texts: Iterable[str], lang: str) -> dict[str, str]:
    """ "cs=Text" by its language; without one in the default language."""
    by_language = {}
    for text in texts:
        code, equals, rest = text.partition("=")
        has_language = bool(equals) and len(code) == 2 and code.isalpha() and code.islower()
        by_language[code if has_language else lang] = rest if has_language else text
    return by_language


def parse_conditions(pairs: Iterable[str]) -> dict[str, Condition]:
    """ "mail=partial_outage" by component. Raises RuleViolation."""
    conditions = {}
    for pair in pairs:
        component, _, condition = pair.partition("=")
        if condition not in CHOICES:
            raise RuleViolation({"--on": f"{pair!r}: a state is one of {', '.join(CHOICES)}"})
        conditions[component] = Condition(condition)
    return conditions
