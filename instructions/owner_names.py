"""The owner of a wanted record, as people write it, made a whole name below their domain."""

from __future__ import annotations

import re

from instructions.record_values import UnreadableValue, fill_domain, is_address
from instructions.vocabulary import APEX_WORDS
from kb.folding import fold
from standards.urls import BadUrl, ascii_host
from subject import has_known_ending

# Other generic ones ("shop", "dev", "blog") are just as often a label of the customer's own.
_GENERIC_TLDS = frozenset({"com", "net", "org", "info", "biz", "example", "test"})
_LABELS_ONLY = re.compile(r"[a-z0-9_*]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


def owner_name(text: str, domain: str) -> str:
    """The whole name of a record's owner: relative ones below the domain, "@" the domain itself.

    Placeholders for one's own domain count as the domain. Raises UnreadableValue.
    """
    stripped = text.strip().strip("\"'`").rstrip(":").strip()
    folded = fold(stripped)
    if not stripped or folded in APEX_WORDS or folded.startswith("@ "):
        return domain
    absolute = folded.endswith(".")
    name = folded.rstrip(".") if stripped.isascii() else stripped.lower().rstrip(".")
    name = re.sub(r"^https?://", "", name).rstrip("/")
    name = re.sub(r"\.?@$", "", name) or domain
    name = fill_domain(name, domain)
    if name == domain or name.endswith(f".{domain}"):
        return _checked_name(name)
    if absolute or _is_fully_qualified(name):
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
        raise UnreadableValue(name) from error
    if is_address(base) or not _LABELS_ONLY.fullmatch(base):
        raise UnreadableValue(name)
    return f"*.{base}" if is_wildcard else base
