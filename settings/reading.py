"""Reads jasno.toml and the environment, once."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args, get_origin

import msgspec

from settings.conversion import dotted_key, hint, is_about, read_tables, wrong_settings
from settings.mistakes import ENV, KeyPath, KeyPlace, SettingsError, WrongKeys, refuse, variable
from settings.schema import SECRETS, Settings, known_keys

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, 2.2
# Named by the contract; not keys of the file.
OUTSIDE = ("JASNO_CONFIG", "JASNO_PORT")
NOWHERE = KeyPlace("", "")


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings with where they came from. `var` is the data folder, `config` the file or None."""

    settings: Settings
    var: Path
    config: Path | None = None
    place: KeyPlace = NOWHERE
    probe_keys: tuple[frozenset[str], ...] = ()  # what each [[probe]] was given

    @property
    def database_url(self) -> str:
        """The database, SQLite below var/ unless the settings name one."""
        return self.settings.database.url or f"sqlite:///{self.var.absolute() / 'jasno.db'}"

    @property
    def bind(self) -> tuple[str, int]:
        """The address and port to listen on."""
        host, _, port = self.settings.server.bind.rpartition(":")
        return host.strip("[]"), int(port)


def load(
    config: str = "", env: Mapping[str, str] | None = None, cwd: Path = Path()
) -> LoadedSettings:
    """Read the file (the argument, JASNO_CONFIG, or ./jasno.toml when there is one) and the
    environment. Raises SettingsError."""
    loaded = load_leniently(config, env, cwd)
    loaded.refuse()
    return loaded.settings


@dataclass(frozen=True, slots=True)
class LenientSettings:
    """Settings without what was wrong in them; what that was, a text with its place for each; and
    the keys that were, with what they held."""

    settings: LoadedSettings
    mistakes: tuple[str, ...]
    wrong: WrongKeys

    def refuse(self, more: Iterable[str] = ()) -> None:
        """Raise one SettingsError for all that is wrong, with what others found; nothing when there
        is nothing. Others' complaints about what is wrong already are left out."""
        place = self.settings.place
        others = [m for m in more if not is_about(place.path_of(m), m, self.wrong)]
        refuse(place.in_order([*self.mistakes, *map(place.placed, others)]))


def load_leniently(
    config: str = "", env: Mapping[str, str] | None = None, cwd: Path = Path()
) -> LenientSettings:
    """What can be read of the settings. Raises SettingsError when nothing can."""
    env = os.environ if env is None else env
    path = _config_path(config, env, cwd)
    text = _text(path) if path else ""
    raw = _parsed(text, KeyPlace(path.name if path else "", text))
    given, mistakes, wrong = _environment(env)
    for dotted, (_, value) in given.items():
        section, _, key = dotted.rpartition(".")
        table = raw.setdefault(section, {}) if section else raw
        if isinstance(table, dict):
            table[key] = value
    variables = {dotted: name for dotted, (name, _) in given.items()}
    if env.get("JASNO_PORT"):
        variables["server.bind"] = "JASNO_PORT"
    place = KeyPlace(path.name if path else "", text, variables)
    mistakes += _unprintable_mistakes(raw, place)
    probe_keys = _keys_of_tables(raw.get("probe"))
    tables = read_tables(raw, place)
    mistakes += tables.mistakes
    if tables.settings is None:
        raise SettingsError("\n".join(place.in_order(mistakes)))
    settings = _with_port(tables.settings, env.get("JASNO_PORT", ""))
    wrong |= tables.wrong
    mistakes += wrong_settings(settings, place, wrong)
    loaded = LoadedSettings(settings, cwd / (settings.var or "var"), path, place, probe_keys)
    return LenientSettings(loaded, tuple(mistakes), wrong)


def _keys_of_tables(tables: object) -> tuple[frozenset[str], ...]:
    given = tables if isinstance(tables, list) else ()
    return tuple(frozenset(table) if isinstance(table, dict) else frozenset() for table in given)


def _with_port(settings: Settings, port: str) -> Settings:
    if not port:
        return settings
    host = settings.server.bind.rpartition(":")[0]
    server = msgspec.structs.replace(settings.server, bind=f"{host}:{port}")
    return msgspec.structs.replace(settings, server=server)


def _config_path(config: str, env: Mapping[str, str], cwd: Path) -> Path | None:
    config_name = config or env.get("JASNO_CONFIG", "")
    if config_name:
        path = cwd / config_name
        if not path.is_file():
            by = "--config" if config else "JASNO_CONFIG"
            what = "that is a folder" if path.is_dir() else "there is no such file"
            raise SettingsError(f"{by} names {config_name}, and {what}")
        return path
    path = cwd / "jasno.toml"
    return path if path.is_file() else None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")  # editors of Windows write a mark before it
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {_reason(error)}") from error


def _parsed(text: str, place: KeyPlace) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{place.file} is not valid TOML: {error}") from error


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return getattr(error, "strerror", "") or "it is no text in UTF-8"


def _unprintable_mistakes(raw: object, place: KeyPlace) -> Iterator[str]:
    for path in _unprintable(raw):
        key = next(step for step in reversed(path) if isinstance(step, str))
        yield (
            f'{place.of(path)}"{key}" in {dotted_key(path)} holds a character that no page can show'
        )


def _unprintable(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Paths of texts with control characters, as escapes bring them in."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _unprintable(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _unprintable(inner, (*path, number))
    elif isinstance(value, str) and _UNPRINTABLE.search(value):
        yield path


# ------------------------------------------------------------------ environment
def _environment(
    env: Mapping[str, str],
) -> tuple[dict[str, tuple[str, object]], list[str], dict[KeyPath, object]]:
    """The keys that variables set, each with the variable's name and the value; what is wrong with
    others, and the keys that those were to set."""
    keys = {variable(dotted): dotted for dotted in known_keys()}
    files = {f"{variable(dotted)}_FILE": dotted for dotted in SECRETS}
    values: dict[str, tuple[str, object]] = {}
    mistakes: list[str] = []
    wrong: dict[KeyPath, object] = {}
    for name, value in sorted(env.items()):
        if not name.startswith(ENV) or name in OUTSIDE:
            continue
        if not (dotted := keys.get(name) or files.get(name, "")):
            meant = hint(name, [*OUTSIDE, *keys, *files])
            mistakes.append(f"the environment has {name}, which is no setting{meant}")
            continue
        try:
            secret = read_secret(value, name) if name in files else None
            values[dotted] = name, secret or _env_value(name, value, known_keys()[dotted])
        except SettingsError as error:
            mistakes.append(str(error))
            wrong[tuple(dotted.split("."))] = value
    return values, mistakes, wrong


def read_secret(path: str, where: str) -> str:
    """The secret in a file, without blanks around it; `where` its path was given, for messages.
    Raises SettingsError."""
    try:
        secret = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{where}: {path} cannot be read: {_reason(error)}") from error
    if not secret:
        raise SettingsError(f"{where}: {path} is empty")
    return secret


def _is_text(kind: object) -> bool:
    args = get_args(kind) if get_origin(kind) is not tuple else ()
    return kind is str or any(_is_text(a) or isinstance(a, str) for a in args)


def _env_value(name: str, value: str, kind: object) -> object:
    if get_origin(kind) not in (tuple, dict) and _is_text(kind):
        return value
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError as error:
        if get_args(kind)[:1] == (str,) and "[" not in value:  # a list of texts, by commas
            return [part.strip() for part in value.split(",") if part.strip()]
        raise SettingsError(f"{name} is not a TOML value: {value!r}") from error


def environment() -> dict[str, str]:
    """A copy of this process's environment; nobody else reads it."""
    return dict(os.environ)
