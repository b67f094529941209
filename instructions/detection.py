"""Detects whether a pasted text is a list of DNS records, and for which domain."""

from __future__ import annotations

import re

from instructions.reading import MAX_TEXT, parse_instructions
from subject import Subject, parse_subject

ANY_DOMAIN = "domain.invalid"  # stands for the domain while it is not known (RFC 2606)
_MAIL_HEADER = re.compile(
    r"^(?:received|return-path|final-recipient|diagnostic-code)\s*:", re.IGNORECASE | re.MULTILINE
)


def is_record_list(text: str) -> bool:
    """Whether a text is a list of records rather than a name or an error."""
    if "\n" not in text.strip() or len(text) > MAX_TEXT or _MAIL_HEADER.search(text):
        return False
    parsed = parse_instructions(text, ANY_DOMAIN)
    return len((*parsed.records, *parsed.foreign, *parsed.unfilled)) >= 2


def guess_domain(text: str) -> str:
    """The only domain whose records the text sets, or ""."""
    names = {w.name for w in parse_instructions(text, ANY_DOMAIN).foreign}
    subjects = (parse_subject(name.removeprefix("*.")) for name in names)
    domains = {s.domain for s in subjects if isinstance(s, Subject)}
    return domains.pop() if len(domains) == 1 else ""
