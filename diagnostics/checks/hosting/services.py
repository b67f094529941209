"""Checks of the customer's services (domain, server, project, mail): ended, ending, suspended, to be paid.
Each ends on its own day. And: is the domain registered through us at all?
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from diagnostics.checks.readings import is_within, normalise_name
from diagnostics.evidence.keys import HOSTING, REGISTRATION
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from hosting.model import HostedService, ServiceKind, ServiceState
from kb.owners import Owner
from render.i18n import N_
from render.message_format import Argument
from standards.registration.model import RegistryState

WARNING_PERIOD = timedelta(days=30)
_HOSTNAME = re.compile(r"^(?=.{4,253}$)([a-z0-9-]+\.)+[a-z][a-z0-9-]+$")

PAYMENT_STEPS = (
    N_("In your customer account, open Services or Invoices and renew {service}."),
    N_("If it is paid already, send us the proof of payment from this report."),
)
SITE_FINDINGS = ("web.site.", "web.redirect.", "web.www.", "web.root.")

DOMAIN_SOON = FindingMessage(
    id="service.domain.expiring",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Your domain service {service} ends soon"),
    seen=N_("With us it is paid until {expires:date}, for {days:days} more."),
    why=N_("If it is not renewed, the domain expires, and website and e-mail stop."),
    steps=PAYMENT_STEPS,
)
DOMAIN_OVER = FindingMessage(
    id="service.domain.expired",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("Your domain service {service} has ended"),
    seen=N_("In our books the domain is no longer paid. {ended:said}"),
    why=N_("We cannot renew the domain at the registry until it is paid, and it may be lost."),
    steps=PAYMENT_STEPS,
)
SERVER_SOON = FindingMessage(
    id="service.server.expiring",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Your server {service} ends soon"),
    seen=N_("It is paid until {expires:date}, for {days:days} more."),
    why=N_("When it ends, everything on this server stops: websites, databases, mail."),
    steps=PAYMENT_STEPS,
)
SERVER_OVER = FindingMessage(
    id="service.server.expired",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("Your server {service} has ended"),
    seen=N_("The server is no longer paid. {ended:said}"),
    why=N_("The websites, databases and mail on this server are switched off or will be soon."),
    steps=(
        *PAYMENT_STEPS,
        N_("Ask us how long your data is kept, and whether it can still be switched on."),
    ),
    hides=(*SITE_FINDINGS, "mail.greeting."),
)
PROJECT_SOON = FindingMessage(
    id="service.project.expiring",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Your web project {service} ends soon"),
    seen=N_("It is paid until {expires:date}, for {days:days} more."),
    why=N_("When it ends, the website of this project stops, even if the domain is paid."),
    steps=PAYMENT_STEPS,
)
PROJECT_OVER = FindingMessage(
    id="service.project.expired",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("Your web project {service} has ended"),
    seen=N_("The web project is no longer paid. {ended:said}"),
    why=N_("The website is switched off, although the domain and the server may be in order."),
    steps=(*PAYMENT_STEPS, N_("Ask us how long the files and databases are kept.")),
    hides=SITE_FINDINGS,
)
MAIL_SOON = FindingMessage(
    id="service.mail.expiring",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Your mail service {service} ends soon"),
    seen=N_("It is paid until {expires:date}, for {days:days} more."),
    why=N_("When it ends, mail is neither delivered nor sent."),
    steps=PAYMENT_STEPS,
)
MAIL_OVER = FindingMessage(
    id="service.mail.expired",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("Your mail service {service} has ended"),
    seen=N_("The mail service is no longer paid. {ended:said}"),
    why=N_("Mail is not delivered any more, even if website and domain are in order."),
    steps=PAYMENT_STEPS,
    hides=("mail.greeting.", "mail.routing."),
)
SUSPENDED = FindingMessage(
    id="hosting.service.suspended",
    severity=Severity.CRITICAL,
    owner=Owner.CUSTOMER,
    title=N_("Your service {service} is suspended"),
    seen=N_("We have switched it off. {reason:said}"),
    why=N_("As long as it is suspended, the website shows a notice instead of your pages."),
    steps=(
        N_("Look into your e-mail for our message about the suspension."),
        N_("If it is about an invoice, pay it; the service is then switched on by itself."),
        N_("In all other cases write to us from this report; your data is kept."),
    ),
    hides=(
        *SITE_FINDINGS,
        "hosting.service.unpaid",
        "service.project.expired",
        "service.server.expired",
        "service.mail.expired",
    ),
)
UNPAID = FindingMessage(
    id="hosting.service.unpaid",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("An invoice for {service} is not paid"),
    seen=N_("The hosting panel marks the service as unpaid."),
    why=N_("If it stays so, the service is going to be suspended."),
    steps=(
        N_("In your customer account, open Invoices and pay the open one."),
        N_("If you have paid, it can take a working day until we see it."),
    ),
)
REGISTRAR_ELSEWHERE = FindingMessage(
    id="domain.registrar.elsewhere",
    severity=Severity.NOTICE,
    owner=Owner.REGISTRAR,
    title=N_("The domain {domain} is registered elsewhere"),
    seen=N_("Its registrar is {registrar}; it is not among your services with us."),
    why=N_("The renewal and the name servers can be changed only there, not by us."),
    steps=(N_("For the renewal or a change of name servers, sign in at {registrar}."),),
)

ENDED_ON = N_("It ended on {expires:date}.")
ENDED = N_("Your account lists it as ended.")
NO_REASON = N_("The reason is in the message that we sent you.")
REASON = N_("The reason noted is: {noted}.")


def is_about_subject(case: Case, service: HostedService) -> bool:
    """Whether a service concerns this domain: another domain's project is not its matter."""
    name = normalise_name(service.name)
    if service.kind is ServiceKind.SERVER or not _HOSTNAME.match(name):
        return service.kind is not ServiceKind.DOMAIN
    return is_within(name, case.subject.domain) or is_within(case.subject.domain, name)


def _services_of_kind(case: Case, kind: ServiceKind) -> list[HostedService]:
    services = case.evidence[HOSTING].services
    return [s for s in services if s.kind is kind and is_about_subject(case, s)]


def _expiry_judge(
    kind: ServiceKind, soon: FindingMessage, over: FindingMessage
) -> Callable[[Case], Iterable[Finding]]:
    def judge(case: Case) -> Iterator[Finding]:
        today = case.at.date()
        for service in _services_of_kind(case, kind):
            end_date = service.expires
            args: dict[str, Argument] = {"service": service.name}
            if end_date:
                args |= {"expires": end_date.isoformat(), "days": (end_date - today).days}
            if service.state is ServiceState.EXPIRED or (end_date and end_date < today):
                args["ended"] = ENDED_ON if end_date and end_date < today else ENDED
                yield Finding(over.id, args, ("hosting",))
            elif end_date and end_date - today <= WARNING_PERIOD:
                yield Finding(soon.id, args, ("hosting",))

    return judge


def judge_state(case: Case) -> Iterable[Finding]:
    for service in case.evidence[HOSTING].services:
        if not is_about_subject(case, service):
            continue
        if service.state is ServiceState.SUSPENDED:
            yield SUSPENDED(
                evidence=("hosting",),
                service=service.name,
                reason=REASON if service.reason else NO_REASON,
                noted=service.reason,
            )
        elif service.state is ServiceState.UNPAID:
            yield UNPAID(evidence=("hosting",), service=service.name)


def judge_registrar(case: Case) -> Iterable[Finding]:
    registration, domain = case.evidence[REGISTRATION], case.subject.registrable
    if registration.state is not RegistryState.REGISTERED or not registration.registrar:
        return
    services = case.evidence[HOSTING].services
    if not any(s.kind is ServiceKind.DOMAIN and normalise_name(s.name) == domain for s in services):
        yield REGISTRAR_ELSEWHERE(
            evidence=("registration", "hosting"), domain=domain, registrar=registration.registrar
        )


def _is_paid(services: list[HostedService]) -> bool:
    return bool(services) and all(s.state is not ServiceState.UNPAID for s in services)


def _expiry_check(
    kind: ServiceKind, title: str, soon: FindingMessage, over: FindingMessage
) -> Check:
    return Check(
        id=f"service.{kind.value}",
        title=title,
        needs=(HOSTING,),
        messages=(over, soon),
        judge=_expiry_judge(kind, soon, over),
        seen=lambda case: _is_paid(_services_of_kind(case, kind)),
    )


DOMAIN = _expiry_check(
    ServiceKind.DOMAIN, N_("The domain service is paid"), DOMAIN_SOON, DOMAIN_OVER
)
SERVER = _expiry_check(ServiceKind.SERVER, N_("The server is paid"), SERVER_SOON, SERVER_OVER)
PROJECT = _expiry_check(
    ServiceKind.PROJECT, N_("The web project is paid"), PROJECT_SOON, PROJECT_OVER
)
MAIL = _expiry_check(ServiceKind.MAIL, N_("The mail service is paid"), MAIL_SOON, MAIL_OVER)
STATE = Check(
    id="hosting.service",
    title=N_("No service is suspended"),
    needs=(HOSTING,),
    messages=(SUSPENDED, UNPAID),
    judge=judge_state,
    refuted_by=(
        "web.site.suspended_page",
        "mailbox.account.suspended",
    ),
)
REGISTRAR = Check(
    id="domain.registrar",
    title=N_("Where the domain is registered"),
    needs=(REGISTRATION, HOSTING),
    messages=(REGISTRAR_ELSEWHERE,),
    judge=judge_registrar,
)
