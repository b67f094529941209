"""Checks of when the registration ends, and what this registry does then.

The provider's own books come first: what is paid here is no reason to alarm anybody. Then the
registry's word, the registrar's, and where nobody publishes a date, the books again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

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
from diagnostics.checks.readings import normalise_name, unknown_finding
from diagnostics.evidence.keys import DELEGATION, EXPECTED, HOSTING, REGISTRATION
from diagnostics.model import Case, Check, Finding, FindingMessage
from facts import Delegated, Registration
from hosting.model import ServiceKind
from render.i18n import N_
from render.message_format import Argument
from standards.registration import lifecycle
from standards.registration.lifecycle import LifecycleStage
from standards.registration.model import RegistryState
from standards.registration.registry_time_zones import registry_today

# The nearer the end, the graver: (at most so many days left, what is said).
THRESHOLDS = (
    (timedelta(days=7), URGENT),
    (timedelta(days=30), EXPIRING),
    (timedelta(days=60), AHEAD),
)
RENEWAL_MARGIN = timedelta(days=3)  # a renewal paid here must have reached the registry by then
PERIOD_GAP = timedelta(days=200)  # two dates further apart than this are two periods
HOLD_STATES = frozenset({"clientHold", "serverHold"})


def judge(case: Case) -> Iterable[Finding]:
    registration, booked_until = case.evidence[REGISTRATION], _booked_end(case)
    if _is_available(case):
        return
    if registration.state is not RegistryState.REGISTERED and not booked_until:
        yield unknown_finding(EXPIRY.id, what="registration", detail=registration.state.value)
        return
    states, args = frozenset(registration.epp), _common_args(case, registration)
    if {"redemptionPeriod", "pendingRestore"} & states:
        yield _expiry_finding(
            REDEMPTION,
            args,
            _restore_args(registration, registry_today(registration.domain, case.at)),
        )
    elif "pendingDelete" in states:
        yield _expiry_finding(PENDING_DELETE, args)
    else:
        yield from (
            _with_hidden_consequences(case, x)
            for x in _date_findings(case, registration, booked_until)
        )
        yield from _hold_findings(registration, args)
        if "pendingTransfer" in states:
            yield _expiry_finding(TRANSFER, args)


def _with_hidden_consequences(case: Case, finding: Finding) -> Finding:
    """An expired name that nobody has switched off yet, and that still leads to our own servers,
    breaks nothing: what is broken has a cause of its own."""
    delegation, expected = case.evidence.get(DELEGATION), case.evidence.get(EXPECTED)
    if (
        finding.args.get("next") not in (WORKS_UNTIL, REGISTRAR_DECIDES)
        or delegation is None
        or expected is None
    ):
        return finding
    own_servers = {normalise_name(name) for name in expected.nameservers} & {
        normalise_name(s.name) for s in delegation.servers
    }
    if delegation.outcome is not Delegated.YES or not own_servers:
        return finding
    return replace(finding, hides=("service.domain.", "domain.expiry.held"))


def _hold_findings(registration: Registration, args: Mapping[str, Argument]) -> Iterator[Finding]:
    if holds := sorted(HOLD_STATES & frozenset(registration.epp)):
        holder_sentence = SERVER_HELD if "serverHold" in holds else CLIENT_HELD
        yield _expiry_finding(HELD, args, {"states": list(holds), "held": holder_sentence})


def _date_findings(
    case: Case, registration: Registration, booked_until: date | None
) -> Iterator[Finding]:
    args, day, end_date = (
        _common_args(case, registration),
        registry_today(registration.domain, case.at),
        _expiry_date(registration, booked_until),
    )
    if end_date is None:
        tld = registration.domain.rpartition(".")[2]
        yield _expiry_finding(NOT_PUBLISHED, args, {"tld": tld})
    elif booked_until and booked_until - end_date > PERIOD_GAP:
        yield from _pending_renewal_findings(registration, args, end_date, booked_until, day)
    elif end_date < day:
        yield _expiry_finding(
            EXPIRED,
            args,
            {"days": (day - end_date).days},
            _args_after_expiry(registration.domain, end_date, day),
        )
    elif end_date == day:
        yield _expiry_finding(TODAY, args, _args_before_expiry(registration.domain, end_date))
    elif paid_until := _unpaid_renewal_end(registration, booked_until, day):
        yield _expiry_finding(AUTO_RENEW, args, {"paid": paid_until.isoformat()})
    else:
        messages = (m for days_left, m in THRESHOLDS if end_date - day <= days_left)
        if message := next(messages, None):
            yield _expiry_finding(
                message,
                args,
                {"days": (end_date - day).days},
                _args_before_expiry(registration.domain, end_date),
            )


def _pending_renewal_findings(
    registration: Registration,
    args: Mapping[str, Argument],
    end_date: date,
    booked_until: date,
    day: date,
) -> Iterator[Finding]:
    """Paid with us for another period, which the registry does not show yet."""
    paid_args: dict[str, Argument] = {"paid": booked_until.isoformat()}
    if end_date < day:
        yield _expiry_finding(
            MISSED, args, paid_args, _args_after_expiry(registration.domain, end_date, day)
        )
    elif end_date - day <= RENEWAL_MARGIN:
        yield _expiry_finding(NOT_PASSED_ON, args, paid_args)


def _expiry_date(registration: Registration, booked_until: date | None) -> date | None:
    return (
        registration.expires
        or registration.registrar_expires
        or booked_until
        or registration.entered_expires
    )


def _expiry_finding(message: FindingMessage, *parts: Mapping[str, Argument]) -> Finding:
    args = {name: value for part in parts for name, value in part.items()}
    return Finding(message.id, args, ("registration",))


def _common_args(case: Case, registration: Registration) -> dict[str, Argument]:
    end_date = _expiry_date(registration, _booked_end(case))
    return {
        "domain": registration.domain,
        "registrar": registration.registrar or UNNAMED,
        "expires": end_date.isoformat() if end_date else None,
    }


def _booked_end(case: Case) -> date | None:
    """The end of the domain as the provider's own books have it."""
    hosting = case.evidence.get(HOSTING)
    for service in hosting.services if hosting else ():
        if service.kind is ServiceKind.DOMAIN and service.name == case.subject.registrable:
            return service.expires
    return None


def _args_after_expiry(domain: str, end_date: date, today: date) -> dict[str, Argument]:
    """What this registry does next with a name that has expired."""
    calendar = lifecycle.calendar(domain)
    if calendar is None:
        return {"next": REGISTRAR_DECIDES}
    stage = lifecycle.stage_on(calendar, end_date, today)
    stop_date, deadline = (
        lifecycle.stage_start(calendar, end_date, LifecycleStage.STOPPED),
        _renewal_deadline(calendar, end_date),
    )
    if stage is LifecycleStage.GRACE and stop_date and deadline:
        return {"next": WORKS_UNTIL, "stops": stop_date.isoformat(), "gone": deadline.isoformat()}
    if stage is LifecycleStage.STOPPED and deadline:
        return {"next": OFF_UNTIL, "gone": deadline.isoformat()}
    if stage is LifecycleStage.RESTORE and deadline:
        return {"next": FEE_UNTIL, "gone": deadline.isoformat()}
    is_too_late = stage in (LifecycleStage.DELETING, LifecycleStage.RELEASED)
    return {"next": TOO_LATE if is_too_late else REGISTRAR_DECIDES}


def _args_before_expiry(domain: str, end_date: date) -> dict[str, Argument]:
    """What this registry is going to do on the day of expiry."""
    calendar = lifecycle.calendar(domain)
    if calendar is None or not calendar.steps:
        return {"next": NOT_KNOWN}
    first_stage = calendar.steps[0][1]
    if first_stage in (LifecycleStage.STOPPED, LifecycleStage.RESTORE):
        return {"next": STOPS_AT_ONCE}
    stop_date = lifecycle.stage_start(calendar, end_date, LifecycleStage.STOPPED)
    return (
        {"next": STOPS_LATER, "stops": stop_date.isoformat()} if stop_date else {"next": NOT_KNOWN}
    )


def _renewal_deadline(calendar: lifecycle.LifecycleCalendar, end_date: date) -> date | None:
    """The first day on which the usual renewal is no longer possible."""
    for stage in (LifecycleStage.DELETING, LifecycleStage.RELEASED):
        if start_date := lifecycle.stage_start(calendar, end_date, stage):
            return start_date
    return None


def _restore_args(registration: Registration, day: date) -> dict[str, Argument]:
    """Until when; a name deleted before its time, or long after, is not where the calendar says."""
    calendar, end_date = lifecycle.calendar(registration.domain), registration.expires
    deadline = (
        _renewal_deadline(calendar, end_date) if calendar and end_date and calendar.steps else None
    )
    stops_at_once = calendar and calendar.steps[:1] in (
        ((0, LifecycleStage.RESTORE),),
        ((0, LifecycleStage.STOPPED),),
    )
    if stops_at_once and end_date and deadline and end_date <= day <= deadline:
        return {"next": RESTORE_UNTIL, "gone": deadline.isoformat()}
    if calendar and calendar.restore:
        return {"next": RESTORE_FOR, "restore": calendar.restore}
    return {"next": RESTORE_UNKNOWN}


def _unpaid_renewal_end(
    registration: Registration, booked_until: date | None, day: date
) -> date | None:
    """Until when the name was really paid, if the registry's date has jumped ahead unpaid."""
    calendar = lifecycle.calendar(registration.domain)
    if calendar is None or not calendar.auto_renews or registration.expires is None:
        return None
    for paid_until in (booked_until, registration.registrar_expires):
        if paid_until:
            return (
                paid_until
                if paid_until <= day and registration.expires - paid_until > PERIOD_GAP
                else None
            )
    return (
        lifecycle.year_before(registration.expires)
        if "autoRenewPeriod" in registration.epp
        else None
    )


def _is_available(case: Case) -> bool:
    """Does nobody have the name? One that the registry's servers lead somewhere is not free.

    Its books may not know the names below an ending that somebody else runs.
    """
    registration, delegation = case.evidence[REGISTRATION], case.evidence.get(DELEGATION)
    is_delegated = (
        delegation
        and delegation.outcome is Delegated.YES
        and delegation.domain.rstrip(".") == registration.domain
    )
    return registration.state is RegistryState.AVAILABLE and not is_delegated


def judge_registration(case: Case) -> Iterable[Finding]:
    registration = case.evidence[REGISTRATION]
    if _is_available(case):
        yield AVAILABLE(evidence=("registration",), domain=registration.domain)
    elif registration.state is not RegistryState.REGISTERED:
        yield unknown_finding(REGISTERED.id, what="registration", detail=registration.state.value)


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
    refuted_by=(
        "domain.registration.available",
        "service.domain.",
    ),
)
