"""Is a pasted text a list of records, and for which domain? Pure."""

from __future__ import annotations

import re

from instructions.reading import MAX_TEXT, read
from subject import Subject, parse_subject

ANY = "domain.invalid"  # stands for the domain while it is not known (RFC 2606)
_MAIL = re.compile(
    r"^(?:received|return-path|final-recipient|diagnostic-code)\s*:", re.IGNORECASE | re.MULTILINE
)


def looks_like(text: str) -> bool:
    """Whether a text in the wizard's box is a list of records rather than a name or an error."""
    if "\n" not in text.strip() or len(text) > MAX_TEXT or _MAIL.search(text):
        return False
    found = read(text, ANY)
    return len((*found.records, *found.foreign, *found.unfilled)) >= 2


def guessed(text: str) -> str:
    """The one domain whose names the text wants to set, or ""."""
    names = {w.name for w in read(text, ANY).foreign}
    subjects = (parse_subject(name.removeprefix("*.")) for name in names)
    domains = {s.domain for s in subjects if isinstance(s, Subject)}
    return domains.pop() if len(domains) == 1 else ""
