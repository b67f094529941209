"""Answers of Atlassian's Statuspage as components, and as the history that they tell."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest

from commands.main import main
from importers.configuration import to_toml
from importers.plain_text import plain_text
from importers.source import UnreadableSource
from importers.statuspage import export as statuspage
from importers.statuspage import history as statuspage_history
from importers.uptime_days import uptime_days
from settings import load
from status.model import Condition
from status.publishing.pages import published_files
from status.state.statements import PublicStatements
from tests.import_fixtures import CASES, NOW, components_of, lines_of, target
from tests.status_fixtures import SITE, pages, snapshot

CASE = CASES / "statuspage"
FILES = tuple(CASE / f"{name}.json" for name in ("page", "incidents", "subscribers"))
TEXTS = {path.name: path.read_text("utf-8") for path in FILES}


def answers(*documents: object) -> dict[str, str]:
    return {f"{n}.json": json.dumps(document) for n, document in enumerate(documents)}


@pytest.fixture(scope="module")
def configuration():
    return statuspage.read(TEXTS)


@pytest.fixture(scope="module")
def history(configuration):
    return statuspage_history.read_history(TEXTS, target(*components_of(configuration)))


def test_components_that_our_settings_take(configuration, tmp_path):
    text = to_toml(configuration, "Statuspage")
    assert text == (CASE / "expected.toml").read_text("utf-8")
    (tmp_path / "jasno.toml").write_text(text)
    assert len(load(env={}, cwd=tmp_path).settings.component) == 3


def test_incidents_and_maintenance_at_their_true_times(history):
    assert (
        list(lines_of(history)) == (CASE / "expected_history.txt").read_text("utf-8").splitlines()
    )


def test_uptime_is_what_the_other_page_told(configuration, history):
    days = uptime_days(history, components_of(configuration), NOW)
    by_day = {c: {d.on: dict(d.seconds) for d in listed} for c, listed in days.items()}
    web, mail = by_day["hosting-web-servers"], by_day["mail"]
    assert min(web) == date(2025, 11, 1)
    assert min(mail) == date(2025, 11, 15)
    assert {max(listed) for listed in by_day.values()} == {date(2026, 1, 14)}
    assert web[date(2026, 1, 5)] == {
        Condition.OPERATIONAL: 79_200, Condition.MAJOR_OUTAGE: 3600, Condition.PARTIAL_OUTAGE: 3600,
    }  # fmt: skip
    assert web[date(2025, 12, 15)] == {
        Condition.OPERATIONAL: 79_200, Condition.UNDER_MAINTENANCE: 7200,
    }  # fmt: skip
    assert mail[date(2025, 12, 20)][Condition.DEGRADED_PERFORMANCE] == 5400
    assert by_day["hosting-databases"][date(2025, 12, 1)] == {Condition.OPERATIONAL: 43_200}
    assert all(sum(s.values()) == 86_400 for on, s in web.items() if on > min(web))


def test_uptime_goes_back_three_years_at_most(configuration):
    old = [{"id": "a", "name": "Mail", "status": "operational", "start_date": "1990-01-01"}]
    history = statuspage_history.read_history(answers(old), target(*components_of(configuration)))
    (days,) = uptime_days(history, components_of(configuration), NOW).values()
    assert len(days) == 3 * 366
    assert sum(days[0].seconds.values()) == 43_200


def test_readers_and_feeds_get_it_as_it_was_then(history):
    statements = PublicStatements(history.incidents, history.maintenances, (), (), history.former)
    published = published_files(snapshot(words=statements, at=NOW), SITE, pages())
    page = published["/en/incidents/i0outage0001"].fresh.decode()
    assert (
        'datetime="2026-01-05T08:00:00+01:00"' in page or 'datetime="2026-01-05T07:00:00Z"' in page
    )
    assert "A power unit failed. See the report (https://skyhost.example/report)." in page
    assert "alert(1)" not in page
    slow = published["/en/incidents/i0slow000001"].fresh.decode()
    assert "Old webmail" in slow
    assert {"/en/history/2026-01", "/en/history/2025-12"} <= set(published)
    rss = published["/history.rss"].fresh.decode()
    assert "<pubDate>Mon, 05 Jan 2026 07:05:00 +0000</pubDate>" in rss  # when it was written there
    assert f"{NOW:%d %b %Y}" not in rss
    document = json.loads(published["/api/v2/incidents.json"].fresh)
    (outage,) = [i for i in document["incidents"] if i["name"] == "Web servers are unreachable"]
    assert outage["resolved_at"].startswith("2026-01-05T")


def test_every_way_in_which_answers_come_together(configuration):
    page, incidents, subscribers = map(json.loads, TEXTS.values())
    together = page | {"incidents": incidents, "subscribers": subscribers, "metrics": [{}]}
    assert statuspage.read(answers(together)).services == configuration.services
    assert (
        statuspage.read(answers([page, {"incidents": incidents}])).services
        == configuration.services
    )
    pages = [page["components"], incidents[:2], incidents[2:], subscribers]
    assert statuspage.read(answers(pages)).services == configuration.services
    groups = [{"id": "g", "name": "Group", "components": ["a"], "position": 1}]
    flat = [
        {"id": "a", "name": "A", "status": "operational"},
        {"id": "b", "name": "B", "status": "operational"},
    ]
    result = statuspage.read(answers(flat, groups))
    assert [(s.name, s.group) for s in result.services] == [("A", "Group"), ("B", "")]


def test_an_incident_that_came_in_two_answers_is_one():
    incidents = json.loads(TEXTS["incidents.json"])[:1]
    result = statuspage_history.read_history(answers(incidents, incidents), target())
    assert [i.id for i in result.incidents] == ["i0outage0001"]
    assert not any("twice" in leftover.text for leftover in result.leftovers)


def test_services_are_recognised_by_their_name_else_by_their_id():
    (mail, web, _) = components_of(statuspage.read(TEXTS))
    for other in (
        web,
        web.__class__("hosting-web-servers", "Sites"),
        web.__class__("www", "web SERVERS"),
    ):
        history = statuspage_history.read_history(TEXTS, target(mail, other))
        assert history.incidents[0].components == (other.id,)
    history = statuspage_history.read_history(TEXTS, target())
    assert history.incidents[0].components == ("web-servers",)
    assert [(k.component, k.name, k.group) for k in history.former][:1] == [
        ("web-servers", "Web servers", "Hosting")
    ]


@pytest.mark.parametrize(
    "text", ["", "{", "7", "[]", "{}", "[" * 5000, '{"components": 7}', '["x"]']
)
def test_what_is_no_answer_of_statuspage(text):
    with pytest.raises(UnreadableSource):
        statuspage.read({"a.json": text})


GOOD = {
    "components.json": '[{"id": "a1b2c3", "name": "Mail", "status": "operational"}]',
    "incidents.json": TEXTS["incidents.json"],
}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "this is no JSON: Input data was truncated"),
        (
            '{"error": "Could not authenticate"}',
            'this is no answer of Statuspage that is read here: error: "Could not authenticate"',
        ),
        (
            '{"message": "x", "errors": ["Not found"]}',
            """this is no answer of Statuspage that is read here: errors: "['Not found']\"""",
        ),
        ('{"html": 7}', 'this is no answer of Statuspage that is read here: it has "html"'),
        ("null", "this is no answer of Statuspage that is read here"),
    ],
)
def test_one_file_that_is_no_answer_is_named_and_nothing_is_brought(text, reason, tmp_path, capsys):
    for name, good in GOOD.items():
        (tmp_path / name).write_text(good)
    (tmp_path / "groups.json").write_text(text)
    files = [str(tmp_path / name) for name in (*GOOD, "groups.json")]
    for more in ([], ["--history", "--dry-run"]):
        assert main(["import", "statuspage", *files, *more]) == 2
        out, err = capsys.readouterr()
        assert (out, err) == ("", f"{files[-1]}: {reason}\n")


def test_an_object_that_is_none_is_told_with_its_file_place_name_and_field():
    wrong = [
        {"id": "b", "name": "Web", "status": "operationl"}, {"id": "c", "status": "operational"},
        {"id": "d", "name": "Sites"}, 7,
    ]  # fmt: skip
    lists = {"page": {}, "components": 7, "incidentz": [{}], "groups": [None]}
    configuration = statuspage.read(GOOD | answers(wrong, lists))
    assert [s.name for s in configuration.services] == ["Mail"]
    assert [str(note) for note in configuration.leftovers] == [
        '0.json: number 1, Web: not brought: status: "operationl" is none of a component or of an incident',
        "0.json: number 2: not brought: name: it has none, as components, groups and incidents do",
        "0.json: number 3, Sites: not brought: status: it has none, as components, groups and incidents do",
        "0.json: number 4: not brought: it has no keys",
        "1.json: components: not brought: it is no list",
        "1.json: incidentz: not brought: it is nothing that is read",
        "1.json: groups 1: not brought: it has no keys",
        "incidents: their history is brought by --history",
    ]


def test_a_group_that_is_in_no_file_is_told():
    component = {"id": "a", "name": "Mail", "status": "operational", "group_id": "g"}
    result = statuspage.read(answers([component]))
    assert [str(note) for note in result.leftovers] == [
        '0.json: number 1, Mail: group_id: "g" is no group in these files'
    ]
    groups = [{"id": "g", "name": "Hosting", "components": ["a"]}]
    assert not statuspage.read(answers([component], groups)).leftovers


def test_what_an_incident_says_wrongly_is_told_with_its_field():
    good = json.loads(TEXTS["incidents.json"])[0]
    affected = [{"code": "a", "name": "Mail", "new_status": "down"}, {"new_status": "operational"}]
    update = good["incident_updates"][0] | {"affected_components": affected}
    wrong = good | {"impact": "huge", "status": "solved", "components": [{"name": "Mail"}]}
    files = answers([wrong | {"incident_updates": [update, *good["incident_updates"][1:]]}])
    notes = [str(note) for note in statuspage_history.read_history(files, target()).leftovers]
    place = "0.json: number 1, Web servers are unreachable: "
    for note in (
        'status: "solved" is no state of it',
        'impact: "huge" is none: taken as none',
        "components 1, Mail: id: not brought: it names no component",
        'incident_updates 1: affected_components 1, Mail: new_status: not brought: "down" is none of a component',
        "incident_updates 1: affected_components 2: code: not brought: it names no component",
    ):
        assert f"{place}{note}" in notes


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("k3v9x2m1q8wz", True), ("abc123", True), ("A1B2C3D4E5F6", False), ("a-b", False), (7, False)],
)
def test_an_id_that_cannot_be_an_address_here_is_told(given, is_kept):
    incident = json.loads(TEXTS["incidents.json"])[0] | {"id": given}
    history = statuspage_history.read_history(answers([incident]), target())
    id_ = history.incidents[0].id
    note = f'id: "{given}" cannot be an address here: it is {id_}, and old links end'
    assert (id_ == given) is is_kept
    assert (note in [n.text for n in history.leftovers]) is not is_kept


WRONG = (
    None,
    7,
    -1e300,
    "x",
    "\u202e",
    [],
    [7],
    {},
    {"id": 7},
    True,
    "9999-12-31T23:59:59Z",
    "0001-01-01",
)
KEYS = (
    *("id", "name", "status", "impact", "created_at", "started_at", "resolved_at", "components"),
    *(
        "incident_updates",
        "scheduled_for",
        "scheduled_until",
        "postmortem_body",
        "postmortem_published_at",
    ),
)


@pytest.mark.parametrize("key", KEYS)
def test_wrong_types_and_missing_fields_never_end_it(key):
    good = json.loads(TEXTS["incidents.json"])
    for wrong in WRONG:
        for incident in (good[0], good[3]):
            result = statuspage_history.read_history(
                answers([incident | {key: wrong}, good[1]]), target()
            )
            assert "i0slow000001" in {i.id for i in result.incidents}
            assert len(result.incidents) + len(result.maintenances) == 2 or result.leftovers
    for key_of_update in (
        "id",
        "status",
        "body",
        "created_at",
        "display_at",
        "affected_components",
    ):
        for wrong in WRONG:
            update = good[0]["incident_updates"][0] | {key_of_update: wrong}
            incident = good[0] | {"incident_updates": [update, *good[0]["incident_updates"][1:]]}
            result = statuspage_history.read_history(answers([incident]), target())
            assert [i.id for i in result.incidents] == ["i0outage0001"]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<p>One</p><p>Two<br/>three</p>", "One\n\nTwo\nthree"),
        ('See <a href="https://a.example/?x=1&amp;y=2">this</a>.', "See this (https://a.example/?x=1&y=2)."),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("<script>alert('x')</script>safe<style>p{}</style>", "safe"),
        ("<img src=x onerror=alert(1)>&lt;b&gt;", "<b>"),
        ("load < 5 and <hostname> > 3", "load < 5 and <hostname> > 3"),
        ("**Bold** and *it* and __u__ in snake_case_name, 2 * 3 * 4", "Bold and it and u in snake_case_name, 2 * 3 * 4"),
        ('# Head\n\n- one\n- `two`\n\n---\n\n[link](https://a.example/ "t")', "Head\n\n- one\n- two\n\nlink (https://a.example/)"),
        ("a\u202eb\x00\x1b[31mc\r\nd", "ab[31mc\nd"),
        ("<!-- hidden -->shown<!-- open", "shown"),
        ("On ~~Tuesday~~ Wednesday, ~~all~~", "On Wednesday,"),
        ("On <del>Tuesday</del> Wednesday and <s>all", "On Wednesday and ~~all"),
        ("~/www and ~5 minutes~", "~/www and ~5 minutes~"),
    ],
)  # fmt: skip
def test_markup_becomes_plain_text(written, plain):
    assert plain_text(written) == plain


def test_hostile_markup_takes_no_time():
    began = time.monotonic()
    for text in (
        "<",
        "<a ",
        "<!--",
        "*a",
        "[",
        "[a](",
        "`",
        "_a_",
        "<script>",
        "{{<",
        "&",
        "\\",
        "---\n",
    ):
        plain_text(text * 100_000)
    assert time.monotonic() - began < 5


def test_the_command(tmp_path, capsys):
    assert main(["import", "statuspage", *map(str, FILES)]) == 0
    out, err = capsys.readouterr()
    assert out == (CASE / "expected.toml").read_text("utf-8")
    assert err.endswith("services brought: 3; to look at: 3\n")
    assert main(["import", "statuspage", str(tmp_path)]) == 2
    assert main(["import", "statuspage", str(FILES[0]), "--uptime"]) == 2
    assert main(["import", "gatus", str(FILES[0]), "--history"]) == 2
    with (tmp_path / "long.json").open("wb") as long:
        long.truncate(50_000_000)
    assert main(["import", "statuspage", str(tmp_path / "long.json")]) == 2
    assert "long.json: it is longer than 20 MB" in capsys.readouterr().err
