"""The snapshot of what the panel last said, so that pages need no panel. Tells its age.

Owns the SQL of hosting. Written by sync.py only; never asks the panel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from sqlalchemy import delete, insert, select

from clock import Clock
from db.engine import Database
from db.tables.hosting import accounts, domains
from hosting.model import Account, HostingFacts, Service, Usage
from jobs.model import Job
from jobs.queue import JobSender

SCHEMA = 1
KIND = "hosting.sync"
V = TypeVar("V")


class SyncPayload(msgspec.Struct, frozen=True):
    """The payload of a `hosting.sync` job."""

    account: str


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """Everything the panel said of one account. `facts` by domain."""

    account: Account
    services: tuple[Service, ...]
    facts: Mapping[str, HostingFacts]


class HostingStore:
    """The last snapshot of each account."""

    def __init__(self, db: Database, clock: Clock, jobs: JobSender) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs

    def account(self, id: str) -> Account | None:
        """An account by its id, as last seen."""
        with self._db.read() as conn:
            row = conn.execute(select(accounts.c.account).where(accounts.c.id == id)).first()
        return _value(row[0], Account) if row else None

    def account_of(self, domain: str) -> Account | None:
        """The account that has a registrable domain, as last seen."""
        query = (
            select(accounts.c.account)
            .join(domains, domains.c.account == accounts.c.id)
            .where(domains.c.domain == domain.lower())
        )
        with self._db.read() as conn:
            row = conn.execute(query).first()
        return _value(row[0], Account) if row else None

    def accounts(self) -> tuple[Account, ...]:
        """Every account seen, by id."""
        with self._db.read() as conn:
            rows = conn.execute(select(accounts.c.account).order_by(accounts.c.id)).all()
        found = (_value(row[0], Account) for row in rows)
        return tuple(account for account in found if account is not None)

    def services(self, account_id: str) -> tuple[Service, ...]:
        """What an account pays for, as last seen; () when nothing is known."""
        query = select(accounts.c.services).where(accounts.c.id == account_id)
        with self._db.read() as conn:
            row = conn.execute(query).first()
        return (_value(row[0], tuple[Service, ...]) or ()) if row else ()

    def seen_at(self, account_id: str) -> datetime | None:
        """When the panel was last asked about an account."""
        query = select(accounts.c.as_of).where(accounts.c.id == account_id)
        with self._db.read() as conn:
            row = conn.execute(query).first()
        return row[0] if row else None

    def facts_by_domain(self, account_id: str) -> Mapping[str, HostingFacts]:
        """What is known of each domain of an account, in the panel's order of domains."""
        query = select(domains.c.domain, domains.c.facts).where(domains.c.account == account_id)
        with self._db.read() as conn:
            rows = {row[0]: _value(row[1], HostingFacts) for row in conn.execute(query)}
        account = self.account(account_id)
        order = account.domains if account else ()
        return {name: facts for name in order if (facts := rows.get(name)) is not None}

    def facts(self, account_id: str, domain: str = "") -> HostingFacts | None:
        """What is known of one domain of an account, or of all together; None when nothing is.

        All together: each different figure once, `as_of` the oldest, `services` all of them.
        """
        known = self.facts_by_domain(account_id)
        if domain:
            return known.get(domain.lower())
        if not known:
            return None
        merged = _merged(tuple(known.values()))
        return replace(merged, services=self.services(account_id) or merged.services)

    def stale(self, older_than: timedelta) -> tuple[str, ...]:
        """Ids of accounts whose snapshot is older than that."""
        limit = self._clock.now() - older_than
        with self._db.read() as conn:
            query = select(accounts.c.id).where(accounts.c.as_of < limit).order_by(accounts.c.id)
            return tuple(row[0] for row in conn.execute(query))

    def request_sync(self, account_ids: Iterable[str]) -> None:
        """Ask the engine for fresh snapshots; asking twice within a minute is one job each."""
        now = self._clock.now()
        minute = f"{now:%Y%m%d%H%M}"
        with self._db.write() as conn:
            for id in account_ids:  # noqa: A001 - the trade's own word
                payload = msgspec.json.encode(SyncPayload(id)).decode()
                self._jobs.enqueue(conn, Job(KIND, payload, f"{id}:{minute}", now))
        self._jobs.wake()

    def keep(self, snapshot: StoredAccount) -> None:
        """Replace what is known of an account. A domain that moved here leaves its old account."""
        account = snapshot.account
        names = tuple(dict.fromkeys(name.lower() for name in account.domains))
        with self._db.write() as conn:
            conn.execute(delete(domains).where(domains.c.account == account.id))
            conn.execute(delete(accounts).where(accounts.c.id == account.id))
            for start in range(0, len(names), 500):
                part = names[start : start + 500]
                conn.execute(delete(domains).where(domains.c.domain.in_(part)))
            conn.execute(
                insert(accounts).values(
                    id=account.id,
                    account=_stored(account),
                    services=_stored(snapshot.services),
                    as_of=self._clock.now(),
                )
            )
            rows = [
                {"domain": name, "account": account.id, "facts": _stored(snapshot.facts.get(name))}
                for name in names
            ]
            if rows:
                conn.execute(insert(domains), rows)

    def forget(self, account_id: str) -> None:
        """Drop an account that the panel no longer has."""
        with self._db.write() as conn:
            conn.execute(delete(domains).where(domains.c.account == account_id))
            conn.execute(delete(accounts).where(accounts.c.id == account_id))


def _stored(value: object) -> object:
    return None if value is None else {"schema": SCHEMA, "value": value}


def _value(stored: object, shape: type[V]) -> V | None:
    """A stored document again; None when it is of a form this version does not read."""
    if not isinstance(stored, dict) or stored.get("schema") != SCHEMA:
        return None
    try:
        return msgspec.convert(stored.get("value"), type=shape)
    except msgspec.ValidationError:
        return None


def _merged(known: tuple[HostingFacts, ...]) -> HostingFacts:
    local = {facts.mail_local for facts in known} - {None}
    return HostingFacts(
        known[0].account,
        _each(s for f in known for s in f.services),
        _usage(known),
        _each(x for f in known for x in f.limits),
        _each(r for f in known for r in f.redirects),
        _each(s for f in known for s in f.sites),
        min(f.as_of for f in known),
        local.pop() if len(local) == 1 else None,
    )


def _usage(known: tuple[HostingFacts, ...]) -> tuple[Usage, ...]:
    return _each(u for f in known for u in f.usage)


def _each(values: Iterable[V]) -> tuple[V, ...]:
    return tuple(dict.fromkeys(values))
