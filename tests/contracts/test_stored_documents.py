"""Going over every stored document: what cannot be read is named and stays as it is."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from commands.database import documents
from db.documents import readers
from db.metadata import JsonType, metadata
from tests.contracts.test_backup import filled, house
from tests.people_rows import add_people, add_run

# Columns of JSON that are read by nobody, or whose readers are asked row by row.
ELSEWHERE = {
    "jobs.payload": "its handler reads it; a job that cannot be read is given up and listed",
}


@pytest.fixture
def rooms(database, database_url, clock, tmp_path):
    built = house(tmp_path / "house", clock, database_url)
    filled(built, clock)
    add_people(database, "mara")
    add_run(database, "r1")
    yield built
    built.close()
    built.ctx.db.close()


def put(db, *statements):
    with db.write() as conn:
        for statement in statements:
            conn.execute(text(statement.replace(":", r"\:")))


def test_every_column_of_json_has_its_reader(rooms):
    columns = {
        f"{t.name}.{c.name}"
        for t in metadata.sorted_tables
        for c in t.columns
        if isinstance(c.type, JsonType) or c.name in ("body", "payload")
    }
    assert columns - {str(c) for c in readers()} == ELSEWHERE.keys()


def test_a_house_in_order_has_nothing_unreadable(rooms, capsys):
    assert documents(rooms) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("all ")
    assert int(line.split()[1]) > 15


def test_what_cannot_be_read_is_named_and_stays(rooms, database, capsys):
    newer = '{"schema": 99, "body": {}}'
    put(
        database,
        "INSERT INTO diagnostics_evidence VALUES ('r1', 'dns', '{cut off')",
        f"INSERT INTO hosting_accounts VALUES ('A7', '{newer}', '{newer}', "
        + ("0)" if database.is_sqlite else "now())"),
        "UPDATE diagnostics_runs SET subject = '[]'",
        "UPDATE status_incidents SET components = 'null and void'",
    )
    before = stored(database)
    assert documents(rooms) == 1
    *lines, total = capsys.readouterr().out.splitlines()
    places = [line.partition(": ")[0] for line in lines]
    assert places[:1] == ["diagnostics_evidence r1 dns, body"]
    assert "diagnostics_runs r1, subject" in places
    assert {"hosting_accounts A7, account", "hosting_accounts A7, services"} < set(places)
    assert any(p.startswith("status_incidents ") and p.endswith(", components") for p in places)
    assert len(places) == 5
    assert "written by a newer version" in next(k for k in lines if "A7, account" in k)
    assert total.startswith("5 of ")
    assert stored(database) == before


def stored(db):
    with db.read() as conn:
        return [
            tuple(row)
            for table in ("diagnostics_evidence", "hosting_accounts", "diagnostics_runs")
            for row in conn.execute(text(f"SELECT * FROM {table}"))
        ]
