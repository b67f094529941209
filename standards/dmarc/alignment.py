"""Identifier alignment (RFC 9989, 4.4): which SPF and DKIM results count for the author's domain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from publicsuffixlist import PublicSuffixList

MAX_SIGNATURES = 8


@dataclass(frozen=True, slots=True)
class Identity:
    """An identifier authenticated by SPF or DKIM, and the method's result ("pass", "fail", …)."""

    domain: str
    result: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """The outcome: `spf` and `dkim` are the aligned domains that passed, "" and () without one;
    `unaligned` are domains that passed without being aligned."""

    spf: str = ""
    dkim: tuple[str, ...] = ()
    unaligned: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether DMARC passes: one aligned identifier is enough."""
        return bool(self.spf or self.dkim)


def organisational_domain_by_list(name: str) -> str:
    """The organisational domain by the public suffix list (RFC 7489, 3.2).

    RFC 9989 finds it by a DNS tree walk instead; use this where DNS cannot be asked.
    """
    domain = name.rstrip(".").lower()
    return str(_public_suffixes().privatesuffix(domain) or domain)


def is_aligned(author: str, other: str, mode: str = "r") -> bool:
    """Whether a domain is aligned with the author's. `mode`: "r" (relaxed) or "s" (strict)."""
    author_domain, other_domain = author.rstrip(".").lower(), other.rstrip(".").lower()
    if not author_domain or not other_domain:
        return False
    return author_domain == other_domain or (
        mode != "s"
        and organisational_domain_by_list(author_domain)
        == organisational_domain_by_list(other_domain)
    )


def evaluate_alignment(author: str, spf: Identity | None, dkim: Iterable[Identity]) -> Alignment:
    """Relaxed alignment of the identifiers that passed with the author's domain."""
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


@cache
def _public_suffixes() -> PublicSuffixList:
    """The whole list. Read when first needed, for most commands do without."""
    return PublicSuffixList(only_icann=False)
