"""Which languages there are, how a text finds its words, and which language a reader gets."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kb.library import Library
from kb.model import Article
from render.i18n import catalogue, read_translations
from render.languages import DEFAULT, LANGUAGES, NAMES, languages
from render.message_format import formats, moment
from tests.front_server import LISTED
from tests.test_architecture import production
from tickets.departments.routing import department
from web.language import negotiate

ROOT = Path(__file__).resolve().parents[2]
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
AT = datetime(2026, 1, 5, 9, 7, tzinfo=UTC)


def folder_of(tmp_path, *codes, shipped='["cs", "en"]'):
    (tmp_path / "languages.toml").write_text(f"shipped = {shipped}\n")
    for code in codes:
        (tmp_path / code / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / code / "LC_MESSAGES" / "messages.po").write_text(HEADER)
    return tmp_path


# ---------------------------------------------------------------- which there are
def test_a_folder_with_a_catalogue_is_a_draft_until_it_is_shipped(tmp_path) -> None:
    languages_by_code = languages(folder_of(tmp_path, "cs", "sk", "hr"))
    assert [(code, language.shipped) for code, language in languages_by_code.items()] == [
        ("cs", True),
        ("en", True),
        ("hr", False),
        ("sk", False),
    ]
    assert (languages_by_code["sk"].name, languages_by_code["hr"].name) == (
        "Slovenčina",
        "Hrvatski",
    )


def test_a_folder_that_names_no_language_is_none(tmp_path) -> None:
    assert "zz" not in languages(folder_of(tmp_path, "cs", "zz"))


def test_a_draft_writes_moments_as_its_country_does(tmp_path) -> None:
    draft = languages(folder_of(tmp_path, "sk"))["sk"]
    assert draft.datetime == "d. M. y H:mm z"


def test_czech_and_english_moments_are_as_ever() -> None:
    assert moment(AT, formats("cs"), "Europe/Prague") == "5. 1. 2026 10:07 SEČ"
    assert moment(AT, formats("en"), "Europe/Prague") == "5 Jan 2026, 10:07 CET"


# ---------------------------------------------------------------- how a text finds its words
def catalogue_with(tmp_path, *entries):
    path = tmp_path / "messages.po"
    path.write_text(HEADER + "\n".join(entries), "utf-8")
    return read_translations(path, "cs")


def entry(text, translated, context="", flag=""):
    head = f"#, {flag}\n" if flag else ""
    place = f'msgctxt "{context}"\n' if context else ""
    return f'{head}{place}msgid "{text}"\nmsgstr "{translated}"\n'


def test_a_text_is_looked_up_at_its_place_then_anywhere_then_in_english(tmp_path) -> None:
    words = catalogue_with(
        tmp_path,
        entry("Open", "Otevřít"),
        entry("Open", "Otevřeno", "a.b.c/title"),
        entry("Only here", "Jen zde", "a.b.c/why"),
    )
    assert words.text("Open", "a.b.c/title") == "Otevřeno"
    assert words.text("Open", "x.y.z/title") == "Otevřít"
    assert words.text("Open") == "Otevřít"
    assert words.text("Only here", "x.y.z/why") == "Jen zde"
    assert words.text("Nowhere", "a.b.c/why") == "Nowhere"


def test_a_reworded_text_shows_its_former_words_at_its_place_only(tmp_path) -> None:
    words = catalogue_with(
        tmp_path,
        entry("It is {x}, new.", "Je to {x}.", "a.b.c/why", "fuzzy"),
        entry("It has {x} and {y}.", "Má {x}.", "a.b.c/seen", "fuzzy"),
        entry("Guessed", "Hádáno", flag="fuzzy"),
    )
    assert words.text("It is {x}, new.", "a.b.c/why") == "Je to {x}."
    assert words.text("It is {x}, new.") == "It is {x}, new."
    assert words.text("It has {x} and {y}.", "a.b.c/seen") == "It has {x} and {y}."
    assert words.text("Guessed") == "Guessed"


def test_a_language_without_a_catalogue_says_it_in_english() -> None:
    assert catalogue("xx").text("Sign in") == "Sign in"


# ---------------------------------------------------------------- which one a reader gets
@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", "en"),
        ("*", "en"),
        ("sk", "en"),
        ("cs", "cs"),
        ("CS-cz", "cs"),
        ("cs-CZ,en;q=0.8", "cs"),
        ("en-US,en;q=0.9,cs;q=0.8", "en"),
        ("pt, cs;q=0.8, en;q=0.4", "cs"),
        ("cs;q=0, *", "en"),
        ("cs;q=0", "en"),
        ("cs;q=nonsense, en;q=0.2", "en"),
        ("x" * 3000, "en"),
        (", ;;,=", "en"),
    ],
)
def test_what_a_browser_asks_for(header, wanted) -> None:
    assert negotiate(header, ("cs", "en")) == wanted


@pytest.mark.parametrize(
    ("header", "wanted"),
    [("pt-BR,en;q=0.5", "pt-BR"), ("pt-br", "pt-BR"), ("pt", "pt-BR"), ("pt-PT, en;q=0.9", "pt-BR"),
     ("en-GB, pt;q=0.9", "en"), ("fr", "en")],
)  # fmt: skip
def test_a_language_of_a_region_is_offered_like_any_other(header, wanted) -> None:
    assert negotiate(header, ("en", "pt-BR")) == wanted


def test_both_of_a_language_and_its_region_are_told_apart() -> None:
    offered = ("en", "pt-BR", "pt")
    wishes = ("pt-BR", "pt-PT", "pt")
    assert [negotiate(wish, offered) for wish in wishes] == ["pt-BR", "pt", "pt"]


def test_a_draft_of_a_region_is_a_language(tmp_path) -> None:
    (tmp_path / "languages.toml").write_text('shipped = ["en"]')
    catalogue = tmp_path / "pt-BR" / "LC_MESSAGES" / "messages.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text("")
    assert str(languages(tmp_path)["pt-BR"].locale) == "pt_BR"


def test_a_site_without_english_answers_in_its_first_language() -> None:
    assert negotiate("pt", ("pl", "cs")) == "pl"


# ---------------------------------------------------------------- none is hard-coded
def test_an_article_falls_back_to_english_then_to_a_shipped_language() -> None:
    def article(lang):
        return Article("a", lang, lang, "t", (), (), "")

    assert Library.from_articles([article("cs"), article("en")]).article("a", "pl").lang == "en"
    assert Library.from_articles([article("cs"), article("aa")]).article("a", "pl").lang == "cs"
    assert Library.from_articles([article("zz"), article("xx")]).article("a", "pl").lang == "xx"


def test_the_department_of_a_house_without_any_speaks_each_language() -> None:
    support = department((), "web")
    assert support.name("cs") == "Zákaznická podpora"
    assert support.name("en") == "Customer support"


# Words that readers type, codes of countries and protocols, the demo's own stories, and the one
# default that settings cannot import.
FREE = ("explain/", "kb/lexicon", "lab/", "demo.py", "standards/", "settings/schema/", "bench/")


def test_no_language_is_named_in_the_code() -> None:
    named = []
    for path in production():
        where = path.relative_to(ROOT).as_posix()
        if where.startswith((*FREE, "db/migrations/", "render/languages.py")):
            continue
        named += [
            f"{where}:{node.lineno} {node.value}"
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and node.value in LANGUAGES
        ]
    assert named == []
    assert set(LANGUAGES) <= set(NAMES)
    assert DEFAULT in LANGUAGES


def test_the_server_in_front_lists_what_is_shipped():
    assert sorted(LISTED.strip('"|').split("|")) == sorted(LANGUAGES)
