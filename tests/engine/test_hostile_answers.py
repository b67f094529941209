"""Hostile neighbours, looked at by the whole engine over real sockets: every run ends with a report
that can be stored, read and told, whatever their servers answer, and says what was seen."""

from __future__ import annotations

import io
import json
import logging
import re
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

import lab
from clock import SystemClock
from db.engine import connect
from diagnostics.collectors.model import Sources
from diagnostics.evidence.web import WEB
from diagnostics.model import FindingStatus, RunState, Scope
from jobs.database_queue import DatabaseQueue, DatabaseSender
from jobs.model import Handler
from jobs.worker import Worker
from lab.answer import Answer, redirect
from lab.company import HOMES, NAMESERVERS, NS
from lab.stories_hostile import LAIR, MAIL_SERVERS, STORIES, WEB_SERVERS
from lab.stories_hostile import NAMESERVERS as LIARS
from lab.world import Domain, LabSite, World
from observe.network import Network
from subject import parse_subject
from tests.draining import drain as drain_worker
from tests.run_places import FIRST
from wizard.cli import diagnose
from wizard.reports.report import document
from wizard.runs.handler import Evaluator, Reports, Runner, handlers
from wizard.runs.store import RunStore

UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")
ESC = "\x1b]0;owned\x07\x1b[31m"


def says(body: str, charset: str = "utf-8", **headers: str) -> Answer:
    kind = ("Content-Type", f"text/html; charset={charset}")
    return Answer(
        body=body, headers=(kind, *((k.replace("_", "-"), v) for k, v in headers.items()))
    )


PAGES: dict[str, Answer] = {
    # charsets that Python knows and no browser does
    "idna.test": says("xn--a", "idna"),
    "punycode.test": says("<title>a-\xff", "punycode"),
    "escape.test": says("<title>\\ud800\\x00\\u202e</title>", "unicode_escape"),
    "utf7.test": says("<title>+2AA-</title>", "utf-7"),
    "zlib.test": says("x", "zlib"),
    "long-charset.test": says("x", "u" * 3000),
    # characters that harm a terminal, a database, a reader
    "terminal.test": says(f"<title>Index of /{ESC}</title>"),
    "nul.test": says("<title>Index of /\0\0</title>"),
    "turned.test": says("<title>Index of /\u202etxt.exe</title>"),
    # pages that are slow to read
    "headings.test": says("<h1>" * 5000),
    "brackets.test": says("<title>" + "<" * 19_000 + "</title>"),
    "cookies.test": says("ok", Set_Cookie="=" * 3000),
    # redirects
    "deep.test": redirect("http://deep.test/{next}"),
    "script.test": redirect("javascript:alert(1)"),
    "port.test": redirect("http://port.test:22/"),
    "long.test": redirect("http://long.test/" + "a" * 8000),
    "odd.test": redirect("http://[::1"),
    "own-panel.test": redirect("http://100.64.0.1/"),
}
WORLD = World(
    domains=(
        *HOMES,
        *(s.domain for s in STORIES),
        *(Domain(name=n, servers=NS, records=(f"@ A {LAIR}", f"www A {LAIR}")) for n in PAGES),
    ),
    nameservers=NAMESERVERS + LIARS,
    web_servers=WEB_SERVERS,
    sites=(
        *(site for s in STORIES for site in s.sites),
        *(
            LabSite(names=(n, f"www.{n}"), server="lair.hostile.test", http=a)
            for n, a in PAGES.items()
        ),
    ),
    mail_servers=MAIL_SERVERS,
)
BROKEN, WRONG = "web.site.broken_answer", "web.redirect.wrong_host"
EXPECTED_FINDINGS = {
    "cut.test": BROKEN,
    "garbage.test": BROKEN,
    "huge-header.test": BROKEN,
    "hang.test": "web.site.unreachable",
    "reset.test": "web.site.unreachable",
    "shut.test": "web.site.refused",
    "inward.test": WRONG,
    "loopback.test": WRONG,
    "mapped.test": WRONG,
    "file.test": WRONG,
    "script.test": WRONG,
    "own-panel.test": WRONG,
    "deep.test": "web.redirect.too_many",
    "terminal.test": "web.site.default_page",
    "nul.test": "web.site.default_page",
    "turned.test": "web.site.default_page",
    "maze.test": "dns.cname.at_apex",
    "liar.test": "dns.ns.none_working",
    "deaf.test": "dns.ns.none_working",
    "stub.test": "dns.ns.none_working",
    "plain-tls.test": "tls.service.plain_http",
    "babble.test": "tls.service.not_offered",
}
# Ten seconds each, for there is nothing to do but to wait: only one of them is looked at.
SLOW = {"trickle.test", "registry-silent.test"}
NAMES = tuple(n for n in (*PAGES, *(s.domain.name for s in STORIES)) if n not in SLOW)


@pytest.fixture(scope="module")
def world():
    with lab.running(WORLD) as running:
        yield running


@pytest.fixture
def rows(sqlite_url):
    db = connect(sqlite_url, clock=SystemClock())
    yield db
    db.close()


def sources(world) -> Sources:
    return Sources(Network.from_table(world.network))


async def examined(db, world, names):
    """Runs of these names, all worked on by one worker, each with its report."""
    clock = SystemClock()
    db = replace(db, clock=clock)  # the queue goes by the database's clock
    store = RunStore(db, clock, DatabaseSender())
    judging = Evaluator(clock)
    runner = Runner(store, lambda: sources(world), judging)
    begun = {
        n: store.create(parse_subject(n), Scope.STAFF, "something_else", place=FIRST)[0].id
        for n in names
    }

    async def heard(_job):
        pass

    worker = Worker(
        DatabaseQueue(db),
        {**handlers(runner), "diagnosis.finished": Handler(heard)},
        clock,
        "hostile",
    )
    try:
        await drain_worker(worker)
        runs = {name: store.by_id(begun[name]) for name in begun}
        reports = Reports(store, judging)
        return {name: (run, reports.full(run), reports.public(run)) for name, run in runs.items()}
    finally:
        worker.close()
        runner.close()


async def test_every_neighbour_gets_a_report_that_can_be_kept_and_told(rows, world, caplog) -> None:
    caplog.set_level(logging.ERROR)
    reports = await examined(rows, world, NAMES)
    for name, (run, report, public) in reports.items():
        assert run.state is RunState.DONE, name
        for view in (report, public):
            body = msgspec.json.encode(document(view, "cs"))
            assert len(body) < 500_000, (name, len(body))
            unfit = UNFIT.search(json.dumps(json.loads(body), ensure_ascii=False))
            assert not unfit, (name, unfit)
        ids = {
            j.finding.id
            for j in report.findings
            if j.status in (FindingStatus.FAIL, FindingStatus.WARN)
        }
        if name in EXPECTED_FINDINGS:
            assert EXPECTED_FINDINGS[name] in ids, (name, sorted(ids))
        if BROKEN in ids or "web.site.unreachable" in ids or "web.site.refused" in ids:
            passed = {
                j.finding.id
                for j in report.findings
                if j.status is FindingStatus.PASS and not j.cause
            }
            assert not passed & {"web.site.ok", "web.pages.ok", "web.www.ok"}, name
        assert "broken" not in {j.finding.args.get("missing") for j in report.findings}, name
        took = (run.finished_at - run.started_at).total_seconds()
        assert took < 26, (name, took)
    assert [r.getMessage() for r in caplog.records] == []


async def test_both_databases_keep_what_they_say(database, world) -> None:
    names = (
        "escape.test",
        "utf7.test",
        "terminal.test",
        "nul.test",
        "garbage.test",
        "gzip-bomb.test",
    )
    for name, (run, report, _) in (await examined(database, world, names)).items():
        assert run.state is RunState.DONE, name
        assert report.evidence[WEB].chains, name


async def test_no_address_inside_was_ever_asked(rows, world) -> None:
    """The lab would answer on loopback; the guard never lets it come to that."""
    names = ("inward.test", "loopback.test", "mapped.test", "own-panel.test", "rebind.test")
    reports = await examined(rows, world, names)
    for name, (_, report, _) in reports.items():
        hops = [hop for chain in report.evidence[WEB].chains for hop in chain.hops]
        spoke = {hop.ip for hop in hops if hop.status}
        assert spoke <= {LAIR}, (name, spoke)


def test_the_terminal_is_not_theirs(world) -> None:
    judging = Evaluator(SystemClock())
    out, err = io.StringIO(), io.StringIO()
    code = diagnose("terminal.test", sources(world), judging, out=out, err=err)
    assert code == 1
    assert "Index of /" in out.getvalue()
    assert not UNFIT.search(out.getvalue() + err.getvalue())


async def test_reading_a_page_takes_no_longer_because_it_is_evil(rows, world) -> None:
    reports = await examined(rows, world, ("headings.test", "brackets.test"))
    clock = SystemClock()
    for name, (run, report, _) in reports.items():
        began = clock.monotonic()
        Evaluator(clock).report(run, report.evidence)
        spent = timedelta(seconds=clock.monotonic() - began)
        assert spent < timedelta(seconds=0.5), (name, spent)
