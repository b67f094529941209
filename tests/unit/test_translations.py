"""Every shipped language is complete: no text missing, guessed, left over or filled differently."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from diagnostics.checks import CHECKS
from diagnostics.collectors import COLLECTORS
from diagnostics.symptoms import SYMPTOMS
from kb.categories import CATEGORIES, MORE
from render.i18n import translate
from render.languages import LANGUAGES
from render.message_fields import fields
from render.message_format import fill
from translations import catalogues as po
from translations import extract
from translations.placed import placed_texts

ROOT = Path(__file__).resolve().parents[2]
TRANSLATED = [lang for lang in LANGUAGES if lang != "en"]


@pytest.fixture(scope="module")
def wanted():
    return extract.collect()


@pytest.fixture(scope="module")
def catalogues():
    return {lang: po.load(lang, path) for lang, path in po.catalogues()}


def test_each_language_has_a_catalogue(catalogues):
    assert set(catalogues) >= set(TRANSLATED)


@pytest.mark.parametrize("lang", TRANSLATED)
def test_a_shipped_language_is_complete(wanted, catalogues, lang):
    complaints = list(po.amiss(wanted, catalogues[lang]))
    assert complaints == [], (
        "\n" + "\n".join(complaints) + "\nRun python translations/extract.py, translate."
    )


@pytest.mark.parametrize("lang", TRANSLATED)
def test_plural_forms_are_those_of_the_language(catalogues, lang):
    assert catalogues[lang].num_plurals == get_plural(lang).num_plurals


def _broken(lang, header, *entries):
    head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n{header}\n'
    return read_po(io.BytesIO((head + "\n".join(entries)).encode()), locale=lang)


def test_the_judge_of_catalogues_sees_each_fault():
    wanted = _broken(
        "en", "", 'msgid "a {x}"\nmsgstr ""\n', 'msgid "b"\nmsgstr ""\n', 'msgid "c"\nmsgstr ""\n',
        'msgid "{n} d"\nmsgid_plural "{n} ds"\nmsgstr[0] ""\nmsgstr[1] ""\n',
        'msgid "{n} e"\nmsgid_plural "{n} es"\nmsgstr[0] ""\nmsgstr[1] ""\n',
    )  # fmt: skip
    have = _broken(
        "cs", "", 'msgid "a {x}"\nmsgstr "a {y}"\n', '#, fuzzy\nmsgid "b"\nmsgstr "bé"\n',
        'msgid "old"\nmsgstr "starý"\n',
        'msgid "{n} d"\nmsgid_plural "{n} ds"\nmsgstr[0] "{n} d"\nmsgstr[1] "{n} dy"\n',
        'msgid "{n} e"\nmsgid_plural "{n} es"\nmsgstr[0] "{n} e"\nmsgstr[1] "{k} e"\nmsgstr[2] "{n} e"\n',
    )  # fmt: skip
    assert sorted(item.split(":")[0] for item in po.amiss(wanted, have)) == [
        "fuzzy", "no longer used", "not translated", "not translated",
        "other fields in braces", "other fields in braces",
    ]  # fmt: skip


def _marked():
    """Every text literal handed to N_() in the code, found without the extractor."""
    for method, path in extract.sources():
        if method != "python":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "N_"
            ):
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                plain = node.args and isinstance(node.args[0], ast.Constant)
                yield where, node.args[0].value if plain else None


def test_every_marked_text_is_a_plain_literal_and_extracted(wanted):
    marked = list(_marked())
    assert len(marked) > 500
    assert [where for where, text in marked if text is None] == []
    extracted = {message.id for message in wanted}
    assert [f"{where} {text}" for where, text in marked if text not in extracted] == []


PLACED = tuple(placed_texts())


def test_what_diagnosis_says_is_marked_for_translation_at_its_place(wanted):
    """All of findings, titles of checks and of what is gathered, symptoms with their questions."""
    titles = [item.title for item in (*CHECKS, *COLLECTORS, *SYMPTOMS, *CATEGORIES, MORE)]
    assert {*titles} <= {text for text, _ in PLACED if text.context.endswith("/title")}
    assert [text for text, _ in PLACED if wanted.get(str(text), text.context) is None] == []
    assert len({text.context for text, _ in PLACED}) == len(PLACED) > 1700


@pytest.mark.parametrize("lang", TRANSLATED)
def test_what_diagnosis_says_reads_differently_in_each_language(lang):
    same = [text for text, _ in PLACED if translate(lang, text) == text]
    assert [text for text in same if not text.startswith("{")] == []


def test_kinds_in_braces_are_known_to_the_formatter(catalogues):
    for catalogue in catalogues.values():
        for message in catalogue:
            for item in po.translations(message):
                filled = fill(item, dict.fromkeys(fields(item), "7"), "cs")
                assert "{" not in filled.replace("{{", ""), item


# ---------------------------------------------------------------- places and comments
def test_each_text_of_a_finding_has_its_place_and_says_what_it_is(wanted):
    (walk,) = [m for m in wanted if m.context == "dns.address.behind_cdn/seen"]
    assert walk.auto_comments == [
        "What was seen; notice, for the cdn.",
        "{addresses:list}: several names, joined as the language joins them",
        "{cdn}: a name, text or number, as it is",
    ]
    placed = [m for m in wanted if m.context in {text.context for text, _ in PLACED}]
    assert len(placed) == len(PLACED)
    assert all(m.auto_comments for m in placed)


def test_a_question_says_after_which_choice_it_is_asked(wanted):
    (hint,) = [m for m in wanted if m.context == "symptom.expiring/paid.why"]
    question = "Have you paid already? When, and with which number?"
    assert hint.auto_comments == [f"Why answering helps, below the question “{question}”"]
    (title,) = [m for m in wanted if m.context == "check.web.redirect/title"]
    assert title.auto_comments[0].startswith("What a check looks at")


def test_a_finding_says_its_texts_at_their_places_only(wanted):
    """A text that only findings say is not there a second time without a place."""
    assert (
        wanted.get(
            "That is fine. Only the settings at {cdn} decide which server it takes the site from."
        )
        is None
    )


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("Customer support", "the name of the one department where the operator has set up none."),
        ("draft", "beside the name of a language whose translation is not complete yet"),
    ],
)
def test_what_code_and_templates_tell_translators_arrives(wanted, text, comment):
    assert comment in wanted.get(text).auto_comments


# ---------------------------------------------------------------- merging
@pytest.mark.parametrize("lang", TRANSLATED)
def test_a_catalogue_without_places_keeps_every_translation(wanted, catalogues, lang):
    """As catalogues were before texts had places: nothing is lost, nothing is doubtful."""
    full = catalogues[lang]
    flat = Catalog(locale=lang, fuzzy=False)
    for message in full:
        if message.id and flat.get(message.id) is None:
            flat.add(message.id, message.string)
    again = po.merged(wanted, flat)
    assert len(again) == len(wanted) == len(full)
    assert [m.id for m in again if m.id and (m.fuzzy or not all(po.translations(m)))] == []


def _reworded(lang, before, after):
    return po.merged(_broken("en", "", *after), _broken(lang, "", *before))


def test_mending_english_at_a_place_keeps_the_translation_marked_fuzzy():
    before = 'msgctxt "a.b.c/why"\nmsgid "It is {x}"\nmsgstr "Je to {x}"\n'
    after = 'msgctxt "a.b.c/why"\nmsgid "Wholly other words: {x}"\nmsgstr ""\n'
    (mended,) = [m for m in _reworded("cs", [before], [after]) if m.id]
    assert (mended.string, mended.fuzzy) == ("Je to {x}", True)
    assert mended.previous_id == ["It is {x}"]


@pytest.mark.parametrize("place", ["", "a.b.c/why"])
@pytest.mark.parametrize(
    ("english", "is_the_same"),
    [
        ("First this, then that", True),
        ("First this – then “that”", True),
        ("first  this then that", True),
        ("First this then that?", False),
        ("First this then that.", False),
        ("First this then what", False),
    ],
)
def test_a_mended_comma_needs_no_translator_and_other_words_do(place, english, is_the_same):
    place = f'msgctxt "{place}"\n' if place else ""
    before = f'{place}msgid "First this then that"\nmsgstr "Nejdřív to, pak ono"\n'
    (mended,) = [
        m for m in _reworded("cs", [before], [f'{place}msgid "{english}"\nmsgstr ""\n']) if m.id
    ]
    assert (mended.string, mended.fuzzy) == ("Nejdřív to, pak ono", not is_the_same)


def test_a_mended_comma_in_a_counted_text_keeps_all_forms():
    def entry(comma, forms):
        return f'msgid "{{n}} day{comma} please"\nmsgid_plural "{{n}} days{comma} please"\n{forms}'

    before = entry("", 'msgstr[0] "{n} den"\nmsgstr[1] "{n} dny"\nmsgstr[2] "{n} dní"\n')
    after = entry(",", 'msgstr[0] ""\nmsgstr[1] ""\n')
    (mended,) = [m for m in _reworded("cs", [before], [after]) if m.id]
    assert (mended.string, mended.fuzzy) == (("{n} den", "{n} dny", "{n} dní"), False)


def test_another_text_is_not_mistaken_for_a_reworded_one():
    before = 'msgid "First this then that"\nmsgstr "Nejdřív to, pak ono"\n'
    after = 'msgid "Something else altogether"\nmsgstr ""\n'
    (other,) = [m for m in _reworded("cs", [before], [after]) if m.id]
    assert (other.string, other.fuzzy) == ("", False)


def test_a_text_that_moves_takes_its_translation_along():
    before = 'msgctxt "a.b.c/why"\nmsgid "Same"\nmsgstr "Totéž"\n'
    after = 'msgctxt "a.b.d/why"\nmsgid "Same"\nmsgstr ""\n'
    (moved,) = [m for m in _reworded("cs", [before], [after]) if m.id]
    assert (moved.string, moved.fuzzy) == ("Totéž", False)


@pytest.mark.parametrize(
    "former", ["Older", "Older,\n with “marks” and " + "a long line " * 12, ("{n} day", "{n} days")]
)
def test_what_was_fuzzy_stays_so_with_its_former_english_until_somebody_has_looked(
    tmp_path, former
):
    path = tmp_path / "messages.po"
    wanted, catalog = Catalog(locale="en"), Catalog(locale="cs", fuzzy=False)
    text = "New" if isinstance(former, str) else ("{n} new day", "{n} new days")
    wanted.add(text)
    translated = "Staré" if isinstance(former, str) else ("Starý", "Staré", "Starých")
    catalog.add(text, translated, flags={"fuzzy"}, previous_id=former)
    for _ in range(3):
        po.write(catalog, path)
        catalog = po.merged(wanted, po.load("cs", path))
    (kept,) = [m for m in catalog if m.id]
    assert (kept.string, kept.fuzzy) == (translated, True)
    assert kept.previous_id == ([former] if isinstance(former, str) else list(former))
    assert kept.user_comments == []


def test_who_has_looked_leaves_nothing_of_the_former_english(tmp_path):
    path, wanted = tmp_path / "messages.po", Catalog(locale="en")
    wanted.add("New")
    path.write_text('#| msgid "Older"\nmsgid "New"\nmsgstr "Nove"\n')
    po.write(po.merged(wanted, po.load("cs", path)), path)
    assert "Older" not in path.read_text("utf-8")


def test_only_shipped_languages_have_to_be_complete():
    assert {lang for lang, _ in po.catalogues() if lang in LANGUAGES} == set(TRANSLATED)
