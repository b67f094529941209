"""Sentences with a list are right for one value and for several: none has a verb of one only."""

from __future__ import annotations

import re

import pytest

from render.message_format import fill
from translations import catalogues as po
from translations import extract

SINGLE, THREE = ["[1]"], ["[1]", "[2]", "[3]"]
# Where the subject of a sentence stands; behind a preposition the verb is another word's.
_SUBJECT = {
    "en": r"(?:^|[.;:,] |\b(?:that|and|but|while|whether|if|name|server|list) )",
    "cs": r"(?:^|[.;:,] |\b(?:že|a|ale|aby|zda|jméno|server|seznam|adresa) )",
}
_VERB_OF_ONE = {
    "en": r"(?:is|has|was|does|(?!as\b|its\b|this\b)[a-z]+s)\b",
    "cs": r"(?:(?:se|už|nás|nám|stále|ještě|zatím) )?"
    r"(?:je|není|má|nemá|byl|umí|vede|[a-zěščřžýáíéůú]{2,}(?:á|uje|il|el|al|ije|ijme))\b",
}
_CLAUSE_OF_ONE = {  # about the list just told
    "en": r", (?:which|but it|and it|so it) (?:is|has|was|does|works|[a-z]{3,}s)\b",
    "cs": r", (?:což|která|který) (?:je|má|nemá|funguje|vede)\b",
}
_BEFORE_SUBJECT = {  # Czech puts the subject behind its verb as well
    "en": r"(?!)",
    "cs": r"\b(?:ne)?(?:odpovídá|odmítá|říká|dává|se jmenuje|nabízí)",
}


def fits_one_only(lang: str, text: str) -> bool:
    """Whether a sentence, as it stands with three values, says something of one."""
    first, last = re.escape(THREE[0]), re.escape(THREE[-1])
    patterns = (
        rf"{_SUBJECT[lang]}{first}[^.;:]*{last}(?: \([^)]*\))? {_VERB_OF_ONE[lang]}",
        rf"{last}{_CLAUSE_OF_ONE[lang]}",
        rf"{_BEFORE_SUBJECT[lang]} {first}",
    )
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "{hosts:list} is a CNAME record."),
        ("en", "For {name}, {hosts:list} says {said}; the others say {others}."),
        ("en", "{hosts:list} answers, but without encryption."),
        ("en", "Mail goes to {hosts:list}, which has no address."),
        ("en", "Check that {hosts:list} leads here."),
        ("cs", "{hosts:list} odpovídá, ale nenabízí šifrování."),
        ("cs", "Na dotazy odpovídá {hosts:list} chybou."),
        ("cs", "{hosts:list} se představuje jako „{name}“."),
        ("cs", "Server {hosts:list} umí jen zastaralé šifrování."),
        ("cs", "{hosts:list} má adresu {addresses:list}, která funguje jen uvnitř sítě."),
    ],
)
def test_a_verb_of_one_behind_a_list_is_seen(lang: str, text: str) -> None:
    assert fits_one_only(lang, fill(text, dict.fromkeys(("hosts", "addresses"), THREE), lang))


@pytest.mark.parametrize("lang", ["en", "cs"])
def test_sentences_with_a_list_fit_one_value_and_several(lang: str) -> None:
    path = dict(po.catalogues())[lang] if lang != "en" else None
    catalogue = po.load(lang, path) if path else extract.collect()
    sentences = [
        text
        for message in catalogue
        if message.id and not message.pluralizable and ":list}" in str(message.id)
        for text in (po.translations(message) if path else po.texts(message))
    ]
    assert len(sentences) > 150
    lists = {text: re.findall(r"\{(\w+):list\}", text) for text in sentences}
    rendered = {
        text: fill(text, dict.fromkeys(names, THREE), lang) for text, names in lists.items()
    }
    wrong = [text for text, several in rendered.items() if fits_one_only(lang, several)]
    assert wrong == [], "\n".join(wrong)
    for text, names in lists.items():
        assert "[1]" in fill(text, dict.fromkeys(names, SINGLE), lang)
