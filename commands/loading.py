"""For commands that need settings: loads them, builds the rooms, and knows the zone of printed times (`--zone`)."""

from __future__ import annotations

import argparse

from context import context
from settings import LoadedSettings, SettingsError, load_leniently
from settings.choices import time_zone
from wiring.rooms import Rooms, build


def load_settings(args: argparse.Namespace) -> LoadedSettings:
    """The settings of `--config`. Raises SettingsError that tells all that is wrong with them, also
    what only the rooms can say."""
    read = load_leniently(args.config)
    args.place = read.settings.place
    if read.mistakes:
        read.refuse(_mistakes_of_rooms(read.settings))
    return read.settings


def _mistakes_of_rooms(loaded: LoadedSettings) -> tuple[str, ...]:
    try:
        return build(context(loaded)).mistakes()
    except SettingsError as error:
        return tuple(str(error).splitlines())


def load_rooms(args: argparse.Namespace) -> Rooms:
    """The rooms those settings build; opens nothing. Raises SettingsError."""
    return build(context(load_settings(args)))


def zone_option(to: argparse.ArgumentParser) -> None:
    """`--zone`: by whose clock moments are printed."""
    to.add_argument("--zone", default="")


def zone_of(args: argparse.Namespace, rooms: Rooms) -> str:
    """The zone that was asked for, else the site's. Raises SettingsError."""
    return time_zone(getattr(args, "zone", "") or rooms.ctx.site.time_zone, "--zone").key
