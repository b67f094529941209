"""Flattening: an equivalent SPF record within the look-up limits (RFC 7208, 4.6.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from standards.spf.correction import compose_record
from standards.spf.lookup_tree import MAX_LOOKUPS, MAX_VOID_LOOKUPS, RecordNode, TermNode


def flatten_record(root: RecordNode, mx_addresses: Collection[str] = ()) -> str:
    """The root record within the limits, or "" when only its owner can decide what to drop.

    Terms without effect go first: void ones and includes that another include already covers.
    Then the domain's own “a” and “mx” are replaced by their present addresses; `mx_addresses` are
    those of all its mail exchangers, empty when not all are known.
    """
    terms = [t for t in root.twigs if t.note not in ("never", "void") and not _is_empty_include(t)]
    terms = list({t.term.lower(): t for t in terms}.values())
    for node in tuple(terms):
        if _is_included_elsewhere(node, terms):
            terms.remove(node)
    replacement = {id(t): [t.term] for t in terms}
    lookups = {id(t): t.lookups for t in terms}
    for node in sorted(terms, key=lambda t: t.kind != "mx"):
        if sum(lookups.values()) <= MAX_LOOKUPS:
            break
        mechanisms = _ip_mechanisms(root, node, mx_addresses)
        if mechanisms:
            replacement[id(node)], lookups[id(node)] = mechanisms, 0
    voids = sum(t.voids for t in terms)
    if sum(lookups.values()) > MAX_LOOKUPS or voids > MAX_VOID_LOOKUPS:
        return ""
    return compose_record(word for t in terms for word in replacement[id(t)])


def _is_empty_include(node: TermNode) -> bool:
    """Whether a term includes a domain without a record, which is a permerror."""
    return node.kind == "include" and node.inside is not None and node.inside.problem == "nothing"


def _is_included_elsewhere(node: TermNode, terms: list[TermNode]) -> bool:
    """Whether another include covers the same domain, with no failing term in between."""
    if node.kind != "include" or node.inside is None or _refuses(node):
        return False
    for other in terms[terms.index(node) + 1 :]:
        if _refuses(other):
            break
        if node.inside.domain in _included_domains(other):
            return True
    before = terms[: terms.index(node)]
    return any(node.inside.domain in _included_domains(other) for other in before)


def _refuses(node: TermNode) -> bool:
    return node.term[:1] in "-~?"


def _included_domains(node: TermNode) -> Iterator[str]:
    """The domains that this include covers entirely, directly or through others."""
    if node.kind != "include" or node.inside is None or _refuses(node):
        return
    for inner in node.inside.twigs:
        if _refuses(inner):
            return  # some of those that would pass further on are refused here
        if inner.kind == "include" and inner.inside is not None:
            yield inner.inside.domain
            yield from _included_domains(inner)
        elif inner.kind == "redirect" and inner.inside is not None and inner.note != "never":
            yield inner.inside.domain


def _ip_mechanisms(root: RecordNode, node: TermNode, mx_addresses: Collection[str]) -> list[str]:
    """The ip4 and ip6 mechanisms for a plain “a” or “mx” of the domain itself; [] for others."""
    mechanism = node.term.lower().lstrip("+")
    if mechanism == "mx":
        addresses = tuple(mx_addresses)
    elif mechanism == "a" or (mechanism.startswith("a:") and mechanism.endswith(f".{root.domain}")):
        addresses = node.addresses
    else:
        return []
    return [f"ip{6 if ':' in a else 4}:{a}" for a in addresses] if 0 < len(addresses) <= 4 else []
