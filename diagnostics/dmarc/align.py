"""Would this message pass DMARC? Alignment of SPF and DKIM with the author's domain (RFC 9989, 4.4).

`aligned` and `decide` are plain functions of what headers tell; `verdict` is the walk that finds
policies and organisational domains in DNS, as receivers do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from publicsuffixlist import PublicSuffixList

from diagnostics.asking import Batch, Replies, Walk
from diagnostics.dmarc import tree
from diagnostics.dmarc.record import Policy
from diagnostics.dmarc.tree import Tree

MAX_SIGNATURES = 8
_SUFFIXES = PublicSuffixList(only_icann=False)
Organisation = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Identity:
    """A domain that SPF or DKIM vouched for, and the method's result ("pass", "fail", …)."""

    domain: str
    result: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """What DMARC makes of a message.

    `result`: pass, fail, none (no policy applies) or temperror (a look-up failed that decides).
    `spf` and `dkim` are the domains that passed and align, "" and () when none did. `near` are
    domains that passed and do not align. `wanted` is what the author's domain asks for on failure,
    with `testing` only as a trial; `reason` is one of aligned, not_aligned, nothing_passed,
    no_policy, unknown_policy.
    """

    author: str
    result: str
    reason: str
    spf: str = ""
    dkim: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    wanted: str = ""
    testing: bool = False


def organisation_by_list(name: str) -> str:
    """The organisational domain as RFC 7489 finds it, by the public suffix list.

    Without DNS it is the best answer there is; RFC 9989 asks DNS instead.
    """
    plain = name.rstrip(".").lower()
    return str(_SUFFIXES.privatesuffix(plain) or plain)


def aligned(
    author: str, other: str, mode: str = "r", organisation: Organisation = organisation_by_list
) -> bool:
    """Does a domain that passed speak for the author? `mode` is "s" (the same) or "r" (kin)."""
    left, right = author.rstrip(".").lower(), other.rstrip(".").lower()
    if not left or not right:
        return False
    return left == right or (mode != "s" and organisation(left) == organisation(right))


def decide(
    author: str,
    spf: Identity | None,
    dkim: Iterable[Identity],
    policy: Policy | None,
    *,
    wanted: str = "",
    organisation: Organisation = organisation_by_list,
) -> Alignment:
    """The verdict from results alone. Without a policy the result is "none", alignment is told."""
    aspf, adkim = (policy.aspf, policy.adkim) if policy else ("r", "r")
    passed_spf = spf.domain if spf and spf.result == "pass" else ""
    passed_dkim = tuple(dict.fromkeys(i.domain for i in dkim if i.result == "pass" and i.domain))[
        :MAX_SIGNATURES
    ]
    good_spf = passed_spf if aligned(author, passed_spf, aspf, organisation) else ""
    good_dkim = tuple(d for d in passed_dkim if aligned(author, d, adkim, organisation))
    far = ((passed_spf,) if passed_spf and not good_spf else ()) + passed_dkim
    near = tuple(dict.fromkeys(d for d in far if d not in good_dkim))
    if policy is None:
        result, reason = "none", "no_policy"
    elif good_spf or good_dkim:
        result, reason = "pass", "aligned"
    else:
        result, reason = "fail", "not_aligned" if near else "nothing_passed"
    testing = policy.testing if policy else False
    return Alignment(author, result, reason, good_spf, good_dkim, near, wanted, testing)


def verdict(
    author: str, spf: Identity | None, dkim: Iterable[Identity], *, exists: bool = True
) -> Walk[Alignment]:
    """The verdict with policies and organisational domains from DNS: one batch of questions.

    `exists` says whether the author's name is in DNS at all, which decides between sp and np.
    """
    signatures = tuple(dkim)
    domains = [author, spf.domain if spf and spf.result == "pass" else ""]
    domains += [i.domain for i in signatures if i.result == "pass"][:MAX_SIGNATURES]
    wanted = tuple(dict.fromkeys(d.rstrip(".").lower() for d in domains if d))
    trees = yield from _together(wanted, exists=exists)
    own = trees.get(author.rstrip(".").lower())
    if own is None or (own.unsure and own.policy is None):
        return Alignment(author, "temperror" if own else "none", "unknown_policy")

    def organisation(name: str) -> str:
        return trees[name].organisation if name in trees else name

    found = decide(
        author, spf, signatures, own.policy, wanted=own.wanted, organisation=organisation
    )
    doubtful = any(place.failed for found_tree in trees.values() for place in found_tree.places)
    if found.result == "fail" and found.near and doubtful:
        return Alignment(author, "temperror", "unknown_policy", near=found.near)
    return found


def _together(domains: tuple[str, ...], *, exists: bool) -> Walk[dict[str, Tree]]:
    """Several tree walks as one batch: each name is asked for once."""
    walks = {d: tree.walk(d, exists=exists) for d in domains}
    batches = {d: next(walk) for d, walk in walks.items()}
    every: Batch = tuple(dict.fromkeys(ask for batch in batches.values() for ask in batch))
    replies: Replies = yield every
    told = dict(zip(every, replies, strict=True))
    found: dict[str, Tree] = {}
    for domain, walk in walks.items():
        try:
            walk.send(tuple(told[ask] for ask in batches[domain]))
        except StopIteration as end:
            found[domain] = end.value
    return found
