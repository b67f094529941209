"""`explain` from the terminal: the published document, plain words, and refusals."""

from __future__ import annotations

import io
import json
from pathlib import Path

from commands.main import parser
from explain.cli import explain_file
from explain.document import explain_page

CASES = Path(__file__).resolve().parents[1] / "cases" / "explain"
FIELDS = {
    "kind", "reason", "permanent", "recipient", "reply", "status",
    "remote", "owner", "articles", "checks", "text",
}  # fmt: skip


def run(file="-", data=b"", **options):
    out, err = io.StringIO(), io.StringIO()
    code = explain_file(
        str(file), stdin=io.BytesIO(data), out=out, err=err, **{"as_json": True, **options}
    )
    return code, out.getvalue(), err.getvalue()


def test_the_document_has_the_promised_fields() -> None:
    code, out, err = run(CASES / "postfix_full.eml")
    items = json.loads(out)["items"]
    assert code == 0
    assert err == ""
    assert all(set(item) >= FIELDS for item in items)
    assert [item["reason"] for item in items] == ["mailbox_full", "recipient_unknown"]
    assert [item["permanent"] for item in items] == [False, True]


def test_standard_input_and_plain_words() -> None:
    code, out, _ = run(data=b"552 5.2.2 <jan@shop.test>: mailbox full", as_json=False)
    assert code == 0
    assert "The recipient's mailbox is full" in out
    assert "jan@shop.test" in out


def test_headers_go_into_the_document() -> None:
    _, out, _ = run(CASES / "headers.txt")
    (item,) = json.loads(out)["items"]
    assert item["headers"]["path"][1]["delay"] == 3720.0


def test_a_missing_file_is_said_in_one_line(tmp_path) -> None:
    code, out, err = run(tmp_path / "nothing.eml")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


def test_the_command_line_knows_it() -> None:
    args = parser().parse_args(["explain", "a.eml", "--json"])
    assert (args.command, args.file, args.json) == ("explain", "a.eml", True)


def test_the_page_leaves_subjects_to_the_wizard() -> None:
    assert explain_page("shop.example", "en") is None
    assert explain_page("my site shop.example is slow", "en") is None
    page = explain_page("550 5.1.1 <jan@shop.example>: user unknown", "en")
    assert page is not None
    assert page.domains == ("shop.example",)
    assert page.symptom == "mail_not_arriving"
