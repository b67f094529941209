"""What a customer has with the provider: accounts, services, usage, limits, redirects as set.

Pure values. Sizes in bytes; a limit of None means unlimited; every figure tells its age.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ServiceKind(StrEnum):
    """What can expire separately: the domain, the server, the web project."""

    DOMAIN = "domain"
    SERVER = "server"
    PROJECT = "project"
    MAIL = "mail"
    OTHER = "other"


class ServiceState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    UNPAID = "unpaid"
    EXPIRED = "expired"


class Resource(StrEnum):
    DISK = "disk"
    INODES = "inodes"
    TRAFFIC = "traffic"
    DATABASE = "database"  # all databases together


@dataclass(frozen=True, slots=True)
class HostedService:
    """One thing the customer pays for. `server` is the provider's name of the machine."""

    id: str
    kind: ServiceKind
    name: str
    state: ServiceState = ServiceState.ACTIVE
    expires: date | None = None
    server: str = ""
    reason: str = ""  # why it is suspended, as the panel says


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a resource is used. `unit` is "bytes" or "count"; `source` names the panel."""

    resource: Resource
    used: int
    limit: int | None
    unit: str
    as_of: datetime
    source: str


@dataclass(frozen=True, slots=True)
class ResourceLimit:
    """A security limit: requests, CPU time, memory, connections, processes.

    `faults` counts how often it was hit since `since`; a momentary usage is no finding, faults are.
    `name` is one of cpu, memory, io, iops, entry_processes, processes, connections, queries, or as
    CloudLinux spells it (EP, NPROC); another one is told without an effect.
    """

    name: str
    faults: int
    since: datetime
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect as set in the panel. `source` is a host or host/path; `target` an absolute URL."""

    source: str
    target: str
    status: int = 301


@dataclass(frozen=True, slots=True)
class HostedSite:
    """A web site as the panel knows it: which name serves which folder, from which addresses."""

    host: str
    document_root: str
    addresses: tuple[str, ...] = ()
    server: str = ""
    expected_root: str = ""  # where the customer's files really are, when the panel can tell
    php: str = ""  # the version it is set to, such as "8.3"


@dataclass(frozen=True, slots=True)
class PanelContact:
    """A person the account's owner has named. `role` is owner, technical or billing."""

    email: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Account:
    """A customer of the provider."""

    id: str
    name: str
    domains: tuple[str, ...]
    contacts: tuple[PanelContact, ...] = ()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The public half of a key the panel signs mail with: its selector and the TXT value to set."""

    selector: str
    record: str


@dataclass(frozen=True, slots=True)
class HostingFacts:
    """Everything the panel told us of one account in regard to one domain."""

    account: Account
    services: tuple[HostedService, ...]
    usage: tuple[Usage, ...]
    limits: tuple[ResourceLimit, ...]
    redirects: tuple[Redirect, ...]
    sites: tuple[HostedSite, ...]
    as_of: datetime
    mail_local: bool | None = None  # does the panel deliver this domain's mail itself
    dkim: tuple[SigningKey, ...] = ()  # keys it signs this domain's mail with


class MailboxState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    FORWARD = "forward"  # hands everything on and keeps nothing
    ABSENT = "absent"  # the panel knows the domain, and no such address in it


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox as the panel knows it. Sizes in bytes; what the panel cannot tell is None.

    A `limit` of None with `used` known means unlimited. `sent` counts messages since `sent_since`,
    of which `send_limit` an hour are allowed.
    """

    address: str
    state: MailboxState
    as_of: datetime
    used: int | None = None
    limit: int | None = None
    forwards: tuple[str, ...] = ()
    sent: int | None = None
    send_limit: int | None = None
    sent_since: datetime | None = None
    reason: str = ""  # why it is suspended, as the panel says


@dataclass(frozen=True, slots=True)
class FirewallLockout:
    """Whether the provider's firewall keeps an internet address out, and since when."""

    address: str
    locked: bool
    as_of: datetime
    service: str = ""  # "imap", "smtp", "ftp", …
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Expectations:
    """What DNS should say if the domain is served here. Provider-wide, or one account's.

    `mailbox_hosts` are where customers' mail programs sign in; `outgoing` the addresses (or
    networks) that the provider's mail leaves from.
    """

    nameservers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()  # where web sites of this provider (or account) answer
    mail_hosts: tuple[str, ...] = ()
    own: bool = False  # True when these are the account's own, not the provider-wide ones
    mailbox_hosts: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    spf_include: str = ""
    dkim_selectors: tuple[str, ...] = ()
