"""Targets: what people paste, publish and push. SPF, DMARC, DNSSEC data, bounces, boxes, rules."""

from __future__ import annotations

import contextlib
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

import subject as box
from diagnostics.checks import CHECKS
from explain import explain, identifiers, masking
from explain.bounces import message
from explain.document import document, explain_page
from explain.responders import identify_responder
from facts import Exchange
from hosting.model import Account, HostedService, HostingFacts
from hosting.panel import PanelError
from hosting.panels.json_client import decoded
from hosting.panels.panel_values import MIB, amount, bound, row, word
from instructions.change_plan import compare, required_queries
from instructions.reading import parse_instructions as instructions
from kb import article_files, markdown
from kb.library import Library
from kb.model import Article
from standards.dmarc import record as dmarc
from standards.dmarc import tree_walk as dmarc_tree
from standards.dns_types import Lookup, Record
from standards.dnssec import validation
from standards.spf import macros, record
from standards.spf.check_host import Query, QueryReply, check_host
from status.incidents.forms import RuleViolation, parse_moment
from status.model import Grade, Maintenance, Observation, Signal
from status.probing import response_conditions
from status.probing.evidence import describe_observation as evidence_told
from status.probing.heartbeats.signals import clean
from status.probing.vantages import model as vantages
from status.state import recurrence
from tests.fuzz.target import Target, mixed, sound, text
from wizard.reports import saved

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
CASES = Path(__file__).parents[1] / "cases"
RESULTS = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"}
STEPS = 4000
assert CHECKS  # in place before the module that its checks share with the target


# ------------------------------------------------------------------ records
def spf(data: bytes) -> None:
    """A record, and what it includes: an answer to every question, made of the same bytes."""
    lines = text(data).split("\n")
    with contextlib.suppress(record.SyntaxFault):
        record.parse_spf(lines[0])
    with contextlib.suppress(macros.MacroError):
        macros.check_macros(lines[0])
    walk = check_host("192.0.2.1", "x@shop.example", "mail.shop.example")
    queries: list[Query] = []
    try:
        question = next(walk)
        while len(queries) < STEPS:
            queries.append(question)
            values = tuple(lines[len(queries) % len(lines) :][:2])
            if question.type != "TXT":  # a name or an address, which DNS bounds
                values = tuple(value[:200] for value in values)
            if question.type in ("A", "AAAA"):  # dnspython reads these before we do
                values = ("192.0.2.1" if question.type == "A" else "2001:db8::1",)
            question = walk.send(
                QueryReply(values, exists=bool(len(queries) % 3), failed=b"\xff" in data)
            )
    except StopIteration as end:
        verdict = end.value
    else:
        raise AssertionError("SPF asks without end")
    assert verdict.result in RESULTS
    sound(verdict)
    assert len(queries) < 200, "SPF allows ten look-ups, each with ten names"
    assert all(len(a.name) <= 255 for a in queries)


def dmarc_record(data: bytes) -> None:
    pasted = text(data)
    policy = dmarc.parse_dmarc(pasted)
    if policy is not None:
        sound(policy)
        for uri in (*policy.rua, *policy.ruf):
            dmarc.report_host(uri)
    sound(
        dmarc_tree.evaluate_tree("shop.example", (dmarc_tree.tree_node("shop.example", (pasted,)),))
    )


def zone_data(data: bytes) -> None:
    kind, _, rest = text(data).partition(" ")
    entry = Record("shop.example", kind[:20], 300, rest)
    validation.parse_rdata(entry)
    validation.build_rrset([entry], "shop.example", kind[:20])
    lookup = Lookup("shop.example", "DNSKEY", "192.0.2.1", NOW, rcode="NOERROR", answers=(entry,))
    keys = validation.zone_keys(lookup, "shop.example")
    validation.keys_named_by_ds("shop.example", [rest], keys)
    validation.verify_answer(lookup, "shop.example", keys, NOW)


# ------------------------------------------------------------------ what people paste
def subject(data: bytes) -> None:
    parsed = box.parse_subject(text(data))
    sound(parsed)


def bounce(data: bytes) -> None:
    items = explain(data)
    assert items
    for item in items:
        sound(item, 200_000)
    pasted = text(data)
    sound(document(items, "cs", identifiers.extract_identifiers(pasted)))
    read = message.parse_message(data)
    sound(read.text if hasattr(read, "text") else str(read)[:1000])
    if (whole := explain_page(pasted, "en")) is not None:
        assert whole.items
    masking.mask_excerpt(pasted).encode("utf-8", "replace")


def pasted_records(data: bytes) -> None:
    pasted = instructions(text(data), "shop.example")
    sound(pasted)
    wanted = required_queries(pasted.records, "shop.example")
    assert len(wanted) < 2000
    sound(compare(pasted.records, "shop.example", lambda name, kind: None))


def saved_run(data: bytes) -> None:
    with contextlib.suppress(saved.NotSaved):
        saved.read_saved(data)


def web_page(data: bytes) -> None:
    head, _, body = text(data).partition("\n\n")
    fields = tuple(tuple(line.split(":", 1)) for line in head.split("\n") if ":" in line)
    seen = Exchange("https://shop.example/", NOW, status=503, headers=fields, excerpt=body)
    sound(identify_responder(seen))


# ------------------------------------------------------------------ what programs push
def panel_answer(data: bytes) -> None:
    """What hosting/panels/http.py takes: other shapes are a PanelError there."""
    for shape in (Account, HostingFacts, tuple[HostedService, ...]):
        with contextlib.suppress(msgspec.DecodeError, ValueError, RecursionError):
            sound(msgspec.json.decode(data, type=shape))
    with contextlib.suppress(PanelError):
        for value in row(decoded(data)).values():
            assert (amount(value, MIB) or 0) >= 0
            most = bound(value, MIB, zero=True, minus=True, null=True)
            assert most is None or most.limit is None or most.limit >= 0
            sound(word(value))


def vantage_push(data: bytes) -> None:
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        brought = msgspec.json.decode(data, type=vantages.ObservationPush)
        vantages.acceptable(brought.observations, "brno", {}, NOW)
        for look in brought.observations[:20]:
            sound(vantages.to_observation(look, "brno"))
    clean(text(data)).encode("utf-8")
    seen = Observation("web", NOW, timedelta(0), Signal(Grade.UP, ""), fact=text(data))
    sound(evidence_told(seen))


def json_condition(data: bytes) -> None:
    line, _, body = text(data).partition("\n")
    with contextlib.suppress(ValueError), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # odd patterns are the operator's own
        condition = response_conditions.parse_json_condition(line)
        sound(response_conditions.unmet_json_condition(body, (condition,)))


# ------------------------------------------------------------------ what operators and writers give
def rule(data: bytes) -> None:
    pasted, _, zone = text(data).partition("\n")
    try:
        recurrence.validate_rule(pasted, zone or "UTC")
    except ValueError:
        return
    begins = NOW - timedelta(days=30)
    work = Maintenance(
        "w1", {"en": "x"}, {"en": ""}, begins, begins + timedelta(hours=1), ("web",), begins,
        rrule=pasted, zone=zone or "UTC",
    )  # fmt: skip
    occurrences = recurrence.occurrences(work, NOW)
    assert len(occurrences) < 500
    assert list(occurrences) == sorted(occurrences, key=lambda w: w.starts_at)


def time_typed(data: bytes) -> None:
    with contextlib.suppress(RuleViolation):
        assert parse_moment("starts", text(data)).tzinfo is not None


def article(data: bytes) -> None:
    with contextlib.suppress(article_files.BrokenArticle):
        pasted = article_files.decode(data)
        parsed = article_files.parse(pasted, "topic")
        article_files.remarks(parsed, pasted, "en")
    page = markdown.html(text(data)).lower()
    assert not any(f"<{tag}" in page for tag in ("script", "iframe", "object", "style"))
    markdown.plain(text(data))


SHELF = Library.from_articles(
    (Article("disk-full", "en", "Disk full", "disk-full", (), ("no space",), "Delete files."),)
)


def search(data: bytes) -> None:
    for lang in ("en", "cs"):
        sound(SHELF.search(text(data)[:2000], lang))


PASTED = tuple(p.read_bytes() for p in sorted((CASES / "explain").rglob("*")) if p.is_file())
NOTICE = (
    b"From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\n"
    b"sorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    b"Final-Recipient: rfc822; mara@shop.example\r\nAction: failed\r\nStatus: 5.2.2\r\n"
    b"Diagnostic-Code: smtp; 552 5.2.2 mailbox full\r\n\r\n--b--\r\n"
)
TARGETS = (
    Target("spf", spf, ("standards.spf.record", "standards.spf.macros", "standards.spf.check_host"),
           mixed("v=spf1 a mx/24//64 ip4:192.0.2.0/24 include:_spf.shop.example exists:%{ir}.%{l1r-}.x -all",
                 "v=spf1 redirect=%{d2}\nv=spf1 ?all\n192.0.2.1\n10 mx.shop.example.")),
    Target("dmarc", dmarc_record, ("standards.dmarc.record", "standards.dmarc.tree_walk"),
           mixed("v=DMARC1; p=reject; rua=mailto:a@b.example!10m; pct=50; fo=1:d")),
    Target("zone data", zone_data, ("standards.dnssec.validation",),
           mixed("DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxIL"
                 "fDLUT0rAK9iUzy1L53eKGQ==", "RRSIG A 13 2 300 20260101000000 20250101000000 1 x. AAAA",
                 "NSEC3 1 0 0 - ABCDEF A", "DS 1 13 2 AB")),
    Target("subject", subject, ("subject",),
           mixed("https://www.shop.example/a", "mara@shop.example", "žluťoučký.cz", "text shop.example text")),
    Target("bounce", bounce, ("explain.bounces.message", "explain.bounces.delivery_report",
                              "explain.bounces.transcript", "explain.headers.authentication",
                              "explain.pasted_text", "explain.identifiers",
                              "explain.masking", "explain.errors.site"),
           (NOTICE, *(p[:8000] for p in PASTED))),
    Target("pasted records", pasted_records, ("instructions.reading",),
           mixed('Type Name Value TTL\nMX @ 10 mx.x.example 3600\nTXT @ "v=spf1 -all" 300',
                 "www IN CNAME shops.example.")),
    Target("saved run", saved_run, ("wizard.reports.saved", "diagnostics.evidence.keys"),
           mixed('{"schema": 1, "subject": {}, "evidence": {"registration": {"value": null}}}')),
    Target("web page", web_page, ("explain.responders",),
           mixed("server: cloudflare\ncf-ray: 1\n\n<title>Error 522</title>")),
    Target("panel answer", panel_answer,
           ("hosting.panels.http", "hosting.panels.json_client", "hosting.panels.panel_values"),
           mixed('{"inode_limit": 0, "megabytes_used": "5.46", "quota": "unlimited"}',
                 '{"id": "A1", "name": "Mara", "domains": ["shop.example"]}',
                 '[{"id": "1", "kind": "domain", "name": "x", "expires": "2027-01-01"}]')),
    Target("vantage push", vantage_push,
           ("status.probing.vantages.model", "status.probing.heartbeats.signals", "status.probing.evidence"),
           mixed('{"schema": 1, "observations": [{"probe": "web", "at": "2026-01-15T12:00:00Z",'
                 ' "elapsed": 0.1, "grade": "up"}]}', '{"hops": [{"url": "x", "phases": {}}]}')),
    Target("json condition", json_condition, ("status.probing.response_conditions",),
           mixed('$.a[0].b >= 3\n{"a": [{"b": 4}]}', "len($.a) == 2\n{}", "$ ~ 'o+k'\n\"ook\"")),
    Target("rule", rule, ("status.state.recurrence",),
           mixed("FREQ=WEEKLY;BYDAY=SU\nEurope/Prague", "FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20270101",
                 "RRULE:FREQ=DAILY;INTERVAL=3;COUNT=9")),
    Target("time typed", time_typed, ("status.incidents.forms",), mixed("2026-03-01 22:00", "2026-03-01T22:00+01:00")),
    Target("article", article, ("kb.article_files", "kb.markdown"),
           mixed("---\ntitle: X\nlang: en\ntopic: topic\nfindings:\n  - a.b.c\n---\n\nText\n\n## Head\n[a](/b)")),
    Target("search", search, ("kb.search", "kb.folding"), mixed("místo na disku", "disk ful")),
)  # fmt: skip
