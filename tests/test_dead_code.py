"""Nothing of the product is there for nobody: what no production code uses is deleted, or lives in tests/.

vulture goes by names: one that stands anywhere counts as used. Names of templates count too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import nodes
from vulture.core import Vulture

from render.templates import environment
from tests.test_architecture import production

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
        *("globals", "max_content_length", "merge_slashes", "wrong_host"),
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


def names_in_templates() -> Iterator[str]:
    env = environment()
    for path in sorted((ROOT / "templates").rglob("*.html")):
        tree = env.parse(path.read_text("utf-8"))
        yield from (node.attr for node in tree.find_all(nodes.Getattr))
        yield from (node.name for node in tree.find_all(nodes.Name))
        # selectattr("guide") names an attribute in quotes
        yield from (str(node.value) for node in tree.find_all(nodes.Const))


@cache
def unused() -> dict[str, str]:
    """Names that neither production code nor a template uses, with their place. The lab serves
    tests too and is not judged, only asked."""
    judge = Vulture(ignore_decorators=ROUTES)
    tools = sorted((ROOT / "translations").glob("*.py"))
    for path in (*production(), *tools):
        if "migrations" not in path.parts:
            judge.scan(path.read_text("utf-8"), filename=path)
    shown = set(names_in_templates())
    return {
        str(item.name): f"{item.filename.relative_to(ROOT)}:{item.first_lineno} {item.name}"
        for item in judge.get_unused_code(min_confidence=60)
        if item.name not in shown and not item.filename.is_relative_to(ROOT / "lab")
    }


def test_no_code_is_dead() -> None:
    called = {name for names in CALLED_BY_OTHERS.values() for name in names}
    dead = sorted(place for name, place in unused().items() if name not in called)
    assert not dead, "\n" + "\n".join(dead)


def test_every_exception_is_needed() -> None:
    called = {name for names in CALLED_BY_OTHERS.values() for name in names}
    assert called - set(unused()) == set()
