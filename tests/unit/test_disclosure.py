"""Who may see what: declared with each key, and nothing else decides it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path

import msgspec
import pytest

from diagnostics import symptoms
from diagnostics.checks.web.bot_protection import VENDOR_HEADERS
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Collector
from diagnostics.disclosure import (
    COOKIE_HEADER,
    PUBLIC_HEADERS,
    Audience,
    PartialDisclosure,
    UndeclaredField,
    with_public_headers,
)
from diagnostics.evidence.keys import KEYS, evidence_of
from diagnostics.model import Evidence, Item, Key, Missing, Run, RunState, Scope
from explain.responders import CDN_HEADERS
from facts import Exchange
from subject import Subject, SubjectKind
from tests.planted_evidence import AT, Planter, marked
from wizard.reports.report import document
from wizard.reports.stored_evidence import decode, encode
from wizard.runs.access import View
from wizard.runs.handler import Evaluator
from wizard.runs.privacy import public_evidence, visible_evidence, visible_run

ROOT = Path(__file__).parents[2]
SUBJECT = Subject(
    SubjectKind.URL, "typed", "cafe.example", "cafe.example", url="https://cafe.example/typed"
)
# What strangers see nothing of, for the keys they see in part. Planted values have no selector or
# list entry that anybody would be asked about, so those fields are empty.
HIDDEN = {
    "mail": ("hosts.dialogue", "reference", "unasked"),
    "mail_names": ("outgoing", "greetings"),
    "blocklists": ("tests", "listings"),
    "dkim": ("lookups",),
    "web": ("families", "contact"),
    "registration": ("raw",),
}
EVERY = pytest.mark.parametrize("key", KEYS, ids=lambda k: k.name)


class _Clock:
    def now(self):
        return AT


def planted(key):
    planter = Planter()
    item = Item(key.name, planter.value(key.type, key.name), AT)
    return decode(encode(item)), planter.marks


def run_in(scope):
    return Run("r1", "h", SUBJECT, scope, "", RunState.DONE, AT, account="A100", person="mara")


def in_public(run, *items):
    """Everything the public document of a run says, as text."""
    report = Evaluator(_Clock()).public(run, evidence_of(items))
    return msgspec.json.encode(document(report, "en")).decode()


def everything_public(marks):
    """All that is planted, but for headers: nobody declared those that are planted public."""
    return sorted({where for where in marks.values() if not where.endswith(".headers")})


@EVERY
@pytest.mark.parametrize("scope", [Scope.CONTACT, Scope.STAFF])
def test_what_a_key_declares_private_is_not_in_the_public_document(key, scope) -> None:
    item, marks = planted(key)
    assert marks or key.name == "caches", "nothing planted proves nothing"
    seen = marked(in_public(run_in(scope), item), marks)
    if isinstance(key.seen_by, PartialDisclosure):
        hidden = tuple(f"{key.name}.{field}" for field in HIDDEN[key.name])
        assert [where for where in seen if where.startswith(hidden)] == []
        assert bool(seen) is (key.name != "blocklists")
    elif key.seen_by is Audience.EVERYONE:
        assert seen == everything_public(marks)
    else:
        assert seen == []


@EVERY
def test_a_strangers_own_run_holds_nothing_of_an_account_or_a_paste(key) -> None:
    item, marks = planted(key)
    kept = public_evidence(run_in(Scope.PUBLIC), evidence_of((item,))).items[key.name]
    private = key.seen_by in (Audience.ACCOUNT, Audience.ASKER)
    assert (kept.missing is Missing.WITHHELD) is private
    if private:
        assert marked(in_public(run_in(Scope.PUBLIC), item), marks) == []


@EVERY
@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("view", list(View))
def test_each_audience_sees_of_each_key_what_is_declared(key, view, scope) -> None:
    item, marks = planted(key)
    report = Evaluator(_Clock()).visible(run_in(scope), evidence_of((item,)), view)
    seen = marked(msgspec.json.encode(document(report, "en")).decode(), marks)
    everything = sorted(set(marks.values()))
    if view is View.WHOLE:
        assert seen == everything
    elif view is View.ACCOUNT:
        is_askers_own = key.seen_by is Audience.ASKER
        assert seen == ([] if is_askers_own else everything)
        withheld = report.evidence.items[key.name].missing is Missing.WITHHELD
        assert withheld is is_askers_own
    elif key.seen_by is Audience.RUN_SCOPE:
        assert seen == (everything_public(marks) if scope is Scope.PUBLIC else [])
    elif isinstance(key.seen_by, Audience):
        assert seen == (everything_public(marks) if key.seen_by is Audience.EVERYONE else [])
    else:
        assert len(seen) < len(everything)


def exchanges(value):
    """Every exchange within a value."""
    if isinstance(value, Exchange):
        yield value
    if isinstance(value, tuple):
        for part in value:
            yield from exchanges(part)
    elif is_dataclass(value):
        for member in fields(value):
            yield from exchanges(getattr(value, member.name))


@EVERY
def test_no_key_shows_strangers_a_cookie(key) -> None:
    """A site's cookie came along wherever a page was fetched, whatever for."""
    secret = (
        ("server", "nginx"),
        ("set-cookie", "id=session=1; Path=/"),
        ("www-authenticate", "Basic x"),
        ("x-debug-token", "session=1"),
    )

    def with_cookies(value):
        if isinstance(value, Exchange):
            value = replace(value, headers=secret)
        if isinstance(value, tuple):
            return tuple(with_cookies(part) for part in value)
        if is_dataclass(value):
            members = {m.name: with_cookies(getattr(value, m.name)) for m in fields(value)}
            return replace(value, **members)
        return value

    item, _ = planted(key)
    item = replace(item, value=with_cookies(item.value))
    for scope in Scope:
        published = in_public(run_in(scope), item)
        assert "session=1" not in published
        assert "Basic x" not in published
        public_value = public_evidence(run_in(scope), evidence_of((item,))).items[key.name].value
        assert {e.headers for e in exchanges(public_value)} <= {
            (("server", "nginx"), ("set-cookie", "id="))
        }
        whole = visible_evidence(run_in(scope), evidence_of((item,)), View.ACCOUNT)
        assert key.seen_by is Audience.ASKER or whole.items[key.name] == item


def test_exchanges_stand_in_more_keys_than_the_walks() -> None:
    carrying = {key.name for key in KEYS if list(exchanges(planted(key)[0].value))}
    assert carrying >= {"web", "tls", "mail_setup", "sts", "bimi"}


@pytest.mark.parametrize("view", [View.PUBLIC, View.ACCOUNT])
def test_what_the_asker_pasted_is_in_no_other_view(view) -> None:
    answers = {q.id: f"pasted-{q.id}" for q in symptoms.questions() if q.pasted}
    assert symptoms.RECORDS_ANSWER in answers
    run = replace(
        run_in(Scope.CONTACT),
        answers={**answers, "since": "monday", "error": "of a question that is gone"},
    )
    kept = visible_run(run, view).answers
    assert kept == ({"since": "monday"} if view is View.ACCOUNT else {})
    assert visible_run(run, View.WHOLE) == run


def test_strangers_see_of_a_run_what_is_named_here() -> None:
    """Each field once: a new one stops here and where it is declared."""
    full = Run(
        id="r1", token_hash="secret", subject=SUBJECT, scope=Scope.STAFF, symptom="site_down",
        state=RunState.DONE, created_at=AT, account="A100", person="mara", invite="i1", session="s1",
        previous="r0", fresh=True, answers={"since": "monday"}, started_at=AT, finished_at=AT,
    )  # fmt: skip
    assert all(getattr(full, f.name) != f.default for f in fields(Run)), "a field without a value"
    public_run = visible_run(full, View.PUBLIC)
    kept = {f.name for f in fields(Run) if getattr(public_run, f.name) == getattr(full, f.name)}
    times = {"created_at", "started_at", "finished_at"}
    assert kept == {"id", "symptom", "state", "fresh", *times}
    assert public_run.subject == Subject(
        SubjectKind.DOMAIN, "cafe.example", "cafe.example", "cafe.example"
    )
    assert (public_run.scope, public_run.answers) == (Scope.PUBLIC, {})
    hidden = {f.name for f in fields(Run)} - kept - {"subject", "scope", "answers"}
    assert {getattr(public_run, name) for name in hidden} == {""}


def test_every_header_that_checks_read_is_public_or_named_private() -> None:
    """Else a report for strangers would say that it is missing."""
    folders = ("diagnostics", "wizard/reports")
    sources = [p for folder in folders for p in (ROOT / folder).rglob("*.py")]
    sources.append(ROOT / "explain/responders.py")
    literal = re.compile(r"""\.header\("([a-z-]+)"\)""")
    read = {name for path in sources for name in literal.findall(path.read_text(encoding="utf-8"))}
    read |= {name for name, *_ in (*CDN_HEADERS, *VENDOR_HEADERS)}
    assert len(read) > 20
    assert read - PUBLIC_HEADERS == {COOKIE_HEADER}


def test_a_page_that_sets_a_cookie_does_so_for_strangers_too() -> None:
    """The check of pages that load themselves again asks for it."""
    headers = (("set-cookie", "PHPSESSID=secret; HttpOnly"), ("set-cookie", "lone"))
    visible_headers = with_public_headers(
        Exchange("https://cafe.example/", AT, headers=headers)
    ).headers
    assert visible_headers == (("set-cookie", "PHPSESSID="), ("set-cookie", ""))


def test_every_key_that_is_partly_public_is_looked_at_here() -> None:
    assert {k.name for k in KEYS if isinstance(k.seen_by, PartialDisclosure)} == set(HIDDEN)


def test_evidence_that_no_key_declares_is_not_shown() -> None:
    stray = Evidence({"stray": Item("stray", "secret", AT)})
    assert public_evidence(run_in(Scope.PUBLIC), stray).items == {}
    shared = visible_evidence(run_in(Scope.CONTACT), stray, View.ACCOUNT).items["stray"]
    assert (shared.value, shared.missing) == (None, Missing.WITHHELD)


def test_a_key_without_a_declaration_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="seen_by"):
        Key("panel_notes", str)  # type: ignore[call-arg]


@dataclass(frozen=True)
class _Notes:
    open: str
    secret: str


def test_a_partly_public_type_names_each_of_its_fields_once() -> None:
    with pytest.raises(UndeclaredField, match="_Notes: say once who sees secret"):
        PartialDisclosure(_Notes, ("open",))
    with pytest.raises(UndeclaredField, match="say once who sees secret"):
        PartialDisclosure(_Notes, ("open", "secret"), {"secret": ""})
    with pytest.raises(UndeclaredField, match="gone"):
        PartialDisclosure(_Notes, ("open", "secret", "gone"))
    with pytest.raises(TypeError, match="declared for _Notes"):
        Key("notes", str, PartialDisclosure(_Notes, ("open",), {"secret": ""}))


def test_what_only_contacts_may_gather_is_declared_so() -> None:
    with pytest.raises(TypeError, match="shown to everyone"):
        Collector(Key("x", str, Audience.EVERYONE), "", _nothing, scope=Scope.CONTACT)
    for collector in COLLECTORS:
        if collector.scope is not Scope.PUBLIC:
            assert collector.key.seen_by in (Audience.ACCOUNT, Audience.RUN_SCOPE)


async def _nothing(_ask):
    return ""
