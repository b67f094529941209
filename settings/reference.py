"""The reference of all settings, made from the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_type_hints

import msgspec
from msgspec import Struct

from settings.example import documented_keys, section_type
from settings.mistakes import variable
from settings.schema import SECRETS, Settings


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


def reference(kinds: Mapping[str, str]) -> str:
    """What `app.py config reference` prints: every key with its default, meaning and variable. `kinds`
    are the words of wiring/kind_words.py."""
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
        "This table is made from `settings/schema/` by `python app.py config reference`.",
    ]
    hints = get_type_hints(Settings, include_extras=True)
    for entry in documented_keys(kinds):
        section, key, words = entry.section, entry.key, " ".join(entry.words)
        inner = section_type(hints.get(section))
        if not key:
            array = "tuple" in str(hints[section])
            lines += ["", f"## `{'[[' if array else '['}{section}{']]' if array else ']'}`", ""]
            lines += [words, ""] if words else []
            lines += ["| key | default | meaning | environment |", "| --- | --- | --- | --- |"]
            array_env = variable(section) if array or inner is None else ""
            continue
        dotted = f"{section}.{key}" if section else key
        star = "*" if dotted in SECRETS else ""
        if not section:
            lines += ["", f"`{key}`{star} (`{variable(key)}`): {words}"]
            continue
        if inner is None:
            continue
        env = (array_env and f"`{array_env}` (whole)") or f"`{variable(dotted)}`"
        lines.append(f"| `{key}`{star} | {_default(inner, key)} | {words} | {env} |")
    return "\n".join(lines) + "\n"
