"""Shipped languages and their catalogues, read from the .po files at start.

English is the msgid. A missing translation shows the English text; a test forbids it.
"""

from __future__ import annotations

import gettext as gnu
import io
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent.parent / "translations"
# The one place that says which languages are shipped, and their own names.
LANGUAGES: dict[str, str] = {"cs": "Čeština", "en": "English"}
DEFAULT = "en"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a msgid for extraction; it is translated where it is rendered."""
    return text


@cache
def catalogue(lang: str) -> gnu.NullTranslations:
    """The translations of one language; English and unknown ones translate nothing."""
    path = FOLDER / lang / "LC_MESSAGES" / "messages.po"
    if lang not in LANGUAGES or not path.exists():
        return gnu.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=lang))
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def translate(lang: str, text: str) -> str:
    """One msgid in a language. No text stays no text: gettext keeps its header under ""."""
    return catalogue(lang).gettext(text) if text else ""


def negotiate(header: str, shipped: tuple[str, ...] = tuple(LANGUAGES)) -> str:
    """The best shipped language for an Accept-Language header (RFC 9110, 12.5.4)."""
    wishes: list[tuple[float, int, str]] = []
    for order, part in enumerate(header[:500].split(",")):
        tag, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        wishes.append((-weight, order, tag.strip().lower().split("-")[0]))
    best = (tag for weight, _, tag in sorted(wishes) if weight < 0 and tag in shipped)
    return next(best, DEFAULT if DEFAULT in shipped else shipped[0])
