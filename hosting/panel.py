"""The hosting panel as this project needs it. Adapters live in panels/, one file each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from hosting.model import Account, FirewallLockout, HostedService, HostingFacts, Mailbox
from observe.network import Network


class PanelError(Exception):
    """The panel did not answer, or not in its own language. `permanent` when a retry is useless."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Panel(Protocol):
    """Where a provider keeps what customers have. Blocking: callers run it in an executor."""

    name: str

    def account(self, id: str) -> Account | None:
        """One account by its id, or None. Raises PanelError."""
        ...

    def account_of(self, domain: str) -> Account | None:
        """The account a registrable domain belongs to, or None when it is nobody's here."""
        ...

    def services(self, account: str) -> tuple[HostedService, ...]:
        """What the account pays for, each with its own expiry."""
        ...

    def facts(self, account: str, domain: str) -> HostingFacts:
        """Quotas, limits, redirects and sites of the account, in regard to one of its domains."""
        ...

    def mailbox(self, account: str, address: str) -> Mailbox | None:
        """One mailbox of the account; None when this panel cannot tell. A mailbox that is not
        there is an answer (ABSENT)."""
        ...

    def lockout(self, account: str, address: str) -> FirewallLockout | None:
        """Whether a customer's own internet address is kept out; None when it cannot tell."""
        ...

    def ping(self) -> None:
        """Return when the panel answers; raise PanelError when it does not."""
        ...


@dataclass(frozen=True, slots=True)
class PanelAccess:
    """How a panel is reached, as `[panel]` in the configuration says."""

    url: str = ""
    token: str = field(default="", repr=False)
    timeout: timedelta = timedelta(seconds=5)
    user: str = ""  # whose token it is, where the panel wants to know


class PanelKind(Protocol):
    """An adapter's class: its name in the configuration, and how one is made."""

    name: str

    def connect(self, access: PanelAccess, network: Network) -> Panel:
        """A panel that is ready to be asked."""
        ...
