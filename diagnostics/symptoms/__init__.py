"""All symptoms: what customers say is wrong, and which checks each calls for. Listed in SYMPTOMS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diagnostics.discovery import defined_in
from diagnostics.model import Question, Symptom
from diagnostics.symptoms import (
    certificate_warning,
    dns_change,
    expiring,
    instructions,
    mail_not_arriving,
    mail_not_sent,
    mailbox_sign_in,
    over_limit,
    site_down,
    site_error,
    wrong_place,
)
from render.i18n import translate

# "Something else" is no symptom: it runs every check in the catalogue's order.
SOMETHING_ELSE = "something_else"
# The order of the wizard's list; a symptom that is not named here stands at its end.
_IN_ORDER: tuple[Symptom, ...] = (
    site_down.SYMPTOM,
    site_error.SYMPTOM,
    wrong_place.SYMPTOM,
    mail_not_arriving.SYMPTOM,
    mail_not_sent.SYMPTOM,
    mailbox_sign_in.SYMPTOM,
    certificate_warning.SYMPTOM,
    expiring.SYMPTOM,
    over_limit.SYMPTOM,
    dns_change.SYMPTOM,
)

# These are reached from a page of their own, and are no choice of the wizard.
UNLISTED: tuple[Symptom, ...] = (instructions.SYMPTOM,)
SYMPTOMS: tuple[Symptom, ...] = (
    *_IN_ORDER,
    *(s for s in defined_in(__name__, __path__, Symptom) if s not in (*_IN_ORDER, *UNLISTED)),
)
INSTRUCTIONS = instructions.SYMPTOM.id
RECORDS_ANSWER = instructions.QUESTION.id


def find(id: str) -> Symptom | None:
    """The symptom with this id; None for something else."""
    return next((s for s in (*SYMPTOMS, *UNLISTED) if s.id == id), None)


def questions() -> Iterator[Question]:
    """Every question that a run may hold an answer to."""
    yield from (q for symptom in SYMPTOMS for q in symptom.questions)
    yield instructions.QUESTION


def is_known(id: str) -> bool:
    return id == SOMETHING_ELSE or find(id) is not None


@dataclass(frozen=True, slots=True)
class FollowUpAnswer:
    """A question and its answer in words; `fact` is what tickets call it."""

    fact: str
    question: str
    answer: str


def answered(id: str, answers: Mapping[str, str], lang: str) -> tuple[FollowUpAnswer, ...]:
    """What a customer answered to a symptom's questions, in the reader's language."""
    symptom = find(id)
    return tuple(
        FollowUpAnswer(q.fact, translate(lang, q.text), _answer_text(q, answers[q.id], lang))
        for q in (symptom.questions if symptom else ())
        if answers.get(q.id)
    )


def _answer_text(question: Question, answer: str, lang: str) -> str:
    return translate(lang, question.answer_text(answer)) if question.choices else answer
