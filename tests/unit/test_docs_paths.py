"""Every path and module that the documents name in backticks exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.adding_pages import steps_of

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "bench/README.md")),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
TOKEN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FILE = re.compile(r"[\w.<>*-]+(?:/[\w.<>*-]+)*\.(?:py|md|toml|txt|html|cfg|yml|po|pot|json|sh)")
FOLDER = re.compile(r"[\w.<>*-]+(?:/[\w.<>*-]+)*/")
MODULE = re.compile(r"[a-z_]\w*(?:\.[a-z_]\w*)+")
IMPORT = re.compile(r"^ *from ([a-z_]\w*(?:\.\w+)*) import (.+)$", re.MULTILINE)
FENCE = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
# What a running portal writes, an operator keeps, or another program owns: not in the checkout.
ELSEWHERE = re.compile(
    r"(?:var/|published/|public/|outbox/|texts/|articles/|/|~)"
    r"|(?:jasno\.toml|index\.html|index\.aged\.html|[\w-]*engine[\w-]*\.json|states\.json)$"
    r"|(?:freshness\.json|registries\.json|messages\.pot?)$|.*(?:/sk[./]|/sk/)"
    r"|(?:config|hugo)\.ya?ml$|config/_default/|content/|name\.(?:cs\.)?md$"  # a cState's
)


def named_paths(text: str) -> list[str]:
    """The files and folders of the checkout that a page names."""
    tokens = TOKEN.findall(FENCE.sub("", text))
    shaped = (t for t in tokens if FILE.fullmatch(t) or FOLDER.fullmatch(t))
    return [token for token in shaped if not ELSEWHERE.match(token)]


def exists(path: str, bases: list[Path]) -> bool:
    pattern = re.sub(r"<[^>]*>", "*", path).rstrip("/")
    return any(any(base.glob(pattern)) for base in bases)


def missing_paths(text: str) -> list[str]:
    """Named paths that are nowhere: below the root, or below a folder that the page names."""
    added = {step.path for step in steps_of(text)}  # by whoever follows the page
    named = [path for path in named_paths(text) if path not in added]
    whole = [ROOT / path for path in named if path.endswith("/") and (ROOT / path).is_dir()]
    return [path for path in named if not exists(path, [ROOT, *whole])]


def missing_modules(text: str) -> list[str]:
    """Dotted names that begin with a room and are no module of it, nor a name in one."""
    missing = []
    for token in TOKEN.findall(FENCE.sub("", text)):
        parts = token.split(".")
        if not MODULE.fullmatch(token) or not (ROOT / parts[0] / "__init__.py").is_file():
            continue
        steps = ["/".join(parts[:depth]) for depth in range(len(parts), 1, -1)]
        deepest = next((s for s in steps if exists(f"{s}.py", [ROOT])), None)
        folder = next((s for s in steps if (ROOT / s).is_dir()), None)
        if deepest is None and folder is None:
            missing.append(token)
        elif deepest and deepest.count("/") + 1 < len(parts):
            name = parts[deepest.count("/") + 1]
            if not re.search(rf"\b{name}\b", (ROOT / f"{deepest}.py").read_text("utf-8")):
                missing.append(token)
        elif deepest is None and folder and folder.count("/") + 1 < len(parts):
            missing.append(token)
    return missing


def missing_imports(text: str) -> list[str]:
    """Imports in examples whose module or name a room does not have, nor the page itself adds."""
    added = set(re.findall(r"^ *\+?(?:class )?(\w+)(?: =|[(:])", text, re.MULTILINE))
    return [
        f"{module}.{name}"
        for module, names in IMPORT.findall(text)
        if (ROOT / module.split(".")[0] / "__init__.py").is_file()
        for name in re.findall(r"\w+", names.split("#")[0])
        if name not in added and not importable(ROOT / module.replace(".", "/"), name)
    ]


def importable(module: Path, name: str) -> bool:
    """Whether a module defines a name, or a package holds a module of that name."""
    if module.is_dir() and ((module / name).is_dir() or (module / f"{name}.py").is_file()):
        return True
    file = module / "__init__.py" if module.is_dir() else module.with_suffix(".py")
    source = file.read_text("utf-8") if file.is_file() else ""
    return bool(
        re.search(rf"^(?:(?:async )?def|class) {name}\b|^(?:\w+, )*{name}\b", source, re.MULTILINE)
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_what_a_page_names_exists(page):
    assert missing_paths(page.read_text("utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_what_an_example_imports_exists(page):
    assert missing_imports(page.read_text("utf-8")) == []


def test_the_modules_of_the_fuzz_targets_exist():  # elsewhere such words are ids of findings and jobs
    assert missing_modules((ROOT / "docs/fuzzing.md").read_text("utf-8")) == []


def test_an_old_path_is_named():
    text = "See `status/`, `status/gone.py`, `model.py`, `nowhere/` and `/ops/heartbeats` (`var/x.json`)."
    assert missing_paths(text) == ["status/gone.py", "nowhere/"]


def test_an_old_import_is_named():
    text = "    from status.model import Probe, Gone\nfrom status.gone import Probe  # old\n"
    assert missing_imports(text) == ["status.model.Gone", "status.gone.Probe"]


def test_an_old_module_is_named():
    text = "`status.model`, `status.model.Probe`, `status.model.Gone`, `status.gone`, `e.g.this`"
    assert missing_modules(text) == ["status.gone"]
    assert missing_modules("`status.model.no_such_name`") == ["status.model.no_such_name"]


def test_the_tree_shows_every_folder_of_the_checkout():
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    tree = text.partition("## The tree\n```\n")[2].partition("```")[0]
    byproducts = {"var", "screenshots", "mutants"}
    folders = {
        p.name
        for p in ROOT.iterdir()
        if p.is_dir() and p.name not in byproducts and not p.name.startswith((".", "__"))
    }
    assert folders - {word.rstrip("/") for word in tree.split() if word.endswith("/")} == set()
    assert tree.count("\n") <= 60
