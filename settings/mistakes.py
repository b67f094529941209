"""Where a mistake in the configuration stands (file and line, or environment variable), and the exception that tells it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

ENV = "JASNO_"
KeyPath = tuple[str | int, ...]
WrongKeys = Mapping[KeyPath, object]  # set aside, with what they held
UNNAMED = "0unnamed0"  # before the number of a table whose name is wrong or lacking
# How messages begin: '[mail] port …', '[[probe]] "www" interval …', '[[probe]] "www": has no key "x"'.
_LABEL = re.compile(r'\[\[?([a-z]+)\]\]?(?: "([^"]*)")?[: ]*(.*)', re.DOTALL)
_UNKNOWN_KEY = re.compile(r'has no key "([^"]+)"')
_NAMED_KEY = re.compile(r'["`]?([a-z0-9_]+)')


class SettingsError(Exception):
    """The configuration cannot be used; the message names the key, the place and what is allowed."""


def refuse(mistakes: Sequence[str]) -> None:
    """Raise one SettingsError for all mistakes; nothing when there is none."""
    if mistakes:
        raise SettingsError("\n".join(mistakes))


def variable(dotted: str) -> str:
    """The environment variable of a key."""
    return ENV + dotted.replace(".", "_").upper()


def numbered(message: str) -> str:
    """A message with the numbers of tables whose name is wrong, instead of what stands in for it."""
    named = re.sub(rf"{UNNAMED}\d+, |, {UNNAMED}\d+", "", message)  # in lists of what is allowed
    return re.sub(rf'"{UNNAMED}(\d+)"', r"number \1", named)


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key stands, for messages: in the file with that text, or in the environment, whose
    variables are given by the keys that they set ("mail.port")."""

    file: str
    text: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def of(self, path: KeyPath) -> str:
        """ "jasno.toml:12: " for a path such as ("probe", 1, "interval"), "JASNO_MAIL_PORT: " for a
        variable; as near as can be told."""
        for length in (1, 2):
            dotted = ".".join(str(step) for step in path[:length])
            if dotted in self.variables:
                return f"{self.variables[dotted]}: "
        if not self.file:
            return ""
        names = [step for step in path[1:] if isinstance(step, str)]
        lines = [self._line(path, name) for name in reversed(names or [str(path[-1])])]
        exact = [number for number, is_exact in lines if is_exact]
        near = [number for number, _ in lines if number]
        return f"{self.file}:{(exact or near)[0]}: " if exact or near else f"{self.file}: "

    def _line(self, path: KeyPath, key: str) -> tuple[int, bool]:
        """The line of a key in the table of a path, and whether it is that key's own; 0 for none."""
        section, index = str(path[0]), path[1] if len(path) > 1 else ""
        position, inside, best = -1, len(path) == 1, 0
        for number, line in enumerate(self.text.splitlines(), 1):
            if head := re.match(r"\s*\[+\s*([\w.\-]+)", line):
                position += head[1] == section
                inside = head[1] == section and (not isinstance(index, int) or position == index)
                best = number if inside or head[1] == key else best
            elif inside and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return number, True
        return best, False

    def path_of(self, message: str) -> KeyPath:
        """The path of what a message begins with, such as '[[probe]] "www" interval'; () for none."""
        label = _LABEL.match(message)
        if label is None:
            return ()
        section, name, rest = label.groups()
        path: KeyPath = (section,)
        if name is not None:
            path = (section, self._number(section, name))
        key = _UNKNOWN_KEY.search(rest) or _NAMED_KEY.match(rest)
        return (*path, key[1]) if key else path

    def _number(self, section: str, name: str) -> int:
        if name.startswith(UNNAMED):
            return int(name.removeprefix(UNNAMED)) - 1
        try:
            tables = tomllib.loads(self.text).get(section)
        except tomllib.TOMLDecodeError:
            tables = None
        for number, table in enumerate(tables if isinstance(tables, list) else ()):
            if isinstance(table, dict) and name in (table.get("name"), table.get("id")):
                return number
        return 0

    def placed(self, message: str) -> str:
        """A message with its place before it, unless it has one."""
        path = self.path_of(message)
        return f"{self.of(path) if path else ''}{numbered(message)}"

    def in_order(self, messages: Iterable[str]) -> list[str]:
        """Messages in the order of the file, each once; those of the environment first."""

        def line(message: str) -> int:
            at = re.match(rf"{re.escape(self.file)}:(\d+): ", message) if self.file else None
            return int(at[1]) if at else 0

        return sorted(dict.fromkeys(messages), key=line)
