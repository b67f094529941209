"""The look-up tree of a domain's SPF record: what each term costs and where evaluation breaks.

Independent of the sender. A walk, level by level, each level's queries in parallel, bounded in
records and depth. Terms whose target depends on the sender (macros) are counted, not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from standards.queries import Batch, Query, QueryReply, Walk
from standards.spf.record import SpfRecord, SyntaxFault, Term, is_spf, parse_spf

MAX_LOOKUPS, MAX_VOID_LOOKUPS, MAX_MX_HOSTS = 10, 2, 10  # RFC 7208, 4.6.4
MAX_RECORDS, MAX_DEPTH, MAX_TERMS, MAX_TEXT = 40, 11, 80, 2000
LOOKUP_TERMS = ("include", "a", "mx", "ptr", "exists", "redirect")


@dataclass(frozen=True, slots=True)
class TermNode:
    """One term with its DNS look-ups and void look-ups, those of its own record included.

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
    too_big (not followed further). `term` and `reason` locate a syntax fault."""

    domain: str
    record: str = ""
    twigs: tuple[TermNode, ...] = ()
    problem: str = ""
    term: str = ""
    reason: str = ""

    @property
    def is_readable(self) -> bool:
        """Whether there is one record, and receivers can read it."""
        return bool(self.record) and not self.problem

    @property
    def lookups(self) -> int:
        return sum(t.lookups for t in self.twigs)

    @property
    def voids(self) -> int:
        return sum(t.voids for t in self.twigs)

    def records(self) -> Iterator[RecordNode]:
        """This record and all below it, depth first."""
        yield self
        for node in self.twigs:
            if node.inside is not None:
                yield from node.inside.records()

    def all_terms(self) -> Iterator[tuple[RecordNode, TermNode]]:
        """Every term of the tree with the record that holds it."""
        for record in self.records():
            for node in record.twigs:
                yield record, node


@dataclass(slots=True)
class _PendingRecord:
    """A record of the walk; its children are filled in level by level."""

    domain: str
    path: tuple[str, ...]
    record: SpfRecord | None = None
    text: str = ""
    problem: str = ""
    term: str = ""
    reason: str = ""
    children: dict[int, _PendingRecord] = field(default_factory=dict)


def walk_lookup_tree(domain: str) -> Walk[RecordNode]:
    """Walk the whole tree of a domain. Never raises: failed look-ups are marked in the tree."""
    replies: dict[Query, QueryReply] = {}
    root = _PendingRecord(domain.rstrip(".").lower(), ())
    level, count = [root], 0
    while level:
        yield from _ask_new(tuple(Query(n.domain, "TXT") for n in level), replies)
        for node in level:
            _read_record(node, replies[Query(node.domain, "TXT")])
        count += len(level)
        host_queries = tuple(query for node in level for query in _host_queries(node))
        children = [child for node in level for child in _children(node)]
        capacity = max(0, MAX_RECORDS - count)
        for child in children[capacity:]:
            child.problem = "too_big"
        level = [c for c in children[:capacity] if not c.problem]
        # the hosts of this level and the records of the next one are queried in parallel
        yield from _ask_new((*host_queries, *(Query(n.domain, "TXT") for n in level)), replies)
    return _record_node(root, replies)


def _ask_new(batch: Batch, replies_by_query: dict[Query, QueryReply]) -> Walk[None]:
    """Query what is not answered yet, each query once."""
    unanswered = tuple(dict.fromkeys(query for query in batch if query not in replies_by_query))
    if unanswered:
        replies = yield unanswered
        replies_by_query.update(zip(unanswered, replies, strict=True))


def _read_record(node: _PendingRecord, reply: QueryReply) -> None:
    records = [v for v in reply.values if is_spf(v)]
    if reply.failed:
        node.problem = "unseen"
    elif not records:
        node.problem = "nothing"
    elif len(records) > 1:
        node.problem, node.text = "many", " | ".join(records)
    else:
        node.text = records[0]
        try:
            node.record = parse_spf(records[0])
        except SyntaxFault as fault:
            node.problem, node.term, node.reason = "syntax", fault.term, fault.reason


def reachable_terms(record: SpfRecord) -> tuple[Term, ...]:
    """The terms up to “all”, after which nothing is evaluated; MAX_TERMS at most."""
    terms: list[Term] = []
    for term in record.terms[:MAX_TERMS]:
        terms.append(term)
        if term.name == "all":
            break
    return tuple(terms)


def _host_queries(node: _PendingRecord) -> Iterator[Query]:
    for term in reachable_terms(node.record) if node.record else ():
        target = (term.domain or node.domain).rstrip(".").lower()
        if "%" in target:
            continue
        if term.name == "mx":
            yield Query(target, "MX")
        elif term.name == "a":
            yield from (Query(target, "A"), Query(target, "AAAA"))
        elif term.name == "exists":
            yield Query(target, "A")


def _children(node: _PendingRecord) -> Iterator[_PendingRecord]:
    """The records that this one includes or redirects to; loops and the depth limit end it."""
    if node.record is None:
        return
    terms = reachable_terms(node.record)
    path = (*node.path, node.domain)
    targets = [(i, t.domain) for i, t in enumerate(terms) if t.name == "include"]
    if node.record.redirect and not any(t.name == "all" for t in node.record.terms):
        targets.append((len(terms), node.record.redirect))
    for index, domain_spec in targets:
        target = domain_spec.rstrip(".").lower()
        if "%" in target:
            continue
        child = _PendingRecord(target, path)
        if target in path:
            child.problem = "loop"
        elif len(path) >= MAX_DEPTH:
            child.problem = "too_big"
        node.children[index] = child
        yield child


def _record_node(node: _PendingRecord, replies: dict[Query, QueryReply]) -> RecordNode:
    nodes: list[TermNode] = []
    record = node.record
    terms = reachable_terms(record) if record else ()
    for index, term in enumerate(terms):
        nodes.append(_term_node(node, index, term, replies))
    if record is not None:
        unreached = record.terms[len(terms) : MAX_TERMS]
        nodes.extend(TermNode(t.text[:MAX_TEXT], t.name, note="never") for t in unreached)
        if record.redirect:
            nodes.append(_redirect_node(node, len(terms), record, replies))
    return RecordNode(
        node.domain,
        node.text[:MAX_TEXT],
        tuple(nodes),
        node.problem,
        node.term[:200],
        node.reason,
    )


def _redirect_node(
    node: _PendingRecord, index: int, record: SpfRecord, replies: dict[Query, QueryReply]
) -> TermNode:
    text = f"redirect={record.redirect}"
    if any(t.name == "all" for t in record.terms):
        return TermNode(text, "redirect", note="never")
    return _target_node(node, index, text, "redirect", replies)


def _target_node(
    node: _PendingRecord, index: int, text: str, kind: str, replies: dict[Query, QueryReply]
) -> TermNode:
    child = node.children.get(index)
    if child is None:
        return TermNode(text, kind, 1, note="macro")
    target = _record_node(child, replies)
    note = "unseen" if target.problem == "unseen" else ""
    return TermNode(text, kind, 1 + target.lookups, target.voids, (), target, note)


def _term_node(
    node: _PendingRecord, index: int, term: Term, known_replies: dict[Query, QueryReply]
) -> TermNode:
    text = term.text[:MAX_TEXT]
    if term.name == "include":
        return _target_node(node, index, text, "include", known_replies)
    if term.name not in LOOKUP_TERMS:
        return TermNode(text, term.name)
    target = (term.domain or node.domain).rstrip(".").lower()
    if "%" in target or term.name == "ptr":
        return TermNode(text, term.name, 1, note="macro" if "%" in target else "")
    types = {"mx": ("MX",), "a": ("A", "AAAA"), "exists": ("A",)}[term.name]
    replies = [
        known_replies[Query(target, kind)] for kind in types if Query(target, kind) in known_replies
    ]
    if not replies or all(reply.failed for reply in replies):
        return TermNode(text, term.name, 1, note="unseen")
    values = tuple(v for reply in replies for v in reply.values)
    if term.name == "mx" and len(values) > MAX_MX_HOSTS:
        return TermNode(text, "mx", 1, note="many_hosts")
    unseen = any(reply.failed for reply in replies)
    void = not values and not unseen
    addresses = values[:MAX_MX_HOSTS] if term.name == "a" and not unseen else ()
    return TermNode(text, term.name, 1, int(void), addresses, note="void" if void else "")
