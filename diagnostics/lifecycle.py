"""What a registry does with a domain after its expiry, and when: a calendar for each registry.

Pure: the dates are data with their sources, so that an operator can follow each one up. A name
under a registry that is not listed has no calendar, and nothing is guessed about it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from render.i18n import N_
from standards.registration.time_zones import today as today  # noqa: PLC0414 - for those who judge


class Stage(StrEnum):
    """What state a name is in after its expiry."""

    ACTIVE = "active"  # not expired
    GRACE = "grace"  # expired, still works, is renewed at the usual price
    STOPPED = "stopped"  # out of the DNS, still renewed at the usual price
    REGISTRAR = "registrar"  # expired; the registrar decides when it stops, within the dates given
    RESTORE = "restore"  # out of the DNS, brought back only for an extra fee
    DELETING = "deleting"  # too late; the registry is about to delete it
    RELEASED = "released"  # deleted; others may take it


# What happens when a stage begins; for lists of what comes next.
WHAT: dict[Stage, str] = {
    Stage.ACTIVE: N_("The registration is valid."),
    Stage.GRACE: N_("The registration expires. The name still works and can be renewed."),
    Stage.STOPPED: N_("Website and e-mail stop. The name can still be renewed as usual."),
    Stage.REGISTRAR: N_("The registration expires. The registrar may stop the name at any time."),
    Stage.RESTORE: N_("Website and e-mail stop. The name comes back only for an extra fee."),
    Stage.DELETING: N_("The name can no longer be saved and waits to be deleted."),
    Stage.RELEASED: N_("The name is deleted, and somebody else may register it."),
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """A registry's rules. `steps` are (days after expiry, stage that begins), in order.

    `publishes` says whether the registry tells the expiry to the public at all; `auto_renews`
    whether its date jumps a year ahead before anybody has paid; `deep` whether the same rules
    hold for names with more than two labels (com.pl); `restore` how many days after a deletion
    the name can be brought back, when the registry says so; `whole_days` whether each step is
    known to be the first day of its stage. Where it is not, the stage begins some time that day
    or with the next: the day is told as the date of the loss, and is not called lost itself.
    """

    tld: str
    steps: tuple[tuple[int, Stage], ...]
    sources: tuple[str, ...]
    publishes: bool = True
    auto_renews: bool = False
    deep: bool = False
    restore: int | None = None
    whole_days: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing that will happen: on which day, and what, as a msgid."""

    on: date
    stage: Stage

    @property
    def what(self) -> str:
        return WHAT[self.stage]


_ICANN = (
    "https://www.icann.org/resources/pages/errp-2013-02-28-en",
    "https://www.rfc-editor.org/rfc/rfc3915",
)
_GENERIC = (
    (0, Stage.REGISTRAR),
    (45, Stage.RESTORE),
    (75, Stage.DELETING),
    (80, Stage.RELEASED),
)

CALENDARS: dict[str, Calendar] = {
    c.tld: c
    for c in (
        Calendar(
            "cz",
            ((0, Stage.GRACE), (31, Stage.STOPPED), (61, Stage.RELEASED)),
            (
                "https://napoveda.czechia.com/clanek/expirace-domeny-cz/",
                "https://support.forpsi.com/kb/a2729/je-domena-funkcni-i-po-expiraci.aspx",
            ),
            whole_days=True,
        ),
        Calendar(
            "sk",
            ((0, Stage.STOPPED), (40, Stage.DELETING), (41, Stage.RELEASED)),
            (
                "https://napoveda.slovaknet.sk/inpage/expirace-domeny-sk/",
                "https://tyzdendomen.sk/info/zivotny-cyklus-domeny",
            ),
        ),
        Calendar(
            "pl",
            ((0, Stage.STOPPED), (30, Stage.RELEASED)),
            ("https://dns.pl/en/domain_name_life_cycle",),
            deep=True,
        ),
        Calendar(
            "hr",
            ((0, Stage.REGISTRAR),),
            ("https://www.domene.hr/en/portal/faq",),
            deep=True,
        ),
        Calendar(
            "eu",
            ((0, Stage.RESTORE), (40, Stage.RELEASED)),
            (
                "https://help.eurid.eu/hc/en-gb/articles/9731562911261",
                "https://support.rebel.ca/hc/en-us/articles/48984037337627",
            ),
            publishes=False,
            restore=40,
        ),
        *(
            Calendar(tld, _GENERIC, _ICANN, auto_renews=True, restore=30)
            for tld in ("com", "net", "org", "info")
        ),
        Calendar(
            "de",
            (),
            ("https://www.denic.de/en/domains/de-domains/domain-deletion/",),
            publishes=False,
            restore=30,
        ),
        Calendar(
            "at",
            (),
            ("https://www.nic.at/en/faq/domain_cancellation/",),
            publishes=False,
            deep=True,
            restore=56,
        ),
        Calendar(
            "hu",
            ((0, Stage.REGISTRAR), (45, Stage.RESTORE), (105, Stage.RELEASED)),
            ("https://dotroll.com/en/blog/what-happens-when-a-hu-domain-name-expires/",),
            deep=True,
        ),
        Calendar(
            "si",
            ((0, Stage.STOPPED), (30, Stage.RELEASED)),
            ("http://www.e-uspeh.com/pomoc/english/si-domain-faq/page/2",),
        ),
    )
}


def calendar(domain: str) -> Calendar | None:
    """The rules for a registrable name, or None when they are not known."""
    labels = domain.split(".")
    rules = CALENDARS.get(labels[-1])
    if rules is None or (len(labels) > 2 and not rules.deep):
        return None
    return rules


def year_before(day: date) -> date:
    """The same day a year earlier."""
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def jumped(epp: Collection[str], registry: date | None, registrar: date | None, on: date) -> bool:
    """Has the registry moved its date a year ahead although nobody may have paid?

    The registrar's own date decides where it is known; else the state of the renewal period.
    """
    if registry is None:
        return False
    if registrar:
        return registrar <= on and registry - registrar > timedelta(days=200)
    return "autoRenewPeriod" in epp


def stage(rules: Calendar, expires: date, on: date) -> Stage:
    """The stage a name is in on a day, if nobody has renewed it. Expiry day itself is still good."""
    if on <= expires:
        return Stage.ACTIVE
    reached = [what for days, what in rules.steps if _begun(rules, expires, days, on)]
    return reached[-1] if reached else Stage.REGISTRAR


def _begun(rules: Calendar, expires: date, days: int, on: date) -> bool:
    begins = expires + timedelta(days=days)
    return begins < on or (begins == on and days > 0 and rules.whole_days)


def coming(rules: Calendar, expires: date, on: date) -> tuple[Coming, ...]:
    """What will happen, in order, from a day on if nobody renews the name; it may be that day's."""
    return tuple(
        Coming(expires + timedelta(days=days), what)
        for days, what in rules.steps
        if not _begun(rules, expires, days, on)
    )


def begins(rules: Calendar, expires: date, wanted: Stage) -> date | None:
    """The first day on which a stage may begin, or None when this registry has no such stage."""
    return next((expires + timedelta(days=d) for d, what in rules.steps if what is wanted), None)
