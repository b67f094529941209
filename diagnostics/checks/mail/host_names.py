"""Checks of reverse DNS of mail servers (RFC 1912, 2.1) and of the names they greet by.

For the addresses mail is sent from this decides whether others take it. For those that only take
mail in it is a piece of information.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import unknown_finding
from diagnostics.evidence.mail import REVERSE, GreetingName, ReverseName
from diagnostics.model import NOT_MEANT, Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble
from standards.urls import is_address

INTERNAL_SUFFIXES = (
    "localhost",
    ".local",
    ".lan",
    ".localdomain",
    ".internal",
    ".home",
    ".invalid",
)

NO_PTR = FindingMessage(
    id="mail.outgoing.no_ptr",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("An address that your mail leaves from has no name"),
    seen=N_("The reverse DNS (PTR) of {addresses:list} is empty."),
    why=N_("Large receivers refuse mail from addresses without a name; your mail comes back."),
    steps=(
        N_("You cannot change this yourself. Send us this report; we set the name."),
        N_("Mail that came back has to be sent again afterwards."),
    ),
    hides=("mail.outgoing.ptr_differs",),
)
PTR_DIFFERS = FindingMessage(
    id="mail.outgoing.ptr_differs",
    severity=Severity.WARNING,
    owner=Owner.PROVIDER,
    title=N_("The name of an address that your mail leaves from does not lead back to it"),
    seen=N_(
        "The reverse DNS of {addresses:list} says {names:list}, but that leads to another address."
    ),
    why=N_("Some receivers take it for a forged name and refuse the mail or call it spam."),
    steps=(N_("You cannot change this yourself. Send us this report; we put it right."),),
)
MX_REVERSE = FindingMessage(
    id="mail.reverse.mx",
    severity=Severity.INFO,
    owner=Owner.MAIL_OPERATOR,
    title=N_("A mail server of the domain has no name that leads back to it"),
    seen=N_("The reverse DNS of {addresses:list} ({hosts:list}) is empty or leads elsewhere."),
    why=N_("It does not hinder mail to you. It matters only if the same server also sends mail."),
    steps=(
        N_(
            "If mail is sent from there, ask whoever runs {hosts:list} to set the reverse DNS (PTR)."
        ),
    ),
)
GREETING_NAME = FindingMessage(
    id="mail.reverse.greeting",
    severity=Severity.INFO,
    owner=Owner.MAIL_OPERATOR,
    title=N_("A mail server greets by a name that does not exist"),
    seen=N_(
        "The greeting of {hosts:list} says “{name}”, which nobody on the internet can look up."
    ),
    why=N_("When it sends mail under this name, some receivers refuse it."),
    steps=(N_("Ask whoever runs {hosts:list} to set the full public name as host name."),),
)


def judge_outgoing(case: Case) -> Iterable[Finding]:
    outgoing = case.evidence[REVERSE].outgoing
    if not outgoing:
        yield unknown_finding(OUTGOING.id, detail=NOT_MEANT)
    nameless = [n.address for n in outgoing if lacks_name(n)]
    differing = [n for n in outgoing if is_mismatched(n)]
    if nameless:
        yield NO_PTR(evidence=("mail_names",), addresses=nameless)
    if differing:
        names = [v.rstrip(".") for n in differing for v in n.ptr.values()]
        yield PTR_DIFFERS(
            evidence=("mail_names",), addresses=[n.address for n in differing], names=names
        )


def judge_hosts(case: Case) -> Iterable[Finding]:
    names = case.evidence[REVERSE]
    mismatched = [n for n in names.hosts if lacks_name(n) or is_mismatched(n)]
    if mismatched:
        yield MX_REVERSE(
            evidence=("mail_names",),
            addresses=[n.address for n in mismatched],
            hosts=sorted({n.host for n in mismatched}),
        )
    yield from _greetings(names.greetings)


def _greetings(greetings: tuple[GreetingName, ...]) -> Iterator[Finding]:
    """One finding for each name, with all servers that introduce themselves by it."""
    hosts: dict[str, list[str]] = {}
    for greeting in greetings:
        if not is_address(greeting.name) and _is_unresolvable(greeting):
            hosts.setdefault(greeting.name[:80], []).append(greeting.host)
    for name, of_name in hosts.items():
        yield GREETING_NAME(
            evidence=("mail_names", "mail"), hosts=list(dict.fromkeys(of_name)), name=name
        )


def _is_unresolvable(greeting: GreetingName) -> bool:
    """Whether a greeting's name certainly is no name of the public DNS."""
    name = greeting.name
    if "." not in name or name.endswith(INTERNAL_SUFFIXES):
        return True
    return not greeting.addresses and greeting.trouble is Trouble.NXDOMAIN


def lacks_name(reverse: ReverseName) -> bool:
    """The reverse DNS answered that there is no name; silence proves nothing."""
    is_answered = not reverse.ptr.trouble and reverse.ptr.rcode in ("NOERROR", "NXDOMAIN")
    return is_answered and not reverse.ptr.values()


def is_mismatched(reverse: ReverseName) -> bool:
    """There is a name, it was looked up, and it does not lead back."""
    is_resolved = bool(reverse.ptr.values()) and (bool(reverse.forward) or reverse.trouble is None)
    return is_resolved and reverse.address not in reverse.forward


def _outgoing_names(case: Case) -> tuple[ReverseName, ...]:
    return case.evidence[REVERSE].outgoing


def _host_names(case: Case) -> tuple[ReverseName | GreetingName, ...]:
    return (*case.evidence[REVERSE].hosts, *case.evidence[REVERSE].greetings)


OUTGOING = Check(
    id="mail.outgoing",
    title=N_("The addresses your mail leaves from have proper names"),
    needs=(REVERSE,),
    messages=(NO_PTR, PTR_DIFFERS),
    judge=judge_outgoing,
    seen=_outgoing_names,
)
HOSTS = Check(
    id="mail.reverse",
    title=N_("The mail servers have proper names"),
    needs=(REVERSE,),
    messages=(MX_REVERSE, GREETING_NAME),
    judge=judge_hosts,
    seen=_host_names,
)
