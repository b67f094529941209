"""`app.py run` and its friends as real processes: starting, falling, stopping, refusing."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from sqlalchemy import text

from clock import SystemClock
from db.engine import connect
from tests.process_fixtures import (
    ROOT,
    alive,
    command,
    environment,
    fetch,
    free_port,
    name_of,
    offspring,
    open_port,
    process,
    single_probe_config,
    until,
)


@pytest.fixture
def place(tmp_path):
    """A folder with a configuration whose one probe looks at a port that is open."""
    with open_port() as port:
        text = single_probe_config(port.getsockname()[1])
        (tmp_path / "jasno.toml").write_text(text)
        yield tmp_path


def running(place: Path, port: int, *words: str):
    return process(*(words or ("run",)), var=place / "var", log=place / "log", JASNO_PORT=str(port))


def child(parent, word: str) -> int:
    def processes():
        return [p for p in offspring(parent.pid) if name_of(p) == f"jasno-{word}"]

    return until(processes, what=f"the {word} process")[0]


def page_of(port: int) -> str:
    def page():
        status, text = fetch(f"http://127.0.0.1:{port}/")
        return text if status == 200 else ""

    return until(page, what="the page")


def readiness(port: int) -> dict:
    return json.loads(fetch(f"http://127.0.0.1:{port}/readyz")[1] or "{}")


def part(port: int, name: str) -> str:
    """What /readyz says of a part; "" when all is well or nobody answers."""
    return readiness(port).get("parts", {}).get(name, {}).get("detail", "")


# ------------------------------------------------------------------ a whole life
def test_a_life_of_falls(place):
    """Starts, publishes, restarts what is killed, outlives its database, stops in time."""
    port = free_port()
    with running(place, port) as jasno:
        assert "Web hosting 1" in page_of(port)
        until(lambda: readiness(port).get("ready"), what="readiness")
        (place / "jasno.toml").write_text("[half edited")  # what was read at the start counts

        engine = child(jasno, "engine")
        os.kill(engine, signal.SIGKILL)
        assert "Web hosting 1" in page_of(port)  # the page needs no engine
        until(lambda: child(jasno, "engine") != engine, what="a new engine")

        web = child(jasno, "web")
        os.kill(web, signal.SIGKILL)
        until(lambda: child(jasno, "web") != web, what="a new web process")
        assert "Web hosting 1" in page_of(port)

        (place / "var" / "jasno.db").unlink()
        until(lambda: "database" in part(port, "database"), what="noticing the loss")
        assert "Web hosting 1" in page_of(port)
        kept = f"http://127.0.0.1:{port}/tickets/new?kept=x"
        status, text = until(lambda: (response := fetch(kept))[0] and response, what="an answer")
        assert status in (200, 503)
        assert "Traceback" not in text

        def waiting():
            return "observations wait" in part(port, "engine")

        until(waiting, what="buffering")
        assert not (place / "var" / "jasno.db").exists()  # nobody makes a new one by himself

        family = offspring(jasno.pid)
        began = time.monotonic()
        jasno.send_signal(signal.SIGINT)
        assert jasno.wait(10) == 0
        assert time.monotonic() - began < 5
        assert not [pid for pid in family if alive(pid)]
    assert "Traceback" not in (place / "log").read_text()


def test_children_die_with_a_killed_parent_and_leave_the_port(place):
    port = free_port()
    with running(place, port) as jasno:
        page_of(port)
        family = offspring(jasno.pid)
        jasno.kill()
        jasno.wait(5)
        until(lambda: not [pid for pid in family if alive(pid)], 10, "the end of the children")
    until(lambda: refuses(port), 10, "the port without a listener")


def refuses(port: int) -> bool:
    """Nobody listens there any more (binding it could meet some client's own port)."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def test_the_web_starts_without_a_database_and_without_an_engine(place):
    port = free_port()
    with running(place, port, "web"):
        until(lambda: fetch(f"http://127.0.0.1:{port}/healthz")[0] == 200)
        assert fetch(f"http://127.0.0.1:{port}/")[0] == 503  # nothing was ever published
        assert fetch(f"http://127.0.0.1:{port}/kb")[0] == 200
        status, text = fetch(f"http://127.0.0.1:{port}/r/abcdefghijklmnopqrstuvwx")
        assert status == 503
        assert "The status page keeps working" in text
        assert not readiness(port)["ready"]
        assert not (place / "var" / "jasno.db").exists()


def test_an_engine_that_finds_its_database_again_writes_down_what_it_saw(place):
    port = free_port()
    database = place / "var" / "jasno.db"
    with running(place, port):
        page_of(port)
        until(lambda: rows(database) > 1, what="observations")
        database.rename(place / "away.db")
        time.sleep(3)
        (place / "away.db").rename(database)
        before = rows(database)
        until(lambda: rows(database) > before + 1, what="the buffered observations")
        until(lambda: readiness(port).get("ready"), what="readiness")


def rows(database: Path) -> int:
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as conn:
            return conn.execute("SELECT count(*) FROM status_observations").fetchone()[0]
    except sqlite3.Error:
        return 0


def test_the_whole_house_on_postgresql(place, postgres_url):
    """Made at the first start, woken through LISTEN, waiting while the server is away."""
    name = f"house_{uuid4().hex}"
    admin = connect(postgres_url, clock=SystemClock())
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    url, port = postgres_url.replace("/jasno?", f"/{name}?"), free_port()
    env = {"JASNO_PORT": str(port), "JASNO_DATABASE_URL": url}
    with process("run", var=place / "var", log=place / "log", **env):
        page_of(port)
        until(lambda: readiness(port).get("ready"), what="readiness")
        time.sleep(2)  # LISTEN is up
        request = Request(
            f"http://127.0.0.1:{port}/api/diagnoses", b'{"target": "shop.example"}', method="POST"
        )
        began = time.monotonic()
        with urlopen(request, timeout=10) as answer:
            state = f"http://127.0.0.1:{port}{answer.headers['Location']}"
        until(lambda: json.loads(fetch(state)[1])["state"] == "done", what="the diagnosis")
        assert time.monotonic() - began < 30
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            conn.execute(
                text(
                    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='{name}'"
                )
            )
        until(lambda: "database" in part(port, "database"), what="noticing")
        assert "Web hosting 1" in page_of(port)
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
        until(lambda: readiness(port).get("ready"), what="readiness again")
    admin.close()
    assert "Traceback" not in (place / "log").read_text()


# ------------------------------------------------------------------ refusing
def test_run_without_a_configuration_names_both_ways_on(tmp_path):
    done = command("run", var=tmp_path / "var")
    assert done.returncode == 2
    assert "jasno.example.toml" in done.stderr
    assert "app.py demo" in done.stderr
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("words", ["run", "config check"])
def test_a_configuration_that_is_not_there_is_an_error_always(tmp_path, words):
    done = command(*words.split(), var=tmp_path / "var", JASNO_CONFIG="none.toml")
    assert done.returncode == 2
    assert done.stderr == "JASNO_CONFIG names none.toml, and there is no such file\n"


def test_a_wrong_configuration_stops_the_start_in_a_line(tmp_path):
    (tmp_path / "jasno.toml").write_text('[panel]\nkind = "htp"\n')
    done = command("run", var=tmp_path / "var")
    assert done.returncode == 2
    allowed = "cpanel, directadmin, froxlor, hestia, http, none"
    assert (
        done.stderr
        == f'jasno.toml:2: [panel] kind is "htp"; did you mean http? Allowed: {allowed}\n'
    )


@pytest.mark.parametrize("words", ["run", "web", "engine", "config check"])
def test_a_channel_without_its_package_is_told_in_a_line(tmp_path, words):
    """A module that is found first and says that it is not there stands for a missing package."""
    absent = tmp_path / "absent"
    absent.mkdir()
    (absent / "apprise.py").write_text('raise ModuleNotFoundError("no", name="apprise")\n')
    (tmp_path / "jasno.toml").write_text('[[channel]]\nid = "oncall"\nurl = "json://192.0.2.1"\n')
    done = command(*words.split(), var=tmp_path / "var", PYTHONPATH=str(absent))
    assert done.returncode == 2
    assert done.stderr == (
        'jasno.toml:1: [[channel]] "oncall": the package apprise is not installed: run '
        "`make apprise`, or `pip install --require-hashes -r requirements-apprise.lock` into Jasno's environment\n"
    )


def test_without_a_channel_the_package_is_not_asked_for(tmp_path):
    (tmp_path / "apprise.py").write_text('raise SystemExit("asked for")\n')
    (tmp_path / "jasno.toml").write_text('[site]\nname = "A"\n')
    done = command("config", "check", var=tmp_path / "var", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_article_is_told_plainly(place):
    """The articles lie in the program's own folder, so this works on a copy of it."""
    copy = place / "jasno"
    wanted = shutil.ignore_patterns(".*", "var", "tests", "screenshots", "bench", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=wanted)
    article = next((copy / "kb" / "articles").glob("*/en.md"))
    article.write_text("no front matter")
    done = command("web", var=place / "var", app=str(copy / "app.py"))
    assert done.returncode == 2
    assert f"{article.parent.name}/en.md" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_told_plainly(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for word in ("run", "web"):
            done = command(word, var=place / "var", JASNO_PORT=str(port))
            assert done.returncode == 2
            assert done.stderr.splitlines()[-1] == (
                f"cannot listen on 127.0.0.1:{port}: address already in use; "
                "JASNO_PORT=8001, say, chooses another port"
            )


def test_an_address_of_ipv6_is_announced_as_a_browser_takes_it(place):
    port, log = free_port(), place / "log"
    config = place / "ipv6.toml"
    config.write_text(f'[server]\nbind = "[::1]:{port}"\n')
    with process("run", "--config", str(config), var=place / "var", log=log):
        until(lambda: f"Jasno is at http://[::1]:{port}\n" in log.read_text(), 20)


def test_what_a_demo_cannot_begin_with_is_told_plainly(place):
    (place / "file").write_text("in the way")
    done = command("demo", var=place / "file" / "var", cwd=place, JASNO_PORT=str(free_port()))
    assert done.returncode == 2
    assert "file/var/demo cannot be written" in done.stderr
    for port in ("abc", "-1", "99999"):
        done = command("demo", var=place / "var", JASNO_PORT=port)
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1] == (
            f"JASNO_PORT is '{port}'; allowed is a number from 1 to 65535"
        )


def test_a_second_demo_leaves_the_folder_of_the_first_alone(place):
    (place / "var" / "demo").mkdir(parents=True)
    with (place / "var" / "demo" / ".running").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = command("demo", var=place / "var", JASNO_PORT=str(free_port()))
    assert done.returncode == 2
    assert "another demo runs in" in done.stderr
    assert "JASNO_VAR=second" in done.stderr


def test_a_password_that_nobody_can_type_is_told_plainly(place):
    assert command("db", "upgrade", var=place / "var").returncode == 0
    done = subprocess.run(
        [sys.executable, ROOT / "app.py", "user", "add", "a@b.example", "A"],
        stdin=subprocess.DEVNULL, start_new_session=True, capture_output=True, text=True,
        check=False, cwd=place, env=environment(place / "var"),
    )  # fmt: skip
    assert done.returncode == 2
    assert "--password-stdin" in done.stderr.splitlines()[-1]


def test_a_data_folder_that_cannot_be_written_is_told_plainly(place):
    (place / "file").write_text("in the way")
    done = command("engine", var=place / "file" / "var", cwd=place)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "file/var" in done.stderr


def test_a_database_of_another_version_is_told_plainly(place):
    assert command("db", "upgrade", var=place / "var").returncode == 0
    with sqlite3.connect(place / "var" / "jasno.db") as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    done = command("engine", var=place / "var")
    assert done.returncode == 2
    assert "newer version" in done.stderr


# ------------------------------------------------------------------ small commands
def test_people_are_kept_from_the_terminal(place):
    var = place / "var"
    assert command("db", "upgrade", var=var).returncode == 0
    assert command("user", "contact", "mara@shop.example", "A-1", "owner", var=var).returncode == 2
    refused = command("user", "add", "mara@shop.example", "Mara", "--password-stdin", var=var)
    assert refused.returncode == 2
    assert "at least 10 characters" in refused.stderr
    assert command("user", "list", var=var).stdout == ""


def test_commands_without_a_database_say_so(tmp_path):
    done = command("user", "list", var=tmp_path / "var")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"the database cannot be reached: there is no data folder {tmp_path / 'var'};"
        " JASNO_VAR says where it is\n"
    )


def test_an_incident_by_command(place):
    var = place / "var"
    command("db", "upgrade", var=var)
    words = ("incident", "open", "--title", "Mail is late", "--text", "We are looking.")
    assert command(*words, "--on", "web1=degraded_performance", var=var).returncode == 0
    assert "Mail is late" in command("incident", "list", var=var).stdout


def test_one_probe_by_command(place):
    done = command("probe", "web1-tcp", var=place / "var")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("up\t")
    assert command("probe", "none", var=place / "var").returncode == 2


def test_the_reference_is_printed(tmp_path):
    done = command("config", "reference", var=tmp_path / "var")
    assert done.stdout.startswith("# Configuration")
