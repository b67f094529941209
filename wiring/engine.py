"""What an engine of some roles runs: every room's handlers and chores, and the monitor."""

from __future__ import annotations

from collections.abc import Iterable

from context import RoomContext
from engine import run as engine
from engine.leader import LeaderElection
from engine.store import RoleStore
from jobs.wakeup import listen
from room import (
    MONITOR,
    Role,
    all_chores,
    all_handlers,
    all_repeated_calls,
    part_of,
    roles_of,
)
from settings.choices import one_of
from wiring.rooms import Rooms, build

ALL_ROLES = frozenset(Role)


def parse_roles(text: str) -> frozenset[Role]:
    """Roles as the command line names them, "watch,diagnose". Raises SettingsError."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names or [""]:
        one_of(name, ALL_ROLES, "--roles")
    return frozenset(map(Role, names))


def engine_parts(ctx: RoomContext, roles: frozenset[Role] = ALL_ROLES) -> engine.EngineParts:
    """What the background process runs. Call it inside the event loop. Raises RoomConflict."""
    lead = LeaderElection(RoleStore(ctx.db), ctx.var, ctx.clock)
    rooms = build(ctx.of_engine(lead.name, lead.guarded))
    handlers = all_handlers(rooms)
    watches = Role.WATCH in roles
    name = "" if watches else "-".join(sorted(roles))
    watched = part_of(MONITOR, rooms)
    return engine.EngineParts(
        var=ctx.var,
        clock=ctx.clock,
        db=ctx.db,
        lead=lead,
        queue=rooms.ctx.jobs,
        handlers=handlers,
        monitor=watched.monitor,
        slots=engine.slots_of(watched.intervals.items()),
        wait=lambda: listen(ctx.var, ctx.loaded.database_url, name),
        chores=all_chores(rooms),
        closing=(rooms.close,),
        leader_kinds=_kinds(rooms, handlers, {Role.WATCH}),
        other_roles_kinds=_kinds(rooms, handlers, ALL_ROLES - roles),
        watches=watches,
        name=name,
        repeated_calls=all_repeated_calls(rooms, roles),
    )


def _kinds(rooms: Rooms, kinds: Iterable[str], roles: Iterable[Role]) -> frozenset[str]:
    """The kinds of jobs that engines of some roles run."""
    chosen = frozenset(roles)
    return frozenset(kind for kind, role in roles_of(rooms, kinds).items() if role in chosen)
