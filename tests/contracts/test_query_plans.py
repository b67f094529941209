"""What is asked often finds its rows by an index, on filled tables of both databases."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from accounts.model import Contact, ContactRole, Person
from context import context
from jobs.database_queue import DatabaseQueue
from room import all_chores
from settings import load
from tests.contracts.test_retention import ELSEWHERE
from tests.table_filler import fill
from tests.web.test_ops_api import CONFIG
from tickets.model import TicketState
from wiring.rooms import build
from wizard.runs.limits import Lane

COUNT = 3000  # with fewer, PostgreSQL rightly reads some tables whole
# Few rows by nature, or an hour's worth of which all is wanted: rightly read whole.
SMALL = {"accounts_people", "accounts_contacts", "status_vantages", "status_overrides",
         "status_heartbeats", "engine_roles", "diagnostics_engine_keys", "accounts_keys", "status_pushes", "status_months", "diagnostics_places", "status_known_components"}  # fmt: skip
SCAN = re.compile(r"\bSCAN (?!CONSTANT|\d)(\w+)\b(?! USING)|Seq Scan on (\w+)")


@pytest.fixture
def rooms(database_url, database, clock, tmp_path):
    """A house whose tables hold thousands of fresh rows and a few that are old."""
    (tmp_path / "jasno.toml").write_text(CONFIG + '\n[retention]\ntickets = "365d"\n')
    env = {"JASNO_VAR": str(tmp_path / "var"), "JASNO_DATABASE_URL": database_url}
    now = clock.now()
    with database.write() as conn:
        fill(conn, lambda n: now - timedelta(days=4000 if n < 5 else 0, seconds=n), COUNT)
        # everything waits, is open or runs, now and then
        some = text("UPDATE jobs SET state = 'waiting', finished_at = NULL WHERE id % 100 = 0")
        conn.execute(some)
        conn.execute(text("UPDATE tickets_tickets SET state = 'open', closed_at = NULL"
                          " WHERE number % 50 = 0"))  # fmt: skip
        conn.execute(text("UPDATE diagnostics_runs SET state = 'queued', finished_at = NULL"
                          " WHERE id LIKE '%00'"))  # fmt: skip
        conn.execute(text("UPDATE status_incidents SET state = 'identified', resolved_at = NULL"
                          " WHERE id LIKE '%00'"))  # fmt: skip
        conn.execute(text("UPDATE notify_subscribers SET state = 'pending', incident = id"
                          " WHERE id LIKE '%00'"))  # fmt: skip
        for table, number in (("status_observations", "vantage"), ("status_rollups", "probe")):
            few = f"CAST(CAST({number} AS INTEGER) % 20 AS TEXT)"
            conn.execute(text(f"UPDATE {table} SET probe = {few}"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE"))
    built = build(context(load(env=env, cwd=tmp_path), clock))
    yield built
    built.close()
    built.ctx.db.close()


@contextmanager
def statements(db):
    """What is sent to the database meanwhile, with its values."""
    sent = []

    def remember(_conn, _cursor, statement, parameters, _context, executemany):
        if not executemany and statement.startswith(("SELECT", "DELETE", "UPDATE")):
            sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", remember)


def scanned(db, sent):
    """Which tables are read whole, by the statement that does so."""
    explain = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "
    slow = {}
    with db.read() as conn:
        for statement, parameters in dict(sent).items():
            plan = conn.exec_driver_sql(explain + statement, parameters).all()
            lines = "\n".join(str(row[-1]) for row in plan)
            names = {name for pair in SCAN.findall(lines) for name in pair if name}
            if names - SMALL:
                slow[statement] = names
    return slow


HOT = {
    "the front page": lambda r: r.status.store.statements(),
    "the days of the front page": lambda r: r.status.store.days(
        r.ctx.clock.now().date() - timedelta(days=90)
    ),
    "an incident's page and feed": lambda r: r.status.store.incident("7"),
    "a report by its token": lambda r: r.wizard.runs.by_token("token"),
    "a shared report": lambda r: r.wizard.runs.by_share("token"),
    "a report's evidence": lambda r: r.wizard.runs.evidence("7"),
    "earlier reports of a domain": lambda r: r.wizard.runs.recent(domain="7"),
    "earlier reports of a person": lambda r: r.wizard.runs.recent(person="7"),
    "earlier reports of an account": lambda r: r.wizard.runs.recent(account="7"),
    "how many wait": lambda r: r.wizard.runs.count_waiting(),
    "who holds a place": lambda r: r.wizard.runs.live(),
    "how many wait in a lane": lambda r: r.wizard.runs.count_waiting(Lane.KNOWN),
    "a watch by its link": lambda r: r.wizard.watches.by_token("token"),
    "what is watched for a person": lambda r: r.wizard.watches.of_person("7"),
    "who asks, by a session": lambda r: r.accounts.store.visitor("token"),
    "who asks, by an API token": lambda r: r.accounts.tokens.by_token("jasno_x"),
    "what was done to a ticket": lambda r: r.accounts.store.audited("ticket:7"),
    "tickets of a customer": lambda r: r.tickets.store.tickets_of(
        Person("7", "m@x.example", "M", contacts=(Contact("A7", ContactRole.OWNER),))
    ),
    "the queue of agents": lambda r: r.tickets.store.queue([TicketState.NEW, TicketState.OPEN]),
    "a ticket's thread": lambda r: r.tickets.store.thread("7", internal=True),
    "a check link": lambda r: r.tickets.invites.by_token("token"),
    "jobs that are due": lambda r: DatabaseQueue(r.ctx.db).due(["7", "mail.send"]),
    "whose domain": lambda r: r.hosting.store.account_of("7"),
    "a probe's looks": lambda r: r.status.store.observations("7", failed=True),
    "how long a probe's answers took": lambda r: list(
        r.status.timeseries.response_times("7", 300, r.ctx.clock.now() - timedelta(days=1))
    ),
    "until when looks are counted": lambda r: r.status.timeseries.counted_until(["7"]),
    "what jobs sent in": lambda r: r.status.heartbeats.pushed(),
    "a job's signals": lambda r: r.status.heartbeats.signals_of("7"),
    "what vantages pushed": lambda r: r.status.vantages.pushed_observations()(),
}


def test_what_is_asked_often_and_what_forgets_uses_an_index(rooms):
    """One test, because filling takes most of its time; forgetting comes last."""
    hot_statements_use_an_index(rooms)
    chores_use_an_index(rooms)


def hot_statements_use_an_index(rooms):
    slow = {}
    for name, ask in HOT.items():
        with statements(rooms.ctx.db) as sent:
            ask(rooms)
        assert sent, name
        if whole := scanned(rooms.ctx.db, sent):
            slow[name] = whole
    assert slow == {}
    whole = [
        "SELECT count(*) FROM diagnostics_runs WHERE symptom = 'x'",
        "DELETE FROM tickets_tickets WHERE subject = 'x'",
    ]
    assert len(scanned(rooms.ctx.db, [(statement, ()) for statement in whole])) == 2, "noticed"


def chores_use_an_index(rooms):
    with statements(rooms.ctx.db) as sent:
        for name, chore in all_chores(rooms).items():
            if name not in ELSEWHERE:
                chore()
        rooms.wizard.credentials.renew()
    assert len(sent) > 20
    assert scanned(rooms.ctx.db, sent) == {}
