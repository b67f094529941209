"""An SPF record that needs fewer look-ups and lets the same servers send, ready to copy. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from standards.spf.correction import composed
from standards.spf.lookup_tree import LOOKUPS, VOIDS, RecordNode, TermNode


def slimmed(root: RecordNode, exchangers: Collection[str] = ()) -> str:
    """The root record within the limits, or "" when that takes a decision of its owner.

    First what changes nothing goes: terms that match nobody, includes that another include
    already holds. Then the domain's own “a” and “mx” become the addresses they stand for now;
    `exchangers` are the addresses of all its mail servers, empty when not all are known.
    """
    twigs = [t for t in root.twigs if t.note not in ("never", "void") and not _empty(t)]
    twigs = list({t.term.lower(): t for t in twigs}.values())
    for twig in tuple(twigs):
        if _held_elsewhere(twig, twigs):
            twigs.remove(twig)
    words = {id(t): [t.term] for t in twigs}
    cost = {id(t): t.lookups for t in twigs}
    for twig in sorted(twigs, key=lambda t: t.kind != "mx"):
        if sum(cost.values()) <= LOOKUPS:
            break
        known = _addresses(root, twig, exchangers)
        if known:
            words[id(twig)], cost[id(twig)] = known, 0
    void = sum(t.voids for t in twigs)
    if sum(cost.values()) > LOOKUPS or void > VOIDS:
        return ""
    return composed(word for t in twigs for word in words[id(t)])


def _empty(twig: TermNode) -> bool:
    """An include of nothing: it makes receivers give up, and lets nobody send."""
    return twig.kind == "include" and twig.inside is not None and twig.inside.problem == "nothing"


def _held_elsewhere(twig: TermNode, all: list[TermNode]) -> bool:
    """Does another include let the same servers pass, with nothing between that refuses some?"""
    if twig.kind != "include" or twig.inside is None or _refuses(twig):
        return False
    for other in all[all.index(twig) + 1 :]:
        if _refuses(other):
            break
        if twig.inside.domain in _included(other):
            return True
    before = all[: all.index(twig)]
    return any(twig.inside.domain in _included(other) for other in before)


def _refuses(twig: TermNode) -> bool:
    return twig.term[:1] in "-~?"


def _included(twig: TermNode) -> Iterator[str]:
    """The domains whose senders pass wherever this include passes."""
    if twig.kind != "include" or twig.inside is None or _refuses(twig):
        return
    for inner in twig.inside.twigs:
        if _refuses(inner):
            return  # some of those that would pass further on are refused here
        if inner.kind == "include" and inner.inside is not None:
            yield inner.inside.domain
            yield from _included(inner)
        elif inner.kind == "redirect" and inner.inside is not None and inner.note != "never":
            yield inner.inside.domain


def _addresses(root: RecordNode, twig: TermNode, exchangers: Collection[str]) -> list[str]:
    """The addresses a plain “a” or “mx” of the domain itself stands for."""
    plain = twig.term.lower().lstrip("+")
    if plain == "mx":
        known = tuple(exchangers)
    elif plain == "a" or (plain.startswith("a:") and plain.endswith(f".{root.domain}")):
        known = twig.addresses
    else:
        return []
    return [f"ip{6 if ':' in a else 4}:{a}" for a in known] if 0 < len(known) <= 4 else []
