"""All targets, by name: the table of our parsers of foreign bytes (docs/fuzzing.md)."""

from __future__ import annotations

from tests.fuzz import texts, wires
from tests.fuzz.target import Target

TARGETS: tuple[Target, ...] = (*wires.TARGETS, *texts.TARGETS)
BY_NAME = {t.name: t for t in TARGETS}
