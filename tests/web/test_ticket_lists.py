"""No ticket falls out of a list: the newest stand first where they are closed, and pages follow."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tickets.model import TicketState
from tickets.store import PAGE, TicketCommand


@pytest.fixture
def many(house):
    """One page and three tickets, all Mara's and of one urgency; their numbers, oldest first."""
    first = house.tickets.ticket(house.ticket_of())
    for n in range(PAGE + 2):
        draft = replace(first.draft, fingerprint=f"f{n}")
        house.tickets.submit(draft, priority=first.priority, answer_by=None)
    return [first.number + n for n in range(PAGE + 3)]


def close(house, tickets):
    for ticket in tickets:
        house.tickets.apply(
            ticket.id,
            TicketCommand("ben", "ticket.closed", state=TicketState.CLOSED, outcome="later"),
        )


def pages(browser, path):
    """The numbers of tickets on each page of a list, and the first page."""
    numbers, first = [], ""
    while path:
        text = browser.get(path).text
        first = first or text
        numbers.append([int(x) for x in re.findall(r'<td data-label="Number">(\d+)</td>', text)])
        link = re.search(r'href="([^"]*after=[^"]*)"', text)
        path = link[1].replace("&amp;", "&") if link else ""
    return numbers, first


def test_agents_read_every_open_ticket_in_order_of_arrival(house, many):
    numbers, first = pages(house.browser("ben"), "/desk")
    assert numbers == [many[:PAGE], many[PAGE:]]
    assert f"{len(many)} requests; the urgent first" in first


def test_urgent_ones_stand_on_the_first_page_and_nowhere_else(house, many):
    last = house.tickets.queue([TicketState.NEW], house.tickets.queue([TicketState.NEW])[-1])[-1]
    house.tickets.apply(last.id, TicketCommand("ben", "ticket.said", priority=0))
    (first, second), _ = pages(house.browser("ben"), "/desk")
    assert first == [last.number, *many[: PAGE - 1]]
    assert second == many[PAGE - 1 : -1]


def test_the_newest_closed_tickets_stand_first(house, many):
    queue, newest_first = house.tickets.queue, many[::-1]
    while batch := queue([TicketState.NEW]):
        close(house, batch)
    numbers, first = pages(house.browser("ben"), "/desk?state=closed")
    assert numbers == [newest_first[:PAGE], newest_first[PAGE:]]
    assert f"{len(many)} closed requests; the newest first." in first


def test_customers_read_every_ticket_of_theirs(house, many):
    numbers, _ = pages(house.browser("mara"), "/tickets")
    assert numbers == [many[:2:-1], many[2::-1]]
    assert pages(house.browser("zed"), "/tickets")[0] == [[]]


def test_a_page_behind_no_ticket_is_the_first(house, many):
    assert pages(house.browser("ben"), "/desk?after=nothing")[0][0] == many[:PAGE]
