"""Which languages there are: shipped ones and drafts, each a folder below translations/.

A language may say its name, its formats and how a moment is written in `name_and_formats.toml`; what it does
not say comes from the Unicode CLDR. English is what texts are written in and needs no catalogue.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale, UnknownLocaleError

FOLDER = Path(__file__).resolve().parent.parent / "translations"
DEFAULT = "en"  # the language of the texts themselves


@dataclass(frozen=True, slots=True)
class Language:
    """`name` is its own name; `locale` whose formats it uses; `datetime` a CLDR pattern."""

    code: str
    name: str
    locale: Locale
    datetime: str
    shipped: bool

    @property
    def catalogue(self) -> Path:
        """Its translations; English has none."""
        return catalogue_of(FOLDER, self.code)


def catalogue_of(folder: Path, code: str) -> Path:
    """Where a language keeps its translations."""
    return folder / code / "LC_MESSAGES" / "messages.po"


@cache
def languages(folder: Path = FOLDER) -> MappingProxyType[str, Language]:
    """Every language there is, by code: the shipped ones in their order, then the drafts."""
    shipped = tomllib.loads((folder / "languages.toml").read_text("utf-8"))["shipped"]
    with_catalogue = {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/messages.po")}
    drafts = sorted(with_catalogue - set(shipped))
    return MappingProxyType(
        {
            code: _read(folder, code, shipped=code in shipped)
            for code in (*shipped, *drafts)
            if code in shipped or _is_locale(code)
        }
    )


def locale_of(code: str) -> Locale:
    """The locale of a language tag (pt-BR) or of the CLDR's own writing (pt_BR). Raises
    UnknownLocaleError or ValueError."""
    return Locale.parse(code.replace("-", "_"))


def primary_tag(code: str) -> str:
    """The language of a tag without its region or script: pt of pt-BR."""
    return code.lower().partition("-")[0]


def _is_locale(code: str) -> bool:
    try:
        locale_of(code)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _read(folder: Path, code: str, *, shipped: bool) -> Language:
    path = folder / code / "name_and_formats.toml"
    given = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    locale = locale_of(given.get("locale", code))
    own = (locale.get_display_name(locale) or code).capitalize()
    usual = f"{locale.date_formats['medium'].pattern} {locale.time_formats['short'].pattern} z"
    return Language(code, given.get("name", own), locale, given.get("datetime", usual), shipped)


def language(code: str) -> Language:
    """A language by its code; the language of the texts where nobody knows it."""
    return languages().get(code) or languages()[DEFAULT]


# The shipped languages and every one there is, by code, with their own names.
LANGUAGES: dict[str, str] = {c: spoken.name for c, spoken in languages().items() if spoken.shipped}
NAMES: dict[str, str] = {code: spoken.name for code, spoken in languages().items()}
DRAFTS = frozenset(NAMES) - frozenset(LANGUAGES)


def localized(texts: Mapping[str, str], lang: str) -> str:
    """An operator's text in a language, or in English, or in whatever there is."""
    return texts.get(lang) or texts.get(DEFAULT) or next(iter(texts.values()), "")
