"""When does the registration end, and what does this registry do then?

The registry's word counts first; where it publishes no date, the provider's own panel may know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from diagnostics import lifecycle
from diagnostics.checks.reading import unknown
from diagnostics.evidence import HOSTING, REGISTRATION
from diagnostics.lifecycle import Stage
from diagnostics.model import Argument, Case, Check, Finding, Message, Owner, Severity
from facts import Registration, RegistryState
from hosting.model import ServiceKind
from render.i18n import N_

SOON = timedelta(days=30)
HOLDS = frozenset({"clientHold", "serverHold", "hold", "outzone", "notInZone"})
EVERYTHING = ("dns.", "dnssec.", "web.", "tls.", "mail.")
UNNAMED = N_("the company you pay for the domain")

EXPIRED = Message(
    id="domain.expiry.expired",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("The domain {domain} has expired"),
    seen=N_("It was paid until {expires:date}, {days:days} ago. {next:said}"),
    why=N_("While it is not renewed, website and e-mail stop, and in the end the name is lost."),
    steps=(
        N_("Renew {domain} today at its registrar: {registrar:said}."),
        N_("If the invoice is paid already, send the registrar the proof of payment."),
        N_("After the renewal it can take some hours until everything works again."),
    ),
    hides=(*EVERYTHING, "service.domain.", "domain.expiry.held"),
)
TODAY = Message(
    id="domain.expiry.today",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The domain {domain} expires today"),
    seen=N_("Its registration ends today, {expires:date}. {next:said}"),
    why=N_("Without a renewal, website and e-mail are going to stop."),
    steps=(
        N_("Renew {domain} now at its registrar: {registrar:said}."),
        N_("Pay by card rather than by bank transfer, so that the money arrives today."),
    ),
    hides=("service.domain.",),
)
EXPIRING = Message(
    id="domain.expiry.soon",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The domain {domain} expires in {days:days}"),
    seen=N_("Its registration ends on {expires:date}. {next:said}"),
    why=N_("Nothing is broken yet; after that day website and e-mail are at risk."),
    steps=(
        N_("Renew {domain} at its registrar: {registrar:said}."),
        N_("Turn on automatic renewal there, and check that your card and e-mail are up to date."),
    ),
    hides=("service.domain.",),
)
HELD = Message(
    id="domain.expiry.held",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRAR,
    title=N_("The domain {domain} is on hold"),
    seen=N_("The registry lists it as {states:list}: the name is taken out of service on purpose."),
    why=N_("Website and e-mail cannot work until the hold is lifted. Your data is not touched."),
    steps=(
        N_(
            "Look for mail from the registrar: an unpaid invoice or a request to confirm your data."
        ),
        N_("Ask the registrar for the reason and how to lift the hold: {registrar:said}."),
    ),
    hides=EVERYTHING,
)
REDEMPTION = Message(
    id="domain.expiry.redemption",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("The domain {domain} has been deleted, but it can still be saved"),
    seen=N_("The registry keeps it back for its last holder. {next:said}"),
    why=N_("Website and e-mail are off. When this time ends, anybody may take the name."),
    steps=(
        N_("Ask the registrar at once to restore the domain: {registrar:said}."),
        N_("Expect an extra fee; it is charged by the registry."),
        N_("After the restoration, renew it and turn on automatic renewal."),
    ),
    hides=(*EVERYTHING, "service.domain.", "domain.expiry.held"),
)
PENDING_DELETE = Message(
    id="domain.expiry.pending_delete",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRY,
    title=N_("The domain {domain} is about to be deleted"),
    seen=N_("The registry is deleting it in the next days and no longer accepts a renewal."),
    why=N_("The name can only be registered anew once it is free, by whoever is first."),
    steps=(
        N_("Ask the registrar whether it can still help: {registrar:said}."),
        N_("Order the new registration in advance, if your registrar offers that."),
        N_("Tell your customers about another address to write to in the meantime."),
    ),
    hides=(*EVERYTHING, "service.domain.", "domain.expiry.held"),
)
AUTO_RENEW = Message(
    id="domain.expiry.auto_renew_trap",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{domain} may not be paid, although its date looks fine"),
    seen=N_(
        "The registry shows {expires:date}. It moves this date a year ahead by itself; the "
        "domain was paid until {paid:date}, and the registrar can still give it back."
    ),
    why=N_("If the invoice stays unpaid, the registrar switches the domain off without a warning."),
    steps=(
        N_("Check with the registrar that the renewal is paid: {registrar:said}."),
        N_("Turn on automatic renewal there."),
    ),
    hides=("service.domain.",),
)
NOT_PUBLISHED = Message(
    id="domain.expiry.not_published",
    severity=Severity.INFO,
    owner=Owner.NOBODY,
    title=N_("The registry does not publish when {domain} expires"),
    seen=N_("This is normal for names under .{tld}; only the registrar knows the date."),
    why=N_("We cannot warn you in time, so it is good to know the date yourself."),
    steps=(N_("Look up the date in your account at the registrar: {registrar:said}."),),
)
AVAILABLE = Message(
    id="domain.registration.available",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("Nobody has registered {domain}"),
    seen=N_("The registry says that this name is free."),
    why=N_("A name that is not registered can have neither a website nor e-mail."),
    steps=(
        N_("Check the spelling of {domain}."),
        N_("If it was yours, it has been deleted: register it again soon, before others do."),
    ),
    hides=(*EVERYTHING, "service.domain.", "domain.expiry."),
)

WORKS_UNTIL = N_(
    "It still works, but the registry takes it out of service on {stops:date}. It can be renewed "
    "as usual until it is given up on {gone:date}."
)
OFF_UNTIL = N_(
    "The registry has taken it out of service. It can still be renewed as usual; on {gone:date} "
    "it is too late."
)
FEE_UNTIL = N_(
    "It is out of service and comes back only for an extra fee; on {gone:date} it is too late."
)
REGISTRAR_DECIDES = N_(
    "From now on the registrar decides how long it still works and what the renewal costs."
)
TOO_LATE = N_("By the registry's calendar it is too late to renew it; only the registrar can tell.")
STOPS_AT_ONCE = N_("This registry switches a name off as soon as it expires.")
STOPS_LATER = N_("If it is not renewed, the registry takes it out of service on {stops:date}.")
NOT_KNOWN = N_("What happens then is decided by the registry and the registrar.")
RESTORE_UNTIL = N_("It can be restored until {gone:date}.")
RESTORE_FOR = N_("It can be restored within {restore:days} from the day it was deleted.")
RESTORE_UNKNOWN = N_("How long it can still be restored, the registrar can tell.")


def judge(case: Case) -> Iterable[Finding]:
    seen = case.evidence[REGISTRATION]
    ends = seen.expires or _panel_date(case)
    if seen.state is not RegistryState.REGISTERED and not _panel_date(case):
        if seen.state in (RegistryState.UNKNOWN, RegistryState.THROTTLED):
            yield unknown(EXPIRY.id, what="registration", detail=seen.state.value)
        return
    if seen.state is RegistryState.AVAILABLE:
        return
    states, today, told = frozenset(seen.epp), case.at.date(), _told(case, seen)
    if {"redemptionPeriod", "pendingRestore"} & states:
        yield _say(REDEMPTION, told, _restorable(seen))
    elif "pendingDelete" in states:
        yield _say(PENDING_DELETE, told)
    else:
        yield from _dated(case, seen, ends, today)
        if held := sorted(HOLDS & states):
            yield _say(HELD, told, {"states": list(held)})


def _dated(case: Case, seen: Registration, ends: date | None, today: date) -> Iterator[Finding]:
    told = _told(case, seen)
    if ends is None:
        tld = seen.domain.rpartition(".")[2]
        yield _say(NOT_PUBLISHED, told, {"tld": tld})
    elif ends < today:
        yield _say(EXPIRED, told, {"days": (today - ends).days}, _after(seen.domain, ends, today))
    elif ends == today:
        yield _say(TODAY, told, _before(seen.domain, ends))
    elif paid := _trap(case, seen, today):
        yield _say(AUTO_RENEW, told, {"paid": paid.isoformat()})
    elif ends - today <= SOON:
        yield _say(EXPIRING, told, {"days": (ends - today).days}, _before(seen.domain, ends))


def _say(message: Message, *parts: Mapping[str, Argument]) -> Finding:
    args = {name: value for part in parts for name, value in part.items()}
    return Finding(message.id, args, ("registration",))


def _told(case: Case, seen: Registration) -> dict[str, Argument]:
    ends = seen.expires or _panel_date(case)
    return {
        "domain": seen.domain,
        "registrar": seen.registrar or UNNAMED,
        "expires": ends.isoformat() if ends else None,
    }


def _panel_date(case: Case) -> date | None:
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
    stops, gone = lifecycle.begins(rules, ends, Stage.STOPPED), _gone(rules, ends)
    if now is Stage.GRACE and stops and gone:
        return {"next": WORKS_UNTIL, "stops": stops.isoformat(), "gone": gone.isoformat()}
    if now is Stage.STOPPED and gone:
        return {"next": OFF_UNTIL, "gone": gone.isoformat()}
    if now is Stage.RESTORE and gone:
        return {"next": FEE_UNTIL, "gone": gone.isoformat()}
    late = now in (Stage.DELETING, Stage.RELEASED)
    return {"next": TOO_LATE if late else REGISTRAR_DECIDES}


def _before(domain: str, ends: date) -> dict[str, Argument]:
    """What this registry is going to do on the day of expiry."""
    rules = lifecycle.calendar(domain)
    if rules is None or not rules.steps:
        return {"next": NOT_KNOWN}
    first = rules.steps[0][1]
    if first in (Stage.STOPPED, Stage.RESTORE):
        return {"next": STOPS_AT_ONCE}
    stops = lifecycle.begins(rules, ends, Stage.STOPPED)
    return {"next": STOPS_LATER, "stops": stops.isoformat()} if stops else {"next": NOT_KNOWN}


def _gone(rules: lifecycle.Calendar, ends: date) -> date | None:
    """The first day on which the usual renewal is no longer possible."""
    for wanted in (Stage.DELETING, Stage.RELEASED):
        if found := lifecycle.begins(rules, ends, wanted):
            return found
    return None


def _restorable(seen: Registration) -> dict[str, Argument]:
    rules = lifecycle.calendar(seen.domain)
    if rules and seen.expires and rules.steps[:1] in (((0, Stage.RESTORE),), ((0, Stage.STOPPED),)):
        gone = _gone(rules, seen.expires)
        return {"next": RESTORE_UNTIL, "gone": gone.isoformat() if gone else None}
    if rules and rules.restore:
        return {"next": RESTORE_FOR, "restore": rules.restore}
    return {"next": RESTORE_UNKNOWN}


def _trap(case: Case, seen: Registration, today: date) -> date | None:
    """Until when the name was really paid, if the registry's date has jumped ahead unpaid."""
    rules = lifecycle.calendar(seen.domain)
    if rules is None or not rules.auto_renews or seen.expires is None:
        return None
    booked = _panel_date(case)
    if booked and booked < today and seen.expires - booked > timedelta(days=200):
        return booked
    if "autoRenewPeriod" in seen.epp and not (booked and booked > today):
        return _year_before(seen.expires)
    return None


def _year_before(day: date) -> date:
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def judge_registration(case: Case) -> Iterable[Finding]:
    seen = case.evidence[REGISTRATION]
    if seen.state is RegistryState.AVAILABLE:
        yield AVAILABLE(evidence=("registration",), domain=seen.domain)
    elif seen.state in (RegistryState.UNKNOWN, RegistryState.THROTTLED):
        yield unknown(REGISTERED.id, what="registration", detail=seen.state.value)


REGISTERED = Check(
    id="domain.registration",
    title=N_("The domain is registered"),
    needs=(REGISTRATION,),
    messages=(AVAILABLE,),
    judge=judge_registration,
)
EXPIRY = Check(
    id="domain.expiry",
    title=N_("The registration is paid and not about to end"),
    needs=(REGISTRATION,),
    tolerates=(HOSTING,),
    messages=(
        EXPIRED,
        REDEMPTION,
        PENDING_DELETE,
        HELD,
        TODAY,
        EXPIRING,
        AUTO_RENEW,
        NOT_PUBLISHED,
    ),
    judge=judge,
)
