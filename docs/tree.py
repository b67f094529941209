"""`make tree`: every file of the product as a tree, each with the first line it says of itself.

Left out is what nobody changes to mend a complaint: tests, measurements, migrations, catalogues, locks,
and articles in other languages than English.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = {
    "tests",
    "bench",
    "findings",
    "var",
    "screenshots",
    "mutants",
    "versions",
    "LC_MESSAGES",
}
ENDINGS = (".pyc", ".lock", ".po", ".mo", ".pot", ".png", ".cdx.json")
OTHER_LANGUAGE = re.compile(r"/kb/articles/[^/]+/(?!en\.md\Z)[^/]+\Z")
# What a file begins with when it says what it is, by the ending of its name.
TITLES = {
    ".html": re.compile(r"\A\{# *(.+?) *(?:#\}|$)", re.MULTILINE),
    ".css": re.compile(r"\A/\* *(.+?) *(?:\*/|$)", re.MULTILINE),
    ".js": re.compile(r"\A// *(.+)"),
    ".md": re.compile(r"\A(?:---\ntitle: *\"?(.+?)\"?$|# (.+))", re.MULTILINE),
}
COMMENT = re.compile(r"\A(?:#!.*\n)?((?:#.*\n)+)")  # of settings, units and scripts
SENTENCE = re.compile(r".+?[.:?](?= |\Z)")


def first_line(path: Path) -> str:
    """The first line of a module's docstring, or what another file's first comment or title says first."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    if path.suffix in TITLES:
        match = TITLES[path.suffix].match(text)
        return next(filter(None, match.groups())) if match else ""
    comment = COMMENT.match(text)
    words = " ".join(comment[1].replace("#", " ").split()) if comment else ""
    sentence = SENTENCE.match(words)
    return sentence[0] if sentence else words


def lines(folder: Path, depth: int = 0) -> Iterator[str]:
    """The tree below a folder: its files first. A package's line is its `__init__.py`'s; a folder of one
    file is told with it."""
    paths = [path for path in sorted(folder.iterdir()) if _is_shown(path)]
    for path in filter(Path.is_file, paths):
        if path.name != "__init__.py":
            yield _line(depth, path.name, first_line(path))
    for path in filter(Path.is_dir, paths):
        match _files(path):
            case []:
                pass
            case [Path(parent=parent) as alone] if parent == path:
                yield _line(depth, f"{path.name}/{alone.name}", first_line(alone))
            case _:
                package = path / "__init__.py"
                yield _line(
                    depth, f"{path.name}/", first_line(package) if package.is_file() else ""
                )
                yield from lines(path, depth + 1)


def _is_shown(path: Path) -> bool:
    is_noise = path.name.startswith((".", "__pycache__")) or path.name in LEFT_OUT
    return not (is_noise or OTHER_LANGUAGE.search(path.as_posix()) or path.name.endswith(ENDINGS))


def _files(folder: Path) -> list[Path]:
    paths = [path for path in folder.iterdir() if _is_shown(path)]
    deeper = [file for path in paths if path.is_dir() for file in _files(path)]
    return [*filter(Path.is_file, paths), *deeper]


def _line(depth: int, name: str, words: str) -> str:
    return f"{'  ' * depth + name:<24}  {words}".rstrip()


if __name__ == "__main__":
    sys.stdout.write("".join(f"{line}\n" for line in lines(ROOT)))
