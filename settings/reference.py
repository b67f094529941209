"""The reference of all settings, made from jasno.example.toml and the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args, get_type_hints

import msgspec
from msgspec import Struct

from settings.checking import variable
from settings.schema import SECRETS, Settings

_HEAD = re.compile(r"^#?\[+([a-z_]+)\]+$")
_KEY = re.compile(r"^#?([a-z0-9_]+) = ")


def explained(example: str) -> Iterator[tuple[str, str, str]]:
    """(section, key, explanation) for every key and section of the example file; the comment
    above a line explains it."""
    section, comment = "", ""
    for line in example.splitlines():
        if head := _HEAD.match(line):
            section = head[1]
            yield section, "", comment
        elif key := _KEY.match(line):
            yield section, key[1], comment
        elif line.startswith("# "):
            comment = f"{comment} {line[2:]}".strip()
            continue
        comment = ""


def _section(kind: object) -> type[Struct] | None:
    for candidate in (kind, *get_args(kind)):
        if isinstance(candidate, type) and issubclass(candidate, Struct):
            return candidate
    return None


def _default(section: type[Struct], key: str) -> str:
    for field in msgspec.structs.fields(section):
        if field.name == key:
            if field.required:
                return "required"
            default = field.default
            if default is msgspec.NODEFAULT:
                return "empty"
            if hasattr(default, "total_seconds"):
                return f"{default.total_seconds():g} s"
            return "empty" if default in ("", ()) else f"`{msgspec.json.encode(default).decode()}`"
    return ""


def reference(example: str) -> str:
    """What `app.py config reference` prints: every key with its default, meaning and variable."""
    lines = [
        "# Configuration",
        "",
        "Jasno reads `jasno.toml` in the working folder, or the file that `--config` or `JASNO_CONFIG`",
        "names. `JASNO_VAR` is the data folder (`var`), `JASNO_PORT` the port. Every key may also come",
        "from the environment; an environment variable wins. Secrets (marked *) may come as",
        "`…_FILE` with the path of a file that holds them. An unknown or wrong key stops the start",
        "with its name, its place, what is allowed and the nearest right name.",
        "",
        "`python app.py config check` says whether everything fits.",
        "This table is made from `jasno.example.toml` by `python app.py config reference`.",
    ]
    hints = get_type_hints(Settings, include_extras=True)
    for section, key, words in explained(example):
        inner = _section(hints.get(section))
        if not key:
            array = "tuple" in str(hints[section])
            lines += ["", f"## `{'[[' if array else '['}{section}{']]' if array else ']'}`", ""]
            lines += [words, ""] if words else []
            lines += ["| key | default | meaning | environment |", "| --- | --- | --- | --- |"]
            array_env = variable(section) if array or inner is None else ""
            continue
        dotted = f"{section}.{key}" if section else key
        if not section:
            lines += ["", f"`{key}` (`{variable(key)}`)*: {words}"]
            continue
        if inner is None:
            continue
        env = (array_env and f"`{array_env}` (whole)") or f"`{variable(dotted)}`"
        star = "*" if dotted in SECRETS else ""
        lines.append(f"| `{key}`{star} | {_default(inner, key)} | {words} | {env} |")
    return "\n".join(lines) + "\n"
