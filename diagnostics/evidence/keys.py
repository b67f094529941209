"""What each collector yields: a key with its type and who may see it.

Pure. Adding a collector adds its value type and its key here, and one line to KEYS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from diagnostics.disclosure import Audience, PartialDisclosure, each
from diagnostics.evidence.mail import BLOCKLISTS, MAILBOX, PORTS, REVERSE, SETUP, SIGN_IN
from diagnostics.evidence.mail_authentication import DKIM, Bimi, Dane, Dmarc, Spf, Sts
from diagnostics.evidence.web import TLS, WEB
from diagnostics.model import Evidence, Item, Key
from facts import (
    Delegated,
    Delegation,
    Registration,
    SmtpDialogue,
    Standpoint,
)
from hosting.model import Expectations, HostingFacts
from instructions.model import Instructions
from standards.dns_types import Lookup, Trouble
from subject import Subject


def referred_zone(lookup: Lookup) -> str:
    """The zone that an answer refers to instead of answering (RFC 1034, 4.3.2), or ""."""
    if lookup.answers or "aa" in lookup.flags or lookup.rcode != "NOERROR":
        return ""
    return next((r.name for r in lookup.authority if r.type == "NS"), "")


@dataclass(frozen=True, slots=True)
class Records:
    """Answers of every authoritative server for the zone's names and types of interest.

    `zone` is the zone that was found by walking; `lookups` one per (name, type, server address).
    """

    zone: str
    lookups: tuple[Lookup, ...]

    def at(self, name: str, type: str) -> tuple[Lookup, ...]:
        """Every server's answer to one question, the failed ones included."""
        return tuple(x for x in self.lookups if x.name == name and x.type == type)

    def answered(self, name: str, type: str) -> tuple[Lookup, ...]:
        """Only real answers (NOERROR or NXDOMAIN); "ask over there" tells nothing of the name."""
        return tuple(
            x
            for x in self.at(name, type)
            if not x.trouble and x.rcode in ("NOERROR", "NXDOMAIN") and not referred_zone(x)
        )

    def values(self, name: str, type: str) -> tuple[str, ...]:
        """The distinct values that the servers give, in order of first appearance."""
        all_values = (v for x in self.answered(name, type) for v in x.values(type))
        return tuple(dict.fromkeys(all_values))


def subject_in_zone(subject: Subject, zone: str) -> Subject:
    """The subject by the zone that holds it: a subdomain that is a zone of its own is one."""
    if subject.above or not zone.endswith(f".{subject.domain}"):
        return subject
    if not f".{subject.host}".endswith(f".{zone}"):
        return subject
    return replace(subject, domain=zone, above=subject.domain)


def located_subject(subject: Subject, delegation: Delegation | None) -> Subject:
    """The same by what the walk brought home."""
    is_delegated = delegation is not None and delegation.outcome is Delegated.YES
    return subject_in_zone(subject, delegation.domain) if is_delegated and delegation else subject


def doubled_name(host: str, zone: str) -> str:
    """The name that appears when a zone editor adds the zone to a full name (a missing dot)."""
    return f"{host}.{zone}"


def acme_challenge_name(host: str) -> str:
    """Where a certificate authority looks for a proof by DNS (RFC 8555, 8.4)."""
    return f"_acme-challenge.{host}"


def unused_name(zone: str) -> str:
    """A name nobody sets up; it answers only where a wildcard record does."""
    return f"jasno-unused-name.{zone}"


@dataclass(frozen=True, slots=True)
class MailHost:
    """One MX target with its addresses; `dialogue` only in contact or staff scope.

    `alias` is the name it is a CNAME of, or "".
    """

    name: str
    preference: int
    addresses: tuple[str, ...] = ()
    trouble: Trouble | None = None
    dialogue: SmtpDialogue | None = None
    alias: str = ""


@dataclass(frozen=True, slots=True)
class MailServers:
    """Where mail for the domain goes. `mx` is the authoritative answer of each server.

    `implicit` are the addresses that senders fall back to where there is no MX (RFC 5321, 5.1).
    `unasked` is why nobody was greeted: "withheld", "no_account", "port25", "no_ipv6_here".
    `reference` is our own mail server, greeted because all of these stayed silent: when it is
    silent too, the fault is our own line.
    """

    domain: str
    mx: tuple[Lookup, ...]
    hosts: tuple[MailHost, ...]
    implicit: tuple[str, ...] = ()
    unasked: str = ""
    reference: SmtpDialogue | None = None


@dataclass(frozen=True, slots=True)
class DnssecKeys:
    """DNSSEC as seen at the zone's servers: DNSKEY and the signature over it, and the SOA's.

    `further` are NSEC3PARAM, CDS and CDNSKEY of every server. `above` holds DNSKEY of each zone
    from the root to the parent, `ds` the DS sets on the way down; `anchor` what the root's keys
    must match, as DS records; without any the root is taken as it is.
    """

    dnskey: tuple[Lookup, ...]
    soa: tuple[Lookup, ...]
    signed: bool
    further: tuple[Lookup, ...] = ()
    above: tuple[Lookup, ...] = ()
    ds: tuple[Lookup, ...] = ()
    anchor: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameServerFacts:
    """What more each name server address tells of itself.

    `tcp` is the zone's SOA asked over TCP; `ptr` its name by the reverse DNS; `hosts` the A and
    AAAA of the name servers inside the zone, by every server. `whole` is the delegation once the
    slow and the silent were waited for, when it tells more than the first look at it.
    """

    tcp: tuple[Lookup, ...]
    ptr: tuple[Lookup, ...]
    hosts: tuple[Lookup, ...] = ()
    whole: Delegation | None = None


@dataclass(frozen=True, slots=True)
class ResolverCaches:
    """What resolvers have in their caches: one lookup for each (name, type, resolver)."""

    lookups: tuple[Lookup, ...]


@dataclass(frozen=True, slots=True)
class MatchingIncident:
    """Open incidents or maintenance that match; "" when there are none. Of several all are in the
    title, the worst first, and in the id, with spaces between; nothing is said of when. Title and page
    by language: who reads the report is known only when it is read. `areas` are what the customer has
    on the machines that they touch ("web", "mail"); () where nobody knows."""

    id: str = ""
    title: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    url: Mapping[str, str] = field(default_factory=dict)
    planned: bool = False  # work that was announced
    areas: tuple[str, ...] = ()
    is_outage: bool = True  # something does not work, and is not only slow


@dataclass(frozen=True, slots=True)
class InstructedRecords:
    """What another provider's instructions ask for, and what is in DNS at those names now: each
    name and type at every server of `zone`."""

    zone: str
    asked: Instructions
    lookups: tuple[Lookup, ...] = ()


_PUBLIC_MAIL_HOST = PartialDisclosure(
    MailHost, ("name", "preference", "addresses", "trouble", "alias"), {"dialogue": None}
)

DELEGATION = Key("delegation", Delegation, Audience.EVERYONE)
RECORDS = Key("records", Records, Audience.EVERYONE)
DNSSEC = Key("dnssec", DnssecKeys, Audience.EVERYONE)
SERVERS = Key("servers", NameServerFacts, Audience.EVERYONE)
CACHES = Key("caches", ResolverCaches, Audience.EVERYONE)
# Without contact lines, and without the date that the operator entered for customers.
REGISTRATION = Key(
    "registration",
    Registration,
    PartialDisclosure(
        Registration,
        (
            *("domain", "state", "asked_at", "source", "server", "expires", "created", "epp"),
            *("registrar", "nameservers", "signed", "trouble", "detail", "registrar_expires"),
            *("referral", "retry_after"),
        ),
        {"raw": "", "entered_expires": None},
    ),
)
# Who was greeted, and what they answered, stays with those whose mail it is.
MAIL = Key(
    "mail",
    MailServers,
    PartialDisclosure(
        MailServers,
        ("domain", "mx", "implicit"),
        {"unasked": "withheld", "reference": None},
        {"hosts": each("hosts", _PUBLIC_MAIL_HOST)},
    ),
)
SPF = Key("spf", Spf, Audience.EVERYONE)
DMARC = Key("dmarc", Dmarc, Audience.EVERYONE)
STS = Key("sts", Sts, Audience.EVERYONE)
DANE = Key("dane", Dane, Audience.EVERYONE)
BIMI = Key("bimi", Bimi, Audience.EVERYONE)
HOSTING = Key("hosting", HostingFacts, Audience.ACCOUNT)
EXPECTED = Key("expected", Expectations, Audience.RUN_SCOPE)
KNOWN_INCIDENT = Key("known", MatchingIncident, Audience.RUN_SCOPE)
STANDPOINT = Key("standpoint", Standpoint, Audience.EVERYONE)
INSTRUCTED = Key("instructed", InstructedRecords, Audience.ASKER)  # what the asker pasted

KEYS: tuple[Key[object], ...] = (
    DELEGATION,
    RECORDS,
    DNSSEC,
    SERVERS,
    CACHES,
    REGISTRATION,
    WEB,
    TLS,
    MAIL,
    REVERSE,
    PORTS,
    SETUP,
    BLOCKLISTS,
    MAILBOX,
    SIGN_IN,
    SPF,
    DKIM,
    DMARC,
    STS,
    DANE,
    BIMI,
    HOSTING,
    EXPECTED,
    KNOWN_INCIDENT,
    STANDPOINT,
    INSTRUCTED,
)
TYPES: dict[str, type[object]] = {key.name: key.type for key in KEYS}


def evidence_of(items: tuple[Item[object], ...]) -> Evidence:
    """Evidence from items, by key."""
    return Evidence({item.key: item for item in items})
