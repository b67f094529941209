"""Renders the reference page of checks and findings, `docs/checks.md`. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.model import Check, FindingMessage, Symptom

HEAD = """# Checks and findings

Made from `diagnostics/checks/` by `python docs/generate.py`; a test keeps it current. Ids are for
ever. The operator may change a severity, never an id. Critical and error fail, warning warns,
notice and info are remarks. How to add one: [adding/check.md](adding/check.md).

A check reports `<check>.ok` when it saw what it is about and found nothing, and `<check>.unknown` when
evidence was missing, every look in it failed, or it was not conclusive. “Hides” names the findings that this one explains: they move
under it.
A symptom chooses and orders checks; one that ends in a full stop stands for its area.
"""


def reference(checks: Iterable[Check], symptoms: Iterable[Symptom]) -> str:
    """The whole page, as Markdown."""
    listed = tuple(checks)
    total = sum(len(check.messages) for check in listed)
    parts = [HEAD, f"There are {len(listed)} checks with {total} findings.\n"]
    parts.append(_symptoms(symptoms))
    parts.extend(_section(check) for check in listed)
    return "\n".join(parts)


def _symptoms(symptoms: Iterable[Symptom]) -> str:
    """What customers say is wrong, and what each of it looks at first."""
    rows = "".join(
        f"| `{symptom.id}` | {symptom.title} | {', '.join(f'`{check}`' for check in symptom.checks)} |\n"
        for symptom in symptoms
    )
    head = "## Symptoms\n\n| id | the customer says | looks at, most telling first |\n"
    return f"{head}| --- | --- | --- |\n{rows}| `something_else` | Something else | everything |\n"


def _section(check: Check) -> str:
    needed = ", ".join(f"`{key.name}`" for key in check.needs)
    tolerated = ", ".join(f"`{key.name}`" for key in check.tolerates)
    head = f"## {check.id}\n{check.title}. Needs {needed}"
    head += f"; uses {tolerated} when there." if tolerated else "."
    table = [
        "",
        "",
        "| finding | severity | owner | says | hides |",
        "| --- | --- | --- | --- | --- |",
    ]
    return head + "\n".join(table) + "\n" + "".join(_row(m) for m in check.messages)


def _row(message: FindingMessage) -> str:
    hides = ", ".join(f"`{pattern}`" for pattern in message.hides)
    return (
        f"| `{message.id}` | {message.severity.value} | {message.owner.value} "
        f"| {message.title} | {hides} |\n"
    )
