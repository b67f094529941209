"""The only reader of jasno.toml and of the environment: typed, frozen, failing loudly.

Every key may also come as JASNO_<SECTION>_<KEY> (a TOML value, or plain text for texts), secrets
also as …_FILE. What a section means is the business of the room that uses it; nothing of ours is imported.
"""

from __future__ import annotations

from settings.mistakes import SettingsError, variable
from settings.reading import (
    LoadedSettings,
    environment,
    load,
    load_leniently,
    read_secret,
)
from settings.schema import SECRETS, Settings, known_keys
from settings.signing_key import check_secret_key, restore_secret_key, secret_key

__all__ = [
    "SECRETS",
    "LoadedSettings",
    "Settings",
    "SettingsError",
    "check_secret_key",
    "environment",
    "known_keys",
    "load",
    "load_leniently",
    "read_secret",
    "restore_secret_key",
    "secret_key",
    "variable",
]
