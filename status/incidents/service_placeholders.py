"""Placeholders for service names in incident templates, and filling them. Pure.

Programs and settings write {parts:list} or {name}; people see "[services]" in their language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from render.i18n import N_, translate
from render.languages import DEFAULT
from render.message_format import fill
from status.incidents.templates import shorten_lists
from status.model import Component

MARK = N_("[services]")
UNFILLED = N_(
    'Something is still missing where "…" or "[services]" stands: choose the services, '
    "or write it out."
)
_FIELD = re.compile(r"\{(?:parts(?::list)?|name)\}")
_BLANK = re.compile(r"(?<!\S)…(?![^\s.,:;!?)])")  # standing by itself, not ending a word


def mark(lang: str) -> str:
    """What people see where services will be named."""
    return translate(lang, MARK)


def with_marks(texts: Mapping[str, str]) -> dict[str, str]:
    """Ready words as people begin with them."""
    return {lang: mark(lang).join(_FIELD.split(text)) for lang, text in texts.items()}


def name_services(texts: Mapping[str, str], services: Sequence[Component]) -> dict[str, str]:
    """The texts with services named wherever something stands for them; as they are without any."""
    if not services:
        return dict(texts)
    return {lang: _name_in(text, lang, services) for lang, text in texts.items()}


def is_unfilled(text: str, lang: str) -> bool:
    """Does something in it still stand for what nobody has said?"""
    return bool(_stand_ins(lang).search(text) or _BLANK.search(text))


def _name_in(text: str, lang: str, services: Sequence[Component]) -> str:
    if not (stand_ins := _stand_ins(lang)).search(text):
        return text
    listed = fill("{parts:list}", shorten_lists({"parts": list(services)}, lang), lang)
    return stand_ins.sub(lambda _: listed, text)


def _stand_ins(lang: str) -> re.Pattern[str]:
    marks = {re.escape(mark(lang)), re.escape(mark(DEFAULT))}
    return re.compile("|".join([_FIELD.pattern, *sorted(marks)]))
