"""What a feature's room gives to the processes that run it; joins rooms and refuses doubles.

A room's own file `room.py` holds its class: its parts are attributes made on first use, which
other rooms may be handed. Building a room opens nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from flask import Blueprint

from jobs.model import Handler
from messages import EmailRenderer, EmailRenderers
from room_ports import ProvidedPart, RoomPort

T = TypeVar("T")
log = logging.getLogger("jasno.web")
Chore = Callable[[], object]
ReadinessCheck = Callable[[], str]
Blueprints = Iterable[Blueprint]


class Role(StrEnum):
    """What an engine may be for: `watch` probes, publishes, speaks and tidies; `diagnose` runs
    self-checks; `deliver` does all other jobs: letters, tickets, webhooks, the panel."""

    WATCH = "watch"
    DIAGNOSE = "diagnose"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long rows of `tables`, or `files` in var/, are kept. The time is a key of `[retention]` (`setting`), or fixed
    (`after`); with neither no time ends them, and `why` says what does. docs/operations.md shows
    all of it (wiring/retention_docs.py)."""

    what: str
    tables: tuple[str, ...]
    setting: str = ""
    after: timedelta | None = None
    why: str = ""
    files: str = ""

    @property
    def ends(self) -> bool:
        """Whether a time ends them."""
        return bool(self.setting) or self.after is not None


@dataclass(frozen=True, slots=True)
class RepeatedCall:
    """What an engine of `role` calls again and again, every `every`, while it runs; blocking. Of role
    `watch` only the engine with the lead does. The call answers what is wrong, if anything."""

    call: Callable[[], str | None]
    every: timedelta
    role: Role


class StatusMonitor(Protocol):
    """What watches the components (status.monitoring.monitor.Monitor)."""

    async def start(self) -> None: ...
    async def tick(self, name: str, due: datetime, /) -> object: ...
    async def run_cycle(self) -> None: ...
    def clock_stepped(self, by: timedelta, /) -> None: ...
    def health_message(self) -> str: ...
    def unworkable_probes(self) -> str: ...


@dataclass(frozen=True, slots=True)
class MonitoredProbes:
    """What the engine starts with the lead and stops without it, and how often it calls `tick` for
    each probe, by name. Asked for inside the event loop."""

    monitor: StatusMonitor
    intervals: Mapping[str, timedelta]


MONITOR: RoomPort[MonitoredProbes] = RoomPort("monitor")


class RoomConflict(Exception):
    """Two rooms give the same thing, or none what is asked for; the message names it. Stops the
    start of the process that asks."""


class Room:
    """What a room gives. Each list is empty unless the room overrides it."""

    name: str

    def configured(self) -> Iterable[Callable[[], object]]:
        """What builds each part that settings decide. Each raises SettingsError."""
        return ()

    def warnings(self) -> Iterable[str]:
        """What settings say to no effect, a text for each."""
        return ()

    def blueprints(self) -> Blueprints:
        """The pages and APIs."""
        return ()

    def handlers(self) -> Mapping[str, Handler]:
        """What runs jobs, by kind."""
        return {}

    def roles(self) -> Mapping[str, Role]:
        """By kind of job, the engine's role that runs it; `deliver` for kinds not named."""
        return {}

    def chores(self) -> Mapping[str, Chore]:
        """What the engine does once an hour, by name; blocking."""
        return {}

    def repeated_calls(self) -> Mapping[str, RepeatedCall]:
        """What the engine does every few seconds, by name."""
        return {}

    def retention(self) -> Iterable[Retention]:
        """How long the rows of the room's tables are kept: of each one. Its chores see to it."""
        return ()

    def checks(self) -> Mapping[str, ReadinessCheck]:
        """Readiness by name: each answers "" or what is wrong."""
        return {}

    def emails(self) -> EmailRenderers:
        """Who writes the letters that the room's jobs ask for, by what they are about."""
        return {}

    def with_links(self, text: str) -> str:
        """The text of a letter with the addresses of this room's pages that are never stored."""
        return text

    def metrics(self) -> str:
        """Families of numbers for /metrics, in its format."""
        return ""

    def provides(self) -> Iterable[ProvidedPart]:
        """Parts for the ports of web/, the engine and other rooms."""
        return ()

    def preload(self) -> None:
        """Make what every process would make for itself at its start: forks share it."""

    def close(self) -> None:
        """Let go of threads."""


def part_of(port: RoomPort[T], rooms: Iterable[Room]) -> T:
    """What the one room that fills a port gives. Raises RoomConflict for none and for two."""
    given = [(room.name, part) for room in rooms for part in room.provides() if part.port is port]
    parts = _joined("the part", [(room, port.name, part.make) for room, part in given])
    if not parts:
        raise RoomConflict(f"the part {port.name} comes from no room")
    make: Callable[[], T] = parts[port.name]
    return make()


def all_blueprints(rooms: Iterable[Room]) -> tuple[Blueprint, ...]:
    """Every room's pages. Raises RoomConflict."""
    rows = [(room.name, pages.name, pages) for room in rooms for pages in room.blueprints()]
    return tuple(_joined("the blueprint", rows).values())


def all_handlers(rooms: Iterable[Room]) -> dict[str, Handler]:
    """Every room's handlers by kind of job. Raises RoomConflict."""
    rows = [(room.name, *row) for room in rooms for row in room.handlers().items()]
    return _joined("the job kind", rows)


def all_emails(rooms: Iterable[Room]) -> dict[str, EmailRenderer]:
    """Every room's writers of letters by what these are about. Raises RoomConflict."""
    return _joined(
        "the letter", [(room.name, *row) for room in rooms for row in room.emails().items()]
    )


def all_chores(rooms: Iterable[Room]) -> dict[str, Chore]:
    """Every room's hourly chores by name. Raises RoomConflict."""
    return _joined(
        "the chore", [(room.name, *row) for room in rooms for row in room.chores().items()]
    )


def all_repeated_calls(rooms: Iterable[Room], roles: Collection[Role]) -> dict[str, RepeatedCall]:
    """What engines of some roles call again and again, by name. Raises RoomConflict."""
    rows = [(room.name, *row) for room in rooms for row in room.repeated_calls().items()]
    calls = _joined("the repeated call", rows)
    return {name: call for name, call in calls.items() if call.role in roles}


def all_links(rooms: Iterable[Room], text: str) -> str:
    """A letter with the addresses that are never stored, of every room."""
    for room in rooms:
        text = room.with_links(text)
    return text


def all_metrics(rooms: Iterable[Room]) -> str:
    """Every room's families of numbers; those of a room that breaks are left out, and logged."""
    return "".join(map(_metrics_or_none, rooms))


def _metrics_or_none(room: Room) -> str:
    try:
        return room.metrics()
    except Exception:  # one broken room must not blind who watches the others
        log.exception("the numbers of room %s cannot be read", room.name)
        return ""


def all_retention(rooms: Iterable[Room]) -> tuple[Retention, ...]:
    """How long all rows are kept, by room."""
    return tuple(retention for room in rooms for retention in room.retention())


def all_checks(rooms: Iterable[Room], publication: ReadinessCheck) -> dict[str, ReadinessCheck]:
    """Every room's readiness checks by name, and that of the publication, which who serves it
    knows. Raises RoomConflict."""
    rows = [(room.name, *row) for room in rooms for row in room.checks().items()]
    return _joined("the check", [*rows, ("web", "publication", publication)])


def roles_of(rooms: Iterable[Room], kinds: Iterable[str]) -> dict[str, Role]:
    """The role that runs each kind of job."""
    given = {kind: role for room in rooms for kind, role in room.roles().items()}
    return {kind: given.get(kind, Role.DELIVER) for kind in kinds}


def _joined(label: str, rows: Iterable[tuple[str, str, T]]) -> dict[str, T]:
    joined: dict[str, T] = {}
    owner: dict[str, str] = {}
    for room, name, part in rows:
        if name in joined:
            raise RoomConflict(f"{label} {name} comes from {owner[name]} and from {room}")
        joined[name], owner[name] = part, room
    return joined
