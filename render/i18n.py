"""Texts in a language, read from the .po files at start. English is the msgid.

A text is looked up under its place (a field of a finding, a check, a symptom or a collector), then
wherever else the same English stands.
A missing translation shows the English text; a test forbids it in a shipped language.
"""

from __future__ import annotations

import gettext as gnu
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Self

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from render.languages import languages, locale_of
from render.message_fields import filled_alike
from render.overrides import NO_OVERRIDES, Overrides


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a msgid for extraction; it is translated where it is rendered."""
    return text


class PlacedText(str):
    """A msgid that knows its place, gettext's msgctxt: `web.redirect.loop/why`."""

    __slots__ = ("context",)
    context: str

    def __new__(cls, text: str, context: str) -> Self:
        """The text at this place."""
        placed = super().__new__(cls, text)
        placed.context = context
        return placed


def P_(place: str, text: str) -> PlacedText:  # noqa: N802 - as N_; gettext calls it pgettext
    """Mark a msgid whose English means two things, with the place by which translators tell them apart."""
    return PlacedText(text, place)


class FilledText(str):
    """A msgid that brings what its fields are filled with; `sentence` and pages fill it."""

    __slots__ = ("values",)
    values: dict[str, object]

    def __new__(cls, text: str, **values: object) -> Self:
        """The text with these values."""
        filled = super().__new__(cls, text)
        filled.values = values
        return filled


def place_texts(owner: object, place: str, fields: Iterable[str]) -> None:
    """Give each of these fields of a dataclass, which hold marked texts, its place `<place>/<field>`.
    Called where it is made; no text stays no text."""
    for field_name in fields:
        if text := getattr(owner, field_name):
            object.__setattr__(owner, field_name, PlacedText(text, f"{place}/{field_name}"))


@dataclass(frozen=True, slots=True)
class Translations:
    """One language: texts by (place, English), by English alone, and plurals by gettext's rules."""

    placed: dict[tuple[str, str], str] = field(default_factory=dict)
    anywhere: dict[str, str] = field(default_factory=dict)
    plurals: gnu.NullTranslations = field(default_factory=gnu.NullTranslations)

    def text(self, english: str, context: str = "") -> str:
        """A text at its place, else as it is translated anywhere, else in English."""
        return self.placed.get((context, english)) or self.anywhere.get(english, english)


@cache
def catalogue(lang: str) -> Translations:
    """The translations of one language; English and unknown ones translate nothing."""
    shipped = languages().get(lang)
    if shipped is None or not shipped.catalogue.exists():
        return Translations()
    return read_translations(shipped.catalogue, lang)


def read_translations(path: Path, lang: str) -> Translations:
    """A catalogue as it is looked up. A reworded text shows its former translation (fuzzy) where
    it has a place of its own and is filled alike; guesses by likeness are not shown."""
    with path.open("rb") as source:
        catalog = read_po(source, locale=locale_of(lang))
    usable = [m for m in catalog if m.id and isinstance(m.id, str) and _is_usable(m)]
    anywhere = {str(m.id): str(m.string) for m in reversed(usable) if not m.fuzzy}
    anywhere |= {str(m.id): str(m.string) for m in usable if not m.context and not m.fuzzy}
    return Translations(
        {(m.context or "", str(m.id)): str(m.string) for m in usable}, anywhere, _plurals(catalog)
    )


def _is_usable(message: Message) -> bool:
    if not message.string or not isinstance(message.string, str):
        return False
    if not message.fuzzy:
        return True
    return bool(message.context) and filled_alike(str(message.id), (message.string,))


def _plurals(catalog: Catalog) -> gnu.NullTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


class _Words:
    """The operator's own words in place of ours: one set for the process."""

    overrides: Overrides = NO_OVERRIDES


def use_overrides(overrides: Overrides) -> None:
    """From now on the operator's own words stand in place of ours. Called where parts are built."""
    _Words.overrides = overrides


def translate(lang: str, text: str) -> str:
    """One msgid in a language, at its place if it has one. No text stays no text."""
    if not text:
        return ""
    context = text.context if isinstance(text, PlacedText) else ""
    text = str(text)  # what readers are shown is no msgid any more
    own = _Words.overrides.text(lang, text, context)
    return own if own is not None else catalogue(lang).text(text, context)


def translate_count(lang: str, singular: str, plural: str, n: int) -> str:
    """The form of a counted text that the language has for n."""
    plurals = catalogue(lang).plurals
    forms = _Words.overrides.forms(lang, singular)
    return forms[_form(plurals, n, len(forms))] if forms else plurals.ngettext(singular, plural, n)


def counted_forms(lang: str, singular: str, plural: str) -> tuple[str, ...]:
    """Every form of a counted text, in the order in which a catalogue or an override lists them."""
    own = _Words.overrides.forms(lang, singular)
    if own:
        return own
    plurals = catalogue(lang).plurals
    forms = {_form(plurals, n, 9): plurals.ngettext(singular, plural, n) for n in range(102)}
    return tuple(forms[index] for index in sorted(forms))


def _form(plurals: gnu.NullTranslations, n: int, count: int) -> int:
    """Which form n takes, by the language's own rule; English has one for 1 and one for the rest."""
    rule = getattr(plurals, "plural", None)
    return min(int(rule(n)) if rule else int(n != 1), count - 1)
