"""What the demo begins with: a past in order, and services that were looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import demo
from clock import SystemClock
from commands.processes import checked_rooms
from db.schema_status import first_start
from lab.company import WATCHED
from lab.demo import DEMO_DOMAINS
from settings import load
from status.model import Condition
from tests.process_fixtures import free_port


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    """The rooms of a demo that was just seeded, with its laboratory."""
    var = tmp_path_factory.mktemp("demo")
    with demo.laboratory() as laboratory:
        config = demo.write(laboratory, var, free_port())
        loaded = replace(load(str(config), {}), var=var)
        rooms = checked_rooms(loaded)
        first_start(loaded.database_url, var, SystemClock())
        demo.seed(rooms)
        yield rooms
        rooms.close()
        rooms.ctx.db.close()


def test_the_audit_log_tells_the_past_in_order(rooms):
    entries = rooms.portal.administration.audit_entries()
    moments = [numbered.entry.at for numbered in entries]
    assert moments == sorted(moments, reverse=True)
    assert len(set(moments)) == len(moments)
    operator = {p.id for p in rooms.accounts.store.people() if p.email == "olu@polaris.example"}
    acts = [n.entry for n in entries if n.entry.action.startswith(("incident.", "maintenance."))]
    assert [entry.action for entry in reversed(acts)] == [
        *("incident.opened", "incident.updated", "incident.updated", "maintenance.planned"),
    ]
    assert {entry.actor for entry in acts} == operator


async def test_the_first_page_tells_of_every_service(rooms):
    await demo.look_once(rooms)
    engine_to_come = rooms.status.unfenced_monitor()
    await engine_to_come.start()
    states = engine_to_come.snapshot().states
    conditions = {state.component.id: state.condition for state in states}
    slow = {"webmail": Condition.DEGRADED_PERFORMANCE}
    assert conditions == {watched.id: Condition.OPERATIONAL for watched in WATCHED} | slow


async def test_the_first_check_knows_whose_domain_it_is(rooms):
    await demo.look_once(rooms)
    theirs = {row.name: row.account for row in DEMO_DOMAINS if row.account}
    stored = {domain: rooms.hosting.account_of(domain) for domain in theirs}
    assert {d: a for d, a in theirs.items() if stored[d] != a} == {}


def test_no_probe_takes_a_busy_machine_for_trouble(rooms):
    for probe in rooms.status.probes:
        if probe.component != "webmail":
            assert probe.timeout >= timedelta(seconds=10)
            assert probe.settings["slow_after"] >= 5
