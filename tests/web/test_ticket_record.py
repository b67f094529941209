"""What the record of a ticket at the desk calls each act."""

from __future__ import annotations

import re
from pathlib import Path

from tests.desk_fixtures import judged
from tickets.labels import ACTS
from tickets.model import TicketOutcome

ROOM = Path(__file__).parents[2] / "tickets"


def test_the_record_tells_in_words_who_did_what(house):
    ticket, ben = house.ticket_of("mara"), house.browser("ben")
    form = {"subject": "shop.example", "symptom": "site_down"}
    ben.post(f"/desk/tickets/{ticket}/check", form)
    house.finished("r2", judged("web.redirect.loop"))
    house.work.close(house.tickets.ticket(ticket), house.cast.ben, TicketOutcome.LATER, "k")
    record = ben.get(f"/desk/tickets/{ticket}").text.partition("Record of acts")[2]
    assert "Mara: Request opened" in record
    assert "Ben: Request closed" in record
    assert "</time> Result of a check received" in record
    assert not [e.action for e in house.accounts.audited(f"ticket:{ticket}") if e.action in record]


def test_there_is_a_word_for_every_act_on_a_ticket():
    texts = (path.read_text() for path in ROOM.rglob("*.py"))
    acts = {act for text in texts for act in re.findall(r'"((?:ticket|invite)\.[a-z_]+)",', text)}
    assert {"ticket.said", "invite.result"} <= acts
    assert acts <= set(ACTS)
