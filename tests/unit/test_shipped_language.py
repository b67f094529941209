"""A language that is shipped as docs/adding/language.md says is whole: in a checkout of its own, where a
machine stands in for the translator, every test that holds shipped languages to something passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from render.languages import LANGUAGES, catalogue_of
from tests.adding_pages import ROOT, follow, run_commands
from translations.catalogues import load, texts, translations, write

LANG = "sk"
COMMANDS = re.compile(r"^ *```sh\n.*?^ *```$", re.MULTILINE | re.DOTALL)
TESTS = (
    "tests/unit/test_translations.py",
    "tests/unit/test_languages.py",
    "tests/unit/test_kb_articles.py",
    "tests/web/test_kb_pages.py",
    "tests/web/test_web_languages.py",
)


def translate_all(path: Path) -> None:
    """Every text of a catalogue gets words that are not English, with its fields as they are."""
    catalogue = load(LANG, path)
    for message in catalogue:
        if message.id and not all(translations(message)):
            message.string = _translated(message, catalogue.num_plurals)
    write(catalogue, path)


def _translated(message: Message, forms: int) -> str | tuple[str, ...]:
    words = f"¡{texts(message)[-1]}"
    return words if isinstance(message.id, str) else (words,) * forms


def translate_articles(folder: Path) -> None:
    """Every topic that lacks an article gets the English one's words."""
    for english in folder.glob("*/en.md"):
        slovak = english.with_name(f"{LANG}.md")
        if not slovak.exists():
            slovak.write_text(english.read_text("utf-8").replace("lang: en", f"lang: {LANG}", 1))


@pytest.mark.timeout(900)
def test_a_language_that_is_shipped_by_the_page_keeps_every_test(tree) -> None:
    assert LANG not in LANGUAGES
    page = (ROOT / "docs" / "adding" / "language.md").read_text("utf-8")
    follow(COMMANDS.sub("", page), tree)  # which test_adding_pages runs
    run_commands("python -m translations.extract || true", tree)  # it names all that is missing
    translate_all(catalogue_of(tree / "translations", LANG))
    translate_articles(tree / "kb" / "articles")
    run_commands("python -m translations.extract --check\npython app.py kb check", tree)
    run_commands(f"pytest -p no:cacheprovider {' '.join(TESTS)}", tree)
