"""Evidence about mail: reverse and greeting names, ports, automatic set-up, blocklists, mailbox, sign-in.

Pure values. The keys are listed in keys.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.disclosure import Audience, PartialDisclosure, Reduction
from diagnostics.model import Key
from facts import Exchange, MailboxDialogue, SmtpDialogue
from hosting.model import FirewallLockout, Mailbox
from standards.dns_types import Lookup, Trouble


@dataclass(frozen=True, slots=True)
class ReverseName:
    """An address, its name by the reverse DNS, and the addresses that this name leads to.

    `trouble` is why the way back could not be looked up. `host` is the mail server it belongs to.
    """

    address: str
    ptr: Lookup
    forward: tuple[str, ...] = ()
    trouble: Trouble | None = None
    host: str = ""


@dataclass(frozen=True, slots=True)
class GreetingName:
    """The name a mail server gave in its greeting, looked up."""

    host: str
    name: str
    addresses: tuple[str, ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class ReverseNames:
    """Names both ways: of the provider's sending addresses, of the MX addresses, of greetings."""

    outgoing: tuple[ReverseName, ...] = ()  # () also where it is not ours to ask or nobody told us
    hosts: tuple[ReverseName, ...] = ()
    greetings: tuple[GreetingName, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgramHost:
    """A name that mail programs are set to. `own`: a name of the customer's domain."""

    name: str
    own: bool
    addresses: tuple[str, ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class MailPorts:
    """What answers where mail programs sign in: IMAP 143, 993, POP3 110, 995, submission 465, 587."""

    hosts: tuple[ProgramHost, ...]
    boxes: tuple[MailboxDialogue, ...] = ()
    submissions: tuple[SmtpDialogue, ...] = ()


@dataclass(frozen=True, slots=True)
class SetupTarget:
    """A server that some form of automatic set-up names. `source`: srv, autoconfig, autodiscover."""

    source: str
    name: str
    port: int = 0
    addresses: tuple[str, ...] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class MailSetup:
    """How mail programs set themselves up: SRV (RFC 6186, 8314), Mozilla's autoconfig, Microsoft's
    autodiscover. `configs` are the answers of the web addresses asked, in their order.
    """

    srv: tuple[Lookup, ...]
    configs: tuple[Exchange, ...] = ()
    targets: tuple[SetupTarget, ...] = ()
    unreadable: tuple[str, ...] = ()  # web addresses whose answer claims to be a set-up and is none


@dataclass(frozen=True, slots=True)
class ListTest:
    """The test entries of a blocklist (RFC 5782, 5): `must` be listed, and `never`.

    `sort` is "ipv4", "ipv6" or "domain".
    """

    zone: str
    sort: str
    must: Lookup
    never: Lookup


@dataclass(frozen=True, slots=True)
class Listing:
    """What a blocklist says of an address or a domain; `reason` is its own text."""

    zone: str
    sort: str
    subject: str
    lookup: Lookup
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Blocklists:
    """Every configured list: its test entries, and what it says of our subjects."""

    tests: tuple[ListTest, ...]
    listings: tuple[Listing, ...]


@dataclass(frozen=True, slots=True)
class MailboxFacts:
    """What the panel says of the mailbox, and of the customer's own internet address."""

    mailbox: Mailbox | None = None
    lockout: FirewallLockout | None = None


@dataclass(frozen=True, slots=True)
class SignIns:
    """A sign-in the customer asked for, with the password typed for it, which is gone by now.

    `gone` when the password had expired or could not be opened any more. `elsewhere` when the
    name belongs to nobody we may send a password to.
    """

    address: str
    imap: MailboxDialogue | None = None
    smtp: SmtpDialogue | None = None
    gone: bool = False
    elsewhere: bool = False


def _of_the_domain(name: str) -> Reduction:
    """What blocklists say of the domain; not what they say of the provider's addresses."""
    return lambda lists, _subject: tuple(x for x in getattr(lists, name) if x.sort == "domain")


# The provider's sending addresses are for everyone: its SPF record and every letter it sends tell
# them, and `spf.sent` holds them of every run. What is withheld of `outgoing` is not the addresses
# but that we looked at their names: only a run for a customer does, so it would tell who is one.
REVERSE = Key(
    "mail_names",
    ReverseNames,
    PartialDisclosure(ReverseNames, ("hosts",), {"outgoing": (), "greetings": ()}),
)
PORTS = Key("mail_ports", MailPorts, Audience.RUN_SCOPE)
SETUP = Key("mail_setup", MailSetup, Audience.EVERYONE)
BLOCKLISTS = Key(
    "blocklists",
    Blocklists,
    PartialDisclosure(
        Blocklists, (), reduced={n: _of_the_domain(n) for n in ("tests", "listings")}
    ),
)
MAILBOX = Key("mailbox", MailboxFacts, Audience.ACCOUNT)
SIGN_IN = Key("sign_in", SignIns, Audience.ACCOUNT)
