"""The DNS tree walk of RFC 9989, 4.10: the applicable policy and the organisational domain.

At most eight queries, known in advance and therefore asked in parallel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from standards.dmarc.policy import requested_policy
from standards.dmarc.record import DmarcRecord, is_meant_as_dmarc, parse_dmarc
from standards.queries import Query, Walk

MAX_QUERIES = 8  # RFC 9989, 4.10
ONE_STEP_LESS = {"reject": "quarantine", "quarantine": "none"}


@dataclass(frozen=True, slots=True)
class TreeNode:
    """The records at `_dmarc.<domain>`: `policy` only when there is exactly one.

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

    `holder` is the domain whose record applies ("" for none), `wanted` the policy it requests for
    failing mail: none, quarantine, reject, or "" when DMARC does not apply. `organisation` is the
    organisational domain. With `unsure` a failed look-up may hide another result.
    """

    domain: str
    places: tuple[TreeNode, ...]
    organisation: str
    holder: str = ""
    wanted: str = ""
    testing: bool = False
    unsure: bool = False

    @property
    def effective_policy(self) -> str:
        """The policy receivers apply: testing (t=y) lowers it by one step (RFC 9989, 4.7)."""
        return ONE_STEP_LESS.get(self.wanted, self.wanted) if self.testing else self.wanted

    @property
    def policy(self) -> DmarcRecord | None:
        """The record that applies."""
        return next((p.policy for p in self.places if p.domain == self.holder), None)


def names_to_query(domain: str) -> tuple[str, ...]:
    """The domains a walk queries: the name itself, then its last seven labels and fewer (4.10)."""
    labels = domain.rstrip(".").lower().split(".")
    parents = labels[-(MAX_QUERIES - 1) :] if len(labels) >= MAX_QUERIES else labels[1:]
    return (".".join(labels), *(".".join(parents[i:]) for i in range(len(parents))))


def walk(domain: str, *, exists: bool = True) -> Walk[DmarcTree]:
    """Walk up from a domain. `exists`: False for a domain that is not in DNS (selects “np”)."""
    queried = tuple(name for name in names_to_query(domain) if len(name) <= 246)
    replies = yield tuple(Query(f"_dmarc.{name}", "TXT") for name in queried)
    pairs = zip(queried, replies, strict=True)
    nodes = tuple(tree_node(name, reply.values, failed=reply.failed) for name, reply in pairs)
    return evaluate_tree(domain.rstrip(".").lower(), nodes, exists=exists)


def tree_node(domain: str, values: Sequence[str], *, failed: bool = False) -> TreeNode:
    """A node from the TXT values at its name; several records count as none (4.10)."""
    policies = [policy for value in values if (policy := parse_dmarc(value)) is not None]
    texts = tuple(v[:1000] for v in values if is_meant_as_dmarc(v) or parse_dmarc(v) is not None)
    policy = policies[0] if len(policies) == 1 else None
    return TreeNode(domain, texts[:8], policy, len(policies) > 1, failed)


def evaluate_tree(domain: str, nodes: tuple[TreeNode, ...], *, exists: bool = True) -> DmarcTree:
    """The result of a walk from its nodes, longest name first (4.10.1 and 4.10.2)."""
    usable = [p for p in _until_stop(nodes) if p.policy is not None and p.policy.is_usable]
    name, organisation, public_suffix = domain, domain, ""
    for node in usable:
        psd = node.policy.psd if node.policy else "u"
        if psd == "n":
            organisation = node.domain
            break
        if psd == "y" and node.domain != name:
            public_suffix = node.domain
            depth = public_suffix.count(".") + 2
            organisation = ".".join(name.split(".")[-depth:])
            break
        organisation = node.domain
    by_name = {p.domain: p for p in usable}
    holder = next((n for n in (name, organisation, public_suffix) if n in by_name), "")
    policy = by_name[holder].policy if holder else None
    return DmarcTree(
        domain,
        nodes,
        organisation,
        holder,
        requested_policy(policy, below=holder != name, exists=exists) if policy else "",
        policy.testing if policy else False,
        unsure=_is_unsure(nodes, holder),
    )


def _until_stop(nodes: tuple[TreeNode, ...]) -> tuple[TreeNode, ...]:
    """The nodes up to one with psd=n, or one with psd=y above the name itself."""
    for index, node in enumerate(nodes):
        psd = node.policy.psd if node.policy else "u"
        if psd == "n" or (psd == "y" and index):
            return nodes[: index + 1]
    return nodes


def _is_unsure(nodes: tuple[TreeNode, ...], holder: str) -> bool:
    """Whether a failed look-up could change which record applies.

    A record at the name itself is final; a failure there leaves everything open.
    """
    if not nodes or nodes[0].domain == holder:
        return False
    return any(p.failed for p in nodes)
