"""Do SPF and DKIM speak for the author's domain (RFC 9989, 4.4)? From what headers tell. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from publicsuffixlist import PublicSuffixList

MAX_SIGNATURES = 8
_SUFFIXES = PublicSuffixList(only_icann=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """A domain that SPF or DKIM vouched for, and the method's result ("pass", "fail", …)."""

    domain: str
    result: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """`spf` and `dkim` are the domains that passed and speak for the author, "" and () when none
    does; `near` are domains that passed and do not."""

    spf: str = ""
    dkim: tuple[str, ...] = ()
    unaligned: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        """One of the two is enough."""
        return bool(self.spf or self.dkim)


def organisational_domain_by_list(name: str) -> str:
    """The organisational domain as RFC 7489 finds it, by the public suffix list.

    Without DNS it is the best answer there is; RFC 9989 asks DNS instead.
    """
    domain = name.rstrip(".").lower()
    return str(_SUFFIXES.privatesuffix(domain) or domain)


def is_aligned(author: str, other: str, mode: str = "r") -> bool:
    """Does a domain that passed speak for the author? `mode` is "s" (the same) or "r" (kin)."""
    author_domain, other_domain = author.rstrip(".").lower(), other.rstrip(".").lower()
    if not author_domain or not other_domain:
        return False
    return author_domain == other_domain or (
        mode != "s"
        and organisational_domain_by_list(author_domain)
        == organisational_domain_by_list(other_domain)
    )


def evaluate_alignment(author: str, spf: Identity | None, dkim: Iterable[Identity]) -> Alignment:
    """Who of those that passed speaks for the author, by relaxed alignment."""
    spf_domain = spf.domain if spf and spf.result == "pass" else ""
    dkim_domains = (i.domain for i in dkim if i.result == "pass" and i.domain)
    passed = tuple(dict.fromkeys(dkim_domains))[:MAX_SIGNATURES]
    aligned_spf = spf_domain if is_aligned(author, spf_domain) else ""
    aligned_dkim = tuple(d for d in passed if is_aligned(author, d))
    candidates = (*(() if aligned_spf or not spf_domain else (spf_domain,)), *passed)
    return Alignment(
        aligned_spf,
        aligned_dkim,
        tuple(d for d in dict.fromkeys(candidates) if d not in aligned_dkim),
    )
