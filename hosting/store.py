"""The snapshot of what the panel last said, so that pages need no panel. Tells its age.

Owns the SQL of hosting. Written by sync.py only; never asks the panel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, insert, select

from clock import Clock
from db.documents import declare_reader
from db.engine import Database, repeat_on_conflict
from db.stored import Stored
from db.tables.hosting import accounts, domains
from hosting.model import Account, HostedService, HostingFacts
from jobs.model import Job
from jobs.queue import JobSender

KIND = "hosting.sync"
CHUNK = 500  # jobs put in by one transaction
AT_ONCE = timedelta(0)
ACCOUNTS: Stored[Account] = Stored("hosting.account", Account, body="value")
SERVICES: Stored[tuple[HostedService, ...]] = Stored(
    "hosting.services", tuple[HostedService, ...], body="value"
)
FACTS: Stored[HostingFacts] = Stored("hosting.facts", HostingFacts, body="value")
declare_reader(accounts.c.account, ACCOUNTS.load)
declare_reader(accounts.c.services, SERVICES.load)
declare_reader(domains.c.facts, FACTS.load)


class SyncPayload(msgspec.Struct, frozen=True):
    """The payload of a `hosting.sync` job."""

    account: str


def account_of_job(key: str) -> str:
    """The account that a `hosting.sync` job with this key asks about."""
    return key.rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """Everything the panel said of one account. `facts` by domain."""

    account: Account
    services: tuple[HostedService, ...]
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
        return ACCOUNTS.load_or_none(row[0]) if row else None

    def account_of(self, domain: str) -> Account | None:
        """The account that has a registrable domain, as last seen."""
        query = (
            select(accounts.c.account)
            .join(domains, domains.c.account == accounts.c.id)
            .where(domains.c.domain == domain.lower())
        )
        with self._db.read() as conn:
            row = conn.execute(query).first()
        return ACCOUNTS.load_or_none(row[0]) if row else None

    def accounts(self) -> tuple[Account, ...]:
        """Every account seen, by id."""
        with self._db.read() as conn:
            rows = conn.execute(select(accounts.c.account).order_by(accounts.c.id)).all()
        accounts_ = (ACCOUNTS.load_or_none(row[0]) for row in rows)
        return tuple(account for account in accounts_ if account is not None)

    def services(self, account_id: str) -> tuple[HostedService, ...]:
        """What an account pays for, as last seen; () when nothing is known."""
        query = select(accounts.c.services).where(accounts.c.id == account_id)
        with self._db.read() as conn:
            row = conn.execute(query).first()
        return (SERVICES.load_or_none(row[0]) or ()) if row else ()

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
            rows = {row[0]: FACTS.load_or_none(row[1]) for row in conn.execute(query)}
        account = self.account(account_id)
        order = account.domains if account else ()
        return {name: facts for name in order if (facts := rows.get(name)) is not None}

    def stale(self, older_than: timedelta) -> tuple[str, ...]:
        """Ids of accounts whose snapshot is older than that."""
        limit = self._clock.now() - older_than
        with self._db.read() as conn:
            query = select(accounts.c.id).where(accounts.c.as_of < limit).order_by(accounts.c.id)
            return tuple(row[0] for row in conn.execute(query))

    def request_sync(self, account_ids: Iterable[str], over: timedelta = AT_ONCE) -> None:
        """Ask the engine for fresh snapshots, spread evenly `over` a time, so that a panel is not
        asked about everybody at once; asking twice within a minute is one job each."""
        now, ids = self._clock.now(), tuple(account_ids)
        minute = f"{now:%Y%m%d%H%M}"
        jobs = [
            Job(
                KIND,
                msgspec.json.encode(SyncPayload(account_id)).decode(),
                f"{account_id}:{minute}",  # see account_of_job
                now + over * number / len(ids),
            )
            for number, account_id in enumerate(ids)
        ]
        for start in range(0, len(jobs), CHUNK):  # other writers come in between
            with self._db.write() as conn:
                self._jobs.enqueue_many(conn, jobs[start : start + CHUNK])
        self._jobs.wake()

    @repeat_on_conflict
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
                    account=ACCOUNTS.dump(account),
                    services=SERVICES.dump(snapshot.services),
                    as_of=self._clock.now(),
                )
            )
            rows = [
                {"domain": name, "account": account.id, "facts": _document(snapshot, name)}
                for name in names
            ]
            if rows:
                conn.execute(insert(domains), rows)

    @repeat_on_conflict
    def forget(self, account_id: str) -> None:
        """Drop an account that the panel no longer has."""
        with self._db.write() as conn:
            conn.execute(delete(domains).where(domains.c.account == account_id))
            conn.execute(delete(accounts).where(accounts.c.id == account_id))


def _document(snapshot: StoredAccount, domain: str) -> object:
    facts = snapshot.facts.get(domain)
    return None if facts is None else FACTS.dump(facts)
