"""`/check/lost-mail`: asked once, checked at once, one request; and what Zed sees."""

from __future__ import annotations

import html
import re
import time
from pathlib import Path

import pytest

from tests.diagnostics_rooms import words

REPORT = (Path(__file__).resolve().parents[1] / "cases" / "explain" / "postfix_full.eml").read_text(
    "utf-8"
)
PLAIN = {"side": "receiving", "sender": "peter@office.example", "recipient": "mara@cafe.example"}


def hidden(answer):
    match = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
    return dict(match)


def test_the_symptoms_lead_there_and_the_form_asks(rooms) -> None:
    assert "/check/lost-mail" in rooms.browser().get("/check").text
    page = rooms.browser().get("/check/lost-mail?recipient=mara@cafe.example")
    assert page.status_code == 200
    assert 'value="mara@cafe.example"' in page.text
    assert rooms.store.recent() == ()


def test_mara_pastes_a_report_and_is_asked_only_what_is_missing(rooms) -> None:
    page = rooms.browser("mara").post("/check/lost-mail", {"back": REPORT})
    assert page.status_code == 200
    page_text = words(page)
    assert "Taken from what you pasted." in page_text
    assert "mailbox is full" in page_text
    assert 'value="petr@shop.test"' in page.text
    assert "Still missing" in page_text
    assert "Is it one message, several, or everything?" in page_text
    (run,) = rooms.store.recent()
    assert (run.subject.mailbox, run.symptom, run.scope.value) == (
        "mara@cafe.example", "mail_not_sent", "contact",
    )  # fmt: skip
    assert "bounce" not in run.answers  # what was pasted is kept nowhere
    sent = hidden(page)
    assert sent["category"] == "mail"
    assert sent["service"] == "mara@cafe.example"
    assert "4AbCdE1234" in sent["text"]
    assert sent["fact_mailbox"] == "mara@cafe.example"
    assert "hunter22" not in str(sent)


def test_looking_again_takes_the_same_report_along(rooms) -> None:
    browser = rooms.browser("mara")
    first = browser.post("/check/lost-mail", PLAIN)
    token = hidden(first)["run"]
    again = browser.post("/check/lost-mail", {**PLAIN, "when": "2. 11. 2026 9:05", "run": token})
    assert hidden(again)["run"] == token
    assert len(rooms.store.recent()) == 1


def test_a_stranger_sees_the_public_report_of_the_own_side(rooms) -> None:
    browser = rooms.browser()
    page = browser.post("/check/lost-mail", PLAIN)
    (run,) = rooms.store.recent()
    assert (run.scope.value, run.account) == ("public", "")
    (report_path,) = set(re.findall(r'href="(/r/[^"]+)"', page.text))
    assert browser.get(report_path).status_code == 200


def test_zed_learns_nothing_of_the_account(rooms) -> None:
    page = rooms.browser("zed").post(
        "/check/lost-mail", {"sender": "peter@office.example", "recipient": "mara@cafe.example"}
    )
    assert "Known from your account." not in words(page)
    assert rooms.store.recent() == ()  # the side is not said, so nothing is run
    (run_of_mara,) = [rooms.browser("mara").post("/check/lost-mail", PLAIN)]
    token = hidden(run_of_mara)["run"]
    stolen = rooms.browser("zed").post("/check/lost-mail", {**PLAIN, "run": token})
    assert hidden(stolen)["run"] != token


def test_nothing_given_is_asked_for_again(rooms) -> None:
    page = rooms.browser().post("/check/lost-mail", {"side": "sending"})
    assert page.status_code == 422
    assert "Please give at least the address" in words(page)


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("sender", "ma\u202era@people.example", "a character that nobody can see"),
        ("recipient", "\u200bmara@people.example", "a character that nobody can see"),
        ("recipient", f"{'m' * 260}@people.example", "At most 254 characters"),
        ("subject", "s" * 201, "At most 200 characters"),
        ("client", "c" * 301, "At most 300 characters"),
    ],
)
def test_nothing_is_left_out_or_cut_in_silence(rooms, field, typed, reason) -> None:
    form = {"side": "receiving", "recipient": "mara@cafe.example", field: typed}
    page = rooms.browser().post("/check/lost-mail", form)
    assert page.status_code == 422
    assert reason in page.text
    assert f'id="{field}-error"' in page.text
    assert typed in html.unescape(page.text)
    assert rooms.store.recent() == ()


def test_markup_stays_text(rooms) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    page = rooms.browser().post(
        "/check/lost-mail",
        {**PLAIN, "when": evil, "subject": evil, "client": evil, "back": evil, "sender": evil},
    )
    assert "<script>alert" not in page.text
    assert "<img" not in page.text


def test_the_api_tells_the_same(rooms) -> None:
    client = rooms.browser().client
    answer = client.post(
        "/api/lost-mail", json={**PLAIN, "back": REPORT, "when": "2. 11. 2026 9:05"}
    )
    assert answer.status_code == 200, answer.text
    document = answer.json
    assert document["known"]["side"] == "receiving"
    assert [item["name"] for item in document["missing"]] == ["extent", "spam"]
    assert all(item["good"] and item["bad"] for item in document["missing"])
    assert document["items"][0]["reason"] == "mailbox_full"
    assert document["message"]["queues"] == ["4AbCdE1234"]
    assert document["request"]["facts"]["mailbox"] == "mara@cafe.example"
    assert document["report"].startswith("/r/")
    assert client.post("/api/lost-mail", json={}).status_code == 422
    quiet = client.post("/api/lost-mail", json={**PLAIN, "check": False}).json
    assert (quiet["checked"], quiet["report"]) == ("", "")


def nested(depth):
    parts = "".join(
        f"--b{i}\nContent-Type: multipart/mixed; boundary=b{i + 1}\n\n" for i in range(depth)
    )
    return f"From: MAILER-DAEMON@x.test\nTo: a@b.test\nSubject: Undelivered\nContent-Type: multipart/mixed; boundary=b0\n\n{parts}<script>alert(1)</script> 550 5.1.1 <a@b.test>"


@pytest.mark.parametrize(
    "pasted",
    [
        nested(3_000),
        "Received: from <b>x</b> by y; " + "z" * 90_000 + "\nFrom: a@b.test\nTo: c@d.test\n",
        "<html><body>" + "<script>alert(1)</script>" * 3_000 + "550 5.1.1 <a@b.test> user unknown",
        "Subject: =?utf-8?B?"
        + "//8=" * 20_000
        + "?=\nFrom: <img src=x>\nTo: c@d.test\n\n\x00\ufffe",
        "Content-Type: application/zip\nContent-Transfer-Encoding: base64\nFrom: a@b.test\nTo: c@d.test\n\n"
        + "UEsDBBQA" * 10_000,
    ],
    ids=["nested", "header", "scripts", "encoding", "zip"],
)
@pytest.mark.parametrize(("path", "field"), [("/check", "target"), ("/check/lost-mail", "back")])
def test_hostile_mail_ends_in_a_plain_answer(rooms, pasted, path, field) -> None:
    began = time.monotonic()
    page = rooms.browser().post(path, {field: pasted, "recipient": "c@d.test"})
    assert time.monotonic() - began < 8  # with room for a loaded machine; it takes a tenth of that
    assert page.status_code in (200, 303, 400, 422)
    for markup in ("<script>alert", "<img", "<b>x"):
        assert markup not in page.text
