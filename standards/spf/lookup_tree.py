"""The whole look-up tree of a domain's SPF, whoever sends: what each term costs and where it breaks.

A walk (level by level, each level's questions side by side), bounded in records and depth. Terms
whose target depends on the sender (macros) are counted and not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from standards.queries import Batch, Query, QueryReply, Walk
from standards.spf.record import SpfRecord, SyntaxFault, Term, is_spf, parse

LOOKUPS, VOIDS, HOSTS = 10, 2, 10  # RFC 7208, 4.6.4
MOST_RECORDS, MOST_DEPTH, MOST_TERMS, MAX_TEXT = 40, 11, 80, 2000
COSTLY = ("include", "a", "mx", "ptr", "exists", "redirect")


@dataclass(frozen=True, slots=True)
class TermNode:
    """One term with what it costs, what lies inside included.

    `note`: "" or void (its question has no answer), macro (depends on the sender), many_hosts,
    unseen (could not be looked up), never (stands behind “all”). `addresses` it stands for now,
    () when not all are known.
    """

    term: str
    kind: str
    lookups: int = 0
    voids: int = 0
    addresses: tuple[str, ...] = ()
    inside: RecordNode | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecordNode:
    """One record and its terms. `problem`: "" or nothing (no record), many, syntax, loop, unseen,
    too_big (we stopped following). `term` and `reason` tell of a syntax fault."""

    domain: str
    record: str = ""
    twigs: tuple[TermNode, ...] = ()
    problem: str = ""
    term: str = ""
    reason: str = ""

    @property
    def lookups(self) -> int:
        return sum(t.lookups for t in self.twigs)

    @property
    def voids(self) -> int:
        return sum(t.voids for t in self.twigs)

    def branches(self) -> Iterator[RecordNode]:
        """This record and all below it, in reading order."""
        yield self
        for twig in self.twigs:
            if twig.inside is not None:
                yield from twig.inside.branches()

    def every_twig(self) -> Iterator[tuple[RecordNode, TermNode]]:
        """Every term of the tree with the record it stands in."""
        for branch in self.branches():
            for twig in branch.twigs:
                yield branch, twig


@dataclass(slots=True)
class _Open:
    """A record under way; its children are filled in level by level."""

    domain: str
    path: tuple[str, ...]
    record: SpfRecord | None = None
    text: str = ""
    problem: str = ""
    term: str = ""
    reason: str = ""
    inside: dict[int, _Open] = field(default_factory=dict)


def survey(domain: str) -> Walk[RecordNode]:
    """The whole tree that begins at a domain. Never fails: what cannot be seen is told in it."""
    told: dict[Query, QueryReply] = {}
    root = _Open(domain.rstrip(".").lower(), ())
    level, count = [root], 0
    while level:
        yield from _learn(tuple(Query(n.domain, "TXT") for n in level), told)
        for node in level:
            _read(node, told[Query(node.domain, "TXT")])
        count += len(level)
        further = tuple(ask for node in level for ask in _hosts(node))
        below = [child for node in level for child in _below(node)]
        room = max(0, MOST_RECORDS - count)
        for child in below[room:]:
            child.problem = "too_big"
        level = [c for c in below[:room] if not c.problem]
        # the hosts of this level and the records of the next one are asked side by side
        yield from _learn((*further, *(Query(n.domain, "TXT") for n in level)), told)
    return _closed(root, told)


def _learn(batch: Batch, told: dict[Query, QueryReply]) -> Walk[None]:
    """Ask what is not known yet; each question once."""
    fresh = tuple(dict.fromkeys(ask for ask in batch if ask not in told))
    if fresh:
        replies = yield fresh
        told.update(zip(fresh, replies, strict=True))


def _read(node: _Open, reply: QueryReply) -> None:
    found = [v for v in reply.values if is_spf(v)]
    if reply.failed:
        node.problem = "unseen"
    elif not found:
        node.problem = "nothing"
    elif len(found) > 1:
        node.problem, node.text = "many", " | ".join(found)
    else:
        node.text = found[0]
        try:
            node.record = parse(found[0])
        except SyntaxFault as fault:
            node.problem, node.term, node.reason = "syntax", fault.term, fault.reason


def reached(record: SpfRecord) -> tuple[Term, ...]:
    """The terms up to “all”, behind which nothing is evaluated, a bounded number."""
    found: list[Term] = []
    for term in record.terms[:MOST_TERMS]:
        found.append(term)
        if term.name == "all":
            break
    return tuple(found)


def _hosts(node: _Open) -> Iterator[Query]:
    for term in reached(node.record) if node.record else ():
        target = (term.domain or node.domain).rstrip(".").lower()
        if "%" in target:
            continue
        if term.name == "mx":
            yield Query(target, "MX")
        elif term.name == "a":
            yield from (Query(target, "A"), Query(target, "AAAA"))
        elif term.name == "exists":
            yield Query(target, "A")


def _below(node: _Open) -> Iterator[_Open]:
    """The records that this one includes or redirects to; a circle and the depth end it."""
    if node.record is None:
        return
    terms = reached(node.record)
    path = (*node.path, node.domain)
    targets = [(i, t.domain) for i, t in enumerate(terms) if t.name == "include"]
    if node.record.redirect and not any(t.name == "all" for t in node.record.terms):
        targets.append((len(terms), node.record.redirect))
    for at, text in targets:
        target = text.rstrip(".").lower()
        if "%" in target:
            continue
        child = _Open(target, path)
        if target in path:
            child.problem = "loop"
        elif len(path) >= MOST_DEPTH:
            child.problem = "too_big"
        node.inside[at] = child
        yield child


def _closed(node: _Open, told: dict[Query, QueryReply]) -> RecordNode:
    twigs: list[TermNode] = []
    record = node.record
    terms = reached(record) if record else ()
    for at, term in enumerate(terms):
        twigs.append(_twig(node, at, term, told))
    if record is not None:
        behind = record.terms[len(terms) : MOST_TERMS]
        twigs.extend(TermNode(t.text[:MAX_TEXT], t.name, note="never") for t in behind)
        if record.redirect:
            twigs.append(_redirect(node, len(terms), record, told))
    return RecordNode(
        node.domain,
        node.text[:MAX_TEXT],
        tuple(twigs),
        node.problem,
        node.term[:200],
        node.reason,
    )


def _redirect(node: _Open, at: int, record: SpfRecord, told: dict[Query, QueryReply]) -> TermNode:
    text = f"redirect={record.redirect}"
    if any(t.name == "all" for t in record.terms):
        return TermNode(text, "redirect", note="never")
    return _following(node, at, text, "redirect", told)


def _following(
    node: _Open, at: int, text: str, kind: str, told: dict[Query, QueryReply]
) -> TermNode:
    child = node.inside.get(at)
    if child is None:
        return TermNode(text, kind, 1, note="macro")
    inside = _closed(child, told)
    note = "unseen" if inside.problem == "unseen" else ""
    return TermNode(text, kind, 1 + inside.lookups, inside.voids, (), inside, note)


def _twig(node: _Open, at: int, term: Term, told: dict[Query, QueryReply]) -> TermNode:
    text = term.text[:MAX_TEXT]
    if term.name == "include":
        return _following(node, at, text, "include", told)
    if term.name not in COSTLY:
        return TermNode(text, term.name)
    target = (term.domain or node.domain).rstrip(".").lower()
    if "%" in target or term.name == "ptr":
        return TermNode(text, term.name, 1, note="macro" if "%" in target else "")
    kinds = {"mx": ("MX",), "a": ("A", "AAAA"), "exists": ("A",)}[term.name]
    replies = [told[Query(target, kind)] for kind in kinds if Query(target, kind) in told]
    if not replies or all(reply.failed for reply in replies):
        return TermNode(text, term.name, 1, note="unseen")
    values = tuple(v for reply in replies for v in reply.values)
    if term.name == "mx" and len(values) > HOSTS:
        return TermNode(text, "mx", 1, note="many_hosts")
    unseen = any(reply.failed for reply in replies)
    void = not values and not unseen
    shown = values[:HOSTS] if term.name == "a" and not unseen else ()
    return TermNode(text, term.name, 1, int(void), shown, note="void" if void else "")
