"""Builds this room: the panel, what it said of accounts, and the hourly refresh."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from context import RoomContext
from hosting import sync
from hosting.panel import Panel, PanelAccess
from hosting.panels import PANELS, connect
from hosting.store import KIND, HostingStore, account_of_job
from jobs.model import Handler
from observe.network import Network
from room import Chore, Retention, Room
from settings import SettingsError, schema
from settings.choices import all_checked, one_of
from standards.urls import BadUrl

SPREAD = timedelta(minutes=50)  # the chore comes each hour; the panel is asked evenly in between
STALE = timedelta(hours=6)


@dataclass(frozen=True)
class HostingRoom(Room):
    """What customers have at the provider."""

    ctx: RoomContext
    name = "hosting"

    @cached_property
    def store(self) -> HostingStore:
        """What the panel said, kept."""
        return HostingStore(self.ctx.db, self.ctx.clock, self.ctx.jobs)

    @cached_property
    def panel(self) -> Panel:
        """Where hosting accounts are kept. Raises SettingsError."""
        return configured_panel(self.ctx.settings.panel, self.ctx.network)

    @property
    def has_panel(self) -> bool:
        """Whether the provider keeps accounts anywhere we can ask."""
        return self.ctx.settings.panel.kind != "none"

    def account_of(self, domain: str) -> str:
        """The hosting account of a domain, without asking the panel; "" for nobody's."""
        account = self.store.account_of(domain)
        return account.id if account else ""

    def refresh(self, account: str) -> None:
        """Have the engine ask the panel about an account."""
        self.store.request_sync((account,))

    def refresh_stale(self) -> None:
        """Have the engine ask the panel about all that was not heard of for hours, and that it is
        not going to ask about anyway."""
        awaited = {account_of_job(key) for key in self.ctx.jobs.open_keys(KIND)}
        stale = (account for account in self.store.stale(STALE) if account not in awaited)
        self.store.request_sync(stale, over=SPREAD)

    def configured(self) -> Iterable[Callable[[], object]]:
        yield lambda: configured_panel(self.ctx.settings.panel, Network())
        yield lambda: self.panel

    def handlers(self) -> Mapping[str, Handler]:
        return sync.handlers(self.panel, self.store)

    def chores(self) -> Mapping[str, Chore]:
        return {"asking the panel": self.refresh_stale}

    def retention(self) -> Iterable[Retention]:
        tables = ("hosting_accounts", "hosting_domains")
        why = "as long as the panel knows the account"
        return (Retention("what the panel last said of accounts and domains", tables, why=why),)


def configured_panel(section: schema.PanelSection, network: Network) -> Panel:
    """The panel that settings name. Raises SettingsError."""
    kind = one_of(section.kind, (p.name for p in PANELS), "[panel] kind")
    access = PanelAccess(section.url, section.token, section.timeout, section.user)
    fitting = PanelAccess("https://panel.invalid", "fits", section.timeout, "root")
    trials = (  # one key at a time, so that none hides another
        replace(fitting, url=access.url),
        replace(fitting, token=access.token),
        replace(fitting, user=access.user),
    )
    all_checked(lambda trial: _connected(kind, trial, network), trials)
    return _connected(kind, access, network)


def _connected(kind: str, access: PanelAccess, network: Network) -> Panel:
    try:
        return connect(kind, access, network)
    except BadUrl as error:
        raise SettingsError(f"[panel] url: {error}") from error
    except ValueError as error:
        raise SettingsError(f"[panel] {error}") from error
