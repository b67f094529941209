"""What a miniature internet is made of, described as values: domains, sites, servers, accounts.

Nothing here opens a socket. Times are offsets from the lab's start, so a world never grows old.
Addresses are globally routable-looking; they exist only through the lab's `hosts` map.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from lab.account import PanelAccount
from lab.answer import GREETING, Answer
from lab.certificates import Cert

NO_WAIT = timedelta(0)
ZONE_SERVERS = ("ns1.dns-lab.example", "ns2.dns-lab.example")
"""Where a domain is served unless it says otherwise; every world has these two."""


class ServerFault(StrEnum):
    """What is wrong with a name server, for all its zones or for one of them."""

    SILENT = "silent"  # never answers
    REFUSES = "refuses"  # REFUSED to everything
    SERVFAIL = "servfail"
    LAME = "lame"  # refers upwards to the root, without authority
    NO_AUTHORITY = "no_authority"  # right answers, AA not set
    TRUNCATES = "truncates"  # UDP always cut, TCP works
    NO_TCP = "no_tcp"  # UDP always cut, and TCP closed at once
    NO_EDNS = "no_edns"  # FORMERR when the question carries EDNS
    MALFORMED = "malformed"  # bytes that are no message
    WRONG_ID = "wrong_id"  # somebody else's answer
    WRONG_QUESTION = "wrong_question"  # an answer to another question
    ENDLESS_CNAME = "endless_cname"  # every name is an alias of a longer one
    UDP_ONLY = "udp_only"  # hangs up on TCP
    TWO_SOA = "two_soa"  # gives two SOA records at once
    NO_SOA = "no_soa"  # has the zone, and gives no SOA
    MX_SILENT = "mx_silent"  # leaves questions for MX unanswered
    MX_FAILS = "mx_fails"  # SERVFAIL to questions for MX
    MX_UNSURE = "mx_unsure"  # MX without authority
    CAA_FAILS = "caa_fails"  # SERVFAIL to questions for CAA
    TRICKLES = "trickles"  # cut over UDP, and one byte a second over TCP
    FORGES = "forges"  # signatures that fit other data
    STRIPS = "strips"  # no signatures at all
    FORGES_BELOW = "forges_below"  # the same, only for names below the apex
    UNPROVEN = "unproven"  # says that there is nothing without proving it
    MAZE = "maze"  # refers ever deeper, to servers that need each other
    AMPLIFIES = "amplifies"  # answers as large as a message can be


class Signing(StrEnum):
    """How a zone is signed (RFC 4034)."""

    NO = "no"
    GOOD = "good"
    EXPIRED = "expired"
    NOT_YET = "not_yet"


class Ds(StrEnum):
    """What the parent publishes for the child's key."""

    MATCHING = "matching"  # as the zone is signed; nothing for an unsigned zone
    NONE = "none"
    LEFT_BEHIND = "left_behind"  # the key of an earlier provider
    ALSO_OLD = "also_old"  # the right one, and one of an earlier key
    SHA1 = "sha1"  # the right key, in a digest that is out of date


class Port443(StrEnum):
    """What a web server does on port 443."""

    TLS = "tls"
    PLAIN = "plain"  # speaks HTTP without TLS
    OLD = "old"  # TLS 1.1 at most
    BOTH = "both"  # old TLS beside newer
    GARBAGE = "garbage"  # bytes that are no handshake
    CLOSED = "closed"  # connection refused
    ABSENT = "absent"  # not in the map at all


class Manner(StrEnum):
    """How a registry or mail server treats the asker."""

    NORMAL = "normal"
    SILENT = "silent"
    REFUSES = "refuses"
    BUSY = "busy"  # "try again later": 421, 429, "limit exceeded"
    GARBAGE = "garbage"
    ENDLESS = "endless"  # an answer without end; registries only, as those below
    TRICKLE = "trickle"  # one byte at a time
    LOOPS = "loops"  # RDAP that refers to itself; WHOIS answers
    HUGE = "huge"  # RDAP of many megabytes; WHOIS answers
    RESERVED = "reserved"  # kept back by the registry
    CLOSED = "closed"  # connection refused; mail servers only


@dataclass(frozen=True, slots=True, kw_only=True)
class LabNameserver:
    """One authoritative server under its name; every address leads to the same server."""

    name: str
    addresses: tuple[str, ...]
    fault: ServerFault | None = None
    wait: timedelta = NO_WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What the registry says of a domain. `expires` is None when it does not publish a date.

    `nameservers` are those the registry lists; None: the ones it delegates to.
    """

    expires: timedelta | None = timedelta(days=300)
    created: timedelta | None = timedelta(days=-1500)
    epp: tuple[str, ...] = ("active",)
    registrar: str = "Severní registrátor"
    nameservers: tuple[str, ...] | None = None
    manner: Manner = Manner.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A registered name with its zone, its delegation and its registration.

    `records` are lines in master-file form relative to the zone: "@ A 31.53.12.12",
    "www 300 CNAME @". A missing final dot doubles the name, as in life.
    `servers` hold the zone; `own_ns` is the NS set inside it; `parent_ns` what the parent
    publishes: () means not delegated. `glue` overrides the addresses the parent gives.
    `at_parent` are further records that the parent itself holds at this name.
    `differing` gives a server other records than the rest. After `turns_after` questions of the
    same kind, a server answers from `turned` instead.
    """

    name: str
    records: tuple[str, ...] = ()
    servers: tuple[str, ...] = ZONE_SERVERS
    own_ns: tuple[str, ...] | None = None
    parent_ns: tuple[str, ...] | None = None
    glue: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at_parent: tuple[str, ...] = ()  # such as "TXT registered"
    signing: Signing = Signing.NO
    ds: Ds = Ds.MATCHING
    faults: Mapping[str, ServerFault] = field(default_factory=dict)
    differing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    turned: tuple[str, ...] = ()
    turns_after: int = 1
    remembered: tuple[str, ...] = ()  # what the second resolver still has in its cache
    distrusted: bool = False  # the second resolver still refuses its signatures
    undelegated_at: tuple[str, ...] = ()  # servers of the parent that do not know the domain
    serial: int = 2026010100
    registered: Registered | None = Registered()

    @property
    def zone_ns(self) -> tuple[str, ...]:
        return self.servers if self.own_ns is None else self.own_ns

    @property
    def delegated_to(self) -> tuple[str, ...]:
        return self.zone_ns if self.parent_ns is None else self.parent_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class WebServer:
    """A machine with ports 80 and 443. `default` answers names that no site here claims."""

    name: str
    addresses: tuple[str, ...]
    default: Answer = GREETING
    port443: Port443 = Port443.TLS
    port80: bool = True  # False: connection refused
    certificate: Cert = Cert.GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSite:
    """Names a web server claims, and what it answers on each scheme.

    `paths` are (prefix, answer) for both schemes and go before `http` and `https`; the longest
    prefix wins. `https=None` answers as `http` does.
    """

    names: tuple[str, ...]
    server: str
    http: Answer
    https: Answer | None = None
    paths: tuple[tuple[str, Answer], ...] = ()
    certificate: Cert = Cert.GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class LabMailbox:
    """A mailbox that can be signed in to. Sizes in bytes; `folders` are (name, messages, size).

    `refusal` is what the server says instead of letting anybody in, in IMAP's and SMTP's form.
    """

    address: str
    password: str
    used: int = 0
    limit: int = 1024**3
    folders: tuple[tuple[str, int, int], ...] = (("INBOX", 12, 300_000),)
    refusal: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A machine with port 25. `greeting` is the text after the code.

    `says` is the name it greets by, its own by default. `programs` opens the ports for mail
    programs too (IMAP, POP3, submission); `tls_breaks` offers STARTTLS and then cannot do it.
    """

    name: str
    addresses: tuple[str, ...]
    greeting: str = "ESMTP ready"
    wait: timedelta = NO_WAIT  # before the greeting
    starttls: bool = True
    certificate: Cert = Cert.GOOD
    manner: Manner = Manner.NORMAL
    accepts: tuple[str, ...] = ()  # domains it takes letters for
    says: str = ""
    programs: bool = False
    mailboxes: tuple[LabMailbox, ...] = ()
    tls_breaks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything the lab serves. Top-level domains appear by being used."""

    domains: tuple[Domain, ...] = ()
    nameservers: tuple[LabNameserver, ...] = ()
    web_servers: tuple[WebServer, ...] = ()
    sites: tuple[LabSite, ...] = ()
    mail_servers: tuple[MailServer, ...] = ()
    accounts: tuple[PanelAccount, ...] = ()
    panel_token: str = "lab-panel-token"
    top_level: tuple[str, ...] = ("cz", "sk", "pl", "hr", "eu", "com", "ro", "example", "test")
    rdap: tuple[str, ...] = ("cz", "pl", "com", "example")
    whois: tuple[str, ...] = ("cz", "sk", "pl", "hr", "eu", "com", "ro", "test")
    registries: Mapping[str, Manner] = field(default_factory=dict)  # ill ones, by TLD
    signed_top: bool = True  # are the root and the top-level domains signed
    broken_tops: Mapping[str, Signing] = field(default_factory=dict)  # how else a TLD is signed
    unnamed: tuple[str, ...] = ()  # addresses without a name in the reverse DNS
    dnsbl: tuple[str, ...] = ()  # blocklists to ask; their zones are domains of the world
