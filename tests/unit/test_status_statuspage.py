"""The documents of Statuspage API v2 have the shapes that its clients parse."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

from render.overrides import known_texts
from status.model import Component, Condition, Impact, IncidentState, KnownComponent, Update
from status.publishing import statuspage, statuspage_webhooks
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, RACK, WEB, incident, snapshot, work

DAY = timedelta(days=1)
PAGE = statuspage.PageAddress("Sklep Hosting", "https://status.example", "en")
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
COMPONENT = {
    *("id", "name", "status", "created_at", "updated_at", "position", "description", "showcase"),
    *("start_date", "group_id", "page_id", "group", "only_show_if_degraded"),
}
INCIDENT = {
    *("id", "name", "status", "created_at", "updated_at", "monitoring_at", "resolved_at"),
    *("impact", "shortlink", "started_at", "page_id", "incident_updates", "components"),
    "reminder_intervals",
}
UPDATE = {
    *("id", "status", "body", "incident_id", "created_at", "updated_at", "display_at"),
    *("affected_components", "deliver_notifications", "custom_tweet", "tweet_id"),
}


def documents(conditions=None, **words):
    shot = snapshot(conditions, words=PublicStatements(**words))
    return {p: json.loads(b) for p, b in statuspage.documents(shot, PAGE).items()}


def test_all_eight_documents_begin_with_the_page():
    documents_now = documents()
    assert set(documents_now) == {
        f"/api/v2/{name}.json"
        for name in (
            *("summary", "status", "components", "incidents", "incidents/unresolved"),
            *("scheduled-maintenances", "scheduled-maintenances/upcoming"),
            "scheduled-maintenances/active",
        )
    }
    for body in documents_now.values():
        assert body["page"] == {
            "id": statuspage.stable_id("page", PAGE.url),
            "name": "Sklep Hosting",
            "url": "https://status.example",
            "time_zone": "Etc/UTC",
            "updated_at": "2026-01-15T11:59:40.000Z",
        }


def test_summary_has_exactly_the_known_fields():
    old = incident(id="old000000000", state=IncidentState.RESOLVED, resolved_at=AT)
    body = documents(
        {WEB: Condition.OPERATIONAL, MAIL: Condition.DEGRADED_PERFORMANCE, RACK: Condition.NO_DATA},
        incidents=(incident(), old),
        maintenances=(work(), work(id="done00000000", starts_at=AT, ends_at=AT)),
    )["/api/v2/summary.json"]
    assert set(body) == {"page", "components", "incidents", "scheduled_maintenances", "status"}
    singles = [c for c in body["components"] if not c["group"]]
    groups = [c for c in body["components"] if c["group"]]
    assert all(set(c) == COMPONENT for c in singles)
    assert all(set(c) == COMPONENT | {"components"} for c in groups)
    assert [i["id"] for i in body["incidents"]] == ["abc123def456"]
    assert set(body["incidents"][0]) == INCIDENT
    assert all(set(u) == UPDATE for u in body["incidents"][0]["incident_updates"])
    assert [m["id"] for m in body["scheduled_maintenances"]] == ["work12345678"]
    assert set(body["scheduled_maintenances"][0]) == INCIDENT | {"scheduled_for", "scheduled_until"}
    assert body["status"] == {"indicator": "minor", "description": "Degraded System Service"} or (
        body["status"]["indicator"] == "minor"
    )


def test_identifiers_times_and_names_are_as_clients_expect():
    body = documents(incidents=(incident(),), maintenances=(work(),))["/api/v2/summary.json"]
    entries = [*body["components"], *body["incidents"], *body["scheduled_maintenances"]]
    for item in entries:
        assert re.fullmatch(r"[a-z0-9]{12}", item["id"])
        assert STAMP.match(item["created_at"])
        assert STAMP.match(item["updated_at"])
    entry = body["incidents"][0]
    assert (entry["name"], entry["status"], entry["impact"]) == (
        "Mail is slow",
        "identified",
        "minor",
    )
    assert entry["shortlink"] == "https://status.example/incidents/abc123def456"
    assert [u["status"] for u in entry["incident_updates"]] == ["identified", "investigating"]
    affected = entry["incident_updates"][0]["affected_components"]
    assert affected == [
        {
            "code": statuspage.stable_id("component", "mail"),
            "name": "E-mail - Mailboxes",
            "old_status": "operational",
            "new_status": "degraded_performance",
        }
    ]
    assert entry["incident_updates"][1]["affected_components"] is None
    assert body["scheduled_maintenances"][0]["status"] == "scheduled"


def test_running_work_is_active_and_finished_work_only_in_the_list():
    running = work(starts_at=AT, ends_at=AT.replace(hour=23))
    body = documents(maintenances=(running,))
    assert body["/api/v2/scheduled-maintenances/upcoming.json"]["scheduled_maintenances"] == []
    active = body["/api/v2/scheduled-maintenances/active.json"]["scheduled_maintenances"]
    assert [m["status"] for m in active] == ["in_progress"]


def test_work_whose_result_is_checked_is_active_and_tells_its_timeline():
    update = Update("n1", "verifying", AT - timedelta(minutes=5), {"en": "We watch it."})
    running = work(
        starts_at=AT - timedelta(hours=1), ends_at=AT.replace(hour=23), components=("mail",),
        notes={"work12345678": (update,)},
    )  # fmt: skip
    body = documents(maintenances=(running,))
    for name in ("scheduled-maintenances/active", "scheduled-maintenances", "summary"):
        (entry,) = body[f"/api/v2/{name}.json"]["scheduled_maintenances"]
        assert entry["status"] == "verifying"
    states = [u["status"] for u in entry["incident_updates"]]
    assert states == ["verifying", "in_progress", "scheduled"]
    begun = entry["incident_updates"][1]
    assert begun["body"] == "The work has begun."
    assert [c["new_status"] for c in begun["affected_components"]] == ["under_maintenance"]
    assert entry["updated_at"] == entry["incident_updates"][0]["created_at"]
    assert body["/api/v2/scheduled-maintenances/upcoming.json"]["scheduled_maintenances"] == []


def test_work_written_down_afterwards_tells_its_timeline_in_order():
    begins = AT - timedelta(days=30)
    past = work(starts_at=begins, ends_at=begins + timedelta(hours=2), created_at=AT)
    body = documents(maintenances=(past,))
    (entry,) = body["/api/v2/scheduled-maintenances.json"]["scheduled_maintenances"]
    timeline = [(u["status"], u["created_at"]) for u in entry["incident_updates"]]
    assert [state for state, _ in timeline] == ["completed", "in_progress", "scheduled"]
    assert timeline[0][1] == entry["scheduled_until"]
    assert timeline[1][1] == timeline[2][1] == entry["scheduled_for"]


def test_an_incident_told_when_it_was_over_leaves_nothing_down():
    only = Update("u1", "resolved", AT, {"en": "A disk."}, {"mail": Condition.MAJOR_OUTAGE})
    past = incident(state=IncidentState.RESOLVED, resolved_at=AT, updates=(only,))
    (entry,) = documents(incidents=(past,))["/api/v2/incidents.json"]["incidents"]
    (part,) = entry["incident_updates"][0]["affected_components"]
    assert (part["old_status"], part["new_status"]) == ("major_outage", "operational")


def test_cancelled_work_is_completed_for_clients_and_says_so():
    gone = work(cancelled=True, changed_at=AT - timedelta(minutes=1))
    (entry,) = documents(maintenances=(gone,))["/api/v2/scheduled-maintenances.json"][
        "scheduled_maintenances"
    ]
    assert entry["status"] == "completed"
    assert entry["incident_updates"][0]["body"] == "The work will not take place."


def test_the_whole_page_in_two_words():
    def indicator_of(*conditions):
        parts = {Component(f"c{n}", "C"): c for n, c in enumerate(conditions)}
        status = statuspage.indicator(snapshot(parts))
        return status["indicator"], status["description"]

    ok, slow, part, bad, plan = (
        *(Condition.OPERATIONAL, Condition.DEGRADED_PERFORMANCE),
        *(Condition.PARTIAL_OUTAGE, Condition.MAJOR_OUTAGE, Condition.UNDER_MAINTENANCE),
    )
    assert indicator_of(ok, ok) == ("none", "All Systems Operational")
    assert indicator_of(bad, bad) == ("critical", "Major System Outage")
    assert indicator_of(bad, ok) == ("major", "Partial System Outage")
    assert indicator_of(part, part) == ("major", "Partial System Outage")
    assert indicator_of(part, ok) == ("minor", "Minor Service Outage")
    assert indicator_of(slow, slow) == ("minor", "Degraded System Service")
    assert indicator_of(slow, ok) == ("minor", "Partially Degraded Service")
    assert indicator_of(plan, ok) == ("maintenance", "Service Under Maintenance")
    assert indicator_of() == ("none", "All Systems Operational")
    unseen = Condition.NO_DATA
    assert indicator_of(unseen, ok) == ("minor", "Some Systems Not Seen")
    assert indicator_of(unseen) == ("minor", "Some Systems Not Seen")
    assert indicator_of(bad, unseen) == ("major", "Partial System Outage")
    assert indicator_of(plan, unseen) == ("maintenance", "Service Under Maintenance")


def test_the_words_of_the_format_are_no_texts_of_the_operator_and_docs_say_why():
    section = Path("docs/texts.md").read_text().partition("`status.description` is one")[2]
    documented = re.findall("“([^”]+)”", section.partition("\n\n")[0].replace("\n", " "))
    incidents = ((), *((incident(impact=impact),) for impact in Impact))
    said_of_the_page = {
        statuspage.indicator(snapshot({WEB: web, MAIL: mail}, words=PublicStatements(open_)))[
            "description"
        ]
        for web, mail, open_ in product(Condition, Condition, incidents)
    }
    assert said_of_the_page == set(documented)
    assert said_of_the_page.isdisjoint(known_texts())


def test_a_component_begins_when_it_was_first_known_and_goes_on_to():
    """The days that are published reach back for ninety days only."""
    since = AT - 400 * DAY
    known_components = (
        KnownComponent("web", "Old name", "Web", since, AT - 9 * DAY),
        KnownComponent("web", WEB.group, "Web", AT - 9 * DAY, AT),
    )
    body = documents({WEB: Condition.OPERATIONAL}, known_components=known_components)
    single, group = body["/api/v2/components.json"]["components"]
    assert single["created_at"] == group["created_at"] == statuspage.stamp(since)
    assert single["start_date"] == since.date().isoformat()


def test_words_that_are_dated_back_are_new_now_and_shown_where_they_belong():
    update = Update("u1", "monitoring", AT - DAY, {"en": "It works."}, told_at=AT)
    body = documents(incidents=(incident(updates=(update,)),))["/api/v2/incidents.json"]
    (entry,) = body["incidents"]
    assert entry["created_at"] == entry["updated_at"] == statuspage.stamp(AT)
    (published_update,) = entry["incident_updates"]
    assert (published_update["display_at"], published_update["created_at"]) == (
        statuspage.stamp(AT - DAY), statuspage.stamp(AT)
    )  # fmt: skip


def test_no_data_is_never_called_operational():
    body = documents({WEB: Condition.NO_DATA})["/api/v2/summary.json"]
    assert body["components"][0]["status"] == "degraded_performance"
    assert body["status"]["indicator"] != "none"


def test_at_most_fifty_incidents():
    many = tuple(
        incident(id=f"inc{n:09}", state=IncidentState.RESOLVED, resolved_at=AT) for n in range(60)
    )
    assert len(documents(incidents=many)["/api/v2/incidents.json"]["incidents"]) == 50


def test_work_under_way_is_told_however_much_is_planned():
    many = tuple(
        work(id=f"w{n:011}", starts_at=AT + DAY * n, ends_at=AT + DAY * n + DAY / 24)
        for n in range(80)
    )
    documents_now = documents(maintenances=many)
    ids_by_document = {
        name: documents_now[f"/api/v2/scheduled-maintenances{name}.json"]["scheduled_maintenances"]
        for name in ("", "/active", "/upcoming")
    }
    assert [m["id"] for m in ids_by_document["/active"]] == ["w00000000000"]
    assert len(ids_by_document["/upcoming"]) == len(ids_by_document[""]) == 50
    assert ids_by_document["/upcoming"][-1]["id"] == "w00000000001"


def test_an_open_incident_is_never_beside_all_systems_operational():
    documents_now = documents(incidents=(incident(components=(), updates=()),))
    assert documents_now["/api/v2/status.json"]["status"]["indicator"] == "minor"


def test_a_group_has_one_name_wherever_it_stands():
    plain = replace(WEB, group="Web", group_names={})
    named = replace(MAIL, group="Web", group_names={"cs": "Weby"})
    snap = snapshot(dict.fromkeys((plain, named), Condition.OPERATIONAL))
    objects = statuspage.component_objects(snap, replace(PAGE, lang="cs"))
    assert [o["name"] for key, o in objects.items() if key.startswith("group:")] == ["Weby"]


def test_what_happened_is_published_when_it_was_written():
    written = Update("p", "postmortem", AT - timedelta(days=5), {"en": "A disk."}, told_at=AT)
    explained = incident(updates=(written,), components=())
    hook = statuspage_webhooks.incident_hook(snapshot(), PAGE, explained)["incident"]
    assert hook["postmortem_published_at"] == statuspage.stamp(AT)
    assert hook["postmortem_published_at"] == hook["incident_updates"][0]["created_at"]
