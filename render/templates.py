"""The Jinja environment: templates to text in a language, with safe defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import CodeType
from zoneinfo import ZoneInfo

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context

from render import message_format
from render.i18n import PlacedText, translate, translate_count
from render.languages import DEFAULT, DRAFTS, LANGUAGES, NAMES, localized

FOLDER = Path(__file__).resolve().parent.parent / "templates"


def _lang(context: Context) -> str:
    return str(context.get("lang", DEFAULT))


def _filter(kind: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def apply(context: Context, value: object) -> str:
        return kind(value, message_format.formats(_lang(context)))

    return apply


def _zone(context: Context) -> str:
    return str(context.get("time_zone", "UTC"))


@pass_context
def _sentence(context: Context, text: str, args: Mapping[str, object] | None = None) -> str:
    return message_format.sentence(_lang(context), text, args, _zone(context))


@pass_context
def _gettext(context: Context, text: str, **args: object) -> str:
    translated = translate(_lang(context), text)
    values = {**message_format.values_of(text), **args}
    return (
        message_format.fill(translated, values, _lang(context), _zone(context))
        if values
        else translated
    )


@pass_context
def _pgettext(context: Context, place: str, text: str, **args: object) -> str:
    return str(_gettext(context, PlacedText(text, place), **args))


@pass_context
def _ngettext(context: Context, singular: str, plural: str, n: int, **args: object) -> str:
    translated = translate_count(_lang(context), singular, plural, n)
    return message_format.fill(translated, {"n": n, **args}, _lang(context), _zone(context))


@pass_context
def _datetime(context: Context, value: object) -> str:
    return message_format.moment(value, message_format.formats(_lang(context)), _zone(context))


@pass_context
def _second(context: Context, value: datetime) -> str:
    return message_format.second(value, message_format.formats(_lang(context)), _zone(context))


@pass_context
def _clock_hour(context: Context, value: datetime) -> str:
    return message_format.clock_hour(value, message_format.formats(_lang(context)), _zone(context))


@pass_context
def _short_day(context: Context, value: datetime) -> str:
    return message_format.short_day(value, message_format.formats(_lang(context)), _zone(context))


@pass_context
def _iso(context: Context, value: datetime) -> str:
    """A <time> element's datetime attribute, with the offset of the page's zone."""
    return moment_iso(value, _zone(context))


def moment_iso(value: datetime, zone: str = "UTC") -> str:
    """A moment for machines, in a zone: 2026-01-15T13:00:00+01:00, or …Z."""
    if zone == "UTC":
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


class _CompiledTemplates(BytecodeCache):
    """What this process has compiled, by file and source. Environments differ in what pages are
    given, never in how they are compiled, which takes a tenth of a second for a page."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._codes.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key] = bucket.checksum, bucket.code


_COMPILED = _CompiledTemplates()


def environment(
    folder: Path = FOLDER,
    *,
    zone: str = "UTC",
    languages: Sequence[str] = tuple(LANGUAGES),
    **globals_: object,
) -> Environment:
    """A Jinja environment where {{ _("text {name}", name=…) }} and the kinds of words work.
    Moments are told in `zone`; `languages` are those that pages offer.

    Filters: bytes, days, duration, date, datetime, listed, number, percent, milliseconds, iso,
    second, clock_hour, short_day.
    """
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        bytecode_cache=_COMPILED,
        auto_reload=False,  # files of a newer version must not meet the code of an older one
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name, kind in message_format.KINDS.items():
        env.filters[name if name and name != "list" else "listed"] = _filter(kind)
    env.filters["iso"] = _iso
    env.filters["datetime"] = _datetime
    env.filters["second"] = _second
    env.filters["clock_hour"] = _clock_hour
    env.filters["short_day"] = _short_day
    env.globals |= {
        "time_zone": zone,
        "_": _gettext,
        "pgettext": _pgettext,
        "ngettext": _ngettext,
        "sentence": _sentence,
        "localized": localized,
        "languages": {code: NAMES[code] for code in languages},
        "language_names": NAMES,
        "drafts": DRAFTS,
        **globals_,
    }
    return env


class TemplateRenderer:
    """Renders templates; one for the whole process."""

    def __init__(self, env: Environment) -> None:
        self.env = env

    def compile(self, folder: str) -> None:
        """Compile the templates of a folder now; other processes that are forked later have them."""
        for name in self.env.list_templates(filter_func=lambda name: name.startswith(folder)):
            self.env.get_template(name)

    def render(self, template: str, lang: str, **values: object) -> str:
        """A template as text in one language. Raises jinja2 errors on a broken template."""
        return self.env.get_template(template).render(lang=lang, **values)
