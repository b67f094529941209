"""What rooms give is joined once: nothing twice, nothing missing, nothing opened by building."""

from __future__ import annotations

import ast
import asyncio
import importlib
import re
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Blueprint

from accounts.passwords import Passwords
from accounts.room import AccountsRoom
from clock import ManualClock
from context import context
from db.engine import DatabaseAway
from engine.heartbeat_file import file_of, read
from engine.run import EngineProcess
from jobs.model import Handler
from portal.ops import PARTS
from room import (
    MONITOR,
    RepeatedCall,
    Role,
    Room,
    RoomConflict,
    all_blueprints,
    all_checks,
    all_chores,
    all_emails,
    all_handlers,
    all_links,
    all_metrics,
    part_of,
)
from room_ports import RoomPort
from settings import load
from web.middleware.published import PUBLICATION
from web.site import FORM_KEEPER, VISITOR, plumbing
from wiring.engine import ALL_ROLES, engine_parts
from wiring.rooms import Rooms, build
from wiring.web import create_app
from wizard.ticket_link import TICKET_OF_RUN

ROOT = Path(__file__).resolve().parent.parent.parent
SOON = timedelta(milliseconds=20)


def ground(place, database=""):
    env = {"JASNO_VAR": str(place / "var")} | ({"JASNO_DATABASE_URL": database} if database else {})
    return context(load(env=env, cwd=place), ManualClock())


class Hall(Room):
    """A room that gives one of each."""

    def __init__(self, name):
        self.name = name

    def blueprints(self):
        return (Blueprint("door", __name__),)

    def handlers(self):
        return {"hall.swept": Handler(lambda job: None)}

    def chores(self):
        return {"sweeping": lambda: None}

    def checks(self):
        return {"floor": str}


@pytest.mark.parametrize(
    ("join", "what"),
    [
        (all_blueprints, "the blueprint door"),
        (all_handlers, "the job kind hall.swept"),
        (all_chores, "the chore sweeping"),
    ],
)
def test_what_two_rooms_give_stops_the_start(join, what):
    assert len(join([Hall("east")])) == 1
    with pytest.raises(RoomConflict, match=f"^{what} comes from east and from west$"):
        join([Hall("east"), Hall("west")])


def test_two_checks_of_one_name_stop_the_start():
    assert set(all_checks([Hall("east")], str)) == {"floor", "publication"}
    with pytest.raises(RoomConflict, match=r"^the check floor comes from east and from west$"):
        all_checks([Hall("east"), Hall("west")], str)


def test_no_room_takes_the_name_of_the_publication():
    class Printer(Hall):
        def checks(self):
            return {"publication": str}

    with pytest.raises(
        RoomConflict, match=r"^the check publication comes from press and from web$"
    ):
        all_checks([Printer("press")], str)


def test_a_room_whose_numbers_break_takes_no_others_away():
    class Broken(Hall):
        def metrics(self):
            raise OSError("the words of a system")

    class Counting(Hall):
        def metrics(self):
            return "jasno_halls 1\n"

    assert all_metrics([Broken("east"), Counting("west")]) == "jasno_halls 1\n"


def test_building_opens_nothing(tmp_path):
    rooms = build(ground(tmp_path))
    assert [room.name for room in rooms] == [
        *("foundation", "accounts", "hosting", "kb", "status"),
        *("wizard", "tickets", "notify", "portal"),
    ]
    assert list(tmp_path.iterdir()) == []
    rooms.check()
    assert list(tmp_path.iterdir()) == []
    rooms.close()


def test_a_process_may_be_forked_after_the_application_is_built(tmp_path):
    rooms = build(ground(tmp_path))
    threads = set(threading.enumerate())  # of which some may end meanwhile
    create_app(rooms)
    assert set(threading.enumerate()) <= threads
    assert rooms.ctx.db.engine.pool.checkedin() == rooms.ctx.db.engine.pool.checkedout() == 0
    rooms.close()


def test_the_web_starts_without_a_database(tmp_path):
    rooms = build(ground(tmp_path))
    answer = create_app(rooms).test_client().get("/readyz", base_url="http://127.0.0.1:8000")
    assert answer.status_code == 503
    assert set(answer.json["parts"]) == {
        "database",
        "documents",
        "probes",
        "vantages",
        "disk",
        "engine",
        "jobs",
        "unknown_jobs",
        "publication",
    }
    assert not (tmp_path / "var" / "jasno.db").exists()


def test_operators_see_each_part_that_readiness_has(tmp_path):
    rooms = build(ground(tmp_path))
    parts = rooms.portal.administration.health()
    assert parts["publication"] == "is none"
    assert parts.keys() == plumbing(create_app(rooms)).checks.keys()
    assert parts.keys() == PARTS.keys(), "each has a name in the reader's language"


def test_a_part_is_replaced_by_a_room_that_is_handed_over(tmp_path):
    ctx, passwords = ground(tmp_path), Passwords()
    rooms = build(ctx, accounts=AccountsRoom(ctx, passwords))
    assert rooms.accounts.passwords is passwords
    assert rooms.portal.accounts is rooms.accounts


def test_letters_of_any_room_are_written(tmp_path):
    class LetterWritingAccounts(AccountsRoom):
        def emails(self):
            return {"accounts.welcome": lambda about: None}

    ctx = ground(tmp_path)
    rooms = build(ctx, accounts=LetterWritingAccounts(ctx))
    about = all_emails(rooms.notify.rooms)
    assert "accounts.welcome" in about
    assert about.keys() == {kind for room in rooms for kind in room.emails()}


def test_letters_get_the_addresses_of_every_room(tmp_path):
    class LinkingAccounts(AccountsRoom):
        def with_links(self, text):
            return text.replace("[key]", "https://jasno.example/key")

    ctx = ground(tmp_path)
    rooms = build(ctx, accounts=LinkingAccounts(ctx))
    text = f"Open [key], [[watch:{'1' * 24}]] or [[invite:{'2' * 24}]]"
    letter = all_links(rooms.notify.rooms, text)
    assert re.sub(r"/[\w-]{20,}", "/…", letter) == (
        "Open https://jasno.example/key, http://127.0.0.1:8000/watch/…"
        " or http://127.0.0.1:8000/invite/…"
    )


def test_numbers_of_every_room_are_in_the_metrics(tmp_path):
    class CountingAccounts(AccountsRoom):
        def metrics(self):
            return "people 3\n"

    ctx = ground(tmp_path)
    app = create_app(build(ctx, accounts=CountingAccounts(ctx)))
    assert "people 3\n" in plumbing(app).metrics()


@pytest.mark.parametrize(
    ("ports", "conflict"),
    [
        ((), "the part visitor comes from no room"),
        ((VISITOR, VISITOR), "the part visitor comes from accounts and from accounts"),
        ((VISITOR, FORM_KEEPER), "the part form keeper comes from accounts and from tickets"),
        ((VISITOR, PUBLICATION), "the part publication comes from accounts and from status"),
        ((VISITOR, TICKET_OF_RUN), "the part ticket of a run comes from accounts and from tickets"),
    ],
)
def test_a_port_that_nobody_fills_or_two_stops_the_web(tmp_path, ports, conflict):
    class GivingAccounts(AccountsRoom):
        def provides(self):
            return [port.given(lambda: None) for port in ports]

    ctx = ground(tmp_path)
    with pytest.raises(RoomConflict, match=f"^{conflict}$"):
        create_app(build(ctx, accounts=GivingAccounts(ctx)))


def test_one_room_fills_the_engines_port(tmp_path):
    rooms = build(ground(tmp_path))
    assert part_of(MONITOR, rooms).monitor is rooms.status.monitor
    with pytest.raises(RoomConflict, match=r"^the part monitor comes from no room$"):
        part_of(MONITOR, [Hall("east")])
    with pytest.raises(RoomConflict, match=r"^the part monitor comes from status and from status$"):
        part_of(MONITOR, [rooms.status, rooms.status])
    rooms.close()


def test_ports_of_one_name_are_two():
    mine, other = RoomPort("light"), RoomPort("light")

    class Lamp(Hall):
        def provides(self):
            return (mine.given(lambda: "bright"), other.given(lambda: "dim"))

    assert part_of(mine, [Lamp("lamp")]) == "bright"
    assert part_of(other, [Lamp("lamp")]) == "dim"


def test_a_further_room_is_one_line(tmp_path):
    prepared = []

    class PreparedHall(Hall):
        def preload(self):
            prepared.append(self.name)

    class LargerHouse(Rooms):
        def __init__(self, ctx):
            super().__init__(ctx)
            self.hall = self._add(PreparedHall("hall"))

    rooms = LargerHouse(ground(tmp_path))
    app = create_app(rooms)
    assert "door" in app.blueprints
    assert {"floor", "publication"} <= plumbing(app).checks.keys() == rooms.portal.health().keys()
    rooms.preload()
    assert prepared == ["hall"]
    rooms.close()


async def test_an_engine_repeats_what_its_roles_want(tmp_path, sqlite_url):
    """What only the leader does waits for the lead; what is wrong is told as long as it is."""
    (tmp_path / "jasno.toml").write_text(f'[mirror]\nfolder = "{tmp_path}/copy"\n')
    (tmp_path / "var").mkdir()
    ctx = ground(tmp_path, sqlite_url)
    assert set(engine_parts(ctx).repeated_calls) == {"mirror", "sealing key"}
    parts = engine_parts(ctx, frozenset([Role.DIAGNOSE]))
    assert set(parts.repeated_calls) == {"sealing key"}
    troubles, led, over = iter(["the disk is full", None]), [], asyncio.Event()

    def broken():
        raise ValueError("no")

    calls = {
        "mended": RepeatedCall(lambda: next(troubles, None), SOON, Role.DIAGNOSE),
        "broken": RepeatedCall(broken, SOON, Role.DIAGNOSE),
        "leading": RepeatedCall(lambda: led.append(1), SOON, Role.WATCH),
    }
    heartbeat = file_of(parts.var, parts.name)
    running = asyncio.create_task(EngineProcess(replace(parts, repeated_calls=calls)).run(over))
    async with asyncio.timeout(20):
        for _ in range(400):
            beat = read(heartbeat)
            if beat and beat.troubles == {"broken": "ValueError"}:
                break
            await asyncio.sleep(0.05)
        over.set()
        await running
    assert beat.troubles == {"broken": "ValueError"}
    assert led == []


async def test_only_the_monitor_writes_through_the_fence(tmp_path, sqlite_url):
    """Of one engine, what watches is refused without the lead; everything else writes on."""
    ctx = ground(tmp_path, sqlite_url)
    (tmp_path / "var").mkdir(exist_ok=True)

    def refuse(conn):
        raise DatabaseAway("superseded")

    rooms = build(ctx.of_engine("one", lambda db: db.guarded(refuse)))
    with pytest.raises(DatabaseAway), rooms.status.monitor.store._db.write():
        pass
    with rooms.status.store._db.write():
        pass
    assert rooms.status.monitor.net is rooms.ctx.network is ctx.network
    rooms.close()
    ctx.db.close()


# ------------------------------------------------------------------ jobs
def kinds_put_in():
    """Every kind of job that production code makes, with the files that make it."""
    kinds = {}
    for path in sorted(ROOT.glob("**/*.py")):
        relative = path.relative_to(ROOT)
        if relative.parts[0].startswith((".", "tests", "bench", "lab", "var")):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
        job_calls = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "Job"]
        if not job_calls or relative.parts[0] == "jobs":
            continue
        module = importlib.import_module(".".join(relative.with_suffix("").parts))
        for call in job_calls:
            for kind in _kinds(call, tree, calls, module):
                kinds.setdefault(kind, []).append(str(relative))
    return kinds


def _kinds(call, tree, calls, module):
    """The kind a `Job(…)` is made of: a constant, or what its function is called with."""
    first = call.args[0]
    if isinstance(first, ast.Constant):
        return [first.value]
    assert isinstance(first, ast.Name), ast.unparse(call)
    if hasattr(module, first.id):
        return [getattr(module, first.id)]
    around = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and call in ast.walk(n)]
    names = {n.name for n in around}
    args = [
        a
        for c in calls
        if getattr(c.func, "id", getattr(c.func, "attr", "")) in names
        for a in c.args
    ]
    given = [
        getattr(module, a.id)
        for a in args
        if isinstance(a, ast.Name) and isinstance(getattr(module, a.id, None), str)
    ]
    for a in args:  # or one of a table of kinds
        if isinstance(a, ast.Subscript) and isinstance(a.value, ast.Name):
            given += getattr(module, a.value.id).values()
    assert given, f"nobody says which kind {ast.unparse(call)} is"
    return given


def test_every_kind_of_job_that_is_put_in_has_exactly_one_handler(tmp_path):
    rooms = build(ground(tmp_path))
    handlers = Counter(kind for room in rooms for kind in room.handlers())
    put_in = kinds_put_in()
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", kind) for kind in put_in)
    assert {kind: handlers[kind] for kind in put_in} == dict.fromkeys(put_in, 1)
    assert set(handlers) == set(put_in), "a handler nobody has work for"
    assert len(put_in) >= 14
    rooms.close()


async def test_every_kind_of_work_has_exactly_one_role(tmp_path):
    ctx = ground(tmp_path)
    engines = {role: engine_parts(ctx, frozenset([role])) for role in Role}
    whole = engine_parts(ctx, ALL_ROLES)
    every = set(whole.handlers)
    kinds = {role: every - engine.other_roles_kinds for role, engine in engines.items()}
    assert sorted(kind for mine in kinds.values() for kind in mine) == sorted(every)
    assert kinds[Role.WATCH] == {"status.publish"}
    assert kinds[Role.DIAGNOSE] == {"diagnosis.known", "diagnosis.run", "diagnosis.further"}
    assert [role for role, engine in engines.items() if engine.watches] == [Role.WATCH]
    assert whole.other_roles_kinds == frozenset()
    for engine in (*engines.values(), whole):
        for close in engine.closing:
            close()
