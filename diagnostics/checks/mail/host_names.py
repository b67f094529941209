"""Do mail servers have names that lead there and back (RFC 1912, 2.1), and greet by a real one?

For the addresses mail is sent from this decides whether others take it. For those that only take
mail in it is a piece of information.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import is_address, unknown
from diagnostics.evidence.mail import REVERSE, GreetingName, ReverseName
from diagnostics.model import NOT_MEANT, Case, Check, Finding, Message, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

INNER = ("localhost", ".local", ".lan", ".localdomain", ".internal", ".home", ".invalid")

NO_PTR = Message(
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
PTR_DIFFERS = Message(
    id="mail.outgoing.ptr_differs",
    severity=Severity.WARNING,
    owner=Owner.PROVIDER,
    title=N_("The name of an address that your mail leaves from does not lead back to it"),
    seen=N_("{addresses:list} is called {names:list}, but this name leads to another address."),
    why=N_("Some receivers take it for a forged name and refuse the mail or call it spam."),
    steps=(N_("You cannot change this yourself. Send us this report; we put it right."),),
)
MX_REVERSE = Message(
    id="mail.reverse.mx",
    severity=Severity.INFO,
    owner=Owner.MAIL_OPERATOR,
    title=N_("A mail server of the domain has no name that leads back to it"),
    seen=N_("The reverse DNS of {addresses:list} ({hosts:list}) is empty or leads elsewhere."),
    why=N_("It does not hinder mail to you. It matters only if the same server also sends mail."),
    steps=(N_("If it sends mail, ask whoever runs {hosts:list} to set the reverse DNS (PTR)."),),
)
GREETING_NAME = Message(
    id="mail.reverse.greeting",
    severity=Severity.INFO,
    owner=Owner.MAIL_OPERATOR,
    title=N_("A mail server greets by a name that does not exist"),
    seen=N_(
        "{hosts:list} introduces itself as “{name}”, which nobody on the internet can look up."
    ),
    why=N_("When it sends mail under this name, some receivers refuse it."),
    steps=(N_("Ask whoever runs {hosts:list} to set its full public name as host name."),),
)


def judge_outgoing(case: Case) -> Iterable[Finding]:
    outgoing = case.evidence[REVERSE].outgoing
    if not outgoing:
        yield unknown(OUTGOING.id, detail=NOT_MEANT)
    nameless = [n.address for n in outgoing if nameless_for_sure(n)]
    differing = [n for n in outgoing if differs(n)]
    if nameless:
        yield NO_PTR(evidence=("mail_names",), addresses=nameless)
    if differing:
        names = [v.rstrip(".") for n in differing for v in n.ptr.values()]
        yield PTR_DIFFERS(
            evidence=("mail_names",), addresses=[n.address for n in differing], names=names
        )


def judge_hosts(case: Case) -> Iterable[Finding]:
    seen = case.evidence[REVERSE]
    odd = [n for n in seen.hosts if nameless_for_sure(n) or differs(n)]
    if odd:
        yield MX_REVERSE(
            evidence=("mail_names",),
            addresses=[n.address for n in odd],
            hosts=sorted({n.host for n in odd}),
        )
    yield from _greetings(seen.greetings)


def _greetings(greetings: tuple[GreetingName, ...]) -> Iterator[Finding]:
    for greeted in greetings:
        if not is_address(greeted.name) and _nobodys(greeted):
            yield GREETING_NAME(
                evidence=("mail_names", "mail"), hosts=[greeted.host], name=greeted.name[:80]
            )
            return


def _nobodys(greeted: GreetingName) -> bool:
    """Whether a greeting's name certainly is no name of the public DNS."""
    name = greeted.name
    if "." not in name or name.endswith(INNER):
        return True
    return not greeted.addresses and greeted.trouble is Trouble.NXDOMAIN


def nameless_for_sure(named: ReverseName) -> bool:
    """The reverse DNS answered that there is no name; silence proves nothing."""
    answered = not named.ptr.trouble and named.ptr.rcode in ("NOERROR", "NXDOMAIN")
    return answered and not named.ptr.values()


def differs(named: ReverseName) -> bool:
    """There is a name, it was looked up, and it does not lead back."""
    known = bool(named.ptr.values()) and (bool(named.forward) or named.trouble is None)
    return known and named.address not in named.forward


OUTGOING = Check(
    id="mail.outgoing",
    title=N_("The addresses your mail leaves from have proper names"),
    needs=(REVERSE,),
    messages=(NO_PTR, PTR_DIFFERS),
    judge=judge_outgoing,
)
HOSTS = Check(
    id="mail.reverse",
    title=N_("The mail servers have proper names"),
    needs=(REVERSE,),
    messages=(MX_REVERSE, GREETING_NAME),
    judge=judge_hosts,
)
