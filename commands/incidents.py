"""`app.py incident|maintenance|override|announce|sla …`: what the terminal offers for telling."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import status.incidents.cli
import status.sla.cli
from settings import load
from status.publishing.pages import reader
from status.sla.pages import standalone
from wiring.services import Services, services

Args = argparse.Namespace
Command = Callable[[str, object, str], argparse.ArgumentParser]


def options(command: Command) -> None:
    """Put the commands on the parser."""
    spoken = status.incidents.cli
    spoken.incident_options(command("incident", _incident, "tell the public of a trouble"))
    spoken.maintenance_options(command("maintenance", _maintenance, "announce work"))
    spoken.override_options(command("override", _override, "your word on a component"))
    spoken.announce_options(command("announce", _announce, "news that is no incident"))
    status.sla.cli.options(command("sla", _sla, "uptime of a month, a quarter or a year"))


def _parts(args: Args) -> Services:
    return services(load(args.config))


def _incident(args: Args) -> int:
    parts = _parts(args)
    lang, words = reader(parts.site), parts.saying.wordings
    return status.incidents.cli.incident(args, parts.incidents, lang, words)


def _maintenance(args: Args) -> int:
    parts = _parts(args)
    return status.incidents.cli.maintenance(args, parts.incidents, reader(parts.site))


def _override(args: Args) -> int:
    return status.incidents.cli.override(args, _parts(args).incidents)


def _announce(args: Args) -> int:
    parts = _parts(args)
    return status.incidents.cli.announce(args, parts.incidents, reader(parts.site))


def _sla(args: Args) -> int:
    parts = _parts(args)
    page = standalone(parts.pages, parts.site)
    return status.sla.cli.run(args, parts.saying.sla, page)
