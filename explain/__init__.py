"""Pasted mail reports and error messages, understood. Pure: bytes or text in, items out, no I/O.

Never raises, whatever is pasted; what it does not know it calls unclear, with the way on.
"""

from __future__ import annotations

from explain.reading import explain

__all__ = ["explain"]
