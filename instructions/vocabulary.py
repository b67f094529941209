"""Words that providers use around records, by meaning, loaded from vocabulary.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReplacingWords:
    """A language's verbs for "replace", and its words before the new value."""

    verbs: tuple[str, ...]
    to: frozenset[str]


_WORDS = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))

COLUMNS: dict[str, frozenset[str]] = {k: frozenset(v) for k, v in _WORDS["columns"].items()}
RECORD_WORDS: frozenset[str] = frozenset(_WORDS["record"])
APEX_WORDS: frozenset[str] = frozenset(_WORDS["apex"])
OWN_DOMAIN_WORDS: frozenset[str] = frozenset(_WORDS["own"])
PLACEHOLDERS: tuple[str, ...] = tuple(_WORDS["placeholders"])
NAME_SERVER_WORDS: tuple[str, ...] = tuple(_WORDS["name_servers"])
ARROWS: tuple[str, ...] = tuple(_WORDS["arrows"])
REMOVAL_WORDS: tuple[str, ...] = tuple(_WORDS["remove"])
UNITS: dict[str, tuple[str, ...]] = {k: tuple(v) for k, v in _WORDS["units"].items()}
SETTING_WORDS: tuple[str, ...] = tuple(_WORDS["set"])
INSTEAD_WORDS: tuple[str, ...] = tuple(_WORDS["values"]["instead"])
OLD_WORDS: tuple[str, ...] = tuple(_WORDS["values"]["old"])
NEW_WORDS: tuple[str, ...] = tuple(_WORDS["values"]["new"])
AND_WORDS: frozenset[str] = frozenset(_WORDS["values"]["and"])
REPLACING: dict[str, ReplacingWords] = {
    language: ReplacingWords(tuple(words["verbs"]), frozenset(words["to"]))
    for language, words in _WORDS["replacing"].items()
}
REPLACED_WITHOUT_VERB = REPLACING.pop("any").to


def has_stem(folded: str, stems: tuple[str, ...]) -> bool:
    """Whether a folded word is one of these; a star at the end of one stands for any ending."""
    return any(folded.startswith(s[:-1]) if s.endswith("*") else folded == s for s in stems)
