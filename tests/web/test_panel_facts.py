"""Each fact that a panel tells, on the pages of customers and agents: told where it is known, and to
nobody else. A field of HostingFacts that a page forgets, or tells without its value, fails here."""

from __future__ import annotations

import html
import re
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from types import NoneType
from typing import get_args, get_origin, get_type_hints

import pytest

from hosting.model import HostingFacts
from render.languages import LANGUAGES
from render.templates import environment
from tests.desk_fixtures import FACTS

TEMPLATE = environment().get_template("portal/panel_facts.html").make_module({"limit_names": {}})
FIELDS = {field.name: field for field in fields(HostingFacts)}
MACROS = [name for name in FIELDS if callable(getattr(TEMPLATE, name, None))]
# Words of what pages have parts of their own for.
OWN_PARTS = {
    "account": "Mara&#39;s Shop",
    "services": "1 February 2026",
    "usage": "9.6 GB of 10 GB",
    "as_of": "15 Jan 2026, 11:40 UTC",
}


def sample(kind, n):
    """The n-th value of a type, no two of them alike, with texts that no page may take for markup."""
    options = [option for option in get_args(kind) if option not in (NoneType, ...)]
    if get_origin(kind) is tuple:
        return (sample(options[0], n),)
    if options:
        return sample(options[0], n)
    if is_dataclass(kind):
        return kind(**{name: sample(inner, n) for name, inner in get_type_hints(kind).items()})
    if issubclass(kind, Enum):
        return list(kind)[n % len(kind)]
    moment = datetime(2026, 1, 14, 3, tzinfo=UTC) + timedelta(days=n)
    values = {
        str: f"qz{n}<b>&",
        bool: True,
        int: 4242 + n,
        float: 42.5 + n,
        datetime: moment,
        date: moment.date(),
    }
    return values[kind]


def default_of(name):
    field = FIELDS[name]
    return () if field.default is MISSING else field.default


UNKNOWN = replace(FACTS, **{name: default_of(name) for name in FIELDS if name not in OWN_PARTS})


@pytest.fixture
def pages(house):
    """What somebody reads at /me and what an agent reads at a ticket, when the panel told these facts."""
    ticket = house.ticket_of()
    places = {"/me": house.browser("mara"), f"/desk/tickets/{ticket}": house.browser("ben")}

    def read(facts, lang="en"):
        house.hosting.facts = {"shop.example": facts}
        answers = [browser.get(f"{path}?lang={lang}") for path, browser in places.items()]
        assert [answer.status_code for answer in answers] == [200, 200]
        return [re.sub(r'value="\w*"', "", answer.text).splitlines() for answer in answers]

    return read


def added(more, less):
    return "\n".join(line for line in more if line not in less)


def with_fact(name, n=1):
    return replace(UNKNOWN, **{name: sample(get_type_hints(HostingFacts)[name], n)})


def test_each_field_has_words_of_its_own_or_is_said_to_have_none():
    other = (*TEMPLATE.shown_by_pages, *TEMPLATE.read_by_checks)
    assert sorted((*MACROS, *other)) == sorted(FIELDS), "see templates/portal/panel_facts.html"
    assert set(TEMPLATE.shown_by_pages) == set(OWN_PARTS)


@pytest.mark.parametrize("name", MACROS)
def test_a_fact_is_told_with_its_value_to_customer_and_agent(pages, name):
    without, first, second = pages(UNKNOWN), pages(with_fact(name)), pages(with_fact(name, 2))
    for page_without, page, other_page in zip(without, first, second, strict=True):
        text = added(page, page_without)
        assert text
        assert "<b>&" not in text
        values = set(re.findall(r"qz1\S*", html.unescape(text)))
        assert all(value.startswith("qz1<b>&") for value in values)
        kind = get_type_hints(HostingFacts)[name]
        assert bool in (kind, *get_args(kind)) or text != added(other_page, page_without)


@pytest.mark.parametrize("name", MACROS)
def test_a_fact_is_told_in_each_language(pages, name):
    texts = [
        [*map(added, pages(with_fact(name), lang), pages(UNKNOWN, lang))] for lang in LANGUAGES
    ]
    for page in zip(*texts, strict=True):
        assert len(set(page)) == len(LANGUAGES), page


@pytest.mark.parametrize("name", MACROS)
def test_a_fact_is_told_to_nobody_else(house, pages, name):
    facts = with_fact(name)
    theirs = added(pages(facts)[0], pages(UNKNOWN)[0])
    house.hosting.facts = {"shop.example": facts}
    ticket = house.ticket_of()
    for path in ("/me", f"/tickets/{ticket}", f"/desk/tickets/{ticket}"):
        for who in ("zed", ""):
            lines = house.browser(who).get(path).text.splitlines()
            assert not set(theirs.splitlines()) & set(lines) - {"", "</div>"}, (path, who)


@pytest.mark.parametrize("name", TEMPLATE.shown_by_pages)
def test_what_pages_have_parts_for_is_on_both(pages, name):
    assert [place for place in pages(FACTS) if OWN_PARTS[name] not in "\n".join(place)] == []


@pytest.mark.parametrize("name", TEMPLATE.read_by_checks)
def test_what_only_checks_read_is_on_no_page(pages, name):
    assert pages(with_fact(name)) == pages(UNKNOWN)
