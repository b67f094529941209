"""Login test of a mailbox over the lab, from the sealed password to the report, and that it is stored nowhere."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

import lab
from clock import SystemClock
from db.engine import connect, sqlite_path
from diagnostics.collectors.model import Sources
from diagnostics.evidence.mail import MAILBOX, SIGN_IN
from diagnostics.login_test import SYMPTOM_ID
from diagnostics.model import FindingStatus, RunState, Scope
from hosting.model import Expectations
from hosting.panel import PanelAccess
from hosting.panels.http import HttpPanel
from jobs.database_queue import DatabaseQueue, DatabaseSender
from jobs.model import Handler
from jobs.worker import Worker
from lab.account import PanelLockout, PanelMailbox
from lab.demo import PROVIDER, WORLD
from observe.network import Network
from subject import parse_subject
from tests.draining import drain as drain_worker
from tests.people_rows import add_people
from tests.run_places import FIRST
from wizard.mailbox_test.store import CredentialSubmissions, NotAContact, SealedCredentials
from wizard.reports.report import document
from wizard.runs.handler import Evaluator, Reports, Runner, handlers
from wizard.runs.store import RunStore

PASSWORD = "orchard-demo"
WRONG = "Kobyla-ma-maly-bok-7"
ACCOUNT = "A-1001"
HERE = "31.99.0.7"


def world():
    """Orchard's account, with what the panel tells of its mailboxes."""
    boxes = (
        PanelMailbox(address="mara@orchard.example", used=1, limit=10**9, sent=199, send_limit=200),
        PanelMailbox(address="all@orchard.example", state="forward", forwards=("m@else.example",)),
        PanelMailbox(address="shop@orchard.example"),
        PanelMailbox(address="busy@orchard.example"),
    )
    accounts = []
    for account in WORLD.accounts:
        domains = tuple(
            replace(d, mailboxes=boxes) if d.name == "orchard.example" else d
            for d in account.domains
        )
        locked = (PanelLockout(address="31.99.0.66"),) if account.id == ACCOUNT else ()
        accounts.append(replace(account, domains=domains, lockouts=locked))
    return replace(WORLD, accounts=tuple(accounts))


@pytest.fixture(scope="module")
def running():
    with lab.running(world()) as up:
        yield up


class House:
    """Web and engine over one database, as far as a mailbox test needs them."""

    def __init__(self, url, up):
        self.clock = SystemClock()
        self.db = connect(url, clock=self.clock)
        add_people(self.db, "mara")
        self.runs = RunStore(self.db, self.clock, DatabaseSender())
        self.store = CredentialSubmissions(self.db, self.clock)
        self.safe = SealedCredentials(self.db, self.clock, "engine")
        self.safe.renew()
        network = Network.from_table(up.network, clock=self.clock)
        panel = HttpPanel.connect(PanelAccess(up.panel_url, up.panel_token), network)
        expected = Expectations(
            mail_hosts=tuple(PROVIDER["mail_hosts"]),
            mailbox_hosts=tuple(PROVIDER["mailbox_hosts"]),
        )
        self.sources = Sources(network, expected, panel)
        self.evaluator = Evaluator(self.clock)
        self.runner = Runner(self.runs, lambda: self.sources, self.evaluator, claim=self.claimed)

    def claimed(self, run):
        """By the engine of the moment: a test may start it anew."""
        return self.safe.claim(run)

    def begin(self, box, password, scope=Scope.CONTACT, visitor=HERE):
        also = self.store.save_with_run(password, self.store.live_engines(), visitor)
        return self.runs.create(
            parse_subject(box),
            scope,
            SYMPTOM_ID,
            account=ACCOUNT,
            person="mara",
            in_transaction=also,
            place=FIRST,
        )[0]

    async def end(self, run):
        async def heard(job):
            del job

        every = {**handlers(self.runner), "diagnosis.finished": Handler(heard)}
        worker = Worker(DatabaseQueue(self.db), every, self.clock, "test")
        try:
            await drain_worker(worker)
        finally:
            worker.close()
        run = self.runs.by_id(run.id)
        assert run.state is RunState.DONE
        return Reports(self.runs, self.evaluator).full(run)

    async def tried(self, box, password, **how):
        return await self.end(self.begin(box, password, **how))

    def close(self):
        self.runner.close()
        self.sources.panel_calls.close()
        self.db.close()


@pytest.fixture
def house(sqlite_url, running):
    new_house = House(sqlite_url, running)
    yield new_house
    new_house.close()


def ids(report):
    graded = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE)
    return {j.finding.id for j in report.findings if j.status in graded and not j.cause}


def files_holding(url, text):
    """Every file beside the database that holds a text, in any of the forms it might take."""
    path = sqlite_path(url)
    forms = [text.encode(), text.encode("utf-16-le"), text.encode().hex().encode()]
    return [
        p.name
        for p in path.parent.rglob("*")
        if p.is_file() and any(form in p.read_bytes() for form in forms)
    ]


# ------------------------------------------------------------------ the answer
async def test_a_right_password_tells_how_full_the_mailbox_is(house):
    report = await house.tried("mara@orchard.example", PASSWORD)
    assert ids(report) == {
        "mailbox.sign_in.works",
        "mailbox.quota.near",
        "mailbox.sending.near",
    }
    near = next(j.finding for j in report.findings if j.finding.id == "mailbox.quota.near")
    assert near.args["folders"][0] == "Odeslaná (520 MB)"
    tried = report.evidence[SIGN_IN]
    assert tried.imap.handshake.verified
    assert tried.smtp.signed_in is True


async def test_a_wrong_password_is_not_tried_twice(house, running):
    running.link.mail_connections.clear()
    report = await house.tried("mara@orchard.example", WRONG)
    assert "mailbox.sign_in.wrong_password" in ids(report)
    assert report.evidence[SIGN_IN].smtp is None


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ("busy@orchard.example", "mailbox.sign_in.too_many"),
        ("gone@orchard.example", "mailbox.account.missing"),
        ("all@orchard.example", "mailbox.account.forward_only"),
    ],
)
async def test_each_reason_by_its_name(house, box, expected):
    report = await house.tried(box, PASSWORD)
    assert {i for i in ids(report) if i.startswith("mailbox.")} == {expected}


async def test_a_locked_out_customer_is_told_without_a_password(house):
    report = await house.tried("shop@orchard.example", "", visitor="31.99.0.66")
    assert {i for i in ids(report) if i.startswith("mailbox.")} == {"mailbox.lockout.locked"}
    assert SIGN_IN not in report.evidence


async def test_an_address_that_is_not_locked_out_is_not_kept(house):
    report = await house.tried("shop@orchard.example", "")
    assert report.evidence[MAILBOX].lockout.address == ""


# ------------------------------------------------------------------ where the password is not
async def test_the_password_is_nowhere_on_disk(house, sqlite_url, caplog, tmp_path):
    """Not in the database, its write-ahead log, a backup, evidence, the report or the log."""
    caplog.set_level(logging.DEBUG)
    run = house.begin("mara@orchard.example", WRONG)
    assert files_holding(sqlite_url, run.id), "the search finds what is there"
    assert files_holding(sqlite_url, WRONG) == []
    before = Path(tmp_path / "backup-before.db")
    backup(sqlite_url, before)
    report = await house.end(run)
    assert files_holding(sqlite_url, WRONG) == []
    after = Path(tmp_path / "backup-after.db")
    backup(sqlite_url, after)
    for copy in (before, after):
        assert run.id.encode() in copy.read_bytes()
        assert WRONG.encode() not in copy.read_bytes()
    published = repr(report) + repr(document(report, "en"))
    assert "mara@orchard.example" in published
    assert WRONG not in published
    assert WRONG not in caplog.text


def backup(url, place):
    """A copy as SQLite itself makes one."""
    source, target = sqlite3.connect(sqlite_path(url)), sqlite3.connect(place)
    with target:
        source.backup(target)
    source.close()
    target.close()


async def test_after_a_restart_the_customer_is_asked_again(house):
    run = house.begin("mara@orchard.example", PASSWORD)
    house.safe = SealedCredentials(
        house.db, house.clock, "engine"
    )  # a new key; the old one died with it
    assert "mailbox.sign_in.again" in ids(await house.end(run))


async def test_it_goes_to_our_own_hosts_only(house, running):
    running.link.mail_connections.clear()
    await house.tried("mara@orchard.example", PASSWORD)
    hosts = {
        name.split()[0] for name in running.link.mail_connections if "smtp" not in name.split()
    }
    assert hosts == {"mail.polaris.example"}


async def test_it_is_not_sent_to_a_server_that_proves_nothing(house):
    """The very name, but a certificate of somebody else: the password stays here."""
    hosts = {**house.sources.network.hosts}
    for port in (993, 143, 465, 587):
        hosts[f"31.53.25.30:{port}"] = hosts[f"31.78.25.37:{port}"]
    network = replace(house.sources.network, hosts=hosts)
    house.sources = replace(house.sources, network=network)
    report = await house.tried("mara@orchard.example", PASSWORD)
    assert "mail.ports.untrusted" in ids(report)
    followers = {j.finding.id for j in report.findings if j.cause == "mail.ports.untrusted"}
    assert "mailbox.sign_in.not_tried" in followers
    assert report.evidence[SIGN_IN].imap.signed_in is None


async def test_a_public_run_is_given_no_password(house, running, sqlite_url):
    running.link.mail_connections.clear()
    running.panel_requests.clear()
    with pytest.raises(NotAContact):
        house.begin("mara@orchard.example", WRONG, scope=Scope.PUBLIC)
    assert house.runs.count_waiting() == 0
    assert files_holding(sqlite_url, WRONG) == []
    assert list(running.link.mail_connections) == []
    assert not running.panel_requests
