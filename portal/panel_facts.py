"""Facts of a hosting panel, sorted for pages, with the names of limits; other words are in templates/portal/panel_facts.html."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import Field, fields

from hosting.model import HostingFacts
from render.i18n import N_

LIMITS = {
    "cpu": N_("Processor time"),
    "memory": N_("Memory"),
    "io": N_("Disk speed"),
    "entry_processes": N_("Simultaneous requests"),
    "processes": N_("Processes"),
    "connections": N_("Connections"),
    "queries": N_("Database queries"),
}
FactPairs = tuple[tuple[str, object], ...]


def known_facts(facts: Mapping[str, HostingFacts]) -> dict[str, FactPairs]:
    """By field of HostingFacts, in their order: what is known, each value with its domain, and each once.
    Of a field that holds several values each stands alone; of limits those that were hit."""
    pairs = {field.name: tuple(_pairs(field, facts)) for field in fields(HostingFacts)}
    hit = ((domain, limit) for domain, f in facts.items() for limit in f.limits if limit.faults)
    pairs["limits"] = tuple(
        {(domain, limit.name): (domain, limit) for domain, limit in hit}.values()
    )
    return {name: values for name, values in pairs.items() if values}


def _pairs(field: Field[object], facts: Mapping[str, HostingFacts]) -> Iterator[tuple[str, object]]:
    """Each known value of a field with its domain. What is the field's default is not known."""
    for domain, of_domain in facts.items():
        value = getattr(of_domain, field.name)
        if isinstance(value, tuple):
            yield from ((domain, item) for item in dict.fromkeys(value))
        elif value != field.default:
            yield domain, value
