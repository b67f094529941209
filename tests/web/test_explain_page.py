"""A pasted error in the wizard's box: explained at once, kept nowhere, shown without its markup."""

from __future__ import annotations

import re
from pathlib import Path

from tests.diagnostics_rooms import words

CASES = Path(__file__).resolve().parents[1] / "cases" / "explain"


def test_a_pasted_bounce_is_explained_and_nothing_is_stored(rooms) -> None:
    page = rooms.browser().post(
        "/check", {"target": "550 5.1.1 <jan@shop.example>: no such user", "symptom": ""}
    )
    assert page.status_code == 200
    page_text = words(page)
    assert "mailbox does not exist" in page_text
    assert "jan@shop.example" in page_text
    assert "Check shop.example" in page_text
    assert "Write to us about it" in page_text
    assert page.text.count("<h1") == 1
    assert rooms.store.recent() == ()
    assert rooms.account_lookups == []


def test_zed_and_markup_get_no_further(rooms) -> None:
    evil = "550 5.1.1 <script>alert(1)</script> <b>user unknown</b> boss@other.test"
    page = rooms.browser().post("/check", {"target": evil, "symptom": ""})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<b>user" not in page.text


def test_a_letter_goes_the_usual_way(rooms) -> None:
    page = rooms.browser().post("/check", {"target": "it is broken", "symptom": ""})
    assert page.status_code == 422


# ---------------------------------------------------------------- a domain of one's own
REFUSED = "550 5.7.26 <petr@gmail.example>: unauthenticated, SPF [cafe.example] did not pass"


def test_the_readers_own_domain_is_checked_at_once(rooms) -> None:
    page = rooms.browser("mara").post("/check", {"target": REFUSED, "symptom": ""})
    page_text = words(page)
    assert "cafe.example is yours, so we are already checking it" in page_text
    (run,) = rooms.store.recent()
    assert (run.subject.domain, run.symptom, run.scope.value) == (
        "cafe.example",
        "mail_not_sent",
        "contact",
    )
    (report_path,) = re.findall(r'href="(/r/[^"]+)"', page.text)
    assert rooms.browser("mara").get(report_path).status_code == 200
    assert f'name="run" value="{report_path[3:]}"' in page.text  # the ticket takes the report along
    assert "Check gmail.example" in page_text


def test_zed_causes_no_run_and_no_question_about_the_account(rooms) -> None:
    for name in ("", "zed"):
        page = rooms.browser(name).post("/check", {"target": REFUSED, "symptom": ""})
        assert "already checking" not in words(page)
        assert "Check cafe.example" in words(page)
    assert rooms.store.recent() == ()


def test_pasted_headers_show_the_proof_and_the_way(rooms) -> None:
    pasted = (CASES / "headers" / "gmail.txt").read_text("utf-8")
    page = rooms.browser().post("/check", {"target": pasted, "symptom": ""})
    page_text = words(page)
    assert "The sender is proven: SPF or DKIM passed for shop.test" in page_text
    assert "Only the verdict of mx.google.com is counted" in page_text
    assert "forged.example" not in page_text
    assert "From the first server to the last it took 3 minutes" in page_text
    assert "4Tp1Xy2Z3Wz9sN" in page_text
    assert "abc-1@shop.test" in page_text


def test_a_ticket_begins_with_what_the_message_is_looked_up_by(rooms) -> None:
    pasted = (CASES / "postfix_full.eml").read_text("utf-8")
    page = rooms.browser().post("/check", {"target": pasted, "symptom": ""})
    (body,) = re.findall(r'name="text" value="([^"]*)"', page.text)
    assert "Identifiers in queues: 4AbCdE1234" in body
    assert "Dates in the headers: 2026-11-02 09:00:00 UTC" in body
    assert "hunter22" not in body


def test_a_slip_in_the_name_of_a_provider_is_asked_about(rooms) -> None:
    page = rooms.browser().post(
        "/check",
        {
            "target": "<petr@gmial.com>: Host or domain name not found. Name service error for name=gmial.com type=A: Host not found"
        },
    )
    assert "“gmial.com” looks like a slip of the pen for “gmail.com”" in words(page)


def test_a_code_without_words_asks_for_the_words(rooms) -> None:
    for text in ("550", "Chyba 550", "error code: 553"):
        page = rooms.browser().post("/check", {"target": text, "symptom": ""})
        assert page.status_code == 200
        assert "The number alone does not say what went wrong" in words(page), text
        assert "Who can fix it" not in words(page), "nobody knows yet"
    checked = rooms.browser().post("/check", {"target": "chyba 550 cafe.example", "symptom": ""})
    assert "The number alone" not in words(checked), "a domain that is named is checked"
