"""Runs worked on by the engine, over real sockets of the lab."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

import lab
from clock import SystemClock
from db.engine import connect
from db.tables.jobs import jobs
from diagnostics.collectors.model import Collector, Sources
from diagnostics.evidence.keys import INSTRUCTED, KEYS, MAIL, RECORDS
from diagnostics.evidence.web import WEB
from diagnostics.model import FindingStatus, Item, Missing, RunState, Scope
from hosting.panel import PanelAccess, PanelError
from hosting.panels.http import HttpPanel
from jobs.database_queue import DatabaseQueue, DatabaseSender
from jobs.model import ClaimLimit, Handler, Job
from jobs.worker import Worker
from observe.network import Network
from subject import parse_subject
from tests.diagnostics_world import ACCOUNT, EXPECTED, OFFICE, WORLD, Recording
from tests.draining import drain as drain_worker
from tests.people_rows import add_people
from tests.run_places import FIRST
from wizard.runs.handler import MAX_ATTEMPTS, Evaluator, Reports, Runner, handlers
from wizard.runs.store import RunStore


@pytest.fixture(scope="module")
def world():
    with lab.running(WORLD) as running:
        yield running


class Engine:
    """A store, a worker and what the run may see; the clock is real, the world is the lab."""

    def __init__(self, url, world, **more):
        self.clock = SystemClock()
        self.db = connect(url, clock=self.clock)
        add_people(self.db, "mara", "zed")
        self.store = RunStore(self.db, self.clock, DatabaseSender())
        self.network = Network.from_table(world.network)
        access = PanelAccess(url=world.panel_url, token=world.panel_token)
        self.panel = Recording(HttpPanel(access, self.network))
        self.sources = Sources(self.network, EXPECTED, self.panel, self.incident)
        self.evaluator = Evaluator(self.clock)
        self.runner = Runner(self.store, lambda: self.sources, self.evaluator, **more)
        self.reports = Reports(self.store, self.evaluator)
        self.asked_incidents = []
        self.finished = []

    def incident(self, machines, domain):
        self.asked_incidents.append((machines, domain))

    def begin(self, target, scope=Scope.PUBLIC, symptom="something_else", **more):
        return self.store.create(parse_subject(target), scope, symptom, **{"place": FIRST, **more})[
            0
        ]

    async def drain(self):
        async def heard(job):
            self.finished.append(job.key)

        every = {**handlers(self.runner), "diagnosis.finished": Handler(heard)}
        worker = Worker(DatabaseQueue(self.db), every, self.clock, "test")
        try:
            await drain_worker(worker)
        finally:
            worker.close()

    async def run(self, *args, **more):
        run = self.begin(*args, **more)
        await self.drain()
        return self.store.by_id(run.id)

    def heads(self, run):
        """What stands alone in the report, that failed or warned."""
        report = self.reports.full(run)
        return [
            j.finding.id
            for j in report.findings
            if j.status in (FindingStatus.FAIL, FindingStatus.WARN) and not j.cause
        ]

    def jobs(self, kind):
        with self.db.read() as conn:
            query = select(jobs.c.state, jobs.c.key).where(jobs.c.kind == kind)
            return [tuple(row) for row in conn.execute(query)]

    def close(self):
        self.runner.close()
        self.db.close()


@pytest.fixture
def engine(sqlite_url, world):
    new_engine = Engine(sqlite_url, world)
    yield new_engine
    new_engine.close()


async def test_a_run_gathers_everything_and_ends_once(engine) -> None:
    run = await engine.run("fine.example", Scope.CONTACT, account=ACCOUNT, person="mara")
    assert run.state is RunState.DONE
    evidence = engine.store.evidence(run.id)
    rest = {INSTRUCTED.name, "mailbox", "sign_in"}
    assert set(evidence.items) | rest == {key.name for key in KEYS}
    unset = {"blocklists", "mail_ports", "mailbox", "sign_in"}  # nothing to look at
    assert {k for k, i in evidence.items.items() if i.value is None} == unset
    assert evidence[WEB].chains[0].last.status == 200
    assert engine.finished == [run.id]
    assert engine.heads(run) == []


async def test_the_answers_of_every_server_are_kept(engine) -> None:
    run = await engine.run("fine.example")
    records = engine.store.evidence(run.id)[RECORDS]
    assert len(records.at("www.fine.example", "A")) == 2
    assert records.values("www.fine.example", "A") == ("31.53.12.12",)
    assert records.at("www.fine.example.fine.example", "A")


async def test_a_name_below_a_further_cut_is_asked_over_there(engine) -> None:
    run = await engine.run("shop.office.deep.example")
    records = engine.store.evidence(run.id)[RECORDS]
    assert records.values("shop.office.deep.example", "A") == ("31.53.12.12",)
    assert {x.server_name for x in records.at("shop.office.deep.example", "A")} == {OFFICE}
    assert records.zone == "office.deep.example"
    assert "dns.host.missing" not in engine.heads(run)


async def test_a_contact_learns_what_the_panel_knows(engine) -> None:
    run = await engine.run("full.example", Scope.CONTACT, account=ACCOUNT)
    assert "hosting.disk.over" in engine.heads(run)
    assert engine.panel.calls == [f"facts {ACCOUNT} full.example"]
    assert engine.asked_incidents == [(("web12",), "full.example")]


async def test_zed_causes_no_request_to_the_panel(engine, world) -> None:
    world.panel_requests.clear()
    run = await engine.run("full.example", Scope.PUBLIC, account=ACCOUNT, person="zed")
    assert engine.panel.calls == []
    assert list(world.panel_requests) == []
    evidence = engine.store.evidence(run.id)
    assert evidence.items["hosting"].missing is Missing.WITHHELD
    assert not evidence.items["expected"].value.own
    assert engine.asked_incidents == [((), "full.example")]
    assert "hosting.disk.over" not in [j.finding.id for j in engine.reports.full(run).findings]


@pytest.mark.parametrize(
    ("scope", "account", "greeted"),
    [
        (Scope.PUBLIC, "", False),
        (Scope.PUBLIC, ACCOUNT, False),
        (Scope.STAFF, "", False),
        (Scope.STAFF, ACCOUNT, True),
        (Scope.CONTACT, ACCOUNT, True),
    ],
)
async def test_mail_servers_are_greeted_only_for_an_account_s_own_domain(
    engine, scope, account, greeted
) -> None:
    run = await engine.run("fine.example", scope, account=account)
    dialogues = [host.dialogue for host in engine.store.evidence(run.id)[MAIL].hosts]
    assert [d is not None and d.code == 220 for d in dialogues] == [greeted]


async def test_a_silent_panel_leaves_the_rest_standing(engine) -> None:
    def refuse(_account, _domain):
        raise PanelError("the panel does not answer")

    engine.panel.facts = refuse
    run = await engine.run("full.example", Scope.CONTACT, account=ACCOUNT)
    evidence = engine.store.evidence(run.id)
    assert evidence.items["hosting"].missing is Missing.TROUBLE
    assert evidence[WEB].chains[0].last.status == 200
    unknown = [
        j.check for j in engine.reports.full(run).findings if j.status is FindingStatus.UNKNOWN
    ]
    assert "hosting.disk" in unknown


async def test_a_symptom_gathers_only_what_it_needs(engine) -> None:
    run = await engine.run("fine.example", symptom="mail_not_arriving")
    gathered = set(engine.store.evidence(run.id).items)
    assert "mail" in gathered
    assert "tls" not in gathered


async def test_a_run_whose_engine_was_killed_is_done_once_by_the_next(engine) -> None:
    run = engine.begin("fine.example")
    long_ago = engine.clock.now() - timedelta(minutes=5)
    lease = long_ago - engine.clock.now()
    DatabaseQueue(engine.db).claim({"diagnosis.run": ClaimLimit(lease)}, "killed")
    engine.store.claim(run.id)
    engine.store.save_item(run.id, Item("web", None, engine.clock.now(), missing=Missing.TROUBLE))
    await engine.drain()
    assert engine.store.by_id(run.id).state is RunState.DONE
    assert engine.finished == [run.id]
    assert engine.jobs("diagnosis.run") == [("done", run.id)]
    assert engine.store.evidence(run.id).get(WEB) is not None


async def test_an_ended_run_is_left_alone(engine) -> None:
    run = await engine.run("fine.example")
    before = engine.store.by_id(run.id)
    job = Job("diagnosis.run", f'{{"run":"{run.id}"}}', "again", engine.clock.now())
    with engine.db.write() as conn:
        DatabaseSender().enqueue(conn, job)
    await engine.drain()
    assert engine.store.by_id(run.id) == before
    assert engine.finished == [run.id]


async def test_a_run_that_cannot_be_worked_on_fails_at_last(sqlite_url, world) -> None:
    engine = Engine(sqlite_url, world)

    def nowhere():
        raise RuntimeError("no network is configured")

    runner = Runner(engine.store, nowhere, engine.evaluator)
    run = engine.begin("fine.example")
    job = Job("diagnosis.run", f'{{"run":"{run.id}"}}', run.id, engine.clock.now())
    for attempt in range(1, MAX_ATTEMPTS + 1):
        with pytest.raises(RuntimeError):
            await runner.run(Job(*_of(job), attempts=attempt))
    assert engine.store.by_id(run.id).state is RunState.FAILED
    runner.close()
    engine.close()


def _of(job):
    return job.kind, job.payload, job.key, job.run_after, job.id


async def test_the_hard_end_holds_when_everything_hangs(sqlite_url, world) -> None:
    async def never(_ask):
        await asyncio.Event().wait()

    slow = tuple(Collector(key, "", never) for key in KEYS)
    engine = Engine(sqlite_url, world, collectors=slow, hard_end=timedelta(seconds=0.3))
    began = time.monotonic()
    run = await engine.run("fine.example")
    assert time.monotonic() - began < 5
    assert run.state is RunState.DONE
    missing = {i.missing for i in engine.store.evidence(run.id).items.values()}
    assert missing == {Missing.LATE}
    engine.close()
