"""What the customer says is wrong, as the pages ask and tell it."""

from __future__ import annotations

import pytest

from diagnostics.symptoms import SYMPTOMS
from tests.diagnostics_rooms import words


def test_a_question_with_choices_is_a_list_and_its_answer_is_told_in_words(rooms) -> None:
    browser = rooms.browser()
    report_path = rooms.begin(browser, symptom="dns_change")
    assert '<option value="hour">Within the last hour</option>' in browser.get(report_path).text
    browser.post(
        f"{report_path}/answers", {"changed_at": "hour", "value": "no address", "where": "x"}
    )
    assert rooms.run(report_path).answers == {"changed_at": "hour", "value": "no address"}
    rooms.finish(report_path)
    page_text = words(browser.get(report_path))
    assert "When did you change it? Within the last hour" in page_text
    stranger = words(rooms.browser().get(report_path))
    assert "Within the last hour" not in stranger
    assert "no address" not in stranger


def test_an_error_message_given_as_an_answer_is_explained_on_the_report(rooms) -> None:
    browser = rooms.browser()
    report_path = rooms.begin(browser, symptom="mail_not_sent")
    rooms.finish(report_path)
    assert "What the message you copied here means" not in browser.get(report_path).text
    pasted = "550 5.1.1 <jana@office.test>: Recipient address rejected: User unknown"
    browser.post(f"{report_path}/answers", {"bounce": pasted})
    page_text = words(browser.get(report_path))
    assert "What the message you copied here means" in page_text
    assert "What the message" not in rooms.browser().get(report_path).text


@pytest.mark.parametrize("symptom", [s.id for s in SYMPTOMS])
def test_every_symptom_can_be_chosen_and_reported(rooms, symptom) -> None:
    browser = rooms.browser()
    assert f'value="{symptom}"' in browser.get("/check").text
    report_path = rooms.begin(browser, symptom=symptom)
    assert rooms.run(report_path).symptom == symptom
    assert browser.get(report_path).status_code == 200
    rooms.finish(report_path)
    assert browser.get(report_path).status_code == 200
