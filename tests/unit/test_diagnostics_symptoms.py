"""What customers say is wrong: which checks it calls for, in which order, and what answers do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from diagnostics import symptoms
from diagnostics.checks import CHECKS
from diagnostics.evaluation import select_checks
from diagnostics.model import Run, RunState, Scope
from hosting.model import Resource
from tests.checks_fixtures import AT, GIGABYTE, OURS, Scene
from tests.checks_parts import certificate
from tickets.departments.routing import CATEGORIES
from tickets.drafting.completeness import ASKS
from web.problems import Problem
from wizard.runs.handler import Evaluator
from wizard.runs.start import clean_answers


class _At:
    def now(self):
        return AT


def run_of(scene):
    return Run("r1", "h", scene.subject(), Scope.STAFF, "", RunState.DONE, AT, account="A100")


def test_each_check_is_called_for_by_a_symptom() -> None:
    called = {
        c.id for s in (*symptoms.SYMPTOMS, *symptoms.UNLISTED) for c in select_checks(CHECKS, s)
    }
    assert {c.id for c in CHECKS} - called == set()


def test_each_entry_of_a_symptom_names_a_check() -> None:
    ids = [c.id for c in CHECKS]
    for symptom in symptoms.SYMPTOMS:
        for entry in symptom.checks:
            assert entry in ids or any(i.startswith(entry) for i in ids if entry.endswith(".")), (
                entry
            )


def test_symptoms_ask_three_questions_at_most_and_say_why() -> None:
    for symptom in symptoms.SYMPTOMS:
        assert 0 < len(symptom.questions) <= 3
        assert all(q.text.endswith("?") and q.why for q in symptom.questions)


FOR_EVER = ("site_down", "site_error", "wrong_place", "mail_not_arriving", "mail_not_sent")
FOR_EVER += ("mailbox_sign_in", "certificate_warning", "expiring", "over_limit", "dns_change")


def test_the_symptoms_keep_their_ids_and_their_order() -> None:
    ids = [s.id for s in symptoms.SYMPTOMS]
    assert ids[: len(FOR_EVER)] == list(FOR_EVER)
    assert len(ids) == len(set(ids))
    assert symptoms.is_known(symptoms.SOMETHING_ELSE)
    assert not {s.id for s in symptoms.UNLISTED} & set(ids)


@pytest.mark.parametrize(
    ("symptom", "first"),
    [
        ("site_error", "incident.known"),
        ("wrong_place", "incident.known"),
        ("mail_not_sent", "incident.known"),
        ("certificate_warning", "incident.known"),
        ("expiring", "domain.registration"),
        ("over_limit", "hosting.service"),
        ("dns_change", "dns.change"),
    ],
)
def test_a_symptom_looks_first_at_what_tells_most(symptom, first) -> None:
    assert select_checks(CHECKS, symptoms.find(symptom))[0].id == first


def first_finding(symptom, change):
    """The first thing told of a scene under a symptom."""
    scene = Scene()
    change(scene)
    run = replace(run_of(scene), symptom=symptom)
    return Evaluator(_At()).report(run, scene.evidence()).findings[0].finding.id


def broken_twice(scene):
    """A full disk and a certificate that has expired: the symptom says which is told first."""
    scene.use(Resource.DISK, 10 * GIGABYTE, 10 * GIGABYTE)
    scene.certified(certificate("cafe.example", "www.cafe.example", until=AT - timedelta(days=2)))


@pytest.mark.parametrize(
    ("symptom", "first"),
    [
        ("certificate_warning", "tls.certificate.expired"),
        ("over_limit", "hosting.disk.over"),
        ("site_error", "hosting.disk.over"),
    ],
)
def test_the_symptom_decides_what_is_told_first(symptom, first) -> None:
    assert first_finding(symptom, broken_twice) == first


def test_a_check_about_an_answer_is_called_only_with_one() -> None:
    scene = Scene()
    changed_run = replace(run_of(scene), symptom="dns_change", answers={"value": OURS})
    judging = Evaluator(_At())
    with_answer = {j.check for j in judging.report(changed_run, scene.evidence()).findings}
    without = {j.check for j in judging.report(run_of(scene), scene.evidence()).findings}
    assert "dns.change" in with_answer
    assert "dns.change" not in without
    public = {j.check for j in judging.public(changed_run, scene.evidence()).findings}
    assert "dns.change" not in public, "answers are the asker's own"


def test_answers_of_choices_are_known_ones_and_none_is_cut() -> None:
    typed = {"changed_at": "hour", "where": "<b>", "shown": "x" * 20_000, "since": "y" * 900}
    kept = clean_answers({**typed, "z": "1"})
    assert kept == {name: typed[name] for name in ("changed_at", "shown", "since")}
    with pytest.raises(Problem) as refused:
        clean_answers({**typed, "since": "y" * 20_001})
    assert (refused.value.status, list(refused.value.fields)) == (422, ["since"])


def test_answers_become_facts_in_the_readers_words() -> None:
    answers = symptoms.answered("dns_change", {"changed_at": "day", "value": "1.2.3.4"}, "cs")
    assert [(a.fact, a.answer) for a in answers] == [
        ("since", "Během posledního dne"),
        ("values", "1.2.3.4"),
    ]
    assert answers[0].question == "Kdy jste změnu provedli?"


def test_every_symptom_leads_to_fields_that_tickets_have() -> None:
    for symptom in symptoms.SYMPTOMS:
        assert symptom.category in CATEGORIES, symptom.id
        fields = {ask.name for ask in ASKS[symptom.category]}
        assert {q.fact for q in symptom.questions} <= fields, symptom.id
