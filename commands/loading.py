"""From the command line's arguments to settings and to the rooms they build."""

from __future__ import annotations

import argparse

from context import context
from settings import LoadedSettings, load
from wiring.rooms import Rooms, build


def load_settings(args: argparse.Namespace) -> LoadedSettings:
    """The settings of `--config`. Raises SettingsError."""
    return load(args.config)


def load_rooms(args: argparse.Namespace) -> Rooms:
    """The rooms those settings build; opens nothing. Raises SettingsError."""
    return build(context(load(args.config)))
