"""Texts that have a place (gettext's msgctxt): of findings, checks, collectors, symptoms, article headings.
Each comes with what a translator cannot see from the text itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.checks import CHECKS, MESSAGES
from diagnostics.collectors import COLLECTORS
from diagnostics.model import FindingMessage, Question, Symptom
from diagnostics.symptoms import SYMPTOMS, UNLISTED, questions
from kb.categories import CATEGORIES, MORE
from render.i18n import PlacedText

# Calls whose marked texts are extracted at their places, and not by their English.
OWNERS = ("FindingMessage", "Check", "Collector", "Symptom", "Question", "Guide", "Category")
_FINDING = {"title": "the title", "seen": "what was seen", "why": "why it matters"}
_CHECK = "What a check looks at; its line while it looks, and when all is well or nothing was seen."
_COLLECTOR = "What is gathered for the checks, where the command line shows it."
_CATEGORY = "A heading on the page of help; articles are listed below it."
_SYMPTOM = "What a customer says is wrong, to choose from."
_HINT = "What is meant by “{title}”, in small print below it."
_GUIDE = "A link for those who chose “{title}”, to a page that helps with it."
_QUESTION = "A question to those who chose “{title}”."
_WHY = "Why answering helps, below the question “{question}”"
_CHOICE = "An answer to the question “{question}”"


def placed_texts() -> Iterator[tuple[PlacedText, str]]:
    """Every text with a place, by kind and id, and the comment for translators."""
    for message in sorted(MESSAGES.values(), key=lambda m: m.id):
        for field, text in message.texts().items():
            yield from _placed(text, _finding_comment(message, field))
    for check in sorted(CHECKS, key=lambda c: c.id):
        yield from _placed(check.title, _CHECK)
    for collector in sorted(COLLECTORS, key=lambda c: c.key.name):
        yield from _placed(collector.title, _COLLECTOR)
    for category in (*CATEGORIES, MORE):
        yield from _placed(category.title, _CATEGORY)
    asked = set[str]()
    for symptom in sorted((*SYMPTOMS, *UNLISTED), key=lambda s: s.id):
        yield from _symptom_texts(symptom)
        asked |= {question.id for question in symptom.questions}
    for question in questions():
        if question.id not in asked:
            yield from _question_texts(question, question.id)


def _symptom_texts(symptom: Symptom) -> Iterator[tuple[PlacedText, str]]:
    yield from _placed(symptom.title, _SYMPTOM)
    yield from _placed(symptom.hint, _HINT.format(title=symptom.title))
    if symptom.guide:
        yield from _placed(symptom.guide.text, _GUIDE.format(title=symptom.title))
    for question in symptom.questions:
        yield from _question_texts(question, symptom.title)


def _question_texts(question: Question, title: str) -> Iterator[tuple[PlacedText, str]]:
    yield from _placed(question.text, _QUESTION.format(title=title))
    yield from _placed(question.why, _WHY.format(question=question.text))
    for _value, text in question.choices:
        yield from _placed(text, _CHOICE.format(question=question.text))


def _placed(text: str, comment: str) -> Iterator[tuple[PlacedText, str]]:
    if isinstance(text, PlacedText):
        yield text, comment


def _finding_comment(message: FindingMessage, field: str) -> str:
    """What a finding's text is, how bad, and whose move it is."""
    part = _FINDING.get(field) or f"step {field.removeprefix('step')} of what to do"
    return f"{part[0].upper()}{part[1:]}; {message.severity.value}, for the {message.owner.value}."
