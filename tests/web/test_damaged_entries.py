"""An entry whose document cannot be read: its own page says so, and everything else works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from commands.main import main
from status.incidents.incident_editing import AnnouncementText
from tests.operator_house import operator_house
from tests.status_fixtures import WEB

HOUR = timedelta(hours=1)


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    with operator_house(sqlite_url, clock, tmp_path) as new_house:
        yield new_house


def damage(house, table, id):
    with house.db.write() as conn:
        conn.execute(text(f"UPDATE {table} SET title = '[\"lost\"]' WHERE id = :id"), {"id": id})


def test_the_page_of_a_damaged_entry_says_so_and_the_others_stand(house, clock):
    olu, now = house.browser("olu"), clock.now()
    window = now + HOUR, now + 2 * HOUR
    broken = house.incidents.open({"en": "Broken"}, AnnouncementText({"en": "a"}), "olu")
    sound = house.incidents.open({"en": "Sound"}, AnnouncementText({"en": "b"}), "olu")
    planned = house.incidents.plan({"en": "W"}, {"en": "w"}, window, (WEB.id,), "olu")
    damage(house, "status_incidents", broken.id)
    damage(house, "status_maintenances", planned.id)
    for page in (
        f"/ops/incidents/{broken.id}",
        f"/ops/incidents/{broken.id}/correct",
        f"/ops/maintenance/{planned.id}",
    ):
        answer = olu.get(page, headers={"Accept-Language": "cs"})
        assert answer.status_code == 500
        assert "Uložený záznam nelze přečíst" in answer.text
        assert "app.py db documents" in answer.text
    problem = olu.get(f"/ops/incidents/{broken.id}", headers={"Accept": "application/json"})
    assert problem.json["type"] == "/problems/unreadable"
    for page in ("/ops", "/ops/announcements", f"/ops/incidents/{sound.id}"):
        assert olu.get(page).status_code == 200
    assert [i.id for i in house.store.statements().incidents] == [sound.id]


def test_a_command_says_that_an_entry_is_damaged(house, sqlite_url, tmp_path, capsys):
    broken = house.incidents.open({"en": "Broken"}, AnnouncementText({"en": "a"}), "olu")
    damage(house, "status_incidents", broken.id)
    config = tmp_path / "jasno.toml"
    config.write_text(f'[database]\nurl = "{sqlite_url}"\n')
    assert main(["incident", "resolve", broken.id, "--text", "x", "--config", str(config)]) == 2
    error = capsys.readouterr().err
    assert "a stored entry cannot be read and is kept as it is: status_incidents.title" in error
    assert "Traceback" not in error
