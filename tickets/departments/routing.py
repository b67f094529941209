"""Which department answers what, and how urgent it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from diagnostics.model import FindingStatus, Report, Severity
from render.i18n import N_, translate
from tickets.departments.opening_hours import OpeningHours, answer_expected


class Priority(IntEnum):
    """0 is answered first; within one priority the order of arrival holds."""

    OUTAGE = 0
    HIGH = 1
    NORMAL = 2
    LOW = 3


PRIORITIES: dict[Priority, str] = {
    Priority.OUTAGE: N_("Outage"),
    Priority.HIGH: N_("High"),
    Priority.NORMAL: N_("Normal"),
    Priority.LOW: N_("Low"),
}

CATEGORIES: dict[str, str] = {
    "web": N_("Web site"),
    "mail": N_("E-mail"),
    "domain": N_("Domain and DNS"),
    "server": N_("Server or cloud"),
    "billing": N_("Invoices and payments"),
    "other": N_("Something else"),
}


# Translators: the name of the one department where the operator has set up none.
NAMELESS = N_("Customer support")


@dataclass(frozen=True, slots=True)
class Department:
    """A team with its own hours and promise. `within` None promises no time.

    `names` maps language to the name; the first one is shown where a language is missing,
    and “Customer support” where there is none at all.
    """

    id: str
    names: dict[str, str]
    categories: tuple[str, ...] = ()  # empty: everything nobody else takes
    hours: OpeningHours = field(default_factory=OpeningHours)
    within: timedelta | None = timedelta(hours=24)
    outage_within: timedelta | None = None

    def name(self, lang: str) -> str:
        """The department's name for readers."""
        name = self.names.get(lang) or next(iter(self.names.values()), "")
        return name or translate(lang, NAMELESS)

    def answer_by(self, priority: Priority, at: datetime) -> datetime | None:
        """By when it promises to answer, or None."""
        urgent = self.outage_within if priority is Priority.OUTAGE else None
        return answer_expected(self.hours, urgent or self.within, at)


SUPPORT = Department("support", {})  # where no department is set up


def department(departments: Sequence[Department], category: str) -> Department:
    """The department of a category; the first one without categories takes the rest."""
    for candidate in departments:
        if category in candidate.categories:
            return candidate
    spare = (d for d in departments if not d.categories)
    return next(spare, departments[0] if departments else SUPPORT)


# Areas of findings (the first part of an id) to categories.
AREAS: Mapping[str, str] = {
    "domain": "domain",
    "dns": "domain",
    "dnssec": "domain",
    "instructions": "domain",
    "web": "web",
    "tls": "web",
    "hosting": "web",
    "service": "billing",
    "mail": "mail",
    "mailbox": "mail",
}


def category_of_finding(id: str) -> str:
    """The category that a finding belongs to, "" for none."""
    return AREAS.get(id.split(".", maxsplit=1)[0], "")


def category_of(report: Report | None, complaint: str = "other") -> str:
    """The category a report suggests: its first failing cause, else what the customer complained
    about."""
    if report is None:
        return ""
    for judged in report.failing():
        if not judged.cause and (category := category_of_finding(judged.finding.id)):
            return category
    return known_category(complaint) or "other"


def priority_of(category: str, report: Report | None) -> Priority:
    """How urgent it is by what was seen; never by what is claimed alone."""
    failing = tuple(report.failing()) if report else ()
    severities = {judged.severity for judged in failing}
    if Severity.CRITICAL in severities:
        return Priority.OUTAGE
    if any(judged.status is FindingStatus.FAIL for judged in failing):
        return Priority.HIGH
    if category == "billing":
        return Priority.LOW
    return Priority.NORMAL


def known_category(typed: str, categories: Iterable[str] = CATEGORIES) -> str:
    """The category as typed when it is one, else ""."""
    return typed if typed in set(categories) else ""
