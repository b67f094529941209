"""When a new ticket is about the same as an open one, and is offered as a message to it. Pure."""

from __future__ import annotations

from tickets.model import Draft


def is_same_matter(draft: Draft, other: Draft) -> bool:
    """Whether an open ticket is about the same: one service, and a problem or a category shared."""
    if draft.account != other.account or draft.service.casefold() != other.service.casefold():
        return False
    if draft.findings and other.findings:
        return bool(set(draft.findings) & set(other.findings))
    return draft.category == other.category
