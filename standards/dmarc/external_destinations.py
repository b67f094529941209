"""External report destinations and their consent records (RFC 9990, 4), as a walk."""

from __future__ import annotations

from dataclasses import dataclass

from standards.dmarc import tree_walk
from standards.dmarc.record import is_dmarc, report_host
from standards.dmarc.tree_walk import DmarcTree
from standards.queries import Query, Walk

MAX_DESTINATIONS = 20  # hosts whose consent is looked up


@dataclass(frozen=True, slots=True)
class Destination:
    """A report URI in another organisation; `allowed` is None when its consent is unknown: it
    could not be looked up, or was not, as one of too many."""

    uri: str
    host: str
    name: str  # owner name of the consent record
    allowed: bool | None


def walk(tree: DmarcTree) -> Walk[tuple[Destination, ...]]:
    """The external destinations of the applicable record's rua and ruf URIs. Of MAX_DESTINATIONS
    hosts the consent is looked up, that of the others stays unknown."""
    policy = tree.policy
    uris = tuple(dict.fromkeys((*policy.rua, *policy.ruf))) if policy else ()
    uris_with_hosts = [(uri, report_host(uri)) for uri in uris if report_host(uri)]
    outside = tuple(
        dict.fromkeys(h for _, h in uris_with_hosts if not _is_within(h, tree.organisation))
    )
    hosts = outside[:MAX_DESTINATIONS]
    if not hosts:
        return ()
    policy_queries = {
        h: tuple(Query(f"_dmarc.{n}", "TXT") for n in tree_walk.names_to_query(h)) for h in hosts
    }
    consent_queries = {h: Query(f"{tree.holder}._report._dmarc.{h}", "TXT") for h in hosts}
    batch = tuple(
        dict.fromkeys((*consent_queries.values(), *(a for p in policy_queries.values() for a in p)))
    )
    replies = yield batch
    replies_by_query = dict(zip(batch, replies, strict=True))
    destinations: list[Destination] = []
    for uri, target in uris_with_hosts:
        if target not in outside:
            continue
        if target not in hosts:
            name = f"{tree.holder}._report._dmarc.{target}"
            destinations.append(Destination(uri, target, name, None))
            continue
        nodes = tuple(
            tree_walk.tree_node(n, replies_by_query[a].values, failed=replies_by_query[a].failed)
            for n, a in zip(tree_walk.names_to_query(target), policy_queries[target], strict=True)
        )
        if tree_walk.evaluate_tree(target, nodes).organisation == tree.organisation:
            continue
        consent = replies_by_query[consent_queries[target]]
        allowed = None if consent.failed else any(is_dmarc(v) for v in consent.values)
        destinations.append(Destination(uri, target, consent_queries[target].name, allowed))
    return tuple(destinations)


def _is_within(name: str, organisation: str) -> bool:
    return name == organisation or name.endswith(f".{organisation}")
