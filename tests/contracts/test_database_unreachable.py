"""A database that cannot be reached: which one it is, where it was looked for, and why."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import make_url

from clock import ManualClock
from db.engine import DatabaseAway, connect, why_unreachable
from tests.process_fixtures import free_port


def refusal(url: str) -> str:
    db = connect(url, clock=ManualClock())
    try:
        with pytest.raises(DatabaseAway) as away:
            db.ping()
    finally:
        db.close()
    return str(away.value)


def test_a_folder_and_a_file_that_are_not_there_are_named(tmp_path):
    folder = tmp_path / "var"
    assert refusal(f"sqlite:///{folder}/jasno.db") == (
        f"the database cannot be reached: there is no data folder {folder}; JASNO_VAR says where it is"
    )
    folder.mkdir()
    assert f"there is no file {folder}/jasno.db; is this the data folder (JASNO_VAR)?" in refusal(
        f"sqlite:///{folder}/jasno.db"
    )
    (folder / "jasno.db").mkdir()
    assert refusal(f"sqlite:///{folder}/jasno.db").endswith(f"{folder}/jasno.db cannot be opened")


def test_a_postgresql_that_is_not_there_is_told_from_one_that_says_no(postgres_url):
    there = make_url(postgres_url)
    unknown = there.set(database="jasnoo").render_as_string(hide_password=False)
    assert refusal(unknown).endswith("has no database jasnoo")
    nobody = there.set(username="olu", password="hunter2-secret")
    answer = refusal(nobody.render_as_string(hide_password=False))
    assert "user olu" in answer
    assert "hunter2" not in answer
    port = free_port()
    assert refusal(f"postgresql://jasno:x@127.0.0.1:{port}/jasno").endswith(
        f"nothing listens at PostgreSQL at 127.0.0.1:{port}"
    )
    nowhere = make_url("postgresql://jasno:x@no.such.invalid/jasno")
    assert why_unreachable(nowhere, "failed to resolve host 'no.such.invalid': [Errno -2]") == (
        "there is no address for the host no.such.invalid"
    )


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ('FATAL:  password authentication failed for user "jasno"', "does not take the password of the user jasno"),
        ("FATAL:  sorry, too many clients already", "has no connection left"),
        ("connection timeout expired", "does not answer in time"),
        ("FATAL:  no pg_hba.conf entry for host", "does not let the user jasno in from here (pg_hba.conf)"),
        ('FATAL:  role "jasno" does not exist', "knows no user jasno"),
        ('FATAL:  too many connections for role "jasno"', "has no connection left for the user jasno"),
        ('FATAL:  role "jasno" is not permitted to log in', "does not let the user jasno log in"),
        ('FATAL:  database "jasno" does not exist', "has no database jasno"),
        ('FATAL:  too many connections for database "jasno"', "has no connection left for the database jasno"),
        ('FATAL:  permission denied for database "jasno"', "keeps the user jasno out of the database jasno"),
        ('FATAL:  database "jasno" is not currently accepting connections', "has closed the database jasno"),
        ("FATAL:  the database system is starting up", "is starting"),
        ("something else", "gave no connection"),
    ],
)  # fmt: skip
def test_what_postgresql_says_is_put_in_plain_words(error, why):
    url = make_url("postgresql://jasno:secret@db.example/jasno")
    assert why_unreachable(url, error) == f"PostgreSQL at db.example:5432 {why}"
