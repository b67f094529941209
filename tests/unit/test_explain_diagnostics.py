"""What servers are known to answer, in a report and alone: the class of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from explain import explain
from explain.model import ExplanationKind

FILE = Path(__file__).resolve().parents[1] / "cases" / "explain" / "diagnostics.txt"
ROWS = [tuple(line.split("|", 1)) for line in FILE.read_text("utf-8").splitlines() if line]
REPORT = """This is the mail system at host out.hosting.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<petr@shop.test>: {said}
"""


@pytest.mark.parametrize(("reason", "answer"), ROWS)
def test_an_answer_within_a_report(reason, answer) -> None:
    line = f"host mx.shop.test[192.0.2.7] said: {answer}" if answer[:3].isdigit() else answer
    (item,) = explain(REPORT.format(said=line))
    assert (item.kind, item.recipient) == (ExplanationKind.BOUNCE, "petr@shop.test")
    assert item.reason == reason


@pytest.mark.parametrize(("reason", "answer"), [row for row in ROWS if row[1][:3].isdigit()])
def test_an_answer_alone(reason, answer) -> None:
    (item,) = explain(answer)
    assert (item.kind, item.reason) == (ExplanationKind.SMTP, reason)
