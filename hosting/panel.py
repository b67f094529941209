"""The hosting panel as this project needs it. Adapters live in panels/, one file each."""

from __future__ import annotations

from typing import Protocol

from hosting.model import Account, HostingFacts, Service


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

    def services(self, account: str) -> tuple[Service, ...]:
        """What the account pays for, each with its own expiry."""
        ...

    def facts(self, account: str, domain: str) -> HostingFacts:
        """Quotas, limits, redirects and sites of the account, in regard to one of its domains."""
        ...

    def ping(self) -> None:
        """Return when the panel answers; raise PanelError when it does not."""
        ...
