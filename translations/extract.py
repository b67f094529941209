"""Collects every English text of Python and templates into messages.pot, and merges it into the
catalogues. Run as `python translations/extract.py`; with `--check` it only says what is amiss.

Translations are kept, texts that are gone are dropped, new ones stand empty until translated.
Nothing is ever guessed ("fuzzy").
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
TEMPLATE = FOLDER / "messages.pot"
LEFT_OUT = {"tests", "bench", "var", "lab", "translations", "screenshots", "deploy"}
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None}
JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
HEADER = "# Texts of Jasno. Merge with: python translations/extract.py"
FIELD = re.compile(r"\{(\w+)(?::\w+)?\}")


def sources() -> Iterator[tuple[str, Path]]:
    """Every file that may hold texts, with the method that reads it."""
    for path in sorted(ROOT.rglob("*.py")):
        top = path.relative_to(ROOT).parts[0]
        if top not in LEFT_OUT and not top.startswith("."):
            yield "python", path
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt", ".xml", ".svg"}:
            yield "jinja2.ext:babel_extract", path


def collect() -> Catalog:
    """All texts as a catalogue without translations."""
    catalog = Catalog(project="jasno", charset="utf-8")
    for method, path in sources():
        options = JINJA if method.startswith("jinja2") else {}
        with path.open("rb") as source:
            found = extract(method, source, KEYWORDS, options=options)
            for _line, said, _comments, context in found:
                if said and said != ("",):
                    catalog.add(
                        said, locations=[(path.relative_to(ROOT).as_posix(), 0)], context=context
                    )
    return catalog


def catalogues() -> Iterator[tuple[str, Path]]:
    """Every language that has a catalogue."""
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        yield path.parent.parent.name, path


def load(lang: str, path: Path) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale=lang)


def texts(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def said(message: Message) -> tuple[str, ...]:
    """The translation in all its forms; an untranslated one has a single empty form."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def fields(text: str) -> set[str]:
    """The names in braces that a text is filled with."""
    return {match[1] for match in FIELD.finditer(text)}


def _filled_alike(text: str, forms: tuple[str, ...]) -> bool:
    """The last form has exactly the fields; the others may leave some out ("once" for {n})."""
    return fields(forms[-1]) == fields(text) and all(fields(f) <= fields(text) for f in forms)


def amiss(wanted: Catalog, catalog: Catalog) -> Iterator[str]:
    """What keeps a catalogue from being complete, a sentence each."""
    for message in wanted:
        if not message.id:
            continue
        have = catalog.get(message.id, message.context)
        first = texts(message)[0]
        if have is None or not all(said(have)):
            yield f"not translated: {first!r}"
        elif have.fuzzy:
            yield f"fuzzy: {first!r}"
        elif not _filled_alike(texts(message)[-1], said(have)):
            yield f"other fields in braces: {first!r}"
        elif len(texts(message)) > 1 and len(said(have)) != catalog.num_plurals:
            yield f"needs {catalog.num_plurals} plural forms: {first!r}"
    for message in catalog:
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"no longer used: {texts(message)[0]!r}"


def write(catalog: Catalog, path: Path) -> None:
    """A catalogue without dates and line numbers, so that only texts make a difference."""
    out = io.BytesIO()
    write_po(
        out,
        catalog,
        width=100,
        omit_header=False,
        sort_output=True,
        include_lineno=False,
        ignore_obsolete=True,
    )
    lines = out.getvalue().decode("utf-8").splitlines()
    dated = (
        '"POT-Creation-Date',
        '"Report-Msgid',
        '"PO-Revision-Date',
        '"Generated-By',
        '"Last-Translator',
        '"Language-Team',
    )
    kept = [line for line in lines if not line.startswith(dated)]
    path.write_text("\n".join(kept).rstrip() + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """0 all complete; 1 something is missing (named on standard output)."""
    wanted = collect()
    wanted.header_comment = HEADER
    if "--check" not in arguments:
        write(wanted, TEMPLATE)
    count = 0
    for lang, path in catalogues():
        catalog = load(lang, path)
        if "--check" not in arguments:
            catalog.update(wanted, no_fuzzy_matching=True, update_header_comment=False)
            write(catalog, path)
        for sentence in amiss(wanted, catalog):
            count += 1
            print(f"{lang}: {sentence}")  # noqa: T201 - the command line prints
    print(f"{len(wanted)} texts, {count} to do")  # noqa: T201 - the command line prints
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
