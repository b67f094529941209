"""Base of the adapters for vendors' panels: the client, finding a domain's owner, unsupported calls.

Each adapter says how it signs its questions, and reads its own answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Mapping
from typing import Self

from clock import SystemClock
from hosting.model import Account, FirewallLockout, HostedService, HostingFacts, Mailbox
from hosting.panel import PanelAccess, PanelError
from hosting.panels.json_client import JsonClient
from hosting.panels.panel_values import DOMAIN, PanelRow
from observe.network import Network


class VendorPanel(ABC):
    """A panel asked over HTTP in its own language. Safe to use from several threads."""

    def __init__(self, access: PanelAccess, network: Network) -> None:
        """Raises ValueError when the address, the user or the token cannot be used."""
        self._client = JsonClient(access, network, self._auth_headers(access))
        self._clock = SystemClock()

    @classmethod
    def connect(cls, access: PanelAccess, network: Network) -> Self:
        """The panel that a configuration names."""
        return cls(access, network)

    @abstractmethod
    def account(self, id: str) -> Account | None: ...

    @abstractmethod
    def services(self, account: str) -> tuple[HostedService, ...]: ...

    @abstractmethod
    def facts(self, account: str, domain: str) -> HostingFacts: ...

    @abstractmethod
    def ping(self) -> None: ...

    def account_of(self, domain: str) -> Account | None:
        if not DOMAIN.fullmatch(domain):
            return None
        account = self.account(self._owner_of(domain))
        return account if account is not None and domain in account.domains else None

    def mailbox(self, account: str, address: str) -> Mailbox | None:
        del account, address  # not known, unless an adapter knows better
        return None

    def lockout(self, account: str, address: str) -> FirewallLockout | None:
        del account, address  # none of them tells of its firewall
        return None

    @abstractmethod
    def _auth_headers(self, access: PanelAccess) -> Mapping[str, str]:
        """The headers that prove who asks. Raises ValueError."""

    @abstractmethod
    def _owner_of(self, domain: str) -> str:
        """The user a domain belongs to, "" for nobody. Raises PanelError."""

    @abstractmethod
    def _find_user(self, user: str) -> PanelRow | None:
        """What the panel says of a user; None when there is none. Raises PanelError."""

    def _require_user(self, user: str) -> PanelRow:
        user_row = self._find_user(user)
        if user_row is None:
            raise PanelError("the panel does not know this account", permanent=True)
        return user_row


def basic(access: PanelAccess) -> Mapping[str, str]:
    """HTTP Basic (RFC 7617). Raises ValueError."""
    if not access.token.isascii():
        raise ValueError("token: it holds what no header can carry")
    sign = b64encode(f"{access.user}:{access.token}".encode()).decode()
    return {"Authorization": f"Basic {sign}"}
