"""Handler of `hosting.sync` jobs: fetches accounts from the panel and stores them as the snapshot. Blocking."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from hosting.panel import Panel, PanelError
from hosting.store import KIND, HostingStore, StoredAccount, SyncPayload
from jobs.model import Handler, Handlers, Job, Retry

MAX_DOMAINS = 200  # of one account, looked at closely; the rest are known by name only
RETRY_AFTER = timedelta(minutes=2)


def sync(panel: Panel, store: HostingStore, account_id: str) -> bool:
    """Ask the panel about one account and keep the answer. False when there is no such account.

    Raises PanelError; the earlier snapshot then stays.
    """
    account = panel.account(account_id)
    if account is None:
        store.forget(account_id)
        return False
    services = panel.services(account_id)
    facts = {}
    for domain in account.domains[:MAX_DOMAINS]:
        try:
            facts[domain.lower()] = panel.facts(account_id, domain)
        except PanelError as error:
            if not error.permanent:
                raise
    store.keep(StoredAccount(account, services, facts))
    return True


def handlers(panel: Panel, store: HostingStore) -> Handlers:
    """What runs `hosting.sync`. Twice does no harm; a panel that is away is asked again later."""

    def run(job: Job) -> None:
        payload = msgspec.json.decode(job.payload, type=SyncPayload)
        try:
            sync(panel, store, payload.account)
        except PanelError as error:
            if error.permanent:
                raise
            raise Retry(str(error), RETRY_AFTER) from error

    return {KIND: Handler(run, blocking=True, payload=SyncPayload)}
