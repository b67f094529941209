"""Check of the ports for mail programs: IMAP and submission, encryption, and the certificate's name.

POP3 is looked at for its certificate; a server without it is nothing to mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.checks.mail.starttls import certificate_names
from diagnostics.checks.readings import unknown_finding
from diagnostics.evidence.keys import EXPECTED
from diagnostics.evidence.mail import PORTS, MailPorts, ProgramHost
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Handshake, MailboxDialogue, SmtpDialogue
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

Dialogue = MailboxDialogue | SmtpDialogue
PLAIN_PORTS = (110, 143, 587)

CLOSED = FindingMessage(
    id="mail.ports.closed",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("Mail programs cannot connect to our server"),
    seen=N_("Connections for reading and for sending mail are refused by {hosts:list}."),
    why=N_("Computers and telephones can neither fetch nor send mail until it is back."),
    steps=(
        N_("Look at our status page for an open incident."),
        N_("If there is none, send us this report. Your settings are not the cause."),
    ),
    hides=("mailbox.sign_in.unreachable",),
)
OWN_DEAD = FindingMessage(
    id="mail.ports.nobody",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("Behind {host} there is no mail server for mail programs"),
    seen=N_("{host} exists, but nothing there takes IMAP or sending."),
    why=N_("A mail program that is set to this name finds nobody."),
    steps=(N_("In your mail program, use {servers:list} as the server instead."),),
)
NAME = FindingMessage(
    id="mail.ports.name",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The certificate of our mail server is for another name"),
    seen=N_("The certificate of {hosts:list} is for {names:list}."),
    why=N_("Mail programs warn, or refuse to connect."),
    steps=(
        N_("Send us this report; we put it right."),
        N_("Do not tell your mail program to ignore it: it may then accept a forged server too."),
    ),
)
OWN_NAME = FindingMessage(
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
EXPIRED = FindingMessage(
    id="mail.ports.expired",
    severity=Severity.ERROR,
    owner=Owner.MAIL_OPERATOR,
    title=N_("The certificate for mail programs is out of date"),
    seen=N_("The certificate of {hosts:list} was valid until {until:date}."),
    why=N_("Mail programs warn, or refuse to connect."),
    steps=(
        N_("Send this report to whoever runs {hosts:list}; they have to renew it."),
        N_("Until then, webmail mostly works."),
    ),
    hides=("mail.ports.untrusted", "mailbox.sign_in.not_tried"),
)
NOT_YET_VALID = FindingMessage(
    id="mail.ports.not_yet_valid",
    severity=Severity.ERROR,
    owner=Owner.MAIL_OPERATOR,
    title=N_("The certificate for mail programs is not valid yet"),
    seen=N_("The certificate of {hosts:list} becomes valid at {since:datetime}."),
    why=N_("Mail programs warn, or refuse to connect."),
    steps=(
        N_("Send this report to whoever runs {hosts:list}; they have to put the earlier one back."),
        N_("Until then, webmail mostly works."),
    ),
    hides=("mail.ports.untrusted", "mailbox.sign_in.not_tried"),
)
UNTRUSTED = FindingMessage(
    id="mail.ports.untrusted",
    severity=Severity.ERROR,
    owner=Owner.MAIL_OPERATOR,
    title=N_("Nobody vouches for the certificate for mail programs"),
    seen=N_(
        "The certificate of {hosts:list} leads to no authority that is generally known: it comes "
        "from none, or an intermediate certificate is missing or has expired."
    ),
    why=N_("Mail programs warn, or refuse to connect."),
    steps=(N_("Send this report to whoever runs {hosts:list}; they have to replace it."),),
    hides=("mailbox.sign_in.not_tried",),
)
PLAIN = FindingMessage(
    id="mail.ports.plain",
    severity=Severity.WARNING,
    owner=Owner.MAIL_OPERATOR,
    title=N_("Passwords can be sent unencrypted"),
    seen=N_("A sign-in without encryption is taken by {hosts:list} at {ports:list}."),
    why=N_("In a foreign network somebody may read the password on its way."),
    steps=(
        N_("In your mail program, choose SSL/TLS: IMAP at port 993, sending at port 465."),
        N_("Ask whoever runs {hosts:list} to demand encryption."),
    ),
)


@dataclass(frozen=True, slots=True)
class HostDialogues:
    """One host with the dialogues at its ports."""

    host: ProgramHost
    dialogues: tuple[Dialogue, ...]

    @property
    def open_dialogues(self) -> tuple[Dialogue, ...]:
        return tuple(t for t in self.dialogues if is_open(t))

    @property
    def is_useful(self) -> bool:
        """Does anything but POP3 answer?"""
        return any(t.port not in (110, 995) for t in self.open_dialogues)

    @property
    def is_refused(self) -> bool:
        """Everything closed, by the host's own word rather than by silence."""
        refusals = (Trouble.REFUSED, Trouble.RESET)
        return not self.is_useful and any(t.trouble in refusals for t in self.dialogues)

    @property
    def first_certificate(self) -> Handshake | None:
        """The first certificate that was shown."""
        handshakes = (t.handshake for t in self.open_dialogues)
        return next((s for s in handshakes if s is not None and s.chain), None)


def is_open(dialogue: Dialogue) -> bool:
    """Whether somebody spoke at a port."""
    handshake = dialogue.handshake
    return bool(dialogue.greeting) or (handshake is not None and not handshake.trouble)


def dialogues_by_host(ports: MailPorts) -> list[HostDialogues]:
    """The conversations by host; hosts that nobody could be asked about are left out."""
    dialogues: tuple[Dialogue, ...] = (*ports.boxes, *ports.submissions)
    hosts = [HostDialogues(h, tuple(t for t in dialogues if t.host == h.name)) for h in ports.hosts]
    return [host_dialogues for host_dialogues in hosts if host_dialogues.dialogues]


def judge(case: Case) -> Iterable[Finding]:
    hosts = dialogues_by_host(case.evidence[PORTS])
    provided_hosts = [s for s in hosts if not s.host.own]
    closed = [s.host.name for s in provided_hosts if s.is_refused]
    if closed:
        yield CLOSED(evidence=("mail_ports",), hosts=closed)
    elif provided_hosts and not any(s.is_useful for s in provided_hosts):
        yield unknown_finding(CHECK.id, what="mail_ports", trouble=Trouble.TIMEOUT.value)
    expected = case.evidence.get(EXPECTED)
    servers = list(expected.mailbox_hosts if expected else ())
    for own_host in (s for s in hosts if s.host.own):
        yield from _own_name_findings(own_host, servers)
    yield from _certificate_findings(case, hosts)
    yield from _plaintext_findings(hosts)


def _own_name_findings(host_dialogues: HostDialogues, servers: list[str]) -> Iterator[Finding]:
    """The domain's own name for its mail server, which customers like to set in mail programs."""
    handshake, host = host_dialogues.first_certificate, host_dialogues.host.name
    if host_dialogues.is_refused and servers:
        yield OWN_DEAD(evidence=("mail_ports",), host=host, servers=servers)
    elif handshake is not None and not handshake.name_matches:
        names = certificate_names(handshake)
        suggested = servers or [n for n in names if not n.startswith("*")]
        yield OWN_NAME(evidence=("mail_ports",), host=host, names=names, servers=suggested or names)


def _certificate_findings(case: Case, host_dialogues: list[HostDialogues]) -> Iterator[Finding]:
    handshakes = [(s.host, s.first_certificate) for s in host_dialogues]
    presented = [(host, handshake) for host, handshake in handshakes if handshake is not None]
    misnamed = [(h.name, s) for h, s in presented if not h.own and not s.name_matches]
    expired = [(h.name, s) for h, s in presented if s.has_ended(case.at)]
    early = [(h.name, s) for h, s in presented if s.begins_after(case.at)]
    untrusted = [h.name for h, s in presented if s.is_distrusted]
    if misnamed:
        hosts, names = [name for name, _ in misnamed], certificate_names(misnamed[0][1])
        yield NAME(evidence=("mail_ports",), hosts=hosts, names=names)
    if expired:
        until = min(s.chain[0].not_after for _, s in expired).date().isoformat()
        yield EXPIRED(evidence=("mail_ports",), hosts=[name for name, _ in expired], until=until)
    if early:
        since = max(s.chain[0].not_before for _, s in early).isoformat()
        yield NOT_YET_VALID(
            evidence=("mail_ports",), hosts=[name for name, _ in early], since=since
        )
    if untrusted:
        yield UNTRUSTED(evidence=("mail_ports",), hosts=untrusted)


def _plaintext_findings(host_dialogues: list[HostDialogues]) -> Iterator[Finding]:
    open_to_plaintext = [
        (s.host.name, t.port)
        for s in host_dialogues
        for t in s.open_dialogues
        if accepts_plaintext(t)
    ]
    if open_to_plaintext:
        ports = [str(port) for port in sorted({port for _, port in open_to_plaintext})]
        hosts = list(dict.fromkeys(name for name, _ in open_to_plaintext))
        yield PLAIN(evidence=("mail_ports",), hosts=hosts, ports=ports)


def accepts_plaintext(dialogue: Dialogue) -> bool:
    """Whether a sign-in without encryption is offered at a port, and encryption is not."""
    if (
        dialogue.port not in PLAIN_PORTS
        or dialogue.handshake is not None
        or dialogue.trouble is not None
    ):
        return False
    if isinstance(dialogue, SmtpDialogue):
        return not dialogue.starttls and bool(dialogue.methods)
    offers_encryption = {"STARTTLS", "STLS"} & set(dialogue.capabilities)
    return (
        bool(dialogue.refused)
        and not offers_encryption
        and "LOGINDISABLED" not in dialogue.capabilities
    )


def _darker_side(case: Case) -> tuple[Dialogue, ...]:
    """Reading or sending, whichever answered less: one that is silent is not in order."""
    ports = case.evidence[PORTS]
    has_reading = any(x.trouble is None for x in ports.boxes)
    return ports.submissions if has_reading and ports.submissions else ports.boxes


CHECK = Check(
    id="mail.ports",
    title=N_("Mail programs can connect"),
    needs=(PORTS,),
    tolerates=(EXPECTED,),
    messages=(CLOSED, EXPIRED, NOT_YET_VALID, UNTRUSTED, NAME, PLAIN, OWN_DEAD, OWN_NAME),
    judge=judge,
    seen=_darker_side,
    refuted_by=("mailbox.sign_in.unreachable",),
)
