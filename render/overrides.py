"""The operator's own words: a TOML file a language, checked against the texts there are.

A key is a text's id: its place, for what diagnosis says (`web.redirect.loop/why`), else its English.
The English of a text with a place is a key as well, and stands for it wherever it is said.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel.messages.catalog import Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from render.languages import NAMES, languages
from render.message_fields import FIELD, KINDS, fields, filled_alike
from settings.near_names import did_you_mean

LARGEST = 8_000_000  # bytes of a file; every text of a language takes one million


class OverrideProblem(Exception):
    """Files that cannot be used; the text names every fault in a line of its own."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text that may be overridden: `english` in all its forms (two for a counted one)."""

    id: str
    english: tuple[str, ...]
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overrides:
    """By language and id: the operator's words, in all their forms for a counted text."""

    texts: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def text(self, lang: str, english: str, context: str) -> str | None:
        """The operator's words for a text at its place, else for its English; None without any."""
        own = self.texts.get(lang)
        if not own:
            return None
        forms = own.get(context) or own.get(english)
        return forms[-1] if forms else None

    def forms(self, lang: str, singular: str) -> tuple[str, ...]:
        """All forms of a counted text, by its English for one; () without any."""
        return self.texts.get(lang, {}).get(singular, ())


NO_OVERRIDES = Overrides()


@cache
def known_texts() -> Mapping[str, KnownText]:
    """Every text that readers can meet, by its id; the shipped catalogues are complete."""
    texts: dict[str, KnownText] = {}
    for shipped in languages().values():
        if shipped.shipped and shipped.catalogue.exists():
            with shipped.catalogue.open("rb") as source:
                texts |= {text.id: text for text in map(_known_text, read_po(source)) if text.id}
    return MappingProxyType(texts)


@cache
def _texts_by_english() -> Mapping[str, KnownText]:
    """Texts that have a place, by their English."""
    placed = (text for text in known_texts().values() if text.id != text.english[0])
    return MappingProxyType({text.english[0]: text for text in placed})


def _known_text(message: Message) -> KnownText:
    english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    return KnownText(message.context or english[0], english, tuple(message.auto_comments))


def read_overrides(folder: Path) -> Overrides:
    """The files `<lang>.toml` of a folder. Raises OverrideProblem that names every fault."""
    if not folder.is_dir():
        raise OverrideProblem([f"{folder} is no folder"])
    problems: list[str] = []
    texts: dict[str, dict[str, tuple[str, ...]]] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.stem not in NAMES:
            problems.append(
                f"{path}: there is no language {path.stem}{did_you_mean(path.stem, NAMES)}"
            )
            continue
        try:
            given = _read(path)
        except (OSError, ValueError) as error:
            problems.append(f"{path}: {error}")
            continue
        texts[path.stem] = {name: _forms(value) for name, value in given.items()}
        problems += (f'{path}: "{name}" {why}' for name, why in _faults(path.stem, given))
    if problems:
        raise OverrideProblem(problems)
    return Overrides(texts)


def _read(path: Path) -> dict[str, object]:
    with path.open("rb") as source:
        raw = source.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ValueError(f"larger than {LARGEST:,} bytes")
    return tomllib.loads(raw.decode("utf-8"))


def _forms(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _faults(lang: str, given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is wrong with each entry of a file."""
    texts = known_texts()
    for name, value in given.items():
        text = texts.get(name) or _texts_by_english().get(name)
        if text is None:
            where = "; `python app.py texts` lists them"
            yield name, f"is the id of no text{did_you_mean(name, texts)}{where}"
        elif why := _fault(lang, text, value):
            yield name, why


def _fault(lang: str, text: KnownText, value: object) -> str:
    """Why these words cannot stand for a text, or ""."""
    counted = len(text.english) > 1
    expected = "a list of texts, one for each plural form" if counted else "a text"
    values = value if isinstance(value, list) else [value]
    if isinstance(value, list) is not counted or not values:
        return f"must be {expected}"
    if not all(isinstance(v, str) and v.strip() for v in values):
        return f"must be {expected}, and not empty"
    forms, count = _forms(value), get_plural(lang).num_plurals
    if counted and len(forms) != count:
        return f"must be a list of {count} texts, the plural forms of {lang}, and has {len(forms)}"
    if not filled_alike(text.english[-1], forms):
        need = (
            ", ".join(f"{{{n}}}" for n in sorted(fields(text.english[-1]))) or "nothing in braces"
        )
        have = ", ".join(f"{{{n}}}" for n in sorted(fields(forms[-1]))) or "nothing"
        return f"must hold {need}, and holds {have}"
    kinds = {match[2] for form in forms for match in FIELD.finditer(form) if match[2]}
    strange = sorted(kinds - set(KINDS))
    return f"has a field of kind {strange[0]}{did_you_mean(strange[0], KINDS)}" if strange else ""
