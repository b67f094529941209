"""The tree keeps its rules: imports point down, third parties in their places, small files and folders."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture_rules import (
    EMPTY_IN_TESTS,
    EMPTY_NAMES,
    TEST_FOLDERS,
    Tree,
    circles,
    crowded_folders,
    heavy_rooms,
    imported,
    impure_imports,
    lazy_imports,
    order_violations,
    room_of,
    shared_names,
    third_party_violations,
    vague_names,
)
from tests.third_parties import LAZY, OWNERS

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.xdist_group("architecture")  # they share what was parsed
ROOMS = (
    *("standards", "observe", "db", "jobs", "render", "web", "hosting", "kb", "accounts"),
    *("explain", "instructions", "status", "diagnostics", "wizard", "tickets", "notify"),
    *("portal", "engine", "lab"),
)
FLOORS = {
    "clock": 0, "exit_status": 0, "room_ports": 0, "standards": 0,
    "facts": 1, "settings": 1,
    "observe": 2, "db": 2, "jobs": 2, "render": 2, "web": 2,
    "context": 3, "room": 3, "hosting": 3, "kb": 3, "accounts": 3, "subject": 3, "messages": 3,
    "explain": 4, "instructions": 4,
    "status": 5, "diagnostics": 5,
    "wizard": 6, "importers": 6,
    "tickets": 7, "notify": 7,
    "portal": 8, "engine": 8,
    "wiring": 9, "demo": 10, "commands": 11, "app": 12,
}  # fmt: skip
OURS = {*FLOORS, "lab"}
# From here up, rooms on one floor do not know each other.
APART = 4
# Of a neighbouring or lower feature room, only these modules may be known.
ONLY = {
    ("tickets", "diagnostics"): {"diagnostics.model"},
    ("tickets", "wizard"): {"wizard.reports.report", "wizard.ticket_link"},
    ("tickets", "status"): {"status.model"},
    ("notify", "status"): {"status.model", "status.events"},
    ("notify", "diagnostics"): {"diagnostics.model"},
    ("notify", "wizard"): {"wizard.reports.report"},
}
# Inside a room or folder: its files and folders, the lowest first. Imports point down only.
ORDERS = {
    "diagnostics": (
        *("discovery", "disclosure", "model", "login_test", "evidence", "symptoms"),
        *("visibility", "evaluation", "checks", "collectors", "collection"),
    ),
    "diagnostics/checks": (
        *("readings", "vantage", "web", "tls", "domain", "dnssec", "mail", "mail_authentication"),
        *("mailbox", "hosting", "dns"),
    ),
    "diagnostics/collectors": (
        *("blocking_calls", "model", "standpoint", "dns", "domain", "hosting", "web"),
        *("mail_authentication", "mail"),
    ),
    "status": (
        *("model", "events", "timeseries", "state", "labels", "probing", "storage", "incidents"),
        *("sla", "publishing", "monitoring", "operator_pages", "api", "room"),
    ),
    "status/probing": (
        *("targets", "probe_kind", "response_conditions", "carried_values"),
        *("certificate_limits", "http_conditions", "http_steps", "evidence", "heartbeats"),
        *("kinds", "configuration", "observe", "connectivity", "vantages", "cli"),
    ),
    "wizard": (
        *("reports", "runs", "registrations", "spf", "ticket_link", "page_context", "watches"),
        *("mailbox_test", "instructions", "lost_mail", "web", "api", "cli", "room"),
    ),
    "observe": (
        *("reading_threads", "registry_table", "registry_pacing", "budget", "failures", "network"),
        *("guard", "session", "dns", "transport", "standpoint", "http", "mail", "registry"),
    ),
}
# Rooms and folders whose parts have no circle either; their order is theirs to find.
ONE_WAY = (
    *("standards", "accounts", "db", "engine", "explain", "hosting", "instructions", "jobs"),
    *("kb", "notify", "portal", "render", "settings", "tickets", "web", "wiring", "commands"),
    *("status/state", "status/incidents", "status/publishing", "explain/bounces"),
    *("wizard/reports", "wizard/lost_mail", "wizard/runs", "wizard/watches"),
)
# Judging takes values and returns values: no waiting, no network, no rows, no pages.
PURE = (
    *("standards", "explain/bounces", "explain/errors", "explain/headers", "instructions"),
    *("diagnostics/checks", "diagnostics/evidence", "diagnostics/symptoms", "status/state"),
)
IMPURE = ("observe", "asyncio", "socket", "db", "jobs", "flask", "requests", "time", "random")
LINES = 400  # of a file
ENTRIES = 15  # in a folder, besides __init__.py
SHARE = 0.25  # of the production code, for one room
# A list that only grows: not counted. The last two are byproducts.
APART_FOLDERS = (
    *("lab/", "db/migrations/versions/", "kb/articles/", "translations/", "tests/", "bench/"),
    *("docs/", "findings/", "screenshots/", "mutants/"),
)
APART_ROOMS = {"lab", "bench", "tests", "docs", "translations"}
# Old enough or generated: not counted.
UNCOUNTED = ("db/migrations/versions/",)


def sources() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).parts
        if not parts[0].startswith(".") and parts[0] not in {"var", "bench", "screenshots"}:
            yield path


def production() -> Iterator[Path]:
    return (p for p in sources() if p.relative_to(ROOT).parts[0] not in {"tests", "translations"})


def room(path: Path) -> str:
    return room_of(path.relative_to(ROOT).as_posix())


@cache
def syntax(path: Path) -> ast.Module:
    """A parsed file, kept as long as the tests of this module run."""
    return ast.parse(path.read_text("utf-8"))


@pytest.fixture(scope="module", autouse=True)
def _syntax_is_forgotten() -> Iterator[None]:
    yield
    syntax.cache_clear()
    imported.cache_clear()


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in production():
        yield path, syntax(path)


def parsed() -> Tree:
    return {path.relative_to(ROOT).as_posix(): tree for path, tree in trees()}


def kept_files() -> Iterator[str]:
    """Every file of the checkout that is no byproduct."""
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        hidden = any(part.startswith((".", "__pycache__")) for part in relative.parts)
        if path.is_file() and not hidden and relative.parts[0] != "var":
            yield relative.as_posix()


def offenders(rows: Iterable[str]) -> None:
    lines = sorted(set(rows))
    assert not lines, "\n" + "\n".join(lines)


def test_every_room_states_its_law() -> None:
    offenders(
        f"{name}/__init__.py has no docstring"
        for name in ROOMS
        if not ast.get_docstring(syntax(ROOT / name / "__init__.py"))
    )


def test_every_file_says_what_it_owns() -> None:
    offenders(
        str(path.relative_to(ROOT))
        for path, tree in trees()
        if tree.body and not ast.get_docstring(tree) and "versions/" not in str(path)
    )


def broken_floor(here: str, there: str) -> str:
    """Why `here` must not import `there`, or "" when it may."""
    if here == "lab":
        return "" if there in {"facts", "standards"} else "the lab knows facts only"
    if there == "lab":
        return "" if here in {"app", "wiring", "demo"} else "only the demo reaches the lab"
    mine, its = FLOORS.get(here, 11), FLOORS[there]
    if mine == 0:
        return "floor 0 knows nothing else of ours"
    if its > mine or (its == mine and mine >= APART):
        return f"floor {mine} must not know floor {its}"
    return ""


def test_imports_point_down() -> None:
    def rows() -> Iterator[str]:
        for path, tree in trees():
            here = room(path)
            for name, line in imported(tree):
                there = name.split(".")[0]
                if there not in OURS or there == here:
                    continue
                where = f"{path.relative_to(ROOT)}:{line} imports {name}"
                if why := broken_floor(here, there):
                    yield f"{where}: {why}"
                allowed = ONLY.get((here, there))
                if allowed and not any(name == a or name.startswith(a + ".") for a in allowed):
                    yield f"{where}: only {', '.join(sorted(allowed))}"

    offenders(rows())


def graph() -> dict[str, set[str]]:
    modules = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): tree
        for p, tree in trees()
    }
    edges: dict[str, set[str]] = {}
    for name, tree in modules.items():
        targets = set()
        for target, _ in imported(tree):
            module = target if target in modules else target.rpartition(".")[0]
            if module in modules and module != name:
                targets.add(module)
        edges[name] = targets
    return edges


def test_no_circles() -> None:
    edges = graph()
    seen: dict[str, int] = {}

    def walk(name: str, trail: tuple[str, ...]) -> None:
        seen[name] = 1
        for target in edges[name]:
            if seen.get(target) == 1:
                pytest.fail("circle: " + " -> ".join((*trail, name, target)))
            if target not in seen:
                walk(target, (*trail, name))
        seen[name] = 2

    for name in edges:
        if name not in seen:
            walk(name, ())


def test_third_parties_stay_in_their_places() -> None:
    offenders(third_party_violations(parsed(), OWNERS, {"lab"}))


@pytest.mark.parametrize("folder", ORDERS)
def test_imports_inside_a_folder_point_down(folder: str) -> None:
    offenders(order_violations(parsed(), folder, ORDERS[folder]))


def test_no_circles_between_the_parts_of_a_room() -> None:
    tree = parsed()
    offenders(line for folder in ONE_WAY for line in circles(tree, folder))


def test_judging_never_waits_or_asks() -> None:
    offenders(impure_imports(parsed(), PURE, IMPURE))


def test_no_folder_is_crowded() -> None:
    offenders(crowded_folders(kept_files(), APART_FOLDERS, ENTRIES))


def test_no_room_is_a_house_of_its_own() -> None:
    lines = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8").count("\n") for path in sources()
    }
    offenders(heavy_rooms(lines, APART_ROOMS, SHARE))


def test_no_imports_inside_functions() -> None:
    offenders(lazy_imports(parsed(), LAZY))


def test_files_and_functions_fit_a_screen() -> None:
    def rows() -> Iterator[str]:
        for path in sources():
            relative = str(path.relative_to(ROOT))
            if relative.startswith(UNCOUNTED):
                continue
            text = path.read_text("utf-8")
            if (lines := text.count("\n")) > LINES:
                yield f"{relative}: {lines} lines"
            for node in ast.walk(syntax(path)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                    length = node.end_lineno - node.lineno + 1
                    if length > 60 and not relative.startswith("tests/"):
                        yield f"{relative}:{node.lineno} {node.name}: {length} lines"

    offenders(rows())


def test_nobody_imports_the_app() -> None:
    offenders(
        f"{path.relative_to(ROOT)}:{line}"
        for path, tree in trees()
        for name, line in imported(tree)
        if name.split(".")[0] == "app"
    )


def test_only_settings_reads_the_environment() -> None:
    def rows() -> Iterator[str]:
        for path, tree in trees():
            if room(path) in {"settings", "lab"}:
                continue
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.Attribute)
                    and node.attr in {"environ", "getenv"}
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "os"
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}"

    offenders(rows())


def test_no_variable_is_named_for_nothing() -> None:
    paths = (*sources(), *sorted((ROOT / "bench").rglob("*.py")))
    tree = {p.relative_to(ROOT).as_posix(): syntax(p) for p in paths}
    fair = "KNOWN: "  # wizard/runs/limits.py: of Lane, whose other members say against what
    tests = {path: module for path, module in tree.items() if path.startswith(TEST_FOLDERS)}
    product = {path: module for path, module in tree.items() if path not in tests}
    lines = [*vague_names(product, EMPTY_NAMES), *vague_names(tests, EMPTY_IN_TESTS)]
    offenders(x for x in lines if not (x.startswith("wizard/runs/limits.py") and fair in x))


def test_each_name_means_one_thing() -> None:
    offenders(shared_names(parsed()))


def test_each_migration_follows_the_one_before() -> None:
    """Two with one number stop every start; they come when two of us draft one at a time."""
    names = sorted(path.stem for path in (ROOT / "db/migrations/versions").glob("[0-9]*.py"))
    numbers = [name.partition("_")[0] for name in names]
    assert numbers == [f"{n:04}" for n in range(1, len(names) + 1)]


def test_templates_follow_the_rooms() -> None:
    files = sorted((ROOT / "templates").rglob("*.html"))
    texts = {path: path.read_text("utf-8") for path in (*production(), *files)}

    def rows() -> Iterator[str]:
        for path in files:
            name = path.relative_to(ROOT / "templates")
            if not (ROOT / name.parent).is_dir():
                yield f"templates/{name}: no room or folder is named so"
            if not any(f'"{name}"' in text for text in texts.values()):
                yield f"templates/{name}: nothing shows it"

    offenders(rows())
