"""What many mail systems, providers and programs say, in the languages of our readers, in every form
people paste it; and letters that only talk about mail. Cases: tests/cases/explain/pasted/*.txt.

A case begins with "#### kind class permanent recipient | whose words"; "mail" is bounce or smtp.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from explain import explain
from explain.model import ExplanationKind

FOLDER = Path(__file__).resolve().parents[1] / "cases" / "explain" / "pasted"


def cases(name):
    blocks = re.split(r"(?m)^#### (?=[a-z])", (FOLDER / f"{name}.txt").read_text("utf-8"))[1:]
    return [(head, text.rstrip("\n")) for head, _, text in (b.partition("\n") for b in blocks)]


MAIL_FILES = (
    "receivers",
    "reports",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
)
MAIL = [c for name in MAIL_FILES for c in cases(name)]
REPORTS = cases("reports")
PROGRAMS = cases("programs")
ORDINARY = cases("ordinary")
AUTOMATIC = cases("automatic")


def short(value):
    return " ".join(value.split())[:70] if isinstance(value, str) else None


def wanted(head):
    kind, classes, permanent, who = head.partition("|")[0].split()
    kinds = ("bounce", "smtp") if kind == "mail" else (kind,)
    return kinds, classes.split("/"), permanent == "T", "" if who == "-" else who


def agrees(head, pasted):
    kinds, classes, permanent, who = wanted(head)
    (item,) = explain(pasted)
    assert item.kind.value in kinds
    assert item.reason in classes
    assert (item.permanent is True) == permanent
    if who:
        assert item.recipient == who


@pytest.mark.parametrize(("head", "text"), MAIL, ids=short)
def test_one_answer_with_its_class_and_its_recipient(head, text) -> None:
    agrees(head, text)


# ------------------------------------------------------------------ forms
def quoted(text):
    return "\n".join(f"> {line}" for line in text.split("\n"))


def crlf(text):
    return text.replace("\n", "\r\n")


def rendered(text):
    lines = "".join(f"<p>{html.escape(line)}</p>\n" for line in text.split("\n"))
    return f"<html><head><style>p{{color:red}}</style></head><body><div>{lines}</div></body></html>"


def forwarded(text):
    return f"FYI\n\n-------- Forwarded Message --------\n{text}"


def one_line(text):
    return " ".join(text.split())


@pytest.mark.parametrize("form", [quoted, crlf, rendered, one_line], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("head", "text"), REPORTS, ids=short)
def test_a_report_says_the_same_in_every_form(head, text, form) -> None:
    kinds, classes, _, who = wanted(head)
    explanations = explain(form(text))
    assert {item.reason for item in explanations} <= set(classes)
    assert {item.kind.value for item in explanations} <= {*kinds, "smtp"}
    assert who in {item.recipient for item in explanations}


@pytest.mark.parametrize(
    ("head", "text"), [c for c in REPORTS if c[1].startswith("From: ")], ids=short
)
def test_a_forwarded_report_says_the_same(head, text) -> None:
    agrees(head, forwarded(text))


@pytest.mark.parametrize("form", [quoted, crlf, rendered], ids=lambda f: f.__name__)
def test_an_answer_says_the_same_in_every_form(form) -> None:
    changed = []
    for head, text in MAIL:
        _, classes, _, who = wanted(head)
        explanations = explain(form(text))
        if explanations[0].reason not in classes or (
            who and who not in {i.recipient for i in explanations}
        ):
            changed.append((head, [(i.reason, i.recipient) for i in explanations]))
    assert not changed


# ------------------------------------------------------------------ programs
@pytest.mark.parametrize(("head", "text"), PROGRAMS, ids=short)
def test_an_error_of_a_program_is_named(head, text) -> None:
    kind, reason = head.split()
    item = explain(text)[0]
    assert (item.kind.value, item.reason) == (kind, reason)


# ------------------------------------------------------------------ no failure at all
LETTERS = [text for _, text in ORDINARY]


@pytest.mark.parametrize("text", LETTERS, ids=short)
@pytest.mark.parametrize("form", [str, quoted, crlf, rendered, one_line], ids=lambda f: f.__name__)
def test_an_ordinary_letter_is_no_error(text, form) -> None:
    assert {item.kind for item in explain(form(text))} == {ExplanationKind.UNCLEAR}


@pytest.mark.parametrize(("head", "text"), AUTOMATIC, ids=short)
def test_an_automatic_answer_is_no_failure(head, text) -> None:
    del head
    (item,) = explain(text)
    assert (item.reason, item.owner.value) == ("not_a_failure", "nobody")


@pytest.mark.parametrize(
    "error",
    [
        "550 5.1.1 <jan@firma.test>: Recipient address rejected: User unknown",
        "Undelivered Mail Returned to Sender",
        "Mail delivery failed: returning message to sender",
        "The email account that you tried to reach does not exist",
        "552 5.2.2 Mailbox full",
    ],
)
def test_a_letter_that_quotes_an_error_is_never_a_bounce(error) -> None:
    letter = (
        "From: jana@firma.test\nTo: podpora@host.test\nSubject: Dotaz\n\n"
        f"Dobrý den, když píšu kolegovi, vrátí se mi „{error}“. Co s tím mám dělat? Děkuji, Jana"
    )
    for pasted in (letter, letter.partition("\n\n")[2]):
        assert all(item.kind is not ExplanationKind.BOUNCE for item in explain(pasted))


PARAGRAPHS = [
    "<jana@frima.test>: Host or domain name not found. Name service error for name=frima.test",
    "<jana@frima.test>: Domain frima.test does not exist: host unknown",
    "550 5.1.2 <jana@frima.test>: Recipient address rejected: Domain not found",
]


@pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=short)
@pytest.mark.parametrize("form", [str, quoted, crlf], ids=lambda f: f.__name__)
def test_a_letter_that_shows_a_machine_s_paragraph_is_answered_by_it(paragraph, form) -> None:
    letter = (
        f"Dobrý den, vrátil se mi mail, co s tím mám dělat?\n\n{form(paragraph)}\n\nDěkuji, Jana"
    )
    headed = f"From: jana@firma.test\nTo: podpora@host.test\nSubject: Dotaz\n\n{letter}"
    for pasted in (letter, headed):
        (item,) = explain(pasted)
        assert (item.kind, item.reason) == (ExplanationKind.SMTP, "recipient_domain_unknown")
        assert item.recipient == "jana@frima.test"
