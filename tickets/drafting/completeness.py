"""Which facts a category needs, which are missing, and what a good answer looks like. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from render.i18n import N_
from render.meter import CompletenessMeter
from tickets.departments.routing import CATEGORIES


def _filled(answer: str) -> bool:
    return len(answer) >= 2


def _is_descriptive(answer: str) -> bool:
    return len(answer) >= 12 and len(answer.split()) >= 3


def _address(answer: str) -> bool:
    return re.fullmatch(r"https?://[^\s/]+\S*", answer, re.IGNORECASE) is not None


def _mailbox(answer: str) -> bool:
    return re.search(r"[^\s@]@[^\s@]+\.[^\s@]", answer) is not None


def _name(answer: str) -> bool:
    return "." in answer and len(answer) >= 4


@dataclass(frozen=True, slots=True)
class FactQuestion:
    """One fact that a ticket asks for: a field of the form, kept and shown to customer and agent.

    `good` is an example answer; `enough` says whether an answer is of use; `categories` are those
    that ask for it, () for all of them; `kind` is line or area. What is `optional` helps, but its
    absence is no gap. `prefix` and `name` are what its field is called.
    """

    name: str
    label: str
    good: str
    enough: Callable[[str], bool]
    categories: tuple[str, ...]
    kind: str = "line"
    optional: bool = False
    prefix: str = "fact_"

    @property
    def field(self) -> str:
        """What its field is called in the form."""
        return self.prefix + self.name


# Every fact, in the order of the form. A line here is all that a further field of tickets needs.
FACTS: tuple[FactQuestion, ...] = (
    FactQuestion(
        "url",
        N_("The complete address of the page, with http or https"),
        "https://shop.example/checkout?step=2",
        _address,
        ("web",),
    ),
    FactQuestion("mailbox", N_("The full mailbox name"), "jana@shop.example", _mailbox, ("mail",)),
    FactQuestion(
        "direction",
        N_("Is it sending or receiving that fails, and with which other addresses?"),
        N_("Receiving fails: messages from peter@office.example never arrive, others do"),
        _is_descriptive,
        ("mail",),
    ),
    FactQuestion("domain", N_("The full domain name"), "shop.example", _name, ("domain",)),
    FactQuestion(
        "values",
        N_("The values to be set, or the other provider's instructions with their address"),
        "www.shop.example. CNAME shops.builder.example.",
        _is_descriptive,
        ("domain",),
        kind="area",
    ),
    FactQuestion(
        "server", N_("The name of the server or service"), "vps-1043", _filled, ("server",)
    ),
    FactQuestion("address", N_("Its IP address"), "192.0.2.10", _filled, ("server",)),
    FactQuestion(
        "document",
        N_("Number of the invoice or the order"),
        "2026-001045",
        _filled,
        ("billing",),
    ),
    FactQuestion(
        "wish",
        N_("What should be different on it?"),
        N_("Please correct the company name to “Shop Ltd.”"),
        _is_descriptive,
        ("billing",),
    ),
    FactQuestion(
        "service",
        N_("Name of the service or the order number"),
        "shop.example",
        _filled,
        ("other",),
    ),
    FactQuestion(
        "error",
        N_("The complete error text, as it stands on the screen"),
        "503 Service Unavailable – Error establishing a database connection",
        _is_descriptive,
        ("web", "server"),
        kind="area",
    ),
    FactQuestion(
        "error",
        N_("The complete error of the mail program, or the whole returned message"),
        "550 5.1.1 <jana@shop.example>: Recipient address rejected",
        _is_descriptive,
        ("mail",),
        kind="area",
    ),
    FactQuestion(
        "steps",
        N_("What must one do to see the error?"),
        N_("Put anything into the basket, choose “Pay”, and the error appears"),
        _is_descriptive,
        ("web",),
        kind="area",
    ),
    FactQuestion(
        "client",
        N_("Which program, and which incoming and outgoing servers are set in it?"),
        "Thunderbird, IMAP mail.shop.example 993, SMTP mail.shop.example 465",
        _is_descriptive,
        ("mail",),
    ),
    FactQuestion(
        "since",
        N_("Since when, and until when did it work?"),
        N_("It worked until yesterday afternoon, since about 17:00 it does not"),
        _filled,
        ("web", "mail", "domain", "server", "other"),
    ),
    FactQuestion(
        "changed",
        N_("What was changed before that, by whom and when?"),
        N_("On Monday our developer updated a plugin; nothing else was changed"),
        _filled,
        ("web", "domain", "server"),
    ),
    FactQuestion(
        "wanted",
        N_("If it leads to a wrong place: where should it lead?"),
        "https://www.shop.example/",
        _name,
        ("web",),
        optional=True,
    ),
    FactQuestion(
        "screenshot",
        N_("Link to a screenshot, if you have one"),
        "https://pictures.example/error.png",
        _address,
        ("web", "mail"),
        optional=True,
    ),
)
SERVICE = FactQuestion("service", N_("Service"), "shop.example", _filled, (), prefix="")
DESCRIPTION = FactQuestion(
    "text", N_("What is wrong, in your own words"), "", _is_descriptive, (), kind="area", prefix=""
)
ASKS: Mapping[str, tuple[FactQuestion, ...]] = {
    category: tuple(fact for fact in FACTS if not fact.categories or category in fact.categories)
    for category in CATEGORIES
}

# What a request often sounds like, and the same one as it can be answered at once.
EXAMPLES: Mapping[str, tuple[str, str]] = {
    "web": (
        N_("“The site is broken.”"),
        N_(
            "“https://shop.example/checkout shows ‘503 Service Unavailable’ since yesterday 17:00; before that a plugin was updated.”"
        ),
    ),
    "mail": (
        N_("“My mail does not work.”"),
        N_(
            "“Sending from jana@shop.example fails since yesterday afternoon with ‘535 Authentication failed’; receiving works.”"
        ),
    ),
    "domain": (
        N_("“Please redirect my domain.”"),
        N_(
            "“Please point www.shop.example to shops.builder.example (CNAME) and leave mail as it is; their instructions: https://builder.example/dns”"
        ),
    ),
    "server": (
        N_("“The server is down.”"),
        N_(
            "“vps-1043 (192.0.2.10) answers ping but not SSH since 06:10 UTC; the last change was a kernel update.”"
        ),
    ),
    "billing": (
        N_("“The invoice is wrong.”"),
        N_("“Invoice 2026-001045 should be issued to Shop Ltd.; please send a corrected one.”"),
    ),
    "other": (
        N_("“It does not work.”"),
        N_(
            "“What I did, what I expected, what I saw instead, and since when – with the name of the service.”"
        ),
    ),
}


def questions_for(category: str) -> tuple[FactQuestion, ...]:
    """What to ask in a category; an unknown one is asked as "other"."""
    return ASKS.get(category, ASKS["other"])


def measure_completeness(
    category: str, answers: Mapping[str, str], text: str = "", service: str = ""
) -> CompletenessMeter[FactQuestion]:
    """What is known and what is missing; every category needs the service and the customer's own
    words too."""
    asked = tuple(ask for ask in questions_for(category) if not ask.optional)
    needed = (SERVICE, DESCRIPTION, *asked)
    typed = {SERVICE.field: service, DESCRIPTION.field: text}
    typed |= {ask.field: answers.get(ask.name, "") for ask in asked}
    missing = tuple(ask for ask in needed if not ask.enough(typed[ask.field].strip()))
    return CompletenessMeter(len(needed), missing)
