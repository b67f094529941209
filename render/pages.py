"""The Jinja environment: templates to text in a language, with safe defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from render import words
from render.i18n import DEFAULT, LANGUAGES, catalogue

FOLDER = Path(__file__).resolve().parent.parent / "templates"


def _lang(context: Context) -> str:
    return str(context.get("lang", DEFAULT))


def _filter(kind: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def apply(context: Context, value: object) -> str:
        return kind(value, words.formats(_lang(context)))

    return apply


@pass_context
def _sentence(context: Context, text: str, args: Mapping[str, object] | None = None) -> str:
    return words.sentence(_lang(context), text, args)


@pass_context
def _gettext(context: Context, text: str, **args: object) -> str:
    said = catalogue(_lang(context)).gettext(text)
    return words.fill(said, args, _lang(context)) if args else said


@pass_context
def _ngettext(context: Context, one: str, many: str, n: int, **args: object) -> str:
    said = catalogue(_lang(context)).ngettext(one, many, n)
    return words.fill(said, {"n": n, **args}, _lang(context))


def _moment(value: datetime) -> str:
    """A <time> element's datetime attribute."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def environment(folder: Path = FOLDER, **globals_: object) -> Environment:
    """A Jinja environment where {{ _("text {name}", name=…) }} and the kinds of words work.

    Filters: bytes, days, duration, date, datetime, listed, number, percent, iso.
    """
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name, kind in words.KINDS.items():
        env.filters[name if name and name != "list" else "listed"] = _filter(kind)
    env.filters["iso"] = _moment
    env.globals.update(
        _=_gettext, ngettext=_ngettext, sentence=_sentence, languages=LANGUAGES, **globals_
    )
    return env


class Pages:
    """Renders templates; one for the whole process."""

    def __init__(self, env: Environment) -> None:
        self.env = env

    def render(self, template: str, lang: str, **values: object) -> str:
        """A template as text in one language. Raises jinja2 errors on a broken template."""
        return self.env.get_template(template).render(lang=lang, **values)
