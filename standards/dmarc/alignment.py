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
    near: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        """One of the two is enough."""
        return bool(self.spf or self.dkim)


def organisation_by_list(name: str) -> str:
    """The organisational domain as RFC 7489 finds it, by the public suffix list.

    Without DNS it is the best answer there is; RFC 9989 asks DNS instead.
    """
    plain = name.rstrip(".").lower()
    return str(_SUFFIXES.privatesuffix(plain) or plain)


def aligned(author: str, other: str, mode: str = "r") -> bool:
    """Does a domain that passed speak for the author? `mode` is "s" (the same) or "r" (kin)."""
    left, right = author.rstrip(".").lower(), other.rstrip(".").lower()
    if not left or not right:
        return False
    return left == right or (
        mode != "s" and organisation_by_list(left) == organisation_by_list(right)
    )


def alignment(author: str, spf: Identity | None, dkim: Iterable[Identity]) -> Alignment:
    """Who of those that passed speaks for the author, by relaxed alignment."""
    envelope = spf.domain if spf and spf.result == "pass" else ""
    signed = (i.domain for i in dkim if i.result == "pass" and i.domain)
    passed = tuple(dict.fromkeys(signed))[:MAX_SIGNATURES]
    good_spf = envelope if aligned(author, envelope) else ""
    good_dkim = tuple(d for d in passed if aligned(author, d))
    far = (*(() if good_spf or not envelope else (envelope,)), *passed)
    return Alignment(
        good_spf, good_dkim, tuple(d for d in dict.fromkeys(far) if d not in good_dkim)
    )
