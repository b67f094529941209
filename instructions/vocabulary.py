"""The words providers use around records, by what they mean; the words themselves are in words.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))

COLUMNS: dict[str, frozenset[str]] = {k: frozenset(v) for k, v in _WORDS["columns"].items()}
RECORD: frozenset[str] = frozenset(_WORDS["record"])
APEX: frozenset[str] = frozenset(_WORDS["apex"])
OWN: frozenset[str] = frozenset(_WORDS["own"])
PLACEHOLDERS: tuple[str, ...] = tuple(_WORDS["placeholders"])
NAME_SERVERS: tuple[str, ...] = tuple(_WORDS["name_servers"])
ARROWS: tuple[str, ...] = tuple(_WORDS["arrows"])
REMOVE: tuple[str, ...] = tuple(_WORDS["remove"])
SET: tuple[str, ...] = tuple(_WORDS["set"])
