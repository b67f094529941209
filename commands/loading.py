"""From the command line's arguments to settings and to the rooms they build."""

from __future__ import annotations

import argparse

from context import context
from settings import LoadedSettings, load
from settings.choices import time_zone
from wiring.rooms import Rooms, build


def load_settings(args: argparse.Namespace) -> LoadedSettings:
    """The settings of `--config`. Raises SettingsError."""
    return load(args.config)


def load_rooms(args: argparse.Namespace) -> Rooms:
    """The rooms those settings build; opens nothing. Raises SettingsError."""
    return build(context(load(args.config)))


def zone_option(to: argparse.ArgumentParser) -> None:
    """`--zone`: by whose clock moments are printed."""
    to.add_argument(
        "--zone", default="", metavar="ZONE", help="by whose clock times are; else the site's"
    )


def zone_of(args: argparse.Namespace, rooms: Rooms) -> str:
    """The zone that was asked for, else the site's. Raises SettingsError."""
    return time_zone(getattr(args, "zone", "") or rooms.ctx.site.time_zone, "--zone").key
