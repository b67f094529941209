"""Starts the processes: `web`, `engine`, both of them (`run`), and `demo`, the demo company on the lab."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from clock import SystemClock
from commands.web_server import probe_port, serve
from context import context
from db.engine import DatabaseAway, connect
from db.schema_status import SchemaStatus, first_start, schema_status, upgrade
from engine import supervise
from engine.run import run as run_engine
from engine.supervise import Child, Supervisor, forked, spawned
from exit_status import FINE
from observe.network import join_endpoint
from room import Role
from settings import LoadedSettings, load, secret_key
from wiring.engine import ALL_ROLES, engine_parts, parse_roles
from wiring.rooms import Rooms, build
from wiring.web import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

APP = Path(__file__).resolve().parent.parent / "app.py"
Act = Callable[[], int]  # answers an exit status


class CannotRun(Exception):
    """The process cannot start; the message says why and what helps."""


def web(loaded: LoadedSettings) -> int:
    """The web process alone. Needs no database."""
    app = create_app(checked_rooms(loaded))
    probe_port(*loaded.bind)
    return serve_pages(loaded, app)


def serve_pages(loaded: LoadedSettings, app: WSGIApplication) -> int:
    """Serve the application where settings say, until asked to stop."""
    host, port = loaded.bind
    section = loaded.settings.server
    serve(app, host, port, workers=section.workers, threads=section.threads)
    return FINE


def engine(loaded: LoadedSettings, role_names: str = "") -> int:
    """The engine alone, in some roles or in all. On the very first start it makes the database;
    never again."""
    chosen = parse_roles(role_names) if role_names else ALL_ROLES
    checked_rooms(loaded)
    return run_roles(loaded, chosen)


def run_roles(loaded: LoadedSettings, roles: frozenset[Role] = ALL_ROLES) -> int:
    """Run an engine until asked to stop, once its database fits."""
    prepare_database(loaded)
    run_engine(lambda: engine_parts(context(loaded), roles))
    return FINE


def checked_rooms(loaded: LoadedSettings) -> Rooms:
    """The rooms, once all that settings decide fits. The key that signs links is made here, before
    other processes start that would all want to make it. Raises SettingsError."""
    rooms = build(context(loaded))
    rooms.check()
    warn(rooms)
    secret_key(loaded)
    return rooms


def warn(rooms: Rooms) -> None:
    """Tell of settings without effect."""
    for warning in rooms.warnings():
        print(warning, file=sys.stderr)


def prepare_database(loaded: LoadedSettings) -> None:
    """Make the database at a first start. A database that is away later on is no reason to stop;
    one whose tables are not of this version is."""
    url = loaded.database_url
    try:
        if first_start(url, loaded.var, SystemClock()):
            print(f"made a new database in {loaded.var}", file=sys.stderr)
            return
    except OSError as error:
        raise CannotRun(f"the data folder {loaded.var} cannot be written: {error}") from error
    except DatabaseAway as away:
        print(f"{away}; going on without it", file=sys.stderr)
        return
    db = connect(url, clock=SystemClock())
    try:
        status = schema_status(db)
    except DatabaseAway as away:
        print(f"{away}; going on without it", file=sys.stderr)
        return
    finally:
        db.close()
    if status is SchemaStatus.AHEAD:
        raise CannotRun("the database was made by a newer version of Jasno; upgrade the program")
    if status is not SchemaStatus.CURRENT:
        raise CannotRun(
            f"the database's tables are {status}; make a backup, then run: python app.py db upgrade"
        )


def run(loaded: LoadedSettings, foreseeing: Callable[[Act], int]) -> int:
    """Web and engine together, looked after: copies of this process, which share what it has
    loaded. `foreseeing` does an act, tells what went wrong, and answers the exit status."""
    if loaded.config is None:
        raise CannotRun(
            "there is no configuration. Copy jasno.example.toml to jasno.toml and edit it,\n"
            "or see the demo company first: python app.py demo"
        )
    rooms = checked_rooms(loaded)
    prepare_database(loaded)
    host, port = loaded.bind
    probe_port(host, port)
    app, parent = create_app(rooms), os.getpid()
    rooms.preload()

    def child(name: str, act: Act) -> Child:
        def begun() -> int:
            child_of(parent)
            return foreseeing(act)

        return Child(name, lambda: forked(f"jasno-{name}", begun))

    children = [
        child("engine", lambda: run_roles(loaded)),
        child("web", lambda: serve_pages(loaded, app)),
    ]
    announce = partial(print, f"Jasno is at http://{join_endpoint(host, port)}", flush=True)
    return Supervisor(children, first_page_check(loaded), announce).run()


def first_page_check(loaded: LoadedSettings) -> Callable[[], bool]:
    """Whether the first page is there; asked until it is."""
    host, port = loaded.bind
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    url = f"http://{join_endpoint(reachable, port)}/"
    last = [0.0]

    def answers() -> bool:
        if time.monotonic() - last[0] < 0.1:
            return False
        last[0] = time.monotonic()
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return answers


def demo_company(env: Mapping[str, str]) -> int:
    """The demo: the lab in this process, web and engine beside it, data in var/demo."""
    import demo  # here alone, so that production loads neither it nor the lab

    var = Path(env.get("JASNO_VAR") or "var") / "demo"
    port = env.get("JASNO_PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise CannotRun(f"JASNO_PORT is {port!r}; allowed is a number from 1 to 65535")
    probe_port("127.0.0.1", int(port))
    began = time.monotonic()
    with alone_in(var), demo.laboratory() as lab:
        config = demo.write(lab, var, int(port))
        loaded = replace(load(str(config), {}), var=var)
        rooms = checked_rooms(loaded)
        if first_start(loaded.database_url, var, SystemClock()):
            demo.seed(rooms)
        elif schema_status(rooms.ctx.db) is SchemaStatus.BEHIND:
            upgrade(rooms.ctx.db)  # nothing to lose here: a newer demo takes its old folder along
        asyncio.run(demo.look_once(rooms))
        command = (sys.executable, str(APP), "run", "--config", str(config))
        options = ("--parent", str(os.getpid()))
        variables = {**env, "JASNO_VAR": str(var.absolute())}
        installation = Child("run", lambda: spawned((*command, *options), variables))
        return Supervisor(
            [installation],
            first_page_check(loaded),
            lambda: print(demo.welcome(port, time.monotonic() - began, config), flush=True),
        ).run()


@contextmanager
def alone_in(var: Path) -> Iterator[None]:
    """The demo's folder for one demo at a time: it writes its configuration anew at each start.
    Raises CannotRun."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        lock = (var / ".running").open("w")
    except OSError as error:
        raise CannotRun(f"the data folder {var} cannot be written: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(
                f"another demo runs in {var}; end it, or give this one a folder of its own, "
                "as in JASNO_VAR=second"
            ) from None
        yield


def child_of(parent: int) -> None:
    """Die when the process that started us dies."""
    supervise.die_with(parent)
