"""Can mail programs connect: IMAP and submission ports, encryption, and the name to set in them.

POP3 is looked at for its certificate; a server without it is nothing to mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.checks.mail.starttls import names_of
from diagnostics.checks.readings import unknown
from diagnostics.evidence.keys import EXPECTED
from diagnostics.evidence.mail import PORTS, MailPorts, ProgramHost
from diagnostics.model import Case, Check, Finding, Message, Severity
from facts import Handshake, MailboxDialogue, SmtpDialogue
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

Talk = MailboxDialogue | SmtpDialogue
PLAIN_PORTS = (110, 143, 587)

CLOSED = Message(
    id="mail.ports.closed",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("Mail programs cannot connect to our server"),
    seen=N_("{hosts:list} refuses connections for reading and for sending mail."),
    why=N_("Computers and telephones can neither fetch nor send mail until it is back."),
    steps=(
        N_("Look at our status page for an open incident."),
        N_("If there is none, send us this report. Your settings are not the cause."),
    ),
    hides=("mailbox.sign_in.unreachable",),
)
OWN_DEAD = Message(
    id="mail.ports.nobody",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("Behind {host} there is no mail server for mail programs"),
    seen=N_("{host} exists, but nothing there takes IMAP or sending."),
    why=N_("A mail program that is set to this name finds nobody."),
    steps=(N_("In your mail program, use {servers:list} as the server instead."),),
)
NAME = Message(
    id="mail.ports.name",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The certificate of our mail server is for another name"),
    seen=N_("{hosts:list} shows a certificate for {names:list}."),
    why=N_("Mail programs warn, or refuse to connect."),
    steps=(
        N_("Send us this report; we put it right."),
        N_("Do not tell your mail program to ignore it: it may then accept a forged server too."),
    ),
)
OWN_NAME = Message(
    id="mail.ports.own_name",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("Mail programs that are set to {host} will warn of its certificate"),
    seen=N_("{host} leads to a server whose certificate is for {names:list}."),
    why=N_("The encryption is in order, but the name is not the one that was asked for."),
    steps=(
        N_("In your mail program, use {servers:list} as the server instead of {host}."),
        N_("Everything else, the user name and the password, stays as it is."),
    ),
)
EXPIRED = Message(
    id="mail.ports.expired",
    severity=Severity.ERROR,
    owner=Owner.MAIL_OPERATOR,
    title=N_("The certificate for mail programs is out of date"),
    seen=N_("{hosts:list} shows a certificate that was valid until {until:date}."),
    why=N_("Mail programs warn, or refuse to connect."),
    steps=(
        N_("Send this report to whoever runs {hosts:list}; they have to renew it."),
        N_("Until then, webmail mostly works."),
    ),
    hides=("mail.ports.untrusted", "mailbox.sign_in.not_tried"),
)
UNTRUSTED = Message(
    id="mail.ports.untrusted",
    severity=Severity.ERROR,
    owner=Owner.MAIL_OPERATOR,
    title=N_("Nobody vouches for the certificate for mail programs"),
    seen=N_("The certificate of {hosts:list} comes from no authority that is generally known."),
    why=N_("Mail programs warn, or refuse to connect."),
    steps=(N_("Send this report to whoever runs {hosts:list}; they have to replace it."),),
    hides=("mailbox.sign_in.not_tried",),
)
PLAIN = Message(
    id="mail.ports.plain",
    severity=Severity.WARNING,
    owner=Owner.MAIL_OPERATOR,
    title=N_("Passwords can be sent unencrypted"),
    seen=N_("{hosts:list} takes a sign-in without encryption at {ports:list}."),
    why=N_("In a foreign network somebody may read the password on its way."),
    steps=(
        N_("In your mail program, choose SSL/TLS: IMAP at port 993, sending at port 465."),
        N_("Ask whoever runs {hosts:list} to demand encryption."),
    ),
)


@dataclass(frozen=True, slots=True)
class PortsSeen:
    """One host with all that was said at its ports."""

    host: ProgramHost
    talks: tuple[Talk, ...]

    @property
    def opened(self) -> tuple[Talk, ...]:
        return tuple(t for t in self.talks if is_open(t))

    @property
    def useful(self) -> bool:
        """Does anything but POP3 answer?"""
        return any(t.port not in (110, 995) for t in self.opened)

    @property
    def refused(self) -> bool:
        """Everything closed, by the host's own word rather than by silence."""
        gone = (Trouble.REFUSED, Trouble.RESET)
        return not self.useful and any(t.trouble in gone for t in self.talks)

    @property
    def shown(self) -> Handshake | None:
        """The first certificate that was shown."""
        shakes = (t.handshake for t in self.opened)
        return next((s for s in shakes if s is not None and s.chain), None)


def is_open(talk: Talk) -> bool:
    """Whether somebody spoke at a port."""
    shaken = talk.handshake
    return bool(talk.greeting) or (shaken is not None and not shaken.trouble)


def by_host(ports: MailPorts) -> list[PortsSeen]:
    """The conversations by host; hosts that nobody could be asked about are left out."""
    every: tuple[Talk, ...] = (*ports.boxes, *ports.submissions)
    found = [PortsSeen(h, tuple(t for t in every if t.host == h.name)) for h in ports.hosts]
    return [seen for seen in found if seen.talks]


def judge(case: Case) -> Iterable[Finding]:
    seen = by_host(case.evidence[PORTS])
    provided = [s for s in seen if not s.host.own]
    closed = [s.host.name for s in provided if s.refused]
    if closed:
        yield CLOSED(evidence=("mail_ports",), hosts=closed)
    elif provided and not any(s.useful for s in provided):
        yield unknown(CHECK.id, what="mail_ports", trouble=Trouble.TIMEOUT.value)
    expected = case.evidence.get(EXPECTED)
    servers = list(expected.mailbox_hosts if expected else ())
    for own in (s for s in seen if s.host.own):
        yield from _own(own, servers)
    yield from _certificates(case, seen)
    yield from _plain(seen)


def _own(seen: PortsSeen, servers: list[str]) -> Iterator[Finding]:
    """The domain's own name for its mail server, which customers like to set in mail programs."""
    shaken, host = seen.shown, seen.host.name
    if seen.refused and servers:
        yield OWN_DEAD(evidence=("mail_ports",), host=host, servers=servers)
    elif shaken is not None and not shaken.name_matches:
        names = names_of(shaken)
        better = servers or [n for n in names if not n.startswith("*")]
        yield OWN_NAME(evidence=("mail_ports",), host=host, names=names, servers=better or names)


def _certificates(case: Case, seen: list[PortsSeen]) -> Iterator[Finding]:
    shown = [(s.host, s.shown) for s in seen]
    known = [(host, shaken) for host, shaken in shown if shaken is not None]
    wrong = [(h.name, s) for h, s in known if not h.own and not s.name_matches]
    old = [(h.name, s) for h, s in known if s.chain[0].not_after < case.at]
    strange = [h.name for h, s in known if not s.verified]
    if wrong:
        hosts, names = [name for name, _ in wrong], names_of(wrong[0][1])
        yield NAME(evidence=("mail_ports",), hosts=hosts, names=names)
    if old:
        until = min(s.chain[0].not_after for _, s in old).date().isoformat()
        yield EXPIRED(evidence=("mail_ports",), hosts=[name for name, _ in old], until=until)
    if strange:
        yield UNTRUSTED(evidence=("mail_ports",), hosts=strange)


def _plain(seen: list[PortsSeen]) -> Iterator[Finding]:
    found = [(s.host.name, t.port) for s in seen for t in s.opened if takes_plain(t)]
    if found:
        ports = [str(port) for port in sorted({port for _, port in found})]
        hosts = list(dict.fromkeys(name for name, _ in found))
        yield PLAIN(evidence=("mail_ports",), hosts=hosts, ports=ports)


def takes_plain(talk: Talk) -> bool:
    """Whether a sign-in without encryption is offered at a port, and encryption is not."""
    if talk.port not in PLAIN_PORTS or talk.handshake is not None or talk.trouble is not None:
        return False
    if isinstance(talk, SmtpDialogue):
        return not talk.starttls and bool(talk.methods)
    offers = {"STARTTLS", "STLS"} & set(talk.capabilities)
    return bool(talk.refused) and not offers and "LOGINDISABLED" not in talk.capabilities


CHECK = Check(
    id="mail.ports",
    title=N_("Mail programs can connect"),
    needs=(PORTS,),
    tolerates=(EXPECTED,),
    messages=(CLOSED, EXPIRED, UNTRUSTED, NAME, PLAIN, OWN_DEAD, OWN_NAME),
    judge=judge,
)
