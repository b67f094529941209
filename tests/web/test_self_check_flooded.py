"""Strangers flood the self-check: who is served all the same."""

from __future__ import annotations

from tests.diagnostics_rooms import DOMAIN
from wizard.runs.lanes import Lane


def test_thirteen_addresses_shut_the_self_check_for_nobody(rooms) -> None:
    client = rooms.house.app.test_client()
    for n in range(13 * 20):
        zed = {"environ_base": {"REMOTE_ADDR": f"203.0.{n % 13}.7"}}
        client.post("/api/diagnoses", json={"target": f"shop{n}.example"}, **zed)
    form = {"target": DOMAIN, "symptom": "site_down"}
    for name in ("mara", "ben", "zed", ""):
        honest = {"environ_base": {"REMOTE_ADDR": f"198.51.{len(name)}.{ord((name or 'x')[0])}"}}
        assert rooms.browser(name).post("/check", form, **honest).status_code == 303, name
    lanes = [run.lane for run in rooms.store.live()]
    assert lanes.count(Lane.KNOWN) == 2


def test_what_strangers_of_her_network_use_up_is_not_maras(rooms) -> None:
    zed, mara = rooms.browser(), rooms.browser("mara")
    for n in range(25):
        zed.post("/check", {"target": f"shop{n}.example", "symptom": "site_down"})
    rooms.begin(mara)
