"""Every shipped language is complete: no text missing, guessed, left over or filled differently."""

from __future__ import annotations

import ast
import importlib.util
import io
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from diagnostics.checks import CHECKS
from diagnostics.collectors import COLLECTORS
from diagnostics.symptoms import SYMPTOMS
from render.i18n import LANGUAGES, translate
from render.message_format import fill

ROOT = Path(__file__).resolve().parents[2]
TRANSLATED = [lang for lang in LANGUAGES if lang != "en"]


def _tool():
    spec = importlib.util.spec_from_file_location("extract", ROOT / "translations" / "extract.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


extract = _tool()


@pytest.fixture(scope="module")
def wanted():
    return extract.collect()


@pytest.fixture(scope="module")
def catalogues():
    return {lang: extract.load(lang, path) for lang, path in extract.catalogues()}


def test_each_language_has_a_catalogue(catalogues):
    assert set(catalogues) == set(TRANSLATED)


@pytest.mark.parametrize("lang", TRANSLATED)
def test_a_shipped_language_is_complete(wanted, catalogues, lang):
    said = list(extract.amiss(wanted, catalogues[lang]))
    assert said == [], "\n" + "\n".join(said) + "\nRun python translations/extract.py, translate."


@pytest.mark.parametrize("lang", TRANSLATED)
def test_plural_forms_are_those_of_the_language(catalogues, lang):
    assert catalogues[lang].num_plurals == {"cs": 3, "sk": 3, "pl": 3, "hr": 3}[lang]


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
    assert sorted(said.split(":")[0] for said in extract.amiss(wanted, have)) == [
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
    assert [f"{where} {text}" for where, text in marked if wanted.get(text) is None] == []


def _catalogue_texts():
    for check in CHECKS:
        yield check.title
        for message in check.messages:
            yield from (message.title, message.seen, message.why, *message.steps)
    for symptom in SYMPTOMS:
        yield symptom.title


def test_what_checks_and_symptoms_say_is_marked_for_translation(wanted):
    assert [text for text in _catalogue_texts() if wanted.get(text) is None] == []
    assert COLLECTORS


@pytest.mark.parametrize("lang", TRANSLATED)
def test_what_checks_say_reads_differently_in_each_language(lang):
    same = [text for text in _catalogue_texts() if translate(lang, text) == text]
    assert [text for text in same if not text.startswith("{")] == []


def test_kinds_in_braces_are_known_to_the_formatter(catalogues):
    for catalogue in catalogues.values():
        for message in catalogue:
            for said in extract.said(message):
                filled = fill(said, dict.fromkeys(extract.fields(said), "7"), "cs")
                assert "{" not in filled.replace("{{", ""), said
