"""Froxlor 2: its API with the key of an administrator. Lists only.

An account is a customer by login name. Figures are in KiB, -1 is unlimited, and they are counted
nightly. Its own source is the source: lib/Froxlor/Api.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from hosting.model import (
    Account,
    HostedService,
    HostedSite,
    HostingFacts,
    PanelContact,
    Resource,
    ServiceKind,
    ServiceState,
    Usage,
)
from hosting.panel import PanelAccess, PanelError
from hosting.panels.panel_values import (
    ABSENT,
    DAILY,
    DOMAIN,
    KIB,
    USER,
    PanelRow,
    amount,
    bound,
    flag,
    row,
    rows,
    usage,
    word,
)
from hosting.panels.vendor_panel import VendorPanel, basic


class FroxlorPanel(VendorPanel):
    """One Froxlor. Safe to use from several threads."""

    name = "froxlor"

    def _auth_headers(self, access: PanelAccess) -> Mapping[str, str]:
        if not access.user or not access.user.isalnum() or not access.user.isascii():
            raise ValueError("user: the API key whose secret the token is")
        return basic(access)

    def account(self, id: str) -> Account | None:
        customer = self._find_user(id)
        return None if customer is None else _account(id, customer, self._domains_of(customer))

    def _owner_of(self, domain: str) -> str:
        domain_rows = self._listing("Domains.listing", "d.domain", domain)
        return next(
            (word(d.get("loginname")) for d in domain_rows if d.get("domain") == domain), ""
        )

    def services(self, account: str) -> tuple[HostedService, ...]:
        return (_service(account, self._require_user(account)),)

    def facts(self, account: str, domain: str) -> HostingFacts:
        customer = self._require_user(account)
        domains = self._domains_of(customer)
        domain_row = next((d for d in domains if d.get("domain") == domain), None)
        if domain_row is None:
            raise PanelError("the account does not have this domain", permanent=True)
        now = self._clock.now()
        return HostingFacts(
            account=_account(account, customer, domains),
            services=(_service(account, customer),),
            usage=_usage(customer, now - DAILY),
            limits=(),
            redirects=(),
            sites=_sites(domain_row),
            as_of=now,
            mail_local=flag(domain_row.get("isemaildomain")),
        )

    def ping(self) -> None:
        self._ask("Customers.listingCount", {})

    def _find_user(self, user: str) -> PanelRow | None:
        if not USER.fullmatch(user):
            return None
        customers = self._listing("Customers.listing", "c.loginname", user)
        return next((c for c in customers if c.get("loginname") == user), None)

    def _domains_of(self, customer: PanelRow) -> tuple[PanelRow, ...]:
        """A customer's domains, without the name below our own that each customer gets."""
        number = amount(customer.get("customerid"))
        if number is None:
            raise PanelError("the panel's answer is not in a form we know")
        domain_rows = self._listing("Domains.listing", "d.customerid", str(number))
        standard_subdomain = amount(customer.get("standardsubdomain"))
        own = (d for d in domain_rows if amount(d.get("customerid")) == number)
        return tuple(
            d
            for d in own
            if standard_subdomain is None or amount(d.get("id")) != standard_subdomain
        )

    def _listing(self, command: str, field: str, value: str) -> tuple[PanelRow, ...]:
        response = row(self._ask(command, {"sql_search": {field: {"op": "=", "value": value}}}))
        if not isinstance(response.get("list"), list):
            raise PanelError("the panel's answer is not in a form we know")
        return rows(response["list"])

    def _ask(self, command: str, params: dict[str, object]) -> object:
        response = row(self._client.call("/api.php", {"command": command, "params": params}))
        if "data" not in response:
            raise PanelError(f"the panel did not answer {command}")
        return response["data"]


def _account(user: str, customer: PanelRow, domains: Iterable[PanelRow]) -> Account:
    person = f"{word(customer.get('firstname'))} {word(customer.get('name'))}".strip()
    name, mail = person or word(customer.get("company")) or user, word(customer.get("email"))
    contacts = (PanelContact(mail, name, "owner"),) if "@" in mail else ()
    names = (word(d.get("domain")) for d in domains)
    return Account(user, name, tuple(n for n in names if DOMAIN.fullmatch(n)), contacts)


def _service(user: str, customer: PanelRow) -> HostedService:
    stopped = flag(customer.get("deactivated"))
    if stopped is None:
        raise PanelError("the panel does not say whether the account is deactivated")
    state = ServiceState.SUSPENDED if stopped else ServiceState.ACTIVE
    return HostedService(user, ServiceKind.PROJECT, user, state)


def _usage(customer: PanelRow, as_of: datetime) -> tuple[Usage, ...]:
    usages: list[Usage] = []
    for resource, field in ((Resource.DISK, "diskspace"), (Resource.TRAFFIC, "traffic")):
        used = amount(customer.get(f"{field}_used", ABSENT), KIB)
        most = bound(customer.get(field, ABSENT), KIB, minus=True)
        usages.extend(usage(resource, used, most, as_of, FroxlorPanel.name))
    return tuple(usages)


def _sites(domain_row: PanelRow) -> tuple[HostedSite, ...]:
    """The folder is an address where the domain only redirects; an alias shows another's."""
    root, alias = word(domain_row.get("documentroot")), domain_row.get("aliasdomain")
    plain = root.startswith("/") and alias in (None, "", "0", 0)
    return (HostedSite(word(domain_row.get("domain")), root),) if plain else ()
