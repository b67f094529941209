"""Nothing of the product is there for nobody: what no production code uses is deleted, or lives in tests/.

vulture goes by names: one that stands anywhere counts as used. Names of templates count too. Names
of a module are looked at by module as well: used in it, imported from it, or read from it.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from jinja2 import nodes
from vulture.core import Vulture

from render.templates import environment
from tests.test_architecture import production, syntax

ROOT = Path(__file__).resolve().parent.parent
# What others call or read by name, and who does.
CALLED_BY_OTHERS = {
    "SQLAlchemy's TypeDecorator": (
        *("impl", "cache_ok", "load_dialect_impl", "process_result_value"),
    ),
    "SQLAlchemy's events": ("_name_codec",),
    "readers of published response times": ("fastest_ms", "median_ms", "p95_ms", "slowest_ms"),
    "asyncio's protocols": (
        *("connection_made", "data_received", "eof_received", "connection_lost"),
        *("pause_writing", "resume_writing", "datagram_received", "error_received"),
    ),
    "requests and urllib3": (
        *("get_redirect_target", "init_poolmanager", "_new_conn", "ConnectionCls", "trust_env"),
        *("pool_classes_by_scheme", "poolmanager", "_content_consumed"),
    ),
    "the email package's HeaderRegistry": ("max_count", "kwds"),
    "Flask, Jinja and werkzeug": (
        *("globals", "max_content_length", "merge_slashes"),
        *("request_class", "load_bytecode", "dump_bytecode"),
    ),
    "flask.g, read by a name in quotes": ("database_away", "csrf_fresh"),
    "cast or bound to by a name in quotes": (
        *("DataclassInstance", "_Migrate", "_HasUnverifiedChain"),
    ),
    "Python's ssl and threading": (
        *("check_hostname", "verify_mode", "minimum_version", "maximum_version", "daemon"),
    ),
    "the database, and the command line: a role by its value": ("AGENT",),
    "readers of the operators' API": ("elapsed_ms", "from_", "refused_at"),
    "readers of evidence": ("quota_told", "adkim", "aspf"),
    "ticket desks": ("report_url",),
    "nobody, but it must not be collected": ("_parents",),
}
ROUTES = ["@*.get", "@*.post", "@*.errorhandler"]


@cache
def names_in_templates() -> frozenset[str]:
    return frozenset(_names_in_templates())


def _names_in_templates() -> Iterator[str]:
    env = environment()
    for path in sorted((ROOT / "templates").rglob("*.html")):
        tree = env.parse(path.read_text("utf-8"))
        yield from (node.attr for node in tree.find_all(nodes.Getattr))
        yield from (node.name for node in tree.find_all(nodes.Name))
        # a panel's fact is told by the macro of its name (portal/panel_facts.py)
        if path.name == "panel_facts.html":
            yield from (node.name for node in tree.find_all(nodes.Macro))
        # selectattr("guide") names an attribute in quotes
        yield from (str(node.value) for node in tree.find_all(nodes.Const))


@cache
def unused() -> dict[str, str]:
    """Names that neither production code nor a template uses, with their place. The lab serves
    tests too and is not judged, only asked."""
    judge = Vulture(ignore_decorators=ROUTES)
    tools = sorted((ROOT / "translations").glob("*.py"))
    for path in (*production(), *tools):
        if "versions" not in path.parts:
            judge.scan(path.read_text("utf-8"), filename=path)
    template_names = names_in_templates()
    return {
        str(item.name): f"{item.filename.relative_to(ROOT)}:{item.first_lineno} {item.name}"
        for item in judge.get_unused_code(min_confidence=60)
        if item.name not in template_names and not item.filename.is_relative_to(ROOT / "lab")
    }


def test_no_code_is_dead() -> None:
    called = {name for names in CALLED_BY_OTHERS.values() for name in names}
    dead = sorted(place for name, place in unused().items() if name not in called)
    assert not dead, "\n" + "\n".join(dead)


def names_read(node: ast.AST) -> Counter[str]:
    """How often each name is read, those in quotes too."""
    names = Counter[str]()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            names[part.id] += 1
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            names.update(part.value.split())
    return names


def names_taken(trees: Mapping[str, ast.Module]) -> Mapping[str, set[str]]:
    """Module → the names that modules take from it: `from m import name`, `m.name`."""
    taken: defaultdict[str, set[str]] = defaultdict(set)
    for tree in trees.values():
        modules: dict[str, set[str]] = defaultdict(set)  # what may be one, by its name here
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    taken[node.module].add(alias.name)
                    modules[alias.asname or alias.name].add(f"{node.module}.{alias.name}")
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    modules[alias.asname or alias.name].add(alias.name)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                for module in modules.get(ast.unparse(node.value), ()):
                    taken[module].add(node.attr)
    return taken


def defined(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """What a module defines at its top."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(decorator_list=[]) | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node
            case ast.Assign(targets=targets):
                yield from ((x.id, node) for x in targets if isinstance(x, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node


def unused_of_modules(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    """What a module defines, and neither it nor another reads: "module.name"."""
    taken = names_taken(trees)
    for module, tree in trees.items():
        everywhere = names_read(tree)
        for name, node in defined(tree):
            is_read = everywhere[name] > names_read(node)[name]
            if not is_read and name not in taken[module] and not name.startswith("__"):
                yield f"{module}.{name}"


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# By migrations, which are read by number.
BY_MIGRATIONS = {"db.row_repairs.apply"}
# A list that is put together by walking modules (diagnostics/checks/__init__.py and its like).
FOUND_BY_NAME = ("CHECK", "CHECKS", "COLLECTOR", "SYMPTOM")


def test_no_name_of_a_module_is_dead() -> None:
    """The lab and the tools of docs/ and translations/ may use the product; they are not judged."""
    paths = [*production(), *sorted((ROOT / "translations").glob("*.py"))]
    trees = {module_of(path): syntax(path) for path in paths if "versions" not in path.parts}
    dead = {
        place
        for place in unused_of_modules(trees)
        if not place.startswith(("lab.", "translations.", "docs."))
        and place.rpartition(".")[2] not in FOUND_BY_NAME
    }
    assert dead == BY_MIGRATIONS


def test_a_dead_name_of_a_module_is_found() -> None:
    """The test above can fail, where vulture does not look: the name stands elsewhere."""
    files = {
        "a": "MOST = 3\nLEAST = 1\ndef opened(): return MOST\ndef closed(): return closed()\n",
        "b": "import a as hours\nis_open = hours.opened()\nLEAST = closed = 2\nprint(closed, LEAST)",
    }
    trees = {name: ast.parse(text) for name, text in files.items()}
    assert set(unused_of_modules(trees)) == {"a.LEAST", "a.closed", "b.is_open"}


def unused_methods(trees: Mapping[str, ast.Module], template_names: Iterable[str]) -> Iterator[str]:
    """Methods and properties that nobody reads from anything, by whatever name it has."""
    read = set(template_names)
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                read.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                read.update(node.value.split())
    for module, tree in trees.items():
        for owner in ast.walk(tree):
            if not isinstance(owner, ast.ClassDef):
                continue
            for node in owner.body:
                is_method = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                if is_method and node.name not in read and not node.name.startswith("__"):
                    yield f"{module}.{owner.name}.{node.name}"


def test_no_method_is_dead() -> None:
    paths = [path for path in production() if "migrations" not in path.parts]
    trees = {module_of(path): syntax(path) for path in paths}
    called = {name for names in CALLED_BY_OTHERS.values() for name in names}
    dead = {
        place
        for place in unused_methods(trees, names_in_templates())
        if place.rpartition(".")[2] not in called and not place.startswith("lab.")
    }
    assert dead == set()


def test_a_dead_method_is_found() -> None:
    """The test above can fail, where the name stands for something else elsewhere."""
    text = "class A:\n def read(self): ...\n def unread(self): ...\nunread = A().read()\n"
    assert list(unused_methods({"a": ast.parse(text)}, ())) == ["a.A.unread"]


def test_every_exception_is_needed() -> None:
    called = {name for names in CALLED_BY_OTHERS.values() for name in names}
    assert called - set(unused()) == set()
