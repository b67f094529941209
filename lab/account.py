"""What the lab's hosting panel knows of a customer, as JSON-able values in the panel's own form.

The builders below write the fields of the panel API; offsets become dates at the lab's start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from standards.registration.registry_time_zones import registry_today

JsonRow = dict[str, object]
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelService:
    """One thing the customer pays for; kind: domain, server, project, mail, other."""

    id: str
    kind: str
    name: str
    expires: timedelta | None = timedelta(days=300)
    state: str = "active"  # active, suspended, unpaid, expired
    server: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelUsage:
    """How much is used of disk, traffic, database (bytes) or inodes (count); None is unlimited."""

    resource: str
    used: int
    limit: int | None
    age: timedelta = timedelta(minutes=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelLimit:
    """A security limit with how often it was hit since yesterday."""

    name: str
    faults: int
    age: timedelta = timedelta(minutes=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSite:
    """Which folder serves which host, and where the customer's files really are."""

    host: str
    document_root: str
    addresses: tuple[str, ...] = ()
    server: str = ""
    expected_root: str = ""
    php: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelRedirect:
    """A redirect as set in the panel."""

    source: str
    target: str
    status: int = 301


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelMailbox:
    """A mailbox; state: active, suspended, forward, absent. Sizes in bytes, None is unlimited."""

    address: str
    state: str = "active"
    used: int | None = None
    limit: int | None = None
    forwards: tuple[str, ...] = ()
    sent: int | None = None
    send_limit: int | None = None
    reason: str = ""
    age: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelLockout:
    """An internet address that the firewall keeps out."""

    address: str
    service: str = "imap"
    reason: str = "too many wrong passwords"
    age: timedelta = timedelta(minutes=40)
    lasts: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelDomain:
    """The panel's facts in regard to one domain."""

    name: str
    services: tuple[PanelService, ...] = ()
    usage: tuple[PanelUsage, ...] = ()
    limits: tuple[PanelLimit, ...] = ()
    redirects: tuple[PanelRedirect, ...] = ()
    sites: tuple[PanelSite, ...] = ()
    mail_local: bool | None = None
    dkim: tuple[tuple[str, str], ...] = ()  # (selector, record)
    mailboxes: tuple[PanelMailbox, ...] | None = None  # None: the panel cannot tell


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountContact:
    """A person of the account; role: owner, technical, billing."""

    email: str
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelAccount:
    """A customer of the provider."""

    id: str
    name: str
    contacts: tuple[AccountContact, ...] = ()
    services: tuple[PanelService, ...] = ()  # those that belong to no single domain
    domains: tuple[PanelDomain, ...] = field(default=())
    lockouts: tuple[PanelLockout, ...] = ()


def account_row(account: PanelAccount) -> JsonRow:
    """The account as the panel API gives it."""
    return {
        "id": account.id,
        "name": account.name,
        "domains": [d.name for d in account.domains],
        "contacts": [{"email": c.email, "name": c.name, "role": c.role} for c in account.contacts],
    }


def service_rows(account: PanelAccount, now: datetime) -> list[JsonRow]:
    """All services of the account, those of its domains included."""
    own = account.services + tuple(s for d in account.domains for s in d.services)
    return [_service(s, now) for s in own]


def facts_row(account: PanelAccount, domain: PanelDomain, now: datetime) -> JsonRow:
    """Everything about one domain of the account."""
    return {
        "account": account_row(account),
        "services": [_service(s, now) for s in account.services + domain.services],
        "usage": [_usage(u, now) for u in domain.usage],
        "limits": [_limit(x, now) for x in domain.limits],
        "redirects": [
            {"source": r.source, "target": r.target, "status": r.status} for r in domain.redirects
        ],
        "sites": [_site(s) for s in domain.sites],
        "as_of": now.isoformat(),
        "mail_local": domain.mail_local,
        "dkim": [{"selector": s, "record": r} for s, r in domain.dkim],
    }


def mailbox_row(account: PanelAccount, address: str, now: datetime) -> JsonRow | None:
    """A mailbox of one of the account's domains; None when the panel cannot tell."""
    domain = next((d for d in account.domains if address.endswith(f"@{d.name}")), None)
    if domain is None or domain.mailboxes is None:
        return None
    absent = PanelMailbox(address=address, state="absent")
    mailbox = next((m for m in domain.mailboxes if m.address == address), absent)
    as_of = now - mailbox.age
    return {
        "address": mailbox.address,
        "state": mailbox.state,
        "used": mailbox.used,
        "limit": mailbox.limit,
        "forwards": list(mailbox.forwards),
        "sent": mailbox.sent,
        "send_limit": mailbox.send_limit,
        "sent_since": (as_of - timedelta(minutes=50)).isoformat(),
        "reason": mailbox.reason,
        "as_of": as_of.isoformat(),
    }


def lockout_row(account: PanelAccount, address: str, now: datetime) -> JsonRow:
    """Whether an internet address is kept out."""
    lockout = next((x for x in account.lockouts if x.address == address), None)
    row: JsonRow = {"address": address, "locked": lockout is not None, "as_of": now.isoformat()}
    if lockout is not None:
        since = now - lockout.age
        row |= {"service": lockout.service, "reason": lockout.reason, "since": since.isoformat()}
        row |= {"until": (since + lockout.lasts).isoformat()}
    return row


def _service(service: PanelService, now: datetime) -> JsonRow:
    today = registry_today(service.name, now) if service.kind == "domain" else now.date()
    expires = None if service.expires is None else (today + service.expires).isoformat()
    return {
        "id": service.id,
        "kind": service.kind,
        "name": service.name,
        "state": service.state,
        "expires": expires,
        "server": service.server,
        "reason": service.reason,
    }


def _usage(usage: PanelUsage, now: datetime) -> JsonRow:
    return {
        "resource": usage.resource,
        "used": usage.used,
        "limit": usage.limit,
        "unit": "count" if usage.resource == "inodes" else "bytes",
        "as_of": (now - usage.age).isoformat(),
        "source": "lab-panel",
    }


def _limit(limit: PanelLimit, now: datetime) -> JsonRow:
    return {
        "name": limit.name,
        "faults": limit.faults,
        "since": (now - timedelta(days=1)).isoformat(),
        "as_of": (now - limit.age).isoformat(),
    }


def _site(site: PanelSite) -> JsonRow:
    return {
        "host": site.host,
        "document_root": site.document_root,
        "addresses": list(site.addresses),
        "server": site.server,
        "expected_root": site.expected_root,
        "php": site.php,
    }
