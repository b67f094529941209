"""A letter that was refused: the agent who wrote it is told, with the reason, on the ticket."""

from __future__ import annotations

import pytest

from messages import RefusalReason
from notify.channel import ChannelError

REFUSED = "This letter was refused: the mail server takes no mail for the customer"


def refuse(house, reason=RefusalReason.RECIPIENT, reply="550 5.1.1"):
    house.channel.error = ChannelError("no", permanent=True, reason=reason, reply=reply)


def test_the_agent_learns_that_an_answer_was_refused_and_why(house):
    ticket, ben = house.ticket_of(), house.browser("ben")
    refuse(house)
    ben.post(f"/desk/tickets/{ticket}/reply", {"text": "Try now", "key": "k1", "go": "reply"})
    page = f"/desk/tickets/{ticket}"
    assert REFUSED not in ben.get(page).text
    house.run_jobs()
    page_text = ben.get(page).text
    assert page_text.count(REFUSED) == 1
    assert "The mail server answered 550 5.1.1." in page_text
    assert "Please reach them another way." in page_text
    assert REFUSED not in house.browser("mara").get(f"/tickets/{ticket}").text


def test_it_is_told_in_the_agents_language(house):
    ticket, ben = house.ticket_of(), house.browser("ben")
    refuse(house)
    ben.post(f"/desk/tickets/{ticket}/reply", {"text": "Try now", "key": "k1", "go": "reply"})
    house.run_jobs()
    page_text = ben.get(f"/desk/tickets/{ticket}?lang=cs").text
    assert "Poštovní server odpověděl 550 5.1.1." in page_text


@pytest.mark.parametrize("reason", list(RefusalReason))
def test_a_refused_check_link_is_told_whatever_the_reason(house, reason):
    ticket, ben = house.ticket_of(), house.browser("ben")
    refuse(house, reason, "")
    form = {"subject": "shop.example", "symptom": "site_down", "runs": "2"}
    ben.post(f"/desk/tickets/{ticket}/invite", form)
    house.run_jobs()
    page_text = ben.get(f"/desk/tickets/{ticket}").text
    assert page_text.count("This letter was ") == 1
    assert "The mail server answered" not in page_text


def test_a_letter_that_went_out_says_nothing(house):
    ticket, ben = house.ticket_of(), house.browser("ben")
    ben.post(f"/desk/tickets/{ticket}/reply", {"text": "Try now", "key": "k1", "go": "reply"})
    house.run_jobs()
    assert "This letter was " not in ben.get(f"/desk/tickets/{ticket}").text


def test_the_queue_marks_a_ticket_whose_last_letter_was_refused(house):
    ticket, ben = house.ticket_of(), house.browser("ben")
    other = house.ticket_of("mara", text="Another matter")
    ben.post(f"/desk/tickets/{other}/reply", {"text": "Done", "key": "k0", "go": "reply"})
    house.run_jobs()
    refuse(house)
    ben.post(f"/desk/tickets/{ticket}/reply", {"text": "Try now", "key": "k1", "go": "reply"})
    assert "letter refused" not in ben.get("/desk").text
    house.run_jobs()
    queue = ben.get("/desk").text
    assert queue.count("letter refused") == 1
    assert "letter refused" in next(row for row in queue.split("<tr>") if ticket in row)
    assert "e-mail odmítnut" in ben.get("/desk", headers={"Accept-Language": "cs"}).text
    # A later letter that arrives ends it: the customer can be reached again.
    house.channel.error = None
    ben.post(f"/desk/tickets/{ticket}/reply", {"text": "And now?", "key": "k2", "go": "reply"})
    house.run_jobs()
    assert "letter refused" not in ben.get("/desk").text
