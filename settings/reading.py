"""Reads jasno.toml and the environment, once."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args, get_origin

import msgspec

from settings.checking import ENV, KeyPlace, SettingsError, check, convert, hint, variable
from settings.schema import SECRETS, Settings, known_keys

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, 2.2
# Named by the contract; not keys of the file.
OUTSIDE = ("JASNO_CONFIG", "JASNO_PORT")


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings with where they came from. `var` is the data folder, `config` the file or None."""

    settings: Settings
    var: Path
    config: Path | None = None

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
    env = os.environ if env is None else env
    path = _config_path(config, env, cwd)
    text = _text(path) if path else ""
    place = KeyPlace(path.name if path else "", text)
    raw = _parsed(text, place)
    from_env = _environment(env)
    for dotted, value in from_env.items():
        section, _, key = dotted.rpartition(".")
        table = raw.setdefault(section, {}) if section else raw
        if isinstance(table, dict):
            table[key] = value
    settings = convert(raw, place, from_env)
    var = cwd / (settings.var or "var")
    if port := env.get("JASNO_PORT"):
        host = settings.server.bind.rpartition(":")[0]
        server = msgspec.structs.replace(settings.server, bind=f"{host}:{port}")
        settings = msgspec.structs.replace(settings, server=server)
    check(settings, place)
    return LoadedSettings(settings, var, path)


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
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _parsed(text: str, place: KeyPlace) -> dict[str, object]:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{place.file} is not valid TOML: {error}") from error
    if key := next(_unprintable(values), ""):
        raise SettingsError(f"{place.file}: {key} holds a character that no page can show")
    return values


def _unprintable(value: object, key: str = "") -> Iterator[str]:
    """Keys of texts with control characters, as escapes bring them in."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _unprintable(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _unprintable(inner, key)
    elif isinstance(value, str) and _UNPRINTABLE.search(value):
        yield key


# ------------------------------------------------------------------ environment
def _environment(env: Mapping[str, str]) -> dict[str, object]:
    keys = {variable(dotted): dotted for dotted in known_keys()}
    files = {f"{variable(dotted)}_FILE": dotted for dotted in SECRETS}
    values: dict[str, object] = {}
    for name, value in sorted(env.items()):
        if not name.startswith(ENV) or name in OUTSIDE:
            continue
        if name in files:
            values[files[name]] = read_secret(value, name)
        elif name in keys:
            values[keys[name]] = _env_value(name, value, known_keys()[keys[name]])
        else:
            allowed = [*OUTSIDE, *keys, *files]
            raise SettingsError(
                f"the environment has {name}, which is no setting{hint(name, allowed)}"
            )
    return values


def read_secret(path: str, where: str) -> str:
    """The secret in a file, without blanks around it; `where` its path was given, for messages.
    Raises SettingsError."""
    try:
        secret = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{where}: {path} cannot be read: {error}") from error
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


def export(loaded: LoadedSettings) -> None:
    """Hand the place of the settings on to processes that the web server starts."""
    os.environ["JASNO_VAR"] = str(loaded.var.absolute())
    if loaded.config is not None:
        os.environ["JASNO_CONFIG"] = str(loaded.config.absolute())
