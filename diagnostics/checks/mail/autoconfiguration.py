"""Check of automatic set-up for mail programs: do SRV, autoconfig and autodiscover name the right servers?
Those are living ones of the place where the mail is. A domain without any of them is in order.
"""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.mail.mx import has_null_mx, is_provider_host
from diagnostics.checks.readings import is_within, normalise_name
from diagnostics.evidence.keys import EXPECTED, HOSTING, MAIL
from diagnostics.evidence.mail import SETUP, SetupTarget
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from hosting.model import Expectations
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

DEAD = FindingMessage(
    id="mail.setup.dead_server",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Mail programs of {domain} set themselves up for a server that does not exist"),
    seen=N_(
        "The automatic set-up ({source:said}) names {hosts:list}, for which there is no address."
    ),
    why=N_("Whoever adds the mailbox to a telephone or computer gets an error."),
    steps=(
        N_("Open the DNS settings of {domain} and correct or delete the record for the set-up."),
        N_("Until then, write the servers into the mail program by hand."),
    ),
    hides=("mail.setup.elsewhere",),
)
ELSEWHERE = FindingMessage(
    id="mail.setup.elsewhere",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Mail programs of {domain} set themselves up for another provider"),
    seen=N_("The automatic set-up ({source:said}) names {hosts:list}; your mailboxes are with us."),
    why=N_("Outlook and others then ask for a password again and again, and never accept it."),
    steps=(
        N_("Open the DNS settings of {domain} and delete the record left from that provider."),
        N_("In the mail program, remove the mailbox and add it again."),
    ),
)
BROKEN = FindingMessage(
    id="mail.setup.broken",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The file for setting up mail programs cannot be read"),
    seen=N_("What lies at {places:list} is no proper set-up file."),
    why=N_("Mail programs guess the servers instead, and often wrongly."),
    steps=(N_("Correct the file, or delete it; programs then ask their own catalogue."),),
)
SOURCES = {
    "srv": N_("SRV record in the DNS"),
    "autoconfig": N_("autoconfig file on the website"),
    "autodiscover": N_("autodiscover record in the DNS"),
}


def judge(case: Case) -> Iterable[Finding]:
    setup, domain = case.evidence[SETUP], case.subject.domain
    dead_targets = [
        t for t in setup.targets if not t.addresses and t.trouble in (None, Trouble.NXDOMAIN)
    ]
    foreign_targets = (
        [t for t in setup.targets if t.addresses and _is_foreign(case, t)]
        if _has_mailboxes_here(case)
        else []
    )
    for message, targets in ((DEAD, dead_targets), (ELSEWHERE, foreign_targets)):
        if targets:
            yield message(
                evidence=("mail_setup",),
                domain=domain,
                hosts=sorted({t.name for t in targets}),
                source=SOURCES[targets[0].source],
            )
    if setup.unreadable:
        yield BROKEN(evidence=("mail_setup",), places=list(setup.unreadable))


def _has_mailboxes_here(case: Case) -> bool:
    """Whether the mailboxes certainly are with us: by the panel, and by where mail goes."""
    mail, hosting = case.evidence.get(MAIL), case.evidence.get(HOSTING)
    expected = case.evidence.get(EXPECTED)
    if mail is None or hosting is None or expected is None or hosting.mail_local is not True:
        return False
    hosts = [h.name for h in mail.hosts]
    return (
        not has_null_mx(mail)
        and bool(hosts)
        and all(is_provider_host(h, expected, mail) for h in hosts)
    )


def _is_foreign(case: Case, target: SetupTarget) -> bool:
    """A server outside the domain and outside what is ours, by name and by address."""
    expected = case.evidence[EXPECTED]
    if is_within(target.name, case.subject.domain) or any(
        is_within(target.name, home) for home in _provider_domains(expected)
    ):
        return False
    return not set(target.addresses) & set(expected.addresses)


def _provider_domains(expected: Expectations) -> set[str]:
    """The domains that our own servers live in."""
    hosts = (*expected.mailbox_hosts, *expected.mail_hosts, *expected.nameservers)
    above = {normalise_name(host).partition(".")[2] for host in hosts}
    return {name for name in above if "." in name}


CHECK = Check(
    id="mail.setup",
    title=N_("Mail programs set themselves up rightly"),
    needs=(SETUP,),
    tolerates=(MAIL, HOSTING, EXPECTED),
    messages=(DEAD, ELSEWHERE, BROKEN),
    judge=judge,
)
