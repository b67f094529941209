"""From what was said to what is heard: one message each, in the right words, never twice."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from clock import ManualClock
from db.engine import connect
from db.tables.jobs import jobs
from jobs.model import Job
from messages import OutgoingEmail
from notify import webhooks
from notify.mime import message
from notify.model import AffectedComponent, NewsSort, Preferences
from notify.model import News as Told
from notify.subscribers.preferences import wants
from status import events
from status.events import CHANGED
from status.incidents.incident_editing import AnnouncementText
from status.model import Component, Condition, Transition
from status.monitoring import state_file
from status.storage.store import ObservationBatch
from tests.notify_fixtures import BASE, NotifyHouse
from tests.status_fixtures import snapshot

MARA, TOMAS, VERA = (f"{n}@people.example" for n in ("mara", "tomas", "vera"))
DOWN = Condition.MAJOR_OUTAGE


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    database = connect(sqlite_url, clock=clock)
    yield NotifyHouse(database, clock, folder=tmp_path)
    database.close()


def news_of(sort=NewsSort.INCIDENT, *ids):
    named = tuple(AffectedComponent(i, i, "Hosting" if i in ("web", "db") else "") for i in ids)
    return Told("incident.opened", sort, "i", ManualClock().now(), "x", {}, {}, "/", touched=named)


@pytest.mark.parametrize(
    ("wish", "news", "hears"),
    [
        (Preferences(), news_of(NewsSort.INCIDENT, "web"), True),
        (Preferences(), news_of(NewsSort.INCIDENT), True),
        (Preferences(("web",)), news_of(NewsSort.INCIDENT, "mail", "web"), True),
        (Preferences(("web",)), news_of(NewsSort.INCIDENT, "mail"), False),
        (Preferences(("web",)), news_of(NewsSort.INCIDENT), False),
        (Preferences((), ("Hosting",)), news_of(NewsSort.INCIDENT, "db"), True),
        (Preferences((), ("Hosting",)), news_of(NewsSort.INCIDENT, "mail"), False),
        (Preferences(maintenance=False), news_of(NewsSort.MAINTENANCE, "web"), False),
        (Preferences(maintenance=False), news_of(NewsSort.INCIDENT, "web"), True),
        (Preferences(("web",)), news_of(NewsSort.ANNOUNCEMENT), True),
    ],
)
def test_who_wants_to_hear(wish, news, hears):
    assert wants(wish, news) is hears


def test_a_new_member_of_a_group_is_included(house):
    house.confirmed(MARA, scope="some", group="Hosting")
    house.started((*house.parts, Component("new", "A new server", "Hosting")))
    house.incidents.open(
        {"en": "Disk"}, AnnouncementText({"en": "a"}, components={"new": DOWN}), "olu"
    )
    house.run_jobs()
    assert len(house.letters()) == 1


def test_each_hears_in_their_own_words_and_only_what_they_chose(house):
    house.confirmed(MARA, message_language="cs")
    house.confirmed(TOMAS, scope="some", component="mail")
    house.confirmed(VERA, scope="some", group="Hosting")
    house.incidents.open(
        {"en": "Disk failure", "cs": "Selhal disk"},
        AnnouncementText({"en": "We replace it.", "cs": "Měníme jej."}, "identified", {"db": DOWN}),
        "olu",
    )
    house.run_jobs()
    by = {x.to: x for x in house.letters()}
    assert set(by) == {MARA, VERA}
    assert "Selhal disk" in by[MARA].subject
    assert "Měníme jej." in by[MARA].text
    assert "Databases: Outage" in by[VERA].text
    assert "State: Cause found" in by[VERA].text
    assert f"{BASE}/en/incidents/" in by[VERA].text


def test_one_message_for_each_thing_that_was_said(house, clock):
    house.confirmed(MARA)
    incident = house.incidents.open(
        {"en": "Disk"}, AnnouncementText({"en": "a"}, components={"web": DOWN}), "olu"
    )
    clock.advance(timedelta(minutes=5))
    house.incidents.update(incident.id, AnnouncementText({"en": "b"}, "monitoring"), "olu")
    clock.advance(timedelta(minutes=5))
    house.incidents.resolve(incident.id, {"en": "c"}, "olu")
    clock.advance(timedelta(minutes=5))
    house.incidents.postmortem(incident.id, {"en": "d"}, "olu")
    house.run_jobs()
    assert [x.subject.partition(": ")[2] for x in house.letters()] == [
        "Incident: Disk",
        "News of the incident: Disk",
        "Resolved: Disk",
        "What happened: Disk",
    ]
    assert [x.subject for x in house.chat.letters] == ["Incident: Disk", "Resolved: Disk"]


def test_drafts_are_told_to_nobody_until_they_are_approved(house):
    house.confirmed(MARA)
    incident = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "a"}), "", draft=True)
    house.run_jobs()
    assert house.letters() == []
    house.incidents.approve(incident.id, "olu")
    house.run_jobs()
    assert len(house.letters()) == 1


def test_maintenance_is_told_with_its_window_and_spares_the_quiet(house, clock):
    house.confirmed(MARA)
    house.confirmed(TOMAS, maintenance="")
    start = clock.now() + timedelta(days=1)
    window = (start, start + timedelta(hours=2))
    house.incidents.plan({"en": "New switches"}, {"en": "Short breaks."}, window, ("web",), "olu")
    house.run_jobs()
    (letter,) = house.letters()
    assert letter.to == MARA
    assert "Planned maintenance: New switches" in letter.subject
    assert "16 Jan 2026, 12:00 UTC" in letter.text


def test_a_storm_is_one_message_for_each_change(house, clock):
    """Five hundred components fall at once and return; a hundred readers hear twice each."""
    parts = tuple(Component(f"c{n}", f"Server {n}", "Servers") for n in range(500))
    house.started(parts)
    for n in range(100):
        house.store.subscribe(*_reader(n))
    for incident in house.store.all():
        house.store.confirm(incident.id)
    house.run_jobs()
    house.letters()
    fallen = {c.id: DOWN for c in parts}
    storm_incident = house.incidents.open(
        {"en": "Power"}, AnnouncementText({"en": "a"}, components=fallen), "olu"
    )
    clock.advance(timedelta(minutes=3))
    house.incidents.resolve(storm_incident.id, {"en": "b"}, "olu")
    house.run_jobs()
    letters = house.letters()
    assert len(letters) == 200
    assert len({x.key for x in letters}) == 200
    assert "and 488 more" in letters[0].text
    assert len(house.chat.letters) == 2


def _reader(number):
    address = f"reader{number}@people.example"
    return webhooks.SubscriberKind.EMAIL, address, address, Preferences()


def test_the_same_change_twice_is_told_once(house):
    house.confirmed(MARA)
    house.incidents.open(
        {"en": "Disk"}, AnnouncementText({"en": "a"}, components={"web": DOWN}), "olu"
    )
    house.run_jobs()
    with house.db.read() as conn:
        (row,) = conn.execute(select(jobs).where(jobs.c.kind == CHANGED))
    for _ in range(3):
        house.handlers[CHANGED].run(Job(CHANGED, row.payload, row.key, house.clock.now()))
    house.run_jobs()
    assert len(house.letters()) == 1


def test_a_hook_has_the_shape_of_statuspage_and_a_signature_that_holds(house, clock):
    web = Component("web", "Web hosting", "Hosting")
    state_file.save(house.folder, state_file.StateFile(snapshot({web: DOWN}), {}))
    path = house.confirmed(MARA, url="https://hooks.else.example/status")
    opened_incident = house.incidents.open(
        {"en": "Disk"}, AnnouncementText({"en": "a"}, components={"web": DOWN}), "olu"
    )
    house.run_jobs()
    url, body, headers = house.endpoint.calls[-1]
    assert url == "https://hooks.else.example/status"
    document = json.loads(body)
    assert document["meta"]["unsubscribe"] == f"{BASE}{path}/leave"
    assert document["page"]["status_indicator"] == "critical"
    incident = document["incident"]
    assert incident["id"] == opened_incident.id
    assert incident["status"] == "investigating"
    assert incident["impact"] == "critical"
    assert incident["components"][0]["name"] == "Web hosting"
    (update,) = incident["incident_updates"]
    assert update["body"] == "a"
    assert update["affected_components"][0]["new_status"] == "major_outage"
    for name in ("backfilled", "impact_override", "scheduled_for", "postmortem_body"):
        assert name in incident
    stamp, _, seal = headers["Jasno-Signature"].partition(",v1=")
    (subscriber,) = house.store.active()
    key = house.store.links.signing_key(subscriber.id).encode()
    signed = stamp.removeprefix("t=").encode() + b"." + body
    assert seal == hmac.new(key, signed, hashlib.sha256).hexdigest()
    assert house.browser().get(path).text.count(key.decode()) >= 1


# ------------------------------------------------------------------ components by themselves
WEB = Component("web", "Web hosting", "Hosting")
SLOW = Condition.DEGRADED_PERFORMANCE


def moves(house, clock, after, before=Condition.OPERATIONAL, part=WEB):
    """The engine saw it change, and a minute has gone by."""
    moved = Transition(part.id, before, after, clock.now())
    house.status.write(ObservationBatch(transitions=(moved,)))
    state_file.save(house.folder, state_file.StateFile(snapshot({part: after}, at=clock.now()), {}))
    house.run_jobs()
    clock.advance(events.DEBOUNCE)
    house.run_jobs()


def updates(house):
    return [b["component_update"] for b in house.endpoint.bodies if "component_update" in b]


def test_a_component_that_changes_by_itself_reaches_endpoints_only(house, clock):
    house.confirmed(MARA, url="https://hooks.else.example/status")
    house.confirmed(TOMAS)
    moves(house, clock, SLOW)
    body = house.endpoint.bodies[-1]
    assert set(body) == {"meta", "page", "component_update", "component", "jasno"}
    assert body["component_update"]["old_status"] == "operational"
    assert body["component_update"]["new_status"] == "degraded_performance"
    assert body["component_update"]["component_type"] == "Component"
    assert body["component_update"]["component_id"] == body["component"]["id"]
    assert body["component"]["name"] == "Web hosting"
    assert body["component"]["status"] == "degraded_performance"
    assert body["page"]["status_indicator"] == "minor"
    assert house.letters() == []
    moves(house, clock, Condition.OPERATIONAL, SLOW)
    assert [u["new_status"] for u in updates(house)] == ["degraded_performance", "operational"]


def test_what_an_incident_or_planned_work_tells_is_not_told_again(house, clock):
    house.confirmed(MARA, url="https://hooks.else.example/status")
    house.incidents.open(
        {"en": "Disk"}, AnnouncementText({"en": "a"}, components={"web": DOWN}), "olu"
    )
    moves(house, clock, DOWN)
    moves(house, clock, Condition.UNDER_MAINTENANCE)
    moves(house, clock, Condition.OPERATIONAL, Condition.NO_DATA)
    assert updates(house) == []
    assert [b["jasno"]["event"] for b in house.endpoint.bodies if "jasno" in b] == [
        "incident.opened"
    ]


def test_what_is_undone_within_a_minute_is_not_told(house, clock):
    house.confirmed(MARA, url="https://hooks.else.example/status")
    moved = Transition("web", Condition.OPERATIONAL, SLOW, clock.now())
    house.status.write(ObservationBatch(transitions=(moved,)))
    state_file.save(house.folder, state_file.StateFile(snapshot({WEB: Condition.OPERATIONAL}), {}))
    clock.advance(events.DEBOUNCE)
    house.run_jobs()
    assert updates(house) == []


def test_many_components_at_once_are_one_word_on_the_page(house, clock):
    parts = [Component(f"web{n}", f"Web {n}", "Hosting") for n in range(100)]
    house.started(tuple(parts))
    house.confirmed(MARA, url="https://hooks.else.example/status")
    before = len(house.endpoint.calls)
    moved = [Transition(p.id, Condition.OPERATIONAL, SLOW, clock.now()) for p in parts]
    house.status.write(ObservationBatch(transitions=tuple(moved)))
    state_file.save(house.folder, state_file.StateFile(snapshot(dict.fromkeys(parts, SLOW)), {}))
    clock.advance(events.DEBOUNCE)
    house.run_jobs()
    (body,) = house.endpoint.bodies[before:]
    assert set(body) == {"meta", "page", "jasno"}
    assert body["page"]["status_description"] == "Degraded System Service"


def test_words_on_planned_work_reach_those_who_want_them(house, clock):
    house.confirmed(MARA)
    house.confirmed(VERA, maintenance="")
    now = clock.now()
    window = (now, now + timedelta(hours=1))
    work = house.incidents.plan({"en": "Switches"}, {"en": "a"}, window, ("web",), "olu")
    house.run_jobs()
    house.letters()
    clock.advance(timedelta(minutes=5))
    house.incidents.note(work.id, {"en": "We check it."}, "verifying", "olu")
    house.run_jobs()
    (letter,) = house.letters()
    assert (letter.to, letter.subject) == (MARA, "Sunny Hosting: News of the maintenance: Switches")
    assert "We check it." in letter.text
    assert "State: Checking the result" in letter.text


def test_an_endpoint_that_is_gone_is_dropped_at_once(house):
    house.confirmed(MARA, url="https://hooks.else.example/status")
    house.endpoint.status = 410
    house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "a"}), "olu")
    house.run_jobs()
    assert house.store.active() == ()
    assert len(house.letters()) == 1


def test_an_endpoint_that_answers_again_has_a_clean_slate(house, clock):
    house.confirmed(MARA, url="https://hooks.else.example/status")
    house.endpoint.status = 503
    house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "a"}), "olu")
    for _ in range(3):
        house.run_jobs()
        clock.advance(webhooks.LONGEST_PAUSE)
    (struggling,) = house.store.active()
    assert (struggling.failures, struggling.trouble) == (3, "HTTP 503")
    house.endpoint.status = 200
    house.run_jobs()
    (well,) = house.store.active()
    assert (well.failures, well.trouble) == (0, "")
    assert house.letters() == []


def test_an_endpoint_is_given_up_at_the_last_try_and_not_before(house, clock):
    house.confirmed(MARA, url="https://hooks.else.example/status")
    house.endpoint.status = 503
    house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "a"}), "olu")
    for _ in range(webhooks.TRIES - 1):
        house.run_jobs()
        clock.advance(webhooks.LONGEST_PAUSE)
    assert len(house.store.active()) == 1
    house.run_jobs()
    assert house.store.active() == ()
    assert len(house.letters()) == 1


@pytest.mark.parametrize(("status", "fine"), [(199, False), (200, True), (299, True), (300, False)])
def test_an_answer_is_fine_from_200_to_299(status, fine):
    assert webhooks.WebhookResponse(status).is_accepted is fine


def test_retries_grow_to_an_hour():
    pauses = [webhooks.pause(n).total_seconds() for n in range(1, 11)]
    assert pauses[:4] == [30, 60, 120, 240]
    assert max(pauses) == 3600
    assert sum(pauses) > 3 * 3600


def test_news_carries_one_click_headers_and_other_letters_do_not():
    plain = message(OutgoingEmail("k", MARA, "S", "T"), "support@host.example")
    assert plain["List-Unsubscribe"] is None
    leave = f"https://status.portal.example/subscribe/{'x' * 43}/leave"
    mail = message(OutgoingEmail("k", MARA, "S", "T", "s", leave), "a@b.example")
    assert mail["List-Unsubscribe"] == f"<{leave}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"\r\nList-Unsubscribe: <{leave}>\r\n".encode() in mail.as_bytes()


def test_news_of_announcements_reaches_all(house, clock):
    house.confirmed(MARA, scope="some", component="mail")
    house.incidents.announce({"en": "We move"}, {"en": "New address."}, "olu")
    house.run_jobs()
    (letter,) = house.letters()
    assert "News: We move" in letter.subject
