"""Collects every English text of Python, templates and diagnosis and merges it into the catalogues.
Run as `python -m translations.extract`; with `--check` it only says what is amiss, with `--template`
it also writes messages.pot, which no one needs but translators' tools.

Translations are kept, texts that are gone are dropped, new ones stand empty until translated. Where
English was reworded the old translation stays, marked fuzzy, until somebody has looked at it.
"""

from __future__ import annotations

import ast
import gc
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
if str(ROOT) not in sys.path:  # when it is run as a file
    sys.path.insert(0, str(ROOT))

from render.languages import LANGUAGES  # noqa: E402 - needs the path above
from render.message_fields import comments_of  # noqa: E402
from translations.catalogues import amiss, catalogues, load, merged, texts, write  # noqa: E402
from translations.placed import OWNERS, placed_texts  # noqa: E402
from translations.source_comments import ReadSources, source_comments  # noqa: E402

TEMPLATE = FOLDER / "messages.pot"
LEFT_OUT = {"tests", "bench", "var", "lab", "translations", "screenshots", "deploy"}
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "P_": DEFAULT_KEYWORDS["pgettext"]}
MARKED = re.compile(rf"\b({'|'.join(KEYWORDS)})\s*\(")  # reading whole files takes seconds
CLASS = re.compile(r"^\s*class\s", re.MULTILINE)
JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
FOR_TRANSLATORS = ("Translators:",)
HEADER = "# Texts of Jasno. Merge with: python -m translations.extract"
OWNED = re.compile(rf"\b({'|'.join(OWNERS)})\(")


def sources() -> Iterator[tuple[str, Path]]:
    """Every file that may hold texts, with the method that reads it."""
    for path in sorted(ROOT.rglob("*.py")):
        top = path.relative_to(ROOT).parts[0]
        if top not in LEFT_OUT and not top.startswith("."):
            yield "python", path
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt", ".xml", ".svg"}:
            yield "jinja2.ext:babel_extract", path


def in_placed(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of what is marked inside `FindingMessage(…)` and its like: it is extracted at
    its place, not by its English."""
    for call in _calls(tree, OWNERS):
        for marked in _calls(call, ("N_",)):
            if marked.args and isinstance(marked.args[0], ast.Constant):
                yield marked.lineno, str(marked.args[0].value)


def _calls(tree: ast.AST, names: Sequence[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def collect() -> Catalog:
    """All texts as a catalogue without translations: those with a place by place, then the rest."""
    plain, files, read = Catalog(), dict[str, str](), ReadSources()
    for method, path in sources():
        where, source = path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        placed = set[tuple[int, str]]()
        if method != "python":
            read.templates[where] = source
        elif MARKED.search(source):
            module = read.marked[where] = ast.parse(source)
            if OWNED.search(source):
                placed = set(in_placed(module))
                files |= {text: where for _line, text in placed}
        else:
            if CLASS.search(source):
                read.silent.append(ast.parse(source))
            continue
        _read(plain, method, path, placed)
    catalog = Catalog(project="jasno", charset="utf-8", header_comment=HEADER, fuzzy=False)
    for text, comment in placed_texts():
        file = files.get(text) or plain[text].locations[0][0]
        catalog.add(
            str(text),
            context=text.context,
            locations=[(file, 0)],
            auto_comments=[comment, *comments_of(text)],
        )
    around = source_comments(read)
    for entry in sorted(plain, key=lambda m: (m.context or "", texts(m))):
        if entry.id:
            comments = [*entry.auto_comments, *around.comments(entry), *comments_of(entry.id)]
            catalog.add(
                entry.id, context=entry.context, locations=entry.locations, auto_comments=comments
            )
    return catalog


def _read(catalog: Catalog, method: str, path: Path, left_out: set[tuple[int, str]]) -> None:
    where = [(path.relative_to(ROOT).as_posix(), 0)]
    options = JINJA if method.startswith("jinja2") else {}
    with path.open("rb") as source:
        extracted = extract(
            method, source, KEYWORDS, FOR_TRANSLATORS, options, strip_comment_tags=True
        )
        for line, text, comments, context in extracted:
            if text and text != ("",) and (line, text) not in left_out:
                catalog.add(text, locations=where, auto_comments=comments, context=context)


def main(arguments: list[str]) -> int:
    """0 all complete; 1 something is missing in a shipped language (named on standard output)."""
    template = collect()
    only_check = "--check" in arguments
    if "--template" in arguments:
        write(template, TEMPLATE)
    count = 0
    for lang, path in catalogues():
        catalog = load(lang, path)
        if not only_check:
            catalog = merged(template, catalog)
            write(catalog, path)
        faults = list(amiss(template, catalog))
        if lang not in LANGUAGES and not only_check:
            print(f"{lang}: a draft, {len(faults)} to do")  # noqa: T201 - the command line prints
            continue
        count += len(faults) if lang in LANGUAGES else 0
        for sentence in faults:
            print(f"{lang}: {sentence}")  # noqa: T201 - the command line prints
    print(f"{len(template)} texts, {count} to do")  # noqa: T201 - the command line prints
    return 1 if count else 0


if __name__ == "__main__":
    gc.disable()  # everything read is kept to the end; looking for rubbish takes a third of the time
    sys.exit(main(sys.argv[1:]))
