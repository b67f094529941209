"""Writes values as TOML 1.0, each on one line. Pure. Python reads TOML (`tomllib`) and does not write it."""

from __future__ import annotations

import json
from collections.abc import Mapping


def toml_line(key: str, value: object) -> str:
    """`key = value`; a key that is no bare one is quoted."""
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return f"{key if bare else _string(key)} = {toml_value(value)}"


def toml_value(value: object) -> str:
    """A text, a number, a boolean, or a list or table of these; anything else as its text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        lines = (toml_line(str(key), inner) for key, inner in value.items())
        return f"{{ {', '.join(lines)} }}" if value else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    return _string(str(value))


def _string(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, and DEL must be one."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
