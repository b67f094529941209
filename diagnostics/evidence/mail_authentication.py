"""Evidence about mail authentication: SPF, DKIM, DMARC, MTA-STS, DANE, BIMI.

Plain values with a JSON form. `lookups` are the questions as asked, trimmed to what matters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from diagnostics.disclosure import PartialDisclosure
from diagnostics.model import Key
from facts import Exchange
from standards.dmarc.external_destinations import Destination
from standards.dmarc.tree_walk import DmarcTree
from standards.dns_types import Lookup
from standards.spf.lookup_tree import RecordNode
from subject import Subject


@dataclass(frozen=True, slots=True)
class SenderVerdict:
    """What a receiver would decide about one of the provider's outgoing addresses."""

    ip: str
    result: str
    mechanism: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Spf:
    """A domain's SPF: TXT values that are or were meant to be SPF (as written, quotes and all),
    the whole look-up tree, and the verdict for each outgoing address of the provider: the same
    for whoever asks and whosever the domain is (see REVERSE).

    `size` counts the octets of all TXT strings at the name; `typed` are records of the old type.
    """

    domain: str
    texts: tuple[str, ...]
    tree: RecordNode
    sent: tuple[SenderVerdict, ...] = ()
    size: int = 0
    typed: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()


@dataclass(frozen=True, slots=True)
class Selector:
    """What stands at one selector: TXT values as written, or that it leads nowhere.

    `source`: provider, usual, probe (a name nobody uses), or panel: known from nowhere else. `panel`:
    the hosting panel signs with it, which is not for strangers. `alias` is where a CNAME leads.
    """

    name: str
    source: str
    values: tuple[str, ...] = ()
    alias: str = ""
    exists: bool = True
    failed: bool = False
    panel: bool = False

    @property
    def signs(self) -> bool:
        """Whether the panel says that it signs with this key."""
        return self.panel or self.source == "panel"


@dataclass(frozen=True, slots=True)
class Dkim:
    """The keys at the selectors that we know to ask for; DNS cannot list the others."""

    domain: str
    selectors: tuple[Selector, ...]
    lookups: tuple[Lookup, ...] = ()


@dataclass(frozen=True, slots=True)
class StrayRecord:
    """A DMARC record where no receiver looks for it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Dmarc:
    """The tree walk, where reports go, and records at wrong names."""

    domain: str
    tree: DmarcTree
    destinations: tuple[Destination, ...] = ()
    strays: tuple[StrayRecord, ...] = ()
    lookups: tuple[Lookup, ...] = ()


@dataclass(frozen=True, slots=True)
class Sts:
    """MTA-STS (RFC 8461) and TLS-RPT (RFC 8460): TXT values, and the policy when one is announced.

    None for `texts` or `reports` means that it could not be looked up.
    """

    domain: str
    texts: tuple[str, ...] | None
    reports: tuple[str, ...] | None
    policy: Exchange | None = None
    lookups: tuple[Lookup, ...] = ()


@dataclass(frozen=True, slots=True)
class Tlsa:
    """The TLSA records of one MX target (RFC 7672); `secure` when a validating resolver says so.

    None for `values` means that it could not be looked up.
    """

    host: str
    values: tuple[str, ...] | None
    secure: bool


@dataclass(frozen=True, slots=True)
class Dane:
    """DANE of every mail server, best first."""

    domain: str
    hosts: tuple[Tlsa, ...]
    lookups: tuple[Lookup, ...] = ()


@dataclass(frozen=True, slots=True)
class Bimi:
    """The default BIMI record, its logo and its certificate, when they are named."""

    domain: str
    texts: tuple[str, ...]
    logo: Exchange | None = None
    proof: Exchange | None = None
    lookups: tuple[Lookup, ...] = ()


def _usual_selectors(dkim: Dkim, _subject: Subject) -> tuple[Selector, ...]:
    """Selectors that anybody would be asked about, and not which of them the panel signs with."""
    usual = tuple(replace(s, panel=False) for s in dkim.selectors if s.source != "panel")
    return tuple(s for s in usual if s.values or s.alias or s.failed or s.source != "usual")


def _usual_lookups(dkim: Dkim, subject: Subject) -> tuple[Lookup, ...]:
    selectors = _usual_selectors(dkim, subject)
    names = {f"{s.name}._domainkey.{dkim.domain}" for s in selectors}
    return tuple(x for x in dkim.lookups if x.name in names)


DKIM = Key(
    "dkim",
    Dkim,
    PartialDisclosure(
        Dkim, ("domain",), reduced={"selectors": _usual_selectors, "lookups": _usual_lookups}
    ),
)
