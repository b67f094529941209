"""May reports about a domain go to another one? External destinations of RFC 9990, 4. A walk."""

from __future__ import annotations

from dataclasses import dataclass

from standards.dmarc import tree_walk
from standards.dmarc.record import host, is_dmarc
from standards.dmarc.tree_walk import DmarcTree
from standards.queries import Query, Walk

MOST = 10  # destinations that are looked at


@dataclass(frozen=True, slots=True)
class Destination:
    """A report address in another organisation. `allowed` is None when it could not be seen."""

    uri: str
    host: str
    name: str  # where the consent must stand
    allowed: bool | None


def walk(seen: DmarcTree) -> Walk[tuple[Destination, ...]]:
    """Every report address of the record that applies which lies in another organisation."""
    policy = seen.policy
    uris = tuple(dict.fromkeys((*policy.rua, *policy.ruf))) if policy else ()
    far = [(uri, host(uri)) for uri in uris if host(uri)]
    hosts = tuple(dict.fromkeys(h for _, h in far if not _inside(h, seen.organisation)))[:MOST]
    if not hosts:
        return ()
    places = {h: tuple(Query(f"_dmarc.{n}", "TXT") for n in tree_walk.names(h)) for h in hosts}
    consent = {h: Query(f"{seen.holder}._report._dmarc.{h}", "TXT") for h in hosts}
    batch = tuple(dict.fromkeys((*consent.values(), *(a for p in places.values() for a in p))))
    replies = yield batch
    told = dict(zip(batch, replies, strict=True))
    found: list[Destination] = []
    for uri, target in far:
        if target not in hosts:
            continue
        steps = tuple(
            tree_walk.place(n, told[a].values, failed=told[a].failed)
            for n, a in zip(tree_walk.names(target), places[target], strict=True)
        )
        if tree_walk.judged(target, steps).organisation == seen.organisation:
            continue
        answer = told[consent[target]]
        allowed = None if answer.failed else any(is_dmarc(v) for v in answer.values)
        found.append(Destination(uri, target, consent[target].name, allowed))
    return tuple(found)


def _inside(name: str, organisation: str) -> bool:
    return name == organisation or name.endswith(f".{organisation}")
