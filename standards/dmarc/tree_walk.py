"""The DNS tree walk of RFC 9989, 4.10: a name's policy and its organisational domain.

At most eight questions, known beforehand and therefore asked side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from standards.dmarc.record import DmarcRecord, almost, parse
from standards.queries import Query, Walk

MOST = 8  # RFC 9989, 4.10
LESS = {"reject": "quarantine", "quarantine": "none"}


@dataclass(frozen=True, slots=True)
class TreeNode:
    """What stands at `_dmarc.<domain>`: `policy` only when there is exactly one record.

    `texts` are the TXT values that are, or were meant to be, DMARC records.
    """

    domain: str
    texts: tuple[str, ...] = ()
    policy: DmarcRecord | None = None
    many: bool = False
    failed: bool = False  # could not be looked up


@dataclass(frozen=True, slots=True)
class DmarcTree:
    """The whole walk of one name, longest name first.

    `holder` is whose record applies ("" for nobody's), `wanted` what it asks for when mail fails:
    none, quarantine, reject, or "" when DMARC does not apply. `organisation` is the
    organisational domain. With `unsure` a failed look-up may hide another answer.
    """

    domain: str
    places: tuple[TreeNode, ...]
    organisation: str
    holder: str = ""
    wanted: str = ""
    testing: bool = False
    unsure: bool = False

    @property
    def applied(self) -> str:
        """What receivers do: a trial (t=y) asks for one step less than it says (RFC 9989, 4.7)."""
        return LESS.get(self.wanted, self.wanted) if self.testing else self.wanted

    @property
    def policy(self) -> DmarcRecord | None:
        """The record that applies."""
        return next((p.policy for p in self.places if p.domain == self.holder), None)


def names(domain: str) -> tuple[str, ...]:
    """The names a walk asks for: the name itself, then at most seven labels and fewer."""
    labels = domain.rstrip(".").lower().split(".")
    above = labels[-(MOST - 1) :] if len(labels) >= MOST else labels[1:]
    return (".".join(labels), *(".".join(above[i:]) for i in range(len(above))))


def walk(domain: str, *, exists: bool = True) -> Walk[DmarcTree]:
    """The policy and the organisational domain of a name. `exists`: false for a name not in DNS."""
    asked = tuple(name for name in names(domain) if len(name) <= 246)
    replies = yield tuple(Query(f"_dmarc.{name}", "TXT") for name in asked)
    pairs = zip(asked, replies, strict=True)
    places = tuple(place(name, reply.values, failed=reply.failed) for name, reply in pairs)
    return judged(domain.rstrip(".").lower(), places, exists=exists)


def place(domain: str, values: Sequence[str], *, failed: bool = False) -> TreeNode:
    """What the TXT values at a name amount to; several records are no record (4.10)."""
    policies = [policy for value in values if (policy := parse(value)) is not None]
    meant = tuple(v[:1000] for v in values if almost(v) or parse(v) is not None)
    only = policies[0] if len(policies) == 1 else None
    return TreeNode(domain, meant[:8], only, len(policies) > 1, failed)


def judged(domain: str, places: tuple[TreeNode, ...], *, exists: bool = True) -> DmarcTree:
    """The outcome of a walk, from what stood at each name (4.10.1 and 4.10.2)."""
    usable = [p for p in _until_stop(places) if p.policy is not None and p.policy.usable]
    own, organisation, suffix = domain, domain, ""
    for found in usable:
        psd = found.policy.psd if found.policy else "u"
        if psd == "n":
            organisation = found.domain
            break
        if psd == "y" and found.domain != own:
            suffix = found.domain
            depth = suffix.count(".") + 2
            organisation = ".".join(own.split(".")[-depth:])
            break
        organisation = found.domain
    by_name = {p.domain: p for p in usable}
    holder = next((n for n in (own, organisation, suffix) if n in by_name), "")
    policy = by_name[holder].policy if holder else None
    return DmarcTree(
        domain,
        places,
        organisation,
        holder,
        policy.wanted(below=holder != own, exists=exists) if policy else "",
        policy.testing if policy else False,
        unsure=_unsure(places, holder),
    )


def _until_stop(places: tuple[TreeNode, ...]) -> tuple[TreeNode, ...]:
    """The walk ends at a name that says it is an organisation, or a public suffix above it."""
    for at, found in enumerate(places):
        psd = found.policy.psd if found.policy else "u"
        if psd == "n" or (psd == "y" and at):
            return places[: at + 1]
    return places


def _unsure(places: tuple[TreeNode, ...], holder: str) -> bool:
    """Could a look-up that failed have changed whose record applies?

    A record at the name itself stands whatever is above; a failure there leaves all open.
    """
    if not places or places[0].domain == holder:
        return False
    return any(p.failed for p in places)
