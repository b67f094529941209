"""The operator's own words: what is taken, what is refused and how, and where they are read."""

from __future__ import annotations

import json

import pytest

from diagnostics.checks import CHECKS
from diagnostics.collectors import COLLECTORS
from diagnostics.symptoms import SYMPTOMS
from render.i18n import PlacedText, translate, translate_count, use_overrides
from render.message_fields import KINDS, fields
from render.message_format import KINDS as FORMATTED
from render.overrides import LARGEST, NO_OVERRIDES, OverrideProblem, known_texts, read_overrides

PLACE = "dns.address.behind_cdn/why"
ENGLISH = known_texts()[PLACE].english[0]


def counted_text(text):
    return len(text.english) > 1 and fields(text.english[1]) == {"n"} == fields(text.id)


COUNTED = next(text for text in known_texts().values() if counted_text(text))


@pytest.fixture
def words(tmp_path):
    """Writes a file of overrides and uses it; ours stand again afterwards."""

    def write(text, lang="en"):
        (tmp_path / f"{lang}.toml").write_text(text, "utf-8")
        read = read_overrides(tmp_path)
        use_overrides(read)
        return read

    yield write
    use_overrides(NO_OVERRIDES)


def test_a_findings_text_is_replaced_at_its_place_alone(words) -> None:
    words(f'"{PLACE}" = "All is well behind {{cdn}}."')
    assert translate("en", PlacedText(ENGLISH, PLACE)) == "All is well behind {cdn}."
    assert translate("en", PlacedText(ENGLISH, "elsewhere/why")) == ENGLISH
    assert translate("cs", PlacedText(ENGLISH, PLACE)) != "All is well behind {cdn}."


def test_the_titles_of_symptoms_checks_and_evidence_are_replaced_at_their_places(words) -> None:
    """What a customer chooses, what is looked at and what is gathered have places as findings do."""
    check, symptom, collector = CHECKS[0], SYMPTOMS[0], COLLECTORS[0]
    words(
        f'"check.{check.id}/title" = "one"\n"symptom.{symptom.id}/title" = "two"\n'
        f'"symptom.{symptom.id}/{symptom.questions[0].id}" = "three"\n'
        f'"evidence.{collector.key.name}/title" = "four"'
    )
    page_text = (check.title, symptom.title, symptom.questions[0].text, collector.title)
    assert [translate("en", text) for text in page_text] == ["one", "two", "three", "four"]
    assert [translate("en", str(text)) for text in page_text] == [str(text) for text in page_text]
    assert {type(translate(lang, CHECKS[1].title)) for lang in ("en", "cs")} == {str}


def test_the_english_of_a_placed_text_still_stands_for_it(words) -> None:
    """Files written before a text had a place keep their meaning; its place wins over its English."""
    symptom, other = SYMPTOMS[0], SYMPTOMS[1]
    title, elsewhere = json.dumps(symptom.title), json.dumps(other.title)
    words(f'{title} = "by English"\n{elsewhere} = "x"\n"symptom.{other.id}/title" = "by place"')
    assert translate("en", symptom.title) == "by English"
    assert translate("en", other.title) == "by place"


def test_any_other_text_is_replaced_by_its_english(words) -> None:
    words('"Sign in" = "Přihlaste se"', "cs")
    assert translate("cs", "Sign in") == "Přihlaste se"
    assert translate("en", "Sign in") == "Sign in"


def test_a_counted_text_is_replaced_in_all_its_forms(words) -> None:
    words(f'"{COUNTED.id}" = ["jeden", "{{n}} málo", "{{n}} hodně"]', "cs")
    sentences = [translate_count("cs", *COUNTED.english, n) for n in (1, 2, 5)]
    assert sentences == ["jeden", "{n} málo", "{n} hodně"]
    assert translate_count("en", *COUNTED.english, 1) == COUNTED.english[0]


def test_english_may_be_counted_in_other_words(words) -> None:
    words(f'"{COUNTED.id}" = ["a single one", "{{n}} of them"]')
    sentences = [translate_count("en", *COUNTED.english, n) for n in (1, 2)]
    assert sentences == ["a single one", "{n} of them"]


@pytest.mark.parametrize(
    ("lang", "text", "refusal"),
    [
        ("en", '"dns.address.behind_cdn/wy" = "x"', r"did you mean dns\.address\.behind_cdn/why"),
        (
            "en",
            '"Sing in" = "x"',
            r'en\.toml: "Sing in" is the id of no text; did you mean Sign in',
        ),
        ("en", f'"{PLACE}" = "All is well."', r"must hold \{cdn\}, and holds nothing"),
        ("en", f'"{PLACE}" = "{{cdn}} {{domain}}"', r"holds \{cdn\}, \{domain\}"),
        ("en", f'"{PLACE}" = "{{cdn:hots}}"', r"a field of kind hots; did you mean host"),
        ("en", f'"{PLACE}" = ["{{cdn}}"]', "must be a text"),
        ("en", '"Sign in" = " "', "not empty"),
        (
            "cs",
            f'"{COUNTED.id}" = ["jeden", "{{n}} víc"]',
            "a list of 3 texts, the plural forms of cs, and has 2",
        ),
        (
            "en",
            f'"{COUNTED.id}" = ["one", "{{n}}", "{{n}}"]',
            "of 2 texts, the plural forms of en, and has 3",
        ),
        ("en", '"Sign in" = 3', "must be a text"),
        ("cz", '"Sign in" = "x"', "there is no language cz; did you mean cs"),
        ("en", '"Sign in" = ', r"en\.toml: Invalid value"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(words, lang, text, refusal) -> None:
    with pytest.raises(OverrideProblem, match=refusal):
        words(text, lang)


def test_every_fault_is_named_at_once(words) -> None:
    with pytest.raises(OverrideProblem) as refused:
        words('"Sing in" = "x"\n"Sign in" = ""')
    assert len(refused.value.problems) == 2


def test_a_folder_that_is_not_there_is_said_to_be_so(tmp_path) -> None:
    with pytest.raises(OverrideProblem, match="is no folder"):
        read_overrides(tmp_path / "nowhere")


def test_the_kinds_of_fields_are_those_that_can_be_formatted() -> None:
    assert set(KINDS) == {*FORMATTED, "said"}


def test_a_file_that_is_too_large_is_refused_and_never_cut(tmp_path):
    line = "# words of ours\n"
    (tmp_path / "cs.toml").write_text(line * (LARGEST // len(line) + 1))
    with pytest.raises(OverrideProblem, match="larger than 8,000,000 bytes"):
        read_overrides(tmp_path)
