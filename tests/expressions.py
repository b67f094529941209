"""Every regular expression of the project: those held by modules, in tables and caches, and those
written where they are used. Those that an operator's settings bring are not the project's."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOT_ROOMS = {"bench", "deploy", "docs", "lab", "tests", "translations"}
ROOMS = tuple(
    sorted(p.parent.name for p in ROOT.glob("*/__init__.py") if p.parent.name not in NOT_ROOMS)
)
FILES = ("clock", "context", "facts", "messages", "subject")  # modules beside the rooms
NOT_IMPORTED = ("db/migrations/",)  # they run inside alembic
USES = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
BOUND = type(re.compile("").match)
FLAGS_AT = {"compile": 1, "split": 3, "sub": 4, "subn": 4}  # else the third argument


def expressions(room: str) -> dict[str, tuple[re.Pattern[Any], str]]:
    """Where it stands → an expression of a room, each once, with how it is used. "finditer" stands
    for every use of one that a module holds: tomorrow somebody may search with it."""
    where: dict[tuple[Any, int, str], tuple[str, re.Pattern[Any]]] = {}
    looked_at: dict[int, object] = {}
    for path in _paths(room):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        names = vars(importlib.import_module(name))
        source = path.read_text("utf-8")
        for key, value in names.items():
            for pattern, use in _patterns_in(value, looked_at):
                where.setdefault((pattern.pattern, pattern.flags, use), (f"{name}.{key}", pattern))
        for line, pattern, use in _written(source, names):
            where.setdefault((pattern.pattern, pattern.flags, use), (f"{name}:{line}", pattern))
    return {
        f"{place} {number}": (pattern, use)
        for number, ((*_, use), (place, pattern)) in enumerate(where.items())
    }


def _paths(room: str) -> list[Path]:
    single = ROOT / f"{room}.py"
    paths = [single] if single.exists() else sorted((ROOT / room).rglob("*.py"))
    return [p for p in paths if not str(p.relative_to(ROOT)).startswith(NOT_IMPORTED)]


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in (*ROOMS, *FILES)


def _patterns_in(value: Any, looked_at: dict[int, object]) -> Iterator[tuple[re.Pattern[Any], str]]:
    """The expressions in a value: itself, bound to a method, or deep in tables and caches."""
    if id(value) in looked_at:
        return
    looked_at[id(value)] = value
    if isinstance(value, re.Pattern):
        yield value, "finditer"
    elif type(value) is BOUND:
        if isinstance(value.__self__, re.Pattern):
            yield value.__self__, _strictest(value.__name__)
    else:
        for part in _parts(value):
            yield from _patterns_in(part, looked_at)


def _parts(value: Any) -> Iterator[object]:
    kind = type(value)
    if kind is dict or kind is type(vars(type)):
        yield from value.values()
    elif kind in (list, tuple, set, frozenset):
        yield from value
    elif kind is type(functools.cache(len)):
        if _is_ours(value.__module__) and not inspect.signature(value).parameters:
            yield value()
    elif kind is type:
        yield from vars(value).values() if _is_ours(value.__module__) else ()
    elif _is_ours(kind.__module__):
        attributes = [*getattr(value, "__dict__", {}), *getattr(kind, "__slots__", ())]
        yield from (getattr(value, name) for name in attributes if hasattr(value, name))


def _written(
    source: str, names: Mapping[str, object]
) -> Iterator[tuple[int, re.Pattern[Any], str]]:
    """Calls such as re.search("…", text) whose expression does not depend on what they are given."""
    for node in ast.walk(ast.parse(source)) if "re." in source else ():
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in (*USES, "compile")
        ):
            continue
        use = node.func.attr
        at = FLAGS_AT.get(use, 2)
        flags = [k.value for k in node.keywords if k.arg == "flags"] or node.args[at : at + 1]
        try:
            written, *given = (_evaluated(part, names) for part in (node.args[0], *flags))
        except NameError:
            continue
        yield node.lineno, re.compile(written, *given), _strictest(use)


def _strictest(use: str) -> str:
    return use if use in ("match", "fullmatch") else "finditer"


def _evaluated(node: ast.expr, names: Mapping[str, object]) -> Any:
    return eval(compile(ast.Expression(node), "expression", "eval"), dict(names))
