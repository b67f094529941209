"""Hostile mail records over real sockets: mazes, floods and files without end stay bounded, and
each ends in evidence that can be stored and in a plain answer."""

from __future__ import annotations

import asyncio
import time

import pytest

import lab
from diagnostics.checks import CHECKS
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import evaluate
from diagnostics.evidence.keys import BIMI, DANE, DMARC, MAIL, SPF, STS
from diagnostics.evidence.mail_authentication import DKIM
from diagnostics.model import Run, RunState, Scope
from lab.answer import Answer, Flow, flowing
from lab.world import Domain, LabNameserver, LabSite, ServerFault, WebServer, World
from observe.network import Network
from subject import RejectedSubject, parse_subject
from wizard.reports.stored_evidence import encode

LAIR = "31.66.6.6"
KEYS = (SPF, DKIM, DMARC, STS, DANE, BIMI, MAIL)
FAN = " ".join(f"include:{c}.maze-spf.test" for c in "abcdefghij")
LETTERS = tuple("abcdefghijklmnopqrst")
DEEP = ".".join("x" * 1 for _ in range(80)) + ".deep.test"
STRINGS = " ".join(f'"{n:04}{"y" * 240}"' for n in range(240))  # one TXT record of 58 kB


def sts(name: str, flow: Flow) -> tuple[Domain, LabSite]:
    """A domain whose MTA-STS policy and logo come in an unpleasant way."""
    records = (
        f"@ A {LAIR}",
        f"mta-sts A {LAIR}",
        '_mta-sts TXT "v=STSv1; id=1;"',
        f'default._bimi TXT "v=BIMI1; l=https://mta-sts.{name}/logo.svg"',
        '_dmarc TXT "v=DMARC1; p=reject"',
        '@ TXT "v=spf1 -all"',
    )
    site = LabSite(names=(f"mta-sts.{name}",), server="lair.test", http=flowing(flow))
    return Domain(name=name, records=records), site


FLOWS = {
    "endless-sts.test": Flow.ENDLESS,
    "bomb-sts.test": Flow.GZIP_BOMB,
    "brotli-sts.test": Flow.BROTLI_BOMB,
    "garbage-sts.test": Flow.GARBAGE,
    "header-sts.test": Flow.HUGE_HEADER,
    "cut-sts.test": Flow.CUT,
    "hang-sts.test": Flow.HANG,
}
STS_DOMAINS = [sts(name, flow) for name, flow in FLOWS.items()]
WORLD = World(
    domains=(
        Domain(name="lair.test", records=(f"@ A {LAIR}",)),
        Domain(name="maze-spf.test", records=(
            f'@ TXT "v=spf1 {FAN} -all"', f'* TXT "v=spf1 {FAN} ?all"')),
        Domain(name="chain-spf.test", records=(
            '@ TXT "v=spf1 include:n0.chain-spf.test -all"',
            *(f'n{i} TXT "v=spf1 include:n{i + 1}.chain-spf.test include:m{i}.chain-spf.test ?all"'
              for i in range(100)),
            *(f'm{i} TXT "v=spf1 include:n{i + 2}.chain-spf.test ?all"' for i in range(100)))),
        Domain(name="flood.test", records=(
            '@ TXT "v=spf1 -all"', *(f'@ TXT "v=spf1 include:f{i}.flood.test"' for i in range(900)))),
        Domain(name="huge.test", records=(f"@ TXT {STRINGS}", f"_dmarc TXT {STRINGS}",
                                          f"default._domainkey TXT {STRINGS}")),
        Domain(name="terms.test", records=(
            "@ TXT " + " ".join(f'"{"v=spf1 " if n == 0 else ""}{"a:x.terms.test " * 12}"'
                                for n in range(200)),)),
        Domain(name="deep.test", records=('*.deep.test. TXT "v=DMARC1; p=reject"',)),
        Domain(name="reports.test", records=(
            '_dmarc TXT "v=DMARC1; p=none; rua=' + ",".join(
                f"mailto:a@r{i}.a.b.c.d.e.f.g.h.test" for i in range(5)) + '"',)),
        Domain(name="amplify.test", servers=("ns-loud.test",)),
        *(domain for domain, _ in STS_DOMAINS),
    ),
    nameservers=(LabNameserver(name="ns-loud.test", addresses=("31.66.0.9",), fault=ServerFault.AMPLIFIES),),
    web_servers=(WebServer(name="lair.test", addresses=(LAIR,), default=Answer(body="lair")),),
    sites=tuple(site for _, site in STS_DOMAINS),
)  # fmt: skip
EXPECTED_FINDINGS = {
    "maze-spf.test": {"mail.spf.too_many_lookups", "mail.spf.include_loop"},
    "chain-spf.test": {"mail.spf.too_many_lookups"},
    "flood.test": {"mail.spf.multiple"},
    "endless-sts.test": {"mail.sts.policy_broken"},
    "hang-sts.test": {"mail.sts.policy_unreachable"},
}


@pytest.fixture(scope="module")
def world():
    with lab.running(WORLD) as running:
        yield running


async def looked(world, text: str):
    """The evidence of one look, and how long it took."""
    subject = parse_subject(text)
    assert not isinstance(subject, RejectedSubject), text
    net = Network.from_table(world.network)
    began = time.monotonic()
    evidence = await collect_evidence(
        subject, Scope.PUBLIC, sources=Sources(net), collectors=COLLECTORS, keys=KEYS
    )
    took = time.monotonic() - began
    run = Run("r", "h", subject, Scope.PUBLIC, "", RunState.DONE, net.clock.now())
    return evaluate(run, evidence, net.clock.now(), checks=CHECKS), took


NAMES = (*(d.name for d in WORLD.domains if d.name not in ("lair.test", "deep.test")), f"a@{DEEP}")


async def test_hostile_records_end_in_a_plain_answer(world) -> None:
    seen = await asyncio.gather(*(looked(world, name) for name in NAMES))
    for name, (report, took) in zip(NAMES, seen, strict=True):
        assert took < 26, (name, took)
        for key, item in report.evidence.items.items():
            assert item.detail != "broken", (name, key)
            if item.value is not None and key in {k.name for k in KEYS}:
                assert len(encode(item)) < 400_000, (name, key, len(encode(item)))
        finding_ids = {j.finding.id for j in report.findings}
        assert not any(j.finding.args.get("missing") == "broken" for j in report.findings), name
        assert EXPECTED_FINDINGS.get(name, set()) <= finding_ids, (
            name,
            sorted(i for i in finding_ids if "mail." in i),
        )


async def test_a_deep_name_takes_eight_questions(world) -> None:
    world.questions.clear()
    report, _ = await looked(world, f"a@{DEEP}")
    tree = report.evidence[DMARC].tree
    assert len(tree.places) == 8
    dmarc_names = {q.name for q in world.questions if q.name.startswith("_dmarc.")}
    assert len(dmarc_names) <= 8 + 2  # and the two wrong places


async def test_a_maze_of_includes_is_left_after_forty_records(world) -> None:
    world.questions.clear()
    report, _ = await looked(world, "chain-spf.test")
    tree = report.evidence[SPF].tree
    assert sum(1 for _ in tree.records()) < 200
    spf_names = {q.name for q in world.questions if q.type == "TXT" and q.name[0] in "nm"}
    assert len(spf_names) <= 42
