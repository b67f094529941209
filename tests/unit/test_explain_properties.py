"""What must hold for any paste: forms do not change the meaning, letters never become bounces."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from explain import explain
from explain.document import document, explain_page
from explain.errors.site_advice import SITE_ADVICE
from explain.identifiers import extract_identifiers
from explain.model import ExplanationKind, Reason
from tests.unit.test_explain_pasted import (
    LETTERS,
    REPORTS,
    crlf,
    one_line,
    quoted,
    rendered,
    wanted,
)

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
REASONS = {*(reason.value for reason in Reason), *SITE_ADVICE}
WORDS = st.sampled_from(
    ["550", "5.1.1", "mailbox", "full", "<a@b.test>", "user unknown", "From: x@y.test", "To:", "\n",
     "\n\n", "Subject: Undelivered", ">>>", "<<<", "Final-Recipient: rfc822;", "Action: failed",
     "Received: from a by b;", "{", '"Bounce"', "** a **", "<p>", "<script>", "=?utf-8?q?x?=", "\x00",
     "Diagnostic-Code: smtp;", "said:", "status=deferred (", ")", "Authentication-Results: a;", "spf=",
     "schránka je plná", "0x800CCC0E", "[OVERQUOTA]", "ERR_", "\u202e", "…"]
)  # fmt: skip


@CALM
@given(st.lists(st.one_of(WORDS, st.text(max_size=30)), max_size=60).map(" ".join))
def test_anything_gets_an_answer_that_can_be_shown(text) -> None:
    items = explain(text)
    assert 1 <= len(items) <= 100
    for item in items:
        assert item.reason in REASONS
        assert len(item.text) <= 600
        assert item.title
        assert item.next
        assert item.articles
        if item.reason == "unclear":
            assert item.permanent is None
    assert document(items, "cs", extract_identifiers(text))["items"]
    page = explain_page(text, "cs")
    assert page is None or len(page.body) <= 8_000


def named(who):
    return next(c for c in REPORTS if c[0].endswith(f"| {who}"))


@CALM
@example(named("GroupWise"), [rendered, quoted, one_line], 3)
@example(named("Domino"), [quoted, one_line], 2)
@example(named("Postfix whole"), [quoted, rendered], 2)
@given(
    st.sampled_from(REPORTS), st.permutations([quoted, crlf, one_line, rendered]), st.integers(1, 3)
)
def test_forms_upon_forms_do_not_change_the_meaning(case, forms, depth) -> None:
    head, pasted = case
    _, classes, _, who = wanted(head)
    for form in forms[:depth]:
        pasted = form(pasted)
        if form is one_line:
            break  # what comes after could only put lines back where they were not
    explanations = explain(pasted)
    assert {item.reason for item in explanations} <= set(classes)
    assert who in {item.recipient for item in explanations}


@CALM
@given(
    st.lists(st.sampled_from(LETTERS), min_size=1, max_size=3),
    st.sampled_from([str, str.upper, quoted, rendered]),
)
def test_letters_upon_letters_are_never_a_bounce(letters, form) -> None:
    for pasted in (form("\n\n".join(letters)), form("\n> ".join(letters))):
        assert all(item.kind is not ExplanationKind.BOUNCE for item in explain(pasted))
