"""Characters that no XML 1.0 document may hold, and so no text that feeds carry. Pure."""

from __future__ import annotations

import re

FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def printable(text: str) -> str:
    """The text without control characters, such as the colours of a pasted log line."""
    return FORBIDDEN.sub("", text)
