"""What observe/ returns, without judgement: certificate, HTTP exchange, mail dialogue, registration, delegation.

Imports standards/ only. A failure to see is a value here (`trouble`), never an exception.
Names are lower-case A-labels without the trailing dot; addresses are text; times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from standards.dns_types import NO_TIME, Lookup, Record, Trouble
from standards.registration.model import RegistryState


@dataclass(frozen=True, slots=True)
class Certificate:
    """An X.509 certificate as served (RFC 5280). `names` are the DNS names of the SAN."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    serial: str
    fingerprint: str  # SHA-256, hex
    key: str  # "rsa", "ec", "ed25519", …
    bits: int
    signature: str  # hash name, such as "sha256"
    self_signed: bool = False
    sha512: str = ""  # of the whole certificate, hex
    key_sha256: str = ""  # of its SubjectPublicKeyInfo, as TLSA records name it
    key_sha512: str = ""


@dataclass(frozen=True, slots=True)
class Handshake:
    """One TLS handshake. `chain` is as served, leaf first; `verified` against our trust roots.

    `valid_until` is when the first certificate of the verified chain ends, its root included;
    certificates that were served and are not needed do not count. None when not verified.

    Trust, name and dates are apart: an expired leaf from a trusted issuer is `verified`, and its
    dates tell the rest. `verify_error` is the reason when not verified. Without `trust_checked` our
    own trust roots could not be read, and nothing is known of trust.
    """

    host: str
    ip: str
    port: int
    at: datetime
    version: str = ""  # "TLSv1.3"
    cipher: str = ""
    chain: tuple[Certificate, ...] = ()
    verified: bool = False
    verify_error: str = ""
    name_matches: bool = False
    elapsed: timedelta = NO_TIME
    trouble: Trouble | None = None
    detail: str = ""
    valid_until: datetime | None = None
    trust_checked: bool = True

    def has_ended(self, at: datetime) -> bool:
        """Whether the certificate is out of date; False where none was shown."""
        return bool(self.chain) and self.chain[0].not_after <= at

    def begins_after(self, at: datetime) -> bool:
        """Whether the certificate is not valid yet; False where none was shown."""
        return bool(self.chain) and self.chain[0].not_before > at

    def is_accepted(self, at: datetime) -> bool:
        """Whether programs that insist on a good certificate take it, as far as trust was looked at."""
        is_in_date = not self.has_ended(at) and not self.begins_after(at)
        return self.name_matches and not self.is_distrusted and is_in_date

    @property
    def is_distrusted(self) -> bool:
        """Whether trust was looked at and is not there."""
        return self.trust_checked and not self.verified


@dataclass(frozen=True, slots=True)
class Phases:
    """How long each part of an exchange took. Zero when the part was not reached."""

    resolve: timedelta = NO_TIME
    connect: timedelta = NO_TIME
    tls: timedelta = NO_TIME
    first_byte: timedelta = NO_TIME
    body: timedelta = NO_TIME

    @property
    def total(self) -> timedelta:
        return self.resolve + self.connect + self.tls + self.first_byte + self.body


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request and its answer (RFC 9110); a redirect is not followed inside it.

    `headers` are (lower-case name, value) in the order received; `excerpt` is the beginning of
    the decoded body as text; `body_bytes` counts what was read before the limit.
    `passed_over` are addresses of the name that were tried before `ip`, each with why it failed, or
    None when it had not answered yet.
    """

    url: str
    at: datetime
    method: str = "GET"
    ip: str = ""
    port: int = 0
    status: int = 0
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    excerpt: str = ""
    body_bytes: int = 0
    truncated: bool = False
    phases: Phases = Phases()
    handshake: Handshake | None = None
    trouble: Trouble | None = None
    detail: str = ""
    passed_over: tuple[tuple[str, Trouble | None], ...] = ()

    def header(self, name: str) -> str:
        """The first value of a header, or "" when absent."""
        lower_name = name.lower()
        return next((v for k, v in self.headers if k == lower_name), "")


@dataclass(frozen=True, slots=True)
class RedirectChain:
    """A chain of redirects: each hop an Exchange; `outcome` says why it ended.

    `outcome`: "arrived", "loop", "too_many", "trouble", "bad_target", "elsewhere" (what was sent
    would have gone to another origin).
    """

    start: str
    hops: tuple[Exchange, ...]
    outcome: str

    @property
    def last(self) -> Exchange:
        return self.hops[-1]


@dataclass(frozen=True, slots=True)
class SmtpDialogue:
    """The opening of an SMTP conversation (RFC 5321): greeting, EHLO, STARTTLS, EHLO, AUTH, QUIT.

    `waited` is the time from the connection to the greeting: some servers let strangers wait on
    purpose. `connected` is False when there was no connection at all. `secured` are the
    extensions offered after STARTTLS. `signed_in` is None when nobody tried; `refused` is the
    server's answer to a sign-in or a STARTTLS that it declined.
    """

    host: str
    ip: str
    port: int
    at: datetime
    greeting: str = ""
    code: int = 0
    extensions: tuple[str, ...] = ()
    starttls: bool = False
    handshake: Handshake | None = None
    elapsed: timedelta = NO_TIME
    trouble: Trouble | None = None
    detail: str = ""
    connected: bool = False
    waited: timedelta = NO_TIME
    secured: tuple[str, ...] = ()
    signed_in: bool | None = None
    refused: str = ""

    @property
    def methods(self) -> tuple[str, ...]:
        """The ways to sign in that are offered at last (RFC 4954)."""
        offered = self.secured or self.extensions
        return tuple(m for e in offered if e.startswith("AUTH ") for m in e.split()[1:])


@dataclass(frozen=True, slots=True)
class DialogueLine:
    """One line of a conversation: `sent` by us, or received."""

    sent: bool
    text: str


@dataclass(frozen=True, slots=True)
class Quota:
    """One resource of a quota root (RFC 9208): STORAGE in bytes here, MESSAGE and others counted."""

    root: str
    resource: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a mailbox. `size` in bytes, None when the server does not tell (RFC 8438)."""

    name: str
    messages: int | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class MailboxDialogue:
    """The opening of an IMAP or POP3 conversation. `signed_in` is None when nobody tried.

    `refused` is what the server answered to STARTTLS or to the sign-in. `quotas` and `folders`
    only after a sign-in that asked for them; `quota_told` is False when the server knows none.
    """

    protocol: str
    host: str
    ip: str
    port: int
    at: datetime
    greeting: str = ""
    capabilities: tuple[str, ...] = ()
    handshake: Handshake | None = None
    signed_in: bool | None = None
    refused: str = ""
    lines: tuple[DialogueLine, ...] = ()
    resolve: timedelta = NO_TIME
    connect: timedelta = NO_TIME
    elapsed: timedelta = NO_TIME
    trouble: Trouble | None = None
    detail: str = ""
    quotas: tuple[Quota, ...] = ()
    folders: tuple[Folder, ...] = ()
    quota_told: bool = False


@dataclass(frozen=True, slots=True)
class Registration:
    """A registry's answer about a domain. A date the registry does not publish is None.

    `registrar_expires` is the registrar's own date, which may be earlier than the registry's;
    `referral` is where the registrar answers; `retry_after` is how long a throttling server asks
    to be left alone.
    `epp` holds status values in camelCase (RFC 5731, 8056). `raw` is the answer as received, cut
    to a few kilobytes, without personal contact lines. `source` is "rdap" or "whois".
    """

    domain: str
    state: RegistryState
    asked_at: datetime
    source: str = ""
    server: str = ""
    expires: date | None = None
    created: date | None = None
    epp: tuple[str, ...] = ()
    registrar: str = ""
    nameservers: tuple[str, ...] = ()
    signed: bool | None = None
    raw: str = ""
    trouble: Trouble | None = None
    detail: str = ""
    registrar_expires: date | None = None
    referral: str = ""
    retry_after: timedelta | None = None
    entered_expires: date | None = None  # by the operator, where nobody publishes a date


@dataclass(frozen=True, slots=True)
class Vantage:
    """A vantage point: the address families and ports it can reach. Its gaps are our fault."""

    name: str
    ipv4: bool = True
    ipv6: bool = False
    port25: bool = True


@dataclass(frozen=True, slots=True)
class Reachability:
    """Whether a host and port could be connected to; `ip` is the address tried."""

    host: str
    port: int
    ip: str
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Our own connectivity: `vantage` holds only what works.

    `roots` and `resolvers` are one question to each of some root servers and of our resolvers;
    `ports` are tries at port 25 elsewhere.
    """

    vantage: Vantage
    at: datetime
    roots: tuple[Lookup, ...] = ()
    resolvers: tuple[Lookup, ...] = ()
    ports: tuple[Reachability, ...] = ()

    @property
    def resolving(self) -> bool:
        """Whether any of our resolvers answers; True when there are none."""
        return not self.resolvers or any(lookup.rcode == "NOERROR" for lookup in self.resolvers)

    @property
    def cut_off(self) -> bool:
        """Whether no server at all answered us."""
        lookups = (*self.roots, *self.resolvers)
        return bool(lookups) and all(lookup.trouble is not None for lookup in lookups)


class Delegated(StrEnum):
    """How the walk from the root ended for a zone."""

    YES = "yes"  # the parent refers to name servers for exactly this name
    NXDOMAIN = "nxdomain"  # the parent says the name does not exist
    NO = "no"  # the name exists inside the parent's own zone, without a delegation
    UNREACHABLE = "unreachable"  # nobody above answered; nothing is known


@dataclass(frozen=True, slots=True)
class NameServer:
    """A name server of a delegation: `glue` as the parent gave it, `addresses` as resolved."""

    name: str
    glue: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    trouble: Trouble | None = None  # why it has no address
    alias: str = ""  # what its name is a CNAME of, which RFC 2181, 10.3 forbids


@dataclass(frozen=True, slots=True)
class Delegation:
    """The walk from the root to a zone, with every one of its servers asked (RFC 1034, 5.3.3).

    `soa` and `ns` hold one Lookup for each server address; `trail` the walk itself; `ds` is
    what the parent publishes. `cname` is set when the name is an alias instead of a zone.
    `parents` holds what each of the parent's servers says of the zone's NS; `above` names each
    zone from the root down to the parent with its servers as (name, address).
    """

    domain: str
    parent: str
    outcome: Delegated
    parent_ns: tuple[str, ...] = ()
    servers: tuple[NameServer, ...] = ()
    ds: tuple[Record, ...] = ()
    soa: tuple[Lookup, ...] = ()
    ns: tuple[Lookup, ...] = ()
    trail: tuple[Lookup, ...] = ()
    cname: str = ""
    parents: tuple[Lookup, ...] = ()
    above: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """(server name, address) of every server, for asking each of them something more."""
        return tuple((s.name, a) for s in self.servers for a in s.addresses)
