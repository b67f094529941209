"""Rules of the tree as functions of parsed files: each yields one line for each violation.

A tree maps paths relative to the checkout to parsed modules, so that a test can plant a violation.
`test_architecture.py` applies the rules to the checkout, with the tables that are the house's own.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath

from jinja2 import Environment, nodes

Tree = Mapping[str, ast.Module]
Owners = Mapping[str, tuple[str, ...]]
# Names that tell nothing of what they hold.
EMPTY_NAMES = frozenset(
    ("told", "found", "made", "said", "known", "one", "got", "thing", "things", "stuff")
)
# Said of what a product does these may be fields and options; of a test's own values they say nothing.
EMPTY_IN_TESTS = EMPTY_NAMES | {"asked", "shown", "held"}
TEST_FOLDERS = ("tests/", "bench/", "lab/")


def room_of(path: str) -> str:
    """The room of a file: its first folder, or its own stem at the root."""
    first = PurePosixPath(path).parts[0]
    return first.removesuffix(".py")


@cache
def imported(tree: ast.AST) -> tuple[tuple[str, int], ...]:
    """Dotted names that a module imports, `importlib.import_module("…")` too, with the line.
    Cached: most rules look at them."""
    return tuple(pair for node in ast.walk(tree) for pair in _names_of(node))


def _names_of(node: ast.AST) -> Iterator[tuple[str, int]]:
    match node:
        case ast.Import(names=names):
            yield from ((alias.name, node.lineno) for alias in names)
        case ast.ImportFrom(module=str(module), names=names, level=0):
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in names)
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name, node.lineno


def lazy_imports(tree: Tree, allowed: Collection[tuple[str, str]]) -> Iterator[str]:
    """Imports inside a function that are not listed, as (file, module), and what is listed and not
    imported so."""
    lazy: dict[tuple[str, str], str] = {}
    for path, module in tree.items():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for name, line in imported(node):
                    lazy[path, name] = f"{path}:{line} imports {name} inside a function"
    yield from (where for place, where in lazy.items() if place not in allowed)
    yield from (f"{path} does not load {name} late" for path, name in set(allowed) - set(lazy))


def unit_of(path: str, folder: str) -> str:
    """The file or folder just below `folder` that holds `path`; "" for its own `__init__.py`."""
    unit = PurePosixPath(path).relative_to(folder).parts[0].removesuffix(".py")
    return "" if unit == "__init__" else unit


def units(tree: Tree, folder: str) -> set[str]:
    """The files and folders just below `folder`."""
    inside = (path for path in tree if path.startswith(folder + "/"))
    return {unit for path in inside if (unit := unit_of(path, folder))}


def unit_imports(tree: Tree, folder: str) -> Iterator[tuple[str, str, str]]:
    """(importing unit, imported unit, where) for each import between two units of a folder."""
    present = units(tree, folder)
    prefix = folder.replace("/", ".") + "."
    for path, module in tree.items():
        if not path.startswith(folder + "/") or not (importer := unit_of(path, folder)):
            continue
        for name, line in imported(module):
            target = name.removeprefix(prefix).split(".")[0] if name.startswith(prefix) else ""
            if target in present and target != importer:
                yield importer, target, f"{path}:{line} imports {name}"


def order_violations(tree: Tree, folder: str, order: tuple[str, ...]) -> Iterator[str]:
    """Imports against `order` (lowest unit first), units without a place, places without a unit."""
    present = units(tree, folder)
    rank = {unit: place for place, unit in enumerate(order)}
    for unit in sorted(present - set(order)):
        yield f"{folder}/{unit} has no place in the order of {folder}/: put it above what it imports"
    for unit in sorted(set(order) - present):
        yield f"{folder}/{unit} has a place in the order of {folder}/ and does not exist"
    for importer, target, where in unit_imports(tree, folder):
        if importer in rank and target in rank and rank[target] > rank[importer]:
            yield f"{where}: in {folder}/, {target} stands above {importer}"


def circles(tree: Tree, folder: str) -> Iterator[str]:
    """A circle of imports between the units of a folder."""
    below: dict[str, set[str]] = {unit: set() for unit in units(tree, folder)}
    places: dict[tuple[str, str], str] = {}
    for importer, target, where in unit_imports(tree, folder):
        below[importer].add(target)
        places[importer, target] = where
    try:
        TopologicalSorter(below).prepare()
    except CycleError as circle:
        chain: list[str] = circle.args[1]
        steps = [places[importer, target] for target, importer in itertools.pairwise(chain)]
        yield f"{folder}/ has a circle {' <- '.join(chain)}: {'; '.join(steps)}"


def third_party_violations(tree: Tree, owners: Owners, exempt: Collection[str]) -> Iterator[str]:
    """Imports of a third party outside the files that own it, and of one that nobody owns. The
    longest dotted name decides."""
    ours = {room_of(path) for path in tree} | sys.stdlib_module_names
    for path, module in tree.items():
        if room_of(path) in exempt:
            continue
        for name, line in imported(module):
            allowed = owners_of(name, owners)
            if allowed is None and name.split(".")[0] not in ours:
                yield f"{path}:{line} imports {name}, which has no row in the table of owners"
            if allowed is not None and not any(owns(pattern, path) for pattern in allowed):
                yield f"{path}:{line} imports {name}, which belongs to {', '.join(allowed)}"


def owners_of(name: str, owners: Owners) -> tuple[str, ...] | None:
    """The owners of the longest known beginning of a dotted name."""
    while name:
        if name in owners:
            return owners[name]
        name = name.rpartition(".")[0]
    return None


def owns(pattern: str, path: str) -> bool:
    """Whether a pattern covers a file: `folder/*` with all below it, or a match of its end."""
    covers = pattern.endswith("/*") and not pattern.startswith("*")
    if covers and path.startswith(pattern.removesuffix("*")):
        return True
    return PurePosixPath(path).match(pattern)


def impure_imports(tree: Tree, pure: tuple[str, ...], forbidden: tuple[str, ...]) -> Iterator[str]:
    """Imports of what waits, opens or asks from folders that only take and return values."""
    for path, module in tree.items():
        if not path.startswith(tuple(folder + "/" for folder in pure)):
            continue
        for name, line in imported(module):
            if name.split(".")[0] in forbidden:
                yield f"{path}:{line} imports {name}: judging takes values and returns values"
        for node in ast.walk(module):
            if isinstance(node, ast.AsyncFunctionDef):
                yield f"{path}:{node.lineno} {node.name} is async: judging never waits"


def crowded_folders(paths: Iterable[str], apart: tuple[str, ...], limit: int) -> Iterator[str]:
    """Folders, of code, templates or data, that hold more than `limit` entries besides `__init__.py`.

    `paths` are all files that are kept; folders in `apart` are not counted.
    """
    entries: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        parts = PurePosixPath(path).parts
        for depth in range(1, len(parts)):
            entries["/".join(parts[:depth])].add(parts[depth])
    for folder in sorted(entries):
        count = len(entries[folder] - {"__init__.py"})
        if count > limit and not f"{folder}/".startswith(apart):
            yield f"{folder}/ has {count} entries; more than {limit} want a folder by subject"


def heavy_rooms(lines: Mapping[str, int], apart: Collection[str], share: float) -> Iterator[str]:
    """Rooms above `share` of all lines, from lines by file. Root files and `apart` do not count."""
    counted = {path: count for path, count in lines.items() if "/" in path}
    rooms: Counter[str] = Counter()
    for path, count in counted.items():
        if room_of(path) not in apart:
            rooms[room_of(path)] += count
    total = rooms.total()
    for name, count in sorted(rooms.items()):
        if count > total * share:
            yield f"{name}/ has {count} of {total} lines, more than {share:.0%}"


def vague_names(tree: Tree, words: Collection[str]) -> Iterator[str]:
    """Variables, attributes, parameters, functions and classes whose name says nothing of what they
    are, in capitals or with underscores around it neither."""
    for path, module in tree.items():
        for node in ast.walk(module):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                name = node.id
            elif isinstance(node, ast.arg):
                name = node.arg
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = node.name
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                name = node.attr
            else:
                continue
            if name.strip("_").lower() in words:
                yield f"{path}:{node.lineno} {name}: say what it holds"


def vague_template_names(texts: Mapping[str, str], words: Collection[str]) -> Iterator[str]:
    """Macros, their parameters and variables of templates whose name says nothing."""
    parser = Environment(autoescape=True)
    for path, text in texts.items():
        tree = parser.parse(text)
        macros = ((macro.name, macro.lineno) for macro in tree.find_all(nodes.Macro))
        variables = ((n.name, n.lineno) for n in tree.find_all(nodes.Name) if n.ctx != "load")
        for name, line in (*macros, *variables):
            if name.strip("_").lower() in words:
                yield f"{path}:{line} {name}: say what it holds"


def shared_names(tree: Tree) -> Iterator[str]:
    """Names that stand for two things: classes named alike, aliases of types that are named as a
    class or as an alias of something else, and constants of a file that are given twice. The later
    one by path is named."""
    yield from _constants_given_twice(tree)
    meanings: dict[str, tuple[str, str]] = {}
    for path, module in sorted(tree.items()):
        for name, line, meaning in _named_types(path, module):
            first, place = meanings.setdefault(name, (meaning, f"{path}:{line}"))
            if first != meaning:
                yield f"{path}:{line} {name} is another thing at {place}"


def _constants_given_twice(tree: Tree) -> Iterator[str]:
    for path, module in tree.items():
        given: dict[str, int] = {}
        for node in module.body:
            name = node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(name, ast.Name) and name.id.isupper():
                line = given.setdefault(name.id, node.lineno)
                if line != node.lineno:
                    yield f"{path}:{node.lineno} {name.id} is given already in line {line}"


def _named_types(path: str, module: ast.Module) -> Iterator[tuple[str, int, str]]:
    """(name, line, what it is) of each class and each alias of a type in a file."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield node.name, node.lineno, f"{path}:{node.lineno}"
    for node in module.body:
        name = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(name, ast.Name) and name.id[0].isupper() and not name.id.isupper():
            yield name.id, node.lineno, re.sub(r"\w+\.", "", ast.unparse(node.value))
