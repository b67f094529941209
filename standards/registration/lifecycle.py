"""Lifecycle calendars of registries: what happens to a domain after its expiry, and when.

Pure: the dates are data with their sources, so that an operator can follow each one up. A name
under a registry that is not listed has no calendar, and nothing is guessed about it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class LifecycleStage(StrEnum):
    """What state a name is in after its expiry."""

    ACTIVE = "active"  # not expired
    GRACE = "grace"  # expired, still works, is renewed at the usual price
    STOPPED = "stopped"  # out of the DNS, still renewed at the usual price
    REGISTRAR = "registrar"  # expired; the registrar decides when it stops, within the dates given
    RESTORE = "restore"  # out of the DNS, brought back only for an extra fee
    DELETING = "deleting"  # too late; the registry is about to delete it
    RELEASED = "released"  # deleted; others may take it


@dataclass(frozen=True, slots=True)
class LifecycleCalendar:
    """A registry's rules. `steps` are (days after expiry, stage that begins), in order.

    `auto_renews` says whether its date jumps a year ahead before anybody has paid; `deep` whether the same rules
    hold for names with more than two labels (com.pl); `restore` how many days after a deletion
    the name can be brought back, when the registry says so; `whole_days` whether each step is
    known to be the first day of its stage. Where it is not, the stage begins some time that day
    or with the next: the day is told as the date of the loss, and is not called lost itself.
    """

    tld: str
    steps: tuple[tuple[int, LifecycleStage], ...]
    sources: tuple[str, ...]
    auto_renews: bool = False
    deep: bool = False
    restore: int | None = None
    whole_days: bool = False


@dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """One thing that will happen: on which day, and the stage that begins."""

    on: date
    stage: LifecycleStage


_ICANN = (
    "https://www.icann.org/resources/pages/errp-2013-02-28-en",
    "https://www.rfc-editor.org/rfc/rfc3915",
)
_GENERIC = (
    (0, LifecycleStage.REGISTRAR),
    (45, LifecycleStage.RESTORE),
    (75, LifecycleStage.DELETING),
    (80, LifecycleStage.RELEASED),
)

CALENDARS: dict[str, LifecycleCalendar] = {
    c.tld: c
    for c in (
        LifecycleCalendar(
            "cz",
            (
                (0, LifecycleStage.GRACE),
                (31, LifecycleStage.STOPPED),
                (61, LifecycleStage.RELEASED),
            ),
            (
                "https://napoveda.czechia.com/clanek/expirace-domeny-cz/",
                "https://support.forpsi.com/kb/a2729/je-domena-funkcni-i-po-expiraci.aspx",
            ),
            whole_days=True,
        ),
        LifecycleCalendar(
            "sk",
            (
                (0, LifecycleStage.STOPPED),
                (40, LifecycleStage.DELETING),
                (41, LifecycleStage.RELEASED),
            ),
            (
                "https://napoveda.slovaknet.sk/inpage/expirace-domeny-sk/",
                "https://tyzdendomen.sk/info/zivotny-cyklus-domeny",
            ),
        ),
        LifecycleCalendar(
            "pl",
            ((0, LifecycleStage.STOPPED), (30, LifecycleStage.RELEASED)),
            ("https://dns.pl/en/domain_name_life_cycle",),
            deep=True,
        ),
        LifecycleCalendar(
            "hr",
            ((0, LifecycleStage.REGISTRAR),),
            ("https://www.domene.hr/en/portal/faq",),
            deep=True,
        ),
        LifecycleCalendar(
            "eu",
            ((0, LifecycleStage.RESTORE), (40, LifecycleStage.RELEASED)),
            (
                "https://help.eurid.eu/hc/en-gb/articles/9731562911261",
                "https://support.rebel.ca/hc/en-us/articles/48984037337627",
            ),
            restore=40,
        ),
        *(
            LifecycleCalendar(tld, _GENERIC, _ICANN, auto_renews=True, restore=30)
            for tld in ("com", "net", "org", "info")
        ),
        LifecycleCalendar(
            "de",
            (),
            ("https://www.denic.de/en/domains/de-domains/domain-deletion/",),
            restore=30,
        ),
        LifecycleCalendar(
            "at",
            (),
            ("https://www.nic.at/en/faq/domain_cancellation/",),
            deep=True,
            restore=56,
        ),
        LifecycleCalendar(
            "hu",
            (
                (0, LifecycleStage.REGISTRAR),
                (45, LifecycleStage.RESTORE),
                (105, LifecycleStage.RELEASED),
            ),
            ("https://dotroll.com/en/blog/what-happens-when-a-hu-domain-name-expires/",),
            deep=True,
        ),
        LifecycleCalendar(
            "si",
            ((0, LifecycleStage.STOPPED), (30, LifecycleStage.RELEASED)),
            ("http://www.e-uspeh.com/pomoc/english/si-domain-faq/page/2",),
        ),
    )
}


def calendar(domain: str) -> LifecycleCalendar | None:
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


def is_unpaid_renewal(
    epp: Collection[str], registry: date | None, registrar: date | None, day: date
) -> bool:
    """Has the registry moved its date a year ahead although nobody may have paid?

    The registrar's own date decides where it is known; else the state of the renewal period.
    """
    if registry is None:
        return False
    if registrar:
        return registrar <= day and registry - registrar > timedelta(days=200)
    return "autoRenewPeriod" in epp


def stage_on(rules: LifecycleCalendar, expires: date, day: date) -> LifecycleStage:
    """The stage a name is in on a day, if nobody has renewed it. Expiry day itself is still good."""
    if day <= expires:
        return LifecycleStage.ACTIVE
    stages_reached = [stage for days, stage in rules.steps if _has_begun(rules, expires, days, day)]
    return stages_reached[-1] if stages_reached else LifecycleStage.REGISTRAR


def _has_begun(rules: LifecycleCalendar, expires: date, days: int, day: date) -> bool:
    begins = expires + timedelta(days=days)
    return begins < day or (begins == day and days > 0 and rules.whole_days)


def upcoming_events(
    rules: LifecycleCalendar, expires: date, day: date
) -> tuple[LifecycleEvent, ...]:
    """What will happen, in order, from a day on if nobody renews the name; it may be that day's."""
    return tuple(
        LifecycleEvent(expires + timedelta(days=days), next_stage)
        for days, next_stage in rules.steps
        if not _has_begun(rules, expires, days, day)
    )


def stage_start(rules: LifecycleCalendar, expires: date, stage: LifecycleStage) -> date | None:
    """The first day on which a stage may begin, or None when this registry has no such stage."""
    return next((expires + timedelta(days=d) for d, what in rules.steps if what is stage), None)
