"""Explains pasted bounces, mail headers and error messages. Bytes or text in, explanations out.

No I/O. Never raises, whatever is pasted; unknown input gives an explanation of kind UNCLEAR.
"""

from __future__ import annotations

from explain.reading import explain

__all__ = ["explain"]
