"""Pasting another provider's instructions: the form, the comparison, the request, and Zed."""

from __future__ import annotations

import re

from tests.checks_fixtures import Scene
from tests.diagnostics_rooms import DOMAIN, words

WWW = "Typ: CNAME\nNázev: www\nHodnota: shops.builder.net\n"
LIST = "www CNAME shops.builder.net\n@ TXT site-verification=abc123\n"


def compare(rooms, browser, text=WWW, domain=DOMAIN):
    answer = browser.post("/check/instructions", {"domain": domain, "text": text})
    assert answer.status_code == 303, answer.text
    report_path = answer.headers["Location"]
    run = rooms.run(report_path)
    rooms.finish(report_path, Scene(symptom=run.symptom, answers=dict(run.answers)))
    return report_path


def test_the_wizard_leads_there(rooms) -> None:
    assert "/check/instructions" in rooms.browser().get("/check").text
    page = rooms.browser().get(f"/check/instructions?domain={DOMAIN}")
    assert page.status_code == 200
    assert f'value="{DOMAIN}"' in page.text


def test_a_report_shows_each_value_before_and_after(rooms) -> None:
    mara = rooms.browser("mara")
    page_text = words(mara.get(compare(rooms, mara)))
    assert "What the instructions would change" in page_text
    assert "shops.builder.net" in page_text
    assert "To be removed" in page_text
    assert "An alias (CNAME) tolerates no other record at its name" in page_text


def test_the_request_holds_the_values_and_who_may_order(rooms) -> None:
    mara = rooms.browser("mara")
    page = mara.get(compare(rooms, mara))
    link = re.search(r'href="(/tickets/new[?]run=[^"]+)"', page.text)
    assert link
    assert "work=change" in link[1]


def test_the_document_has_the_changes(rooms) -> None:
    mara = rooms.browser("mara")
    document = mara.get(compare(rooms, mara) + ".json").json
    steps = {(c["name"], c["type"]): c["step"] for c in document["changes"]}
    assert steps == {(f"www.{DOMAIN}", "A"): "remove", (f"www.{DOMAIN}", "CNAME"): "add"}


def test_zed_sees_nothing_of_the_pasted_text(rooms) -> None:
    report_path = compare(rooms, rooms.browser("mara"))
    zed = rooms.browser("zed")
    for path in (report_path, f"{report_path}.json", f"{report_path}/evidence"):
        answer = zed.get(path)
        assert answer.status_code == 200
        assert "shops.builder.net" not in answer.text
        assert "site-verification" not in answer.text


def test_a_colleague_sees_the_report_but_not_what_was_pasted(rooms) -> None:
    report_path = compare(rooms, rooms.browser("mara"))
    token = report_path.rsplit("/", 1)[-1]
    vera = rooms.browser("vera")
    for path in (
        report_path,
        f"{report_path}.json",
        f"{report_path}/evidence",
        f"/api/diagnoses/{token}",
    ):
        answer = vera.get(path)
        assert answer.status_code == 200
        assert "shops.builder.net" not in answer.text, path
        assert "have signed in" not in answer.text, path
    assert "shown only to who began this check" in vera.get(f"{report_path}/evidence").text
    assert "hosting" in vera.get(f"{report_path}.json").json["evidence"]
    # Neither does she by checking again, nor does she lose it for its owner by answering.
    again = vera.post(f"{report_path}/again", {})
    rooms.finish(again.headers["Location"])
    for path in (again.headers["Location"], f"{again.headers['Location']}.json"):
        assert "shops.builder.net" not in vera.get(path).text
    assert vera.post(f"{report_path}/answers", {}).status_code == 303
    assert "shops.builder.net" in rooms.browser("mara").get(f"{report_path}.json").text
    assert "shops.builder.net" in rooms.browser("ben").get(f"{report_path}.json").text


def test_what_is_missing_is_asked_for(rooms) -> None:
    browser = rooms.browser()
    for sent, message in (
        ({"domain": DOMAIN, "text": ""}, "Please paste the instructions."),
        ({"domain": DOMAIN, "text": "Hello, how are you?"}, "We found no DNS record"),
        ({"domain": "", "text": WWW}, "Type your domain"),
        ({"domain": "com", "text": WWW}, "com is an ending"),
    ):
        page = browser.post("/check/instructions", sent)
        assert page.status_code == 422
        assert message in words(page)
        assert browser.get("/check/instructions").status_code == 200


def test_the_domain_is_taken_from_the_text(rooms) -> None:
    text = f"www.{DOMAIN}. CNAME shops.builder.net.\nshop.{DOMAIN}. CNAME shops.builder.net.\n"
    report_path = compare(rooms, rooms.browser(), text, domain="")
    assert rooms.run(report_path).subject.domain == DOMAIN


def test_records_in_the_wizards_box_lead_to_the_comparison(rooms) -> None:
    answer = rooms.browser().post("/check", {"target": LIST, "symptom": "something_else"})
    assert answer.status_code == 307
    assert answer.headers["Location"] == "/check/instructions"


def test_hostile_instructions_never_become_markup(rooms) -> None:
    mara = rooms.browser("mara")
    text = WWW + 'TXT @ "<script>alert(1)</script>"\n@ TXT x-verification="><img src=x>\n'
    page = mara.get(compare(rooms, mara, text))
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text


def test_programs_can_ask(rooms) -> None:
    body = {"target": DOMAIN, "instructions": WWW}
    answer = rooms.browser().client.post("/api/diagnoses", json=body)
    assert answer.status_code == 202
    run = rooms.run(answer.json["report"])
    assert (run.symptom, run.answers) == ("instructions", {"records": WWW.strip()})
