"""DirectAdmin: the legacy API with json=yes and a login key. Read only.

An account is a user. Figures are texts in megabytes, counted nightly; docs.directadmin.com is the
source, and what it does not say (sizes of mailboxes, mail routing, folders) is not told here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from hosting.model import (
    Account,
    HostedService,
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
    MIB,
    USER,
    PanelRow,
    amount,
    bound,
    flag,
    usage,
    word,
)
from hosting.panels.vendor_panel import VendorPanel, basic


class DirectAdminPanel(VendorPanel):
    """One DirectAdmin server, asked as an administrator. Safe to use from several threads."""

    name = "directadmin"

    def _auth_headers(self, access: PanelAccess) -> Mapping[str, str]:
        if not USER.fullmatch(access.user):
            raise ValueError("user: the administrator whose login key this is, such as admin")
        return basic(access)

    def account(self, id: str) -> Account | None:
        user_config = self._find_user(id)
        return None if user_config is None else self._account(id, user_config)

    def _owner_of(self, domain: str) -> str:
        owners = self._rows("CMD_API_DOMAIN_OWNERS", {"domain": domain})
        if not all(DOMAIN.fullmatch(name) and isinstance(owners[name], str) for name in owners):
            raise PanelError("the panel did not tell who owns the domain")
        return word(owners.get(domain))

    def services(self, account: str) -> tuple[HostedService, ...]:
        return (_service(account, self._require_user(account)),)

    def facts(self, account: str, domain: str) -> HostingFacts:
        user_config = self._require_user(account)
        panel_account = self._account(account, user_config)
        if domain not in panel_account.domains:
            raise PanelError("the account does not have this domain", permanent=True)
        used = self._rows("CMD_API_SHOW_USER_USAGE", {"user": account})
        if _failed(used):
            raise PanelError("the panel did not tell what is used")
        now = self._clock.now()
        return HostingFacts(
            account=panel_account,
            services=(_service(account, user_config),),
            usage=_usage(used, user_config, now - DAILY),
            limits=(),
            redirects=(),
            sites=(),
            as_of=now,
        )

    def ping(self) -> None:
        if not self._users():
            raise PanelError("the panel did not list its users")

    def _account(self, user: str, user_config: PanelRow) -> Account:
        domain_rows = self._rows("CMD_API_SHOW_USER_DOMAINS", {"user": user})
        if _failed(domain_rows):
            raise PanelError("the panel did not tell the account's domains")
        domains = tuple(name for name in domain_rows if DOMAIN.fullmatch(name))
        mail = word(user_config.get("email"))
        contacts = (
            (PanelContact(mail, word(user_config.get("name")) or user, "owner"),)
            if "@" in mail
            else ()
        )
        return Account(user, word(user_config.get("name")) or user, domains, contacts)

    def _find_user(self, user: str) -> PanelRow | None:
        """A user's settings. A refusal is absence only when the list of users says so too."""
        if not USER.fullmatch(user):
            return None
        user_config = self._rows("CMD_API_SHOW_USER_CONFIG", {"user": user})
        if not _failed(user_config) and user_config.get("username") == user:
            return user_config
        if user in self._users():
            raise PanelError("the panel did not tell the account's settings")
        return None

    def _users(self) -> tuple[str, ...]:
        response = self._client.get("/CMD_API_SHOW_ALL_USERS", {"json": "yes"})
        listed = response.get("list") if isinstance(response, dict) else response
        if not isinstance(listed, list) or not listed:
            raise PanelError("the panel did not list its users")
        return tuple(word(user) for user in listed)

    def _rows(self, command: str, params: dict[str, str]) -> PanelRow:
        response = self._client.get(f"/{command}", {**params, "json": "yes"})
        if not isinstance(response, dict):
            raise PanelError("the panel's answer is not in a form we know")
        return response


def _failed(response: PanelRow) -> bool:
    """Errors come with status 200, as {"error": "1"} or with words in the place of the 1."""
    return "error" in response and flag(response["error"]) is not False


def _service(user: str, user_config: PanelRow) -> HostedService:
    stopped = flag(user_config.get("suspended"))
    if stopped is None:
        raise PanelError("the panel does not say whether the account is suspended")
    state = ServiceState.SUSPENDED if stopped else ServiceState.ACTIVE
    return HostedService(user, ServiceKind.PROJECT, word(user_config.get("domain")) or user, state)


def _usage(used: PanelRow, most: PanelRow, as_of: datetime) -> tuple[Usage, ...]:
    usages: list[Usage] = []
    for resource, field, unit in (
        (Resource.DISK, "quota", MIB),
        (Resource.INODES, "inode", 1),
        (Resource.TRAFFIC, "bandwidth", MIB),
    ):
        used_amount, limit = (
            amount(used.get(field, ABSENT), unit),
            bound(most.get(field, ABSENT), unit),
        )
        usages.extend(usage(resource, used_amount, limit, as_of, DirectAdminPanel.name))
    return tuple(usages)
