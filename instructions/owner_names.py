"""The owner of a wanted record, as people write it, made a whole name below their domain."""

from __future__ import annotations

import re

from instructions.record_values import UnreadableValue, fill_domain, is_below
from instructions.vocabulary import APEX_WORDS
from kb.folding import fold
from standards.urls import BadUrl, ascii_host, is_address
from subject import has_known_ending

# Other generic ones ("shop", "dev", "blog") are just as often a label of the customer's own.
_GENERIC_TLDS = frozenset({"com", "net", "org", "info", "biz", "example", "test"})


def owner_name(text: str, domain: str) -> str:
    """The whole name of a record's owner: relative ones below the domain, "@" the domain itself.

    Placeholders for one's own domain count as the domain. Raises UnreadableValue.
    """
    stripped = text.strip("\"'`: \t")
    if not stripped or fold(stripped) in APEX_WORDS or stripped.startswith("@ "):
        return domain
    absolute = stripped.endswith(".")
    name = re.sub(r"^https?://", "", stripped.lower().rstrip(".")).rstrip("/")
    name = re.sub(r"\.?@$", "", name) or domain
    if is_address(name.removeprefix("*.")):
        raise UnreadableValue
    name = fill_domain(name, domain)
    if is_below(name, domain) or absolute or _is_fully_qualified(name):
        return _checked_name(name)
    return _checked_name(f"{name}.{domain}")


def _is_fully_qualified(name: str) -> bool:
    """Whether a name without a trailing dot is absolute: a foreign host, not a label or two."""
    if "." not in name or name.startswith(("_", "*")) or "._" in name:
        return False
    ending = name.rpartition(".")[2]
    return ending in _GENERIC_TLDS or (len(ending) == 2 and has_known_ending(name))


def _checked_name(name: str) -> str:
    is_wildcard = name.startswith("*.")
    try:
        base = ascii_host(name.removeprefix("*."))
    except BadUrl as error:
        raise UnreadableValue from error
    return f"*.{base}" if is_wildcard else base
