"""A panel behind the JSON API of docs/hosting.md: a bearer token, seven addresses, GET only.

Whatever the other side answers ends in a value or a PanelError; answers and tokens are not repeated
in messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec
import requests

from clock import SystemClock
from hosting.model import Account, FirewallLockout, HostedService, HostingFacts, Mailbox
from hosting.panel import PanelAccess, PanelError
from hosting.panels.circuit_breaker import CircuitBreaker
from observe.network import Network
from observe.session import open_session

V = TypeVar("V")
MAX_BODY = 2_000_000


class HttpPanel:
    """One panel at one address. Safe to use from several threads."""

    name = "http"

    def __init__(self, access: PanelAccess, network: Network) -> None:
        """Raises urls.BadUrl when the address is no web address."""
        self._base = access.url.rstrip("/")
        self._session = open_session(
            network,
            base_url=self._base + "/",
            seconds=access.timeout.total_seconds(),
            max_body=MAX_BODY,
        )
        self._session.headers["Authorization"] = f"Bearer {access.token}"
        self._session.headers["Accept"] = "application/json"
        self._breaker = CircuitBreaker(SystemClock())

    @classmethod
    def connect(cls, access: PanelAccess, network: Network) -> HttpPanel:
        """The panel that a configuration names."""
        return cls(access, network)

    def account(self, id: str) -> Account | None:
        account = self._get(f"/accounts/{quote(id, safe='')}", Account)
        if account is not None and account.id != id:
            raise PanelError("the panel answered about another account")
        return account

    def account_of(self, domain: str) -> Account | None:
        account = self._get(f"/accounts?domain={quote(domain, safe='')}", Account)
        if account is not None and domain not in account.domains:
            raise PanelError("the panel answered about another domain")
        return account

    def services(self, account: str) -> tuple[HostedService, ...]:
        path = f"/accounts/{quote(account, safe='')}/services"
        return _present(self._get(path, tuple[HostedService, ...]))

    def facts(self, account: str, domain: str) -> HostingFacts:
        path = f"/accounts/{quote(account, safe='')}/facts?domain={quote(domain, safe='')}"
        hosting_facts = _present(self._get(path, HostingFacts))
        if hosting_facts.account.id != account:
            raise PanelError("the panel answered about another account")
        moments = [hosting_facts.as_of, *(u.as_of for u in hosting_facts.usage)]
        moments += [m for limit in hosting_facts.limits for m in (limit.since, limit.as_of)]
        figures = (n for u in hosting_facts.usage for n in (u.used, u.limit or 0))
        if not _aware(moments) or any(n < 0 for n in figures):
            raise PanelError("the panel gave a time without its zone, or a figure below zero")
        return hosting_facts

    def mailbox(self, account: str, address: str) -> Mailbox | None:
        mailbox = self._of_account(account, "mailbox", address, Mailbox)
        if mailbox is None:
            return None
        if mailbox.address.lower() != address.lower():
            raise PanelError("the panel answered about another mailbox")
        moments = [mailbox.as_of, *([mailbox.sent_since] if mailbox.sent_since else [])]
        figures = (mailbox.used, mailbox.limit, mailbox.sent, mailbox.send_limit)
        if not _aware(moments) or any(n is not None and n < 0 for n in figures):
            raise PanelError("the panel gave a time without its zone, or a figure below zero")
        return mailbox

    def lockout(self, account: str, address: str) -> FirewallLockout | None:
        lockout = self._of_account(account, "lockout", address, FirewallLockout)
        if lockout is None:
            return None
        moments = [m for m in (lockout.as_of, lockout.since, lockout.until) if m is not None]
        if lockout.address != address or not _aware(moments):
            raise PanelError("the panel answered about another address, or a time without its zone")
        return lockout

    def ping(self) -> None:
        self._get("/ping", object)

    def _of_account(self, account: str, resource: str, address: str, shape: type[V]) -> V | None:
        query = f"?address={quote(address, safe='')}"
        return self._get(f"/accounts/{quote(account, safe='')}/{resource}{query}", shape)

    def _get(self, path: str, shape: type[V]) -> V | None:
        """One answer in its shape; None for 404."""
        self._breaker.check()
        try:
            answer = self._session.get(self._base + path)
        except requests.RequestException as error:
            self._breaker.record_failure()
            raise PanelError(f"the panel cannot be reached ({type(error).__name__})") from error
        self._breaker.record_status(answer.status_code)
        if answer.status_code == 404:
            return None
        if answer.status_code in (401, 403):
            raise PanelError("the panel refuses our token", permanent=True)
        if answer.status_code != 200:
            raise PanelError(f"the panel answered with HTTP {answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=shape)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise PanelError("the panel's answer is not in the agreed form") from error


def _present(value: V | None) -> V:
    if value is None:
        raise PanelError("the panel does not know this account or domain", permanent=True)
    return value


def _aware(moments: Iterable[datetime]) -> bool:
    return all(moment.tzinfo is not None for moment in moments)
