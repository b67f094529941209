"""`make tree`: every file of the product by its path, each with the first line it says of itself.

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
    *("tests", "bench", "findings", "var", "screenshots", "mutants"),
    *("versions", "LC_MESSAGES", "__pycache__"),
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
SENTENCE = re.compile(r".+?[.?](?= |\Z)")


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


def entries(folder: Path = ROOT, above: str = "") -> Iterator[tuple[str, str]]:
    """Each path below a folder with its words, files first; a package's are its `__init__.py`'s."""
    paths = [path for path in sorted(folder.iterdir()) if _is_shown(path)]
    for path in filter(Path.is_file, paths):
        is_package = path.name == "__init__.py"
        yield above if is_package else above + path.name, first_line(path)
    for path in filter(Path.is_dir, paths):
        yield from entries(path, f"{above}{path.name}/")


def _is_shown(path: Path) -> bool:
    is_noise = path.name.startswith(".") or path.name in LEFT_OUT or path.name.endswith(ENDINGS)
    return not (is_noise or OTHER_LANGUAGE.search(path.as_posix()))


if __name__ == "__main__":
    sys.stdout.write("".join(f"{path:<40}  {words}".rstrip() + "\n" for path, words in entries()))
