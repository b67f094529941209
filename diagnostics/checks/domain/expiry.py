"""When does the registration end, and what does this registry do then?

The provider's own books come first: what is paid here is no reason to alarm anybody. Then the
registry's word, the registrar's, and where nobody publishes a date, the books again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from diagnostics import lifecycle
from diagnostics.checks.domain.expiry_messages import (
    AHEAD,
    AUTO_RENEW,
    AVAILABLE,
    CLIENT_HELD,
    EXPIRED,
    EXPIRING,
    FEE_UNTIL,
    HELD,
    MISSED,
    NOT_KNOWN,
    NOT_PASSED_ON,
    NOT_PUBLISHED,
    OFF_UNTIL,
    PENDING_DELETE,
    REDEMPTION,
    REGISTRAR_DECIDES,
    RESTORE_FOR,
    RESTORE_UNKNOWN,
    RESTORE_UNTIL,
    SERVER_HELD,
    STOPS_AT_ONCE,
    STOPS_LATER,
    TODAY,
    TOO_LATE,
    TRANSFER,
    UNNAMED,
    URGENT,
    WORKS_UNTIL,
)
from diagnostics.checks.readings import bare, unknown
from diagnostics.evidence.keys import DELEGATION, EXPECTED, HOSTING, REGISTRATION
from diagnostics.lifecycle import LifecycleStage, registry_today
from diagnostics.model import Case, Check, Finding, Message
from facts import Delegated, Registration
from hosting.model import ServiceKind
from render.i18n import N_
from render.message_format import Argument
from standards.registration.model import RegistryState

# The nearer the end, the graver: (at most so many days left, what is said).
THRESHOLDS = (
    (timedelta(days=7), URGENT),
    (timedelta(days=30), EXPIRING),
    (timedelta(days=60), AHEAD),
)
PASS_ON = timedelta(days=3)  # a renewal paid here must have reached the registry by then
YEAR = timedelta(days=200)  # two dates further apart than this are two periods
HOLDS = frozenset({"clientHold", "serverHold"})


def judge(case: Case) -> Iterable[Finding]:
    seen, booked = case.evidence[REGISTRATION], _booked(case)
    if _free(case):
        return
    if seen.state is not RegistryState.REGISTERED and not booked:
        yield unknown(EXPIRY.id, what="registration", detail=seen.state.value)
        return
    states, told = frozenset(seen.epp), _told(case, seen)
    if {"redemptionPeriod", "pendingRestore"} & states:
        yield _say(REDEMPTION, told, _restorable(seen, registry_today(seen.domain, case.at)))
    elif "pendingDelete" in states:
        yield _say(PENDING_DELETE, told)
    else:
        yield from (_blamed(case, x) for x in _dated(case, seen, booked))
        yield from _held(seen, told)
        if "pendingTransfer" in states:
            yield _say(TRANSFER, told)


def _blamed(case: Case, finding: Finding) -> Finding:
    """An expired name that nobody has switched off yet, and that still leads to our own servers,
    breaks nothing: what is broken has a cause of its own."""
    walk, here = case.evidence.get(DELEGATION), case.evidence.get(EXPECTED)
    if (
        finding.args.get("next") not in (WORKS_UNTIL, REGISTRAR_DECIDES)
        or walk is None
        or here is None
    ):
        return finding
    ours = {bare(name) for name in here.nameservers} & {bare(s.name) for s in walk.servers}
    if walk.outcome is not Delegated.YES or not ours:
        return finding
    return replace(finding, hides=("service.domain.", "domain.expiry.held"))


def _held(seen: Registration, told: Mapping[str, Argument]) -> Iterator[Finding]:
    if held := sorted(HOLDS & frozenset(seen.epp)):
        by = SERVER_HELD if "serverHold" in held else CLIENT_HELD
        yield _say(HELD, told, {"states": list(held), "held": by})


def _dated(case: Case, seen: Registration, booked: date | None) -> Iterator[Finding]:
    told, on, ends = _told(case, seen), registry_today(seen.domain, case.at), _ends(seen, booked)
    if ends is None:
        tld = seen.domain.rpartition(".")[2]
        yield _say(NOT_PUBLISHED, told, {"tld": tld})
    elif booked and booked - ends > YEAR:
        yield from _not_passed_on(seen, told, ends, booked, on)
    elif ends < on:
        yield _say(EXPIRED, told, {"days": (on - ends).days}, _after(seen.domain, ends, on))
    elif ends == on:
        yield _say(TODAY, told, _before(seen.domain, ends))
    elif paid := _trap(seen, booked, on):
        yield _say(AUTO_RENEW, told, {"paid": paid.isoformat()})
    else:
        said = (m for left, m in THRESHOLDS if ends - on <= left)
        if message := next(said, None):
            yield _say(message, told, {"days": (ends - on).days}, _before(seen.domain, ends))


def _not_passed_on(
    seen: Registration, told: Mapping[str, Argument], ends: date, booked: date, on: date
) -> Iterator[Finding]:
    """Paid with us for another period, which the registry does not show yet."""
    paid: dict[str, Argument] = {"paid": booked.isoformat()}
    if ends < on:
        yield _say(MISSED, told, paid, _after(seen.domain, ends, on))
    elif ends - on <= PASS_ON:
        yield _say(NOT_PASSED_ON, told, paid)


def _ends(seen: Registration, booked: date | None) -> date | None:
    return seen.expires or seen.registrar_expires or booked or seen.entered_expires


def _say(message: Message, *parts: Mapping[str, Argument]) -> Finding:
    args = {name: value for part in parts for name, value in part.items()}
    return Finding(message.id, args, ("registration",))


def _told(case: Case, seen: Registration) -> dict[str, Argument]:
    ends = _ends(seen, _booked(case))
    return {
        "domain": seen.domain,
        "registrar": seen.registrar or UNNAMED,
        "expires": ends.isoformat() if ends else None,
    }


def _booked(case: Case) -> date | None:
    """The end of the domain as the provider's own books have it."""
    hosting = case.evidence.get(HOSTING)
    for service in hosting.services if hosting else ():
        if service.kind is ServiceKind.DOMAIN and service.name == case.subject.registrable:
            return service.expires
    return None


def _after(domain: str, ends: date, today: date) -> dict[str, Argument]:
    """What this registry does next with a name that has expired."""
    rules = lifecycle.calendar(domain)
    if rules is None:
        return {"next": REGISTRAR_DECIDES}
    now = lifecycle.stage(rules, ends, today)
    stops, gone = lifecycle.begins(rules, ends, LifecycleStage.STOPPED), _gone(rules, ends)
    if now is LifecycleStage.GRACE and stops and gone:
        return {"next": WORKS_UNTIL, "stops": stops.isoformat(), "gone": gone.isoformat()}
    if now is LifecycleStage.STOPPED and gone:
        return {"next": OFF_UNTIL, "gone": gone.isoformat()}
    if now is LifecycleStage.RESTORE and gone:
        return {"next": FEE_UNTIL, "gone": gone.isoformat()}
    late = now in (LifecycleStage.DELETING, LifecycleStage.RELEASED)
    return {"next": TOO_LATE if late else REGISTRAR_DECIDES}


def _before(domain: str, ends: date) -> dict[str, Argument]:
    """What this registry is going to do on the day of expiry."""
    rules = lifecycle.calendar(domain)
    if rules is None or not rules.steps:
        return {"next": NOT_KNOWN}
    first = rules.steps[0][1]
    if first in (LifecycleStage.STOPPED, LifecycleStage.RESTORE):
        return {"next": STOPS_AT_ONCE}
    stops = lifecycle.begins(rules, ends, LifecycleStage.STOPPED)
    return {"next": STOPS_LATER, "stops": stops.isoformat()} if stops else {"next": NOT_KNOWN}


def _gone(rules: lifecycle.LifecycleCalendar, ends: date) -> date | None:
    """The first day on which the usual renewal is no longer possible."""
    for wanted in (LifecycleStage.DELETING, LifecycleStage.RELEASED):
        if found := lifecycle.begins(rules, ends, wanted):
            return found
    return None


def _restorable(seen: Registration, on: date) -> dict[str, Argument]:
    """Until when; a name deleted before its time, or long after, is not where the calendar says."""
    rules, ends = lifecycle.calendar(seen.domain), seen.expires
    gone = _gone(rules, ends) if rules and ends and rules.steps else None
    at_once = rules and rules.steps[:1] in (
        ((0, LifecycleStage.RESTORE),),
        ((0, LifecycleStage.STOPPED),),
    )
    if at_once and ends and gone and ends <= on <= gone:
        return {"next": RESTORE_UNTIL, "gone": gone.isoformat()}
    if rules and rules.restore:
        return {"next": RESTORE_FOR, "restore": rules.restore}
    return {"next": RESTORE_UNKNOWN}


def _trap(seen: Registration, booked: date | None, on: date) -> date | None:
    """Until when the name was really paid, if the registry's date has jumped ahead unpaid."""
    rules = lifecycle.calendar(seen.domain)
    if rules is None or not rules.auto_renews or seen.expires is None:
        return None
    for told in (booked, seen.registrar_expires):
        if told:
            return told if told <= on and seen.expires - told > YEAR else None
    return lifecycle.year_before(seen.expires) if "autoRenewPeriod" in seen.epp else None


def _free(case: Case) -> bool:
    """Does nobody have the name? One that the registry's servers lead somewhere is not free.

    Its books may not know the names below an ending that somebody else runs.
    """
    seen, walk = case.evidence[REGISTRATION], case.evidence.get(DELEGATION)
    lives = walk and walk.outcome is Delegated.YES and walk.domain.rstrip(".") == seen.domain
    return seen.state is RegistryState.AVAILABLE and not lives


def judge_registration(case: Case) -> Iterable[Finding]:
    seen = case.evidence[REGISTRATION]
    if _free(case):
        yield AVAILABLE(evidence=("registration",), domain=seen.domain)
    elif seen.state is not RegistryState.REGISTERED:
        yield unknown(REGISTERED.id, what="registration", detail=seen.state.value)


REGISTERED = Check(
    id="domain.registration",
    title=N_("The domain is registered"),
    needs=(REGISTRATION,),
    tolerates=(DELEGATION,),
    messages=(AVAILABLE,),
    judge=judge_registration,
)
EXPIRY = Check(
    id="domain.expiry",
    title=N_("The registration is paid and not about to end"),
    needs=(REGISTRATION,),
    tolerates=(HOSTING, DELEGATION, EXPECTED),
    messages=(
        EXPIRED,
        REDEMPTION,
        PENDING_DELETE,
        MISSED,
        HELD,
        TODAY,
        URGENT,
        NOT_PASSED_ON,
        EXPIRING,
        AUTO_RENEW,
        TRANSFER,
        AHEAD,
        NOT_PUBLISHED,
    ),
    judge=judge,
)
