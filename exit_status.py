"""Exit statuses of all commands, as docs/operations.md tells them."""

from __future__ import annotations

import sys

FINE = 0
PROBLEM = 1  # an answer that is not the good one
CANNOT = 2  # what was asked for could not be done


def refuse(why: str) -> int:
    """Say on standard error why it cannot be done; the exit status."""
    print(why, file=sys.stderr)
    return CANNOT
