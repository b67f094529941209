"""A database that cannot be reached: which one it is, where it was looked for, and why."""

from __future__ import annotations

import socketserver
import threading

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


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ('root certificate file "/root/.postgresql/root.crt" does not exist\nEither provide the file', "there is no sslrootcert to know {} by"),
        ("SSL error: certificate verify failed", "the certificate of {} is not one that sslrootcert trusts"),
        ('server certificate for "a.example" does not match host name "db.example"', "the certificate of {} is for another name"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_tls_is_told(error, why):
    url = make_url("postgresql://jasno:secret@db.example/jasno?sslmode=verify-full")
    assert why_unreachable(url, error) == why.format("PostgreSQL at db.example:5432")


class _WithoutTls(socketserver.BaseRequestHandler):
    """A PostgreSQL that is asked for TLS and has none: SSLRequest, "N"."""

    def handle(self):
        self.request.recv(8)
        self.request.sendall(b"N")


def test_a_postgresql_without_tls_is_told_as_that():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _WithoutTls) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        port = server.server_address[1]
        answer = refusal(f"postgresql://jasno:x@127.0.0.1:{port}/jasno?sslmode=require")
        server.shutdown()
        thread.join()
    assert answer == (
        "the database cannot be reached: "
        f"PostgreSQL at 127.0.0.1:{port} has no TLS, and sslmode asks for it"
    )


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
        ('FATAL:  no pg_hba.conf entry for host "192.0.2.1", user "jasno", database "jasno", no encryption', "does not let the user jasno in from here without TLS (pg_hba.conf, sslmode)"),
        ("server does not support SSL, but SSL was required", "has no TLS, and sslmode asks for it"),
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
