"""`app.py incident|maintenance|override|announce|sla …`: options and their handlers."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import status.incidents.cli
import status.sla.cli
from commands.loading import load_rooms, zone_of
from status.operator_pages.incident_concerns import IncidentConcerns
from status.publishing.data_files import default_language
from status.sla.pages import standalone
from wiring.rooms import Rooms

Args = argparse.Namespace
Command = Callable[[str, object, str], argparse.ArgumentParser]


def options(command: Command) -> None:
    """Put the commands on the parser."""
    status.incidents.cli.incident_options(
        command("incident", _incident, "tell the public of trouble")
    )
    status.incidents.cli.maintenance_options(
        command("maintenance", _maintenance, "announce planned work")
    )
    status.incidents.cli.override_options(
        command("override", _override, "set the state of a component by hand")
    )
    status.incidents.cli.announce_options(
        command("announce", _announce, "publish news that is no incident")
    )
    status.sla.cli.options(command("sla", _sla, "show the uptime of a month, a quarter or a year"))


def _rooms_and_zone(args: Args) -> Rooms:
    """The rooms; times are by the site's clock unless a zone was asked for. Raises SettingsError."""
    rooms = load_rooms(args)
    args.zone = zone_of(args, rooms)
    return rooms


def _incident(args: Args) -> int:
    rooms = _rooms_and_zone(args)
    lang, room = default_language(rooms.ctx.site), rooms.status
    concerns = IncidentConcerns(room.incidents, room.probes, room.published, args.zone)
    return status.incidents.cli.incident(
        args, room.incidents, lang, room.templates, concerns.written
    )


def _maintenance(args: Args) -> int:
    rooms = _rooms_and_zone(args)
    return status.incidents.cli.maintenance(
        args, rooms.status.incidents, default_language(rooms.ctx.site)
    )


def _override(args: Args) -> int:
    return status.incidents.cli.override(args, _rooms_and_zone(args).status.incidents)


def _announce(args: Args) -> int:
    rooms = _rooms_and_zone(args)
    return status.incidents.cli.announce(
        args, rooms.status.incidents, default_language(rooms.ctx.site)
    )


def _sla(args: Args) -> int:
    rooms = load_rooms(args)
    page = standalone(rooms.ctx.pages, rooms.ctx.site)
    return status.sla.cli.run(args, rooms.status.sla, page)
