"""The place of a run where a test has no interest in it."""

from __future__ import annotations

from wizard.runs.limits import Lane
from wizard.runs.store import place_in

FIRST = place_in(Lane.FIRST)
