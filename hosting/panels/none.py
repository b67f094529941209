"""No panel: nobody has an account here. The default, and quiet."""

from __future__ import annotations

from hosting.model import Account, FirewallLockout, HostedService, HostingFacts, Mailbox
from hosting.panel import PanelAccess, PanelError
from observe.network import Network


class NoPanel:
    """A panel that knows nobody."""

    name = "none"

    @classmethod
    def connect(cls, access: PanelAccess, network: Network) -> NoPanel:
        """Needs nothing."""
        del access, network
        return cls()

    def account(self, id: str) -> Account | None:
        del id
        return None

    def account_of(self, domain: str) -> Account | None:
        del domain
        return None

    def services(self, account: str) -> tuple[HostedService, ...]:
        raise PanelError(
            f"no panel is configured, so account {account[:40]!r} is unknown", permanent=True
        )

    def facts(self, account: str, domain: str) -> HostingFacts:
        del domain
        raise PanelError(
            f"no panel is configured, so account {account[:40]!r} is unknown", permanent=True
        )

    def mailbox(self, account: str, address: str) -> Mailbox | None:
        del account, address
        return None

    def lockout(self, account: str, address: str) -> FirewallLockout | None:
        del account, address
        return None

    def ping(self) -> None:
        """Always there."""
