"""cPanel & WHM: WHM API 1 with an API token, UAPI through it. Read only.

An account is a cPanel user. api.docs.cpanel.net is the source; what differs there is told below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from hosting.model import (
    Account,
    HostedService,
    HostedSite,
    HostingFacts,
    Mailbox,
    MailboxState,
    PanelContact,
    Redirect,
    Resource,
    ServiceKind,
    ServiceState,
    Usage,
)
from hosting.panel import PanelAccess, PanelError
from hosting.panels.panel_values import (
    ABSENT,
    DOMAIN,
    MIB,
    USER,
    PanelRow,
    UsageLimit,
    amount,
    bound,
    flag,
    public,
    row,
    rows,
    usage,
    within,
    word,
)
from hosting.panels.vendor_panel import VendorPanel

_PHP = re.compile(r"(?:ea|alt)-php([0-9])([0-9]{1,2})")
_PATH = re.compile(r"/[A-Za-z0-9._~/%-]*")
# The domains of an account; the rest are names below them.
ACCOUNT_DOMAIN_TYPES = ("main", "addon", "parked")


class CpanelPanel(VendorPanel):
    """One WHM server. Safe to use from several threads."""

    name = "cpanel"

    _host = ""  # remembered once the panel has told it

    def _auth_headers(self, access: PanelAccess) -> Mapping[str, str]:
        if not USER.fullmatch(access.user):
            raise ValueError("user: the WHM user whose API token this is, such as root")
        return {"Authorization": f"whm {access.user}:{access.token}"}

    def account(self, id: str) -> Account | None:
        user_row = self._find_user(id)
        return None if user_row is None else _account(id, user_row, self._domain_rows("user", id))

    def _owner_of(self, domain: str) -> str:
        return next((word(n.get("user")) for n in self._domain_rows("domain", domain)), "")

    def services(self, account: str) -> tuple[HostedService, ...]:
        return (self._service(account, self._require_user(account)),)

    def facts(self, account: str, domain: str) -> HostingFacts:
        user_row = self._require_user(account)
        names = self._domain_rows("user", account)
        panel_account = _account(account, user_row, names)
        if domain not in panel_account.domains:
            raise PanelError("the account does not have this domain", permanent=True)
        served_here = tuple(n for n in names if within(word(n.get("domain")), domain))
        service = self._service(account, user_row)
        now = self._clock.now()
        return HostingFacts(
            account=panel_account,
            services=(service,),
            usage=self._usage(account, now),
            limits=(),  # WHM does not tell how often CloudLinux' limits were hit
            redirects=_redirects(rows(self._uapi(account, "Mime", "list_redirects")), domain),
            sites=tuple(_sites(served_here, service.server)),
            as_of=now,
            mail_local=self._mail_local(account, domain),
        )

    def mailbox(self, account: str, address: str) -> Mailbox | None:
        address = address.lower()
        local, _, domain = address.rpartition("@")
        # The main mailbox, named as its user, is in no list; it cannot be told from none.
        if local in ("", account) or not DOMAIN.fullmatch(domain) or not self._find_user(account):
            return None
        if domain not in {word(n.get("domain")) for n in self._domain_rows("user", account)}:
            return None
        params = {"domain": domain, "email": local}
        boxes = self._uapi(account, "Email", "list_pops_with_disk", params)
        passed = self._forwards(account, domain, address)
        for box in rows(boxes):
            if word(box.get("email")).lower() == address:
                return _mailbox(address, box, passed or (), self._clock.now())
        if not isinstance(boxes, list) or passed is None:
            return None
        return self._without_mailbox(account, domain, address, passed)

    def _without_mailbox(
        self, user: str, domain: str, address: str, passed: tuple[str, ...]
    ) -> Mailbox | None:
        """An address without a mailbox: passed on, or absent when no mail can arrive."""
        if passed:
            return Mailbox(address, MailboxState.FORWARD, self._clock.now(), forwards=passed)
        if self._is_deliverable_otherwise(user, domain, address):
            return None
        return Mailbox(address, MailboxState.ABSENT, self._clock.now())

    def ping(self) -> None:
        self._whm("version", {})

    def _usage(self, user: str, now: datetime) -> tuple[Usage, ...]:
        quota = row(self._uapi(user, "Quota", "get_quota_info"))
        others = rows(self._uapi(user, "ResourceUsage", "get_usages"))
        space = _quota(quota, "megabytes_used", ("megabyte_limit", "megabytes_limit"), MIB)
        files = _quota(quota, "inodes_used", ("inode_limit", "inodes_limit"), 1)
        return (
            *usage(Resource.DISK, *space, now, self.name),
            *usage(Resource.INODES, *files, now, self.name),
            *usage(Resource.TRAFFIC, *_statistic(others, "bandwidth"), now, self.name),
            *usage(Resource.DATABASE, *_databases(others), now, self.name),
        )

    def _mail_local(self, user: str, domain: str) -> bool | None:
        """Its routing as set; "auto" is what cPanel made of the MX. A backup MX is neither."""
        for exchanger in rows(self._uapi(user, "Email", "list_mxs", {"domain": domain})):
            if word(exchanger.get("domain")) == domain:
                routing = word(exchanger.get("mxcheck"))
                routing = word(exchanger.get("detected")) if routing == "auto" else routing
                return {"local": True, "remote": False}.get(routing)
        return None

    def _forwards(self, user: str, domain: str, address: str) -> tuple[str, ...] | None:
        """Where an address is passed on; () for nowhere; None when that cannot be told."""
        forwarders = self._uapi(user, "Email", "list_forwarders", {"domain": domain})
        if not isinstance(forwarders, list):
            return None
        to = [
            word(f.get("forward"))
            for f in rows(forwarders)
            if word(f.get("dest")).lower() == address
        ]
        mail = tuple(t for t in to if "@" in t and not t.startswith(("|", ":", '"')))
        return None if to and not mail else mail

    def _is_deliverable_otherwise(self, user: str, domain: str, address: str) -> bool:
        """Whether mail finds its way without a mailbox: a list, a catch-all, another server."""
        if self._mail_local(user, domain) is not True:
            return True
        lists = self._uapi(user, "Email", "list_lists", {"domain": domain})
        if not isinstance(lists, list) or address in {word(x.get("list")) for x in rows(lists)}:
            return True
        for default_address in rows(
            self._uapi(user, "Email", "list_default_address", {"domain": domain})
        ):
            if word(default_address.get("domain")) == domain:
                refused = word(default_address.get("defaultaddress")).lstrip("\"'")
                return not refused.startswith((":fail:", ":blackhole:"))
        return True

    def _service(self, user: str, user_row: PanelRow) -> HostedService:
        if not self._host:
            self._host = word(self._whm("gethostname", {}).get("hostname"))
        stopped = flag(user_row.get("suspended"))
        if stopped is None:
            raise PanelError("the panel does not say whether the account is suspended")
        state = ServiceState.SUSPENDED if stopped else ServiceState.ACTIVE
        reason = word(user_row.get("suspendreason")) if stopped else ""
        name = word(user_row.get("domain")) or user
        return HostedService(
            user, ServiceKind.PROJECT, name, state, server=self._host, reason=reason
        )

    def _find_user(self, user: str) -> PanelRow | None:
        """An account's line. The search is exact, but older WHM read it as a pattern."""
        if not USER.fullmatch(user):
            return None
        params = {"searchtype": "user", "searchmethod": "exact", "search": user}
        account_rows = self._whm("listaccts", params).get("acct")
        if not isinstance(account_rows, list):
            raise PanelError("the panel's answer is not in a form we know")
        return next((a for a in rows(account_rows) if a.get("user") == user), None)

    def _domain_rows(self, field: str, value: str) -> tuple[PanelRow, ...]:
        """The domains whose `field` is `value`."""
        params = {
            "api.filter.enable": "1",
            "api.filter.a.field": field,
            "api.filter.a.type": "eq",
            "api.filter.a.arg0": value,
        }
        domain_rows = self._whm("get_domain_info", params).get("domains")
        if not isinstance(domain_rows, list):
            raise PanelError("the panel's answer is not in a form we know")
        return tuple(n for n in rows(domain_rows) if n.get(field) == value)

    def _whm(self, function: str, params: dict[str, str]) -> PanelRow:
        response = row(self._client.get(f"/json-api/{function}", {"api.version": "1", **params}))
        if flag(row(response.get("metadata")).get("result")) is not True:
            raise PanelError(f"the panel did not answer {function}")
        return row(response.get("data"))

    def _uapi(
        self, user: str, module: str, function: str, params: dict[str, str] | None = None
    ) -> object:
        """What a function of the account says; None when it is switched off or failed."""
        who = {"cpanel.user": user, "cpanel.module": module, "cpanel.function": function}
        response = row(self._whm("uapi_cpanel", {**who, **(params or {})}).get("uapi"))
        return response.get("data") if flag(response.get("status")) is True else None


def _account(user: str, user_row: PanelRow, names: Iterable[PanelRow]) -> Account:
    own = [word(n.get("domain")) for n in names if n.get("domain_type") in ACCOUNT_DOMAIN_TYPES]
    mails = [m.strip() for m in word(user_row.get("email")).split(",")]
    contacts = tuple(PanelContact(m, user, "owner") for m in mails if "@" in m and " " not in m)
    return Account(user, word(user_row.get("domain")) or user, tuple(filter(None, own)), contacts)


def _quota(
    quota: PanelRow, used: str, limits: tuple[str, ...], unit: int
) -> tuple[int | None, UsageLimit | None]:
    """Used and limit; 0 is unlimited. Both 0 is a server that does not count. `under_*` is not
    looked at: their own sample says 0 there for an unlimited account."""
    used_amount = amount(quota.get(used, ABSENT), unit)
    limit_value = next((quota[name] for name in limits if name in quota), ABSENT)
    most = bound(limit_value, unit, zero=True)
    return (None, None) if not used_amount and most == UsageLimit(None) else (used_amount, most)


def _statistic(statistics: Iterable[PanelRow], id: str) -> tuple[int | None, UsageLimit | None]:
    """A line of get_usages in bytes; null is unlimited, and so is 0."""
    for statistic in statistics:
        if statistic.get("id") == id and statistic.get("error", ABSENT) is None:
            if statistic.get("formatter") != "format_bytes":
                return None, None
            most = bound(statistic.get("maximum", ABSENT), zero=True, null=True)
            return amount(statistic.get("usage", ABSENT)), most
    return None, None


def _databases(statistics: tuple[PanelRow, ...]) -> tuple[int | None, UsageLimit | None]:
    """MySQL's and PostgreSQL's together; servers without PostgreSQL have no line for it."""
    used, most = _statistic(statistics, "cachedmysqldiskusage")
    if used is None or not any(
        statistic.get("id") == "cachedpostgresdiskusage" for statistic in statistics
    ):
        return used, most
    more, _ = _statistic(statistics, "cachedpostgresdiskusage")
    return (None, None) if more is None else (used + more, most)


def _sites(names: Iterable[PanelRow], server: str) -> Iterable[HostedSite]:
    for domain_row in names:
        root, host = word(domain_row.get("docroot")), word(domain_row.get("domain"))
        version = _PHP.fullmatch(word(domain_row.get("php_version")))
        php = f"{version[1]}.{version[2]}" if version else ""
        addresses = public((domain_row.get("ipv4"), domain_row.get("ipv6")))
        if root and host:
            yield HostedSite(host, root, addresses, server, php=php)


def _redirects(redirect_rows: Iterable[PanelRow], domain: str) -> tuple[Redirect, ...]:
    """Those that are plain; a pattern is left out, because it cannot be compared."""
    redirects = []
    for redirect_row in redirect_rows:
        host, path = (
            word(redirect_row.get("domain")) or domain,
            word(redirect_row.get("sourceurl")) or "/",
        )
        host = domain if host in (".*", "ALL") else host
        target, code = word(redirect_row.get("targeturl")), amount(redirect_row.get("statuscode"))
        plain = _PATH.fullmatch(path) and redirect_row.get("kind") in ("rewrite", "redirect")
        if not plain or not within(host, domain) or code not in (301, 302, 303, 307, 308):
            continue
        if target.startswith(("http://", "https://")) and "$" not in target:
            redirects.append(Redirect(host + path.rstrip("/"), target, code))
    return tuple(redirects)


def _mailbox(address: str, box: PanelRow, passed: tuple[str, ...], now: datetime) -> Mailbox:
    """Sizes are the fields with "_", in bytes; 0, null and "unlimited" are no limit."""
    used = amount(box.get("_diskused", ABSENT))
    most = bound(box.get("_diskquota", ABSENT), zero=True, null=True)
    stopped = flag(box.get("suspended_login")) or flag(box.get("suspended_incoming"))
    return Mailbox(
        address,
        MailboxState.SUSPENDED if stopped else MailboxState.ACTIVE,
        now,
        used=None if most is None else used,
        limit=None if used is None or most is None else most.limit,
        forwards=passed,
    )
