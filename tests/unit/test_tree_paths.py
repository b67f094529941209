"""No file of the tree names a path of the product that is gone: in code, comments, settings, scripts, pages."""

from __future__ import annotations

import io
import os
import re
import tokenize
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.adding_pages import steps_of

ROOT = Path(__file__).resolve().parent.parent.parent
BYPRODUCTS = {
    "var",
    "screenshots",
    "mutants",
    "node_modules",
}  # and what begins with a dot, but .ci
GENERATED = (".po", ".pot", ".lock", ".json", ".svg", ".png", ".bin", ".eml", ".pyc", ".mako")
FOREIGN = ("tests/cases/", "findings/")  # what other programs wrote, and their own files
PLANTED = {  # they test the rules with paths that are not there
    "tests/unit/test_architecture_rules.py",
    "tests/unit/test_docs_paths.py",
    "tests/unit/test_adding_pages.py",
    "tests/unit/test_tree_paths.py",
    "tests/unit/test_log_redaction.py",
}
MADE_ELSEWHERE = {  # by a bench; of a panel; an address; by whoever adds Slovak
    *("bench/out", "web/api/index.php", "jobs/x/retry", "kb/articles/<topic>/sk.md"),
}
NAME = re.compile(r"(?<![\w./:<>*{}$@%-])([\w-]+(?:/[\w.-]+)*\.(?:py|html))(?![\w.(/-])")
FOLDER = re.compile(r"(?<![\w./:<>*{}$@%?=|-])([a-z_][\w-]*(?:/[\w-]+)*/)(?![\w<{*$.\\(?@-])")
RUN = re.compile(r"python3? -m ((?:bench|db|deploy|tests|translations)(?:\.\w+)*)")
ELSEWHERE = re.compile(  # what a running portal writes, and words that only look like a folder
    r"(?:var|published|public|texts|articles|outbox|screenshots|mutants|multipart|__pycache__)/|[a-z]/"
)


def tree() -> Iterator[str]:
    """Every file of the checkout, from its root; not what is made in it."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            n for n in folders if n not in BYPRODUCTS and (n[0] not in "._" or n == ".ci")
        ]
        yield from (Path(folder, name).relative_to(ROOT).as_posix() for name in names)


FILES = sorted(tree())
PATHS = {"/".join(path.split("/")[:n]) for path in FILES for n in range(1, path.count("/") + 2)}
ENDS = {"/".join(path.split("/")[n:]) for path in PATHS for n in range(path.count("/") + 1)}
TOPS = sorted(path for path in PATHS if "/" not in path and (ROOT / path).is_dir())
WHOLE = re.compile(rf"(?<![\w./:<>*{{}}$@-])((?:{'|'.join(map(re.escape, TOPS))})/[\w.<>*@/-]*)")
TEXTS = [path for path in FILES if not path.endswith(GENERATED) and not path.startswith(FOREIGN)]


def prose(path: str, text: str) -> str:
    """What a file says in words: all of it, of Python its comments and docstrings."""
    if not path.endswith(".py"):
        return (
            text
            if not path.endswith(".html")
            else "\n".join(re.findall(r"{#.*?#}", text, re.DOTALL))
        )
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join(
        token.string
        for token in tokens
        if token.type == tokenize.COMMENT or token.string.startswith('"""')
    )


def is_there(path: str) -> bool:
    """Whether a path, or one of its shape, is in the checkout: from the root, or among templates."""
    pattern = re.sub(r"<[^>]*>?", "*", path.rstrip("./"))
    if "*" in pattern:
        return any(fnmatch(candidate, pattern) for candidate in PATHS)
    return not {pattern, f"templates/{pattern}"}.isdisjoint(PATHS)


def old_paths(path: str, text: str) -> list[str]:
    """Paths and modules that a file names and the checkout does not have."""
    added = {step.path for step in steps_of(text)} if path.startswith("docs/adding/") else set()
    added |= {str(folder) for file in added for folder in Path(file).parents}
    named = [m[1].rstrip(".") for m in WHOLE.finditer(text)]
    gone = [n for n in named if not is_there(n) and n.rstrip("/") not in MADE_ELSEWHERE | added]
    words = prose(path, text)
    if not path.endswith((".md", ".txt")):  # whose backticks test_docs_paths reads
        named = [m[1] for pattern in (NAME, FOLDER) for m in pattern.finditer(words)]
        gone += [n for n in named if n.rstrip("/") not in ENDS and not ELSEWHERE.match(n)]
    modules = [m[1].replace(".", "/") for m in RUN.finditer(text)]
    return gone + [m for m in modules if PATHS.isdisjoint({m, f"{m}.py"})]


@pytest.mark.parametrize("top", [*TOPS, "."])
def test_what_a_file_names_is_there(top):
    gone = {}
    for path in TEXTS:
        if path not in PLANTED and (path.startswith(f"{top}/") or (top == "." and "/" not in path)):
            text = (ROOT / path).read_text("utf-8")
            gone |= {path: paths} if (paths := old_paths(path, text)) else {}
    assert gone == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("kb/a.py", '"""Read by `status/gone.py`."""'),
        ("kb/a.py", "# see gone_by.py"),
        ("kb/a.py", "FILES = ('kb/gone.py',)"),
        ("pyproject.toml", '"kb/gone/*.py" = ["T201"]'),
        ("Makefile", "\tpython -m bench.gone"),
        ("deploy/jasno.service", "# in gone/ below"),
        ("templates/a.html", "{# like kb/gone.html #}"),
        ("CHANGELOG.md", "see docs/gone.md."),
    ],
)
def test_a_path_that_is_gone_is_named(path, text):
    assert len(set(old_paths(path, text))) == 1
    assert "gone" in old_paths(path, text)[0]


def test_what_is_there_is_named_as_one_likes():
    text = "kb/library.py, library.py, kb/, wizard/web.py; kb/articles/<topic>/cs.md var/x.db docs/*.md"
    assert (
        old_paths("deploy/a.sh", f"{text} /kb/gone https://x.example/kb/gone python -m bench") == []
    )
