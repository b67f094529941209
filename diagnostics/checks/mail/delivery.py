"""Checks whether the panel's mail routing fits the MX records, and whether mail servers greet or refuse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from diagnostics.checks.mail.mx import has_null_mx, is_provider_host
from diagnostics.checks.mail.readings import are_mail_records_seen, no_dialogue_finding
from diagnostics.checks.readings import SILENT_TROUBLES, unknown_finding
from diagnostics.evidence.keys import EXPECTED, HOSTING, MAIL, MailServers
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import SmtpDialogue
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

MISMATCH = FindingMessage(
    id="mail.routing.local_mismatch",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The hosting panel and the DNS disagree about where mail for {domain} goes"),
    seen=N_("{panel:said} {dns:said}"),
    why=N_("A part of the mail ends in a mailbox that nobody reads, or is sent back."),
    steps=(
        N_("Decide where your mailboxes are: with us, or with another provider."),
        N_("In your hosting panel, open Mail → Routing of {domain} and set it to that place."),
        N_("Set the MX records in the DNS to the same place."),
        N_("Send a test message from another provider (a private address will do)."),
    ),
    hides=("mail.mx.null",),
)
UNREACHABLE = FindingMessage(
    id="mail.greeting.unreachable",
    severity=Severity.ERROR,
    owner=Owner.MAIL_OPERATOR,
    title=N_("No mail server of {domain} answers"),
    seen=N_("We tried {hosts:list} at port 25. {problem:said}"),
    why=N_("Mail waits at the senders. They try for some days and then give it back."),
    steps=(
        N_("Look at the status page of your mail provider for an open incident."),
        N_("If it lasts longer than an hour, send this report to whoever runs {hosts:list}."),
        N_("Mail that waits is not lost; most of it arrives once the server is back."),
    ),
    hides=("mail.starttls.", "mail.reverse."),
)
NO_STARTTLS = FindingMessage(
    id="mail.greeting.no_starttls",
    severity=Severity.WARNING,
    owner=Owner.MAIL_OPERATOR,
    title=N_("A mail server of {domain} takes mail only unencrypted"),
    seen=N_("We reached {hosts:list}, but were offered no encryption (STARTTLS)."),
    why=N_("Messages can be read on the way, and some senders refuse to deliver without it."),
    steps=(N_("Ask whoever runs {hosts:list} to turn on STARTTLS with a valid certificate."),),
)

TURNED_AWAY = FindingMessage(
    id="mail.greeting.turned_away",
    severity=Severity.NOTICE,
    owner=Owner.MAIL_OPERATOR,
    title=N_("A mail server of {domain} did not want to talk to us"),
    seen=N_("{hosts:list} greeted us with a refusal: “{reply}”."),
    why=N_("It may mean only us. If senders get the same words back, their mail does not arrive."),
    steps=(
        N_("Ask somebody to write to you from another provider; if it arrives, all is well."),
        N_("If it comes back, send this report to whoever runs {hosts:list}."),
    ),
)
SLOW = FindingMessage(
    id="mail.greeting.slow",
    severity=Severity.INFO,
    owner=Owner.NOBODY,
    title=N_("A mail server of {domain} keeps strangers waiting"),
    seen=N_("{hosts:list} greeted after {waited:duration}. Our check was delayed by our patience."),
    why=N_("It is a known way to keep senders of spam off. Proper mail servers wait five minutes."),
    steps=(),
)

LOCAL = N_("The panel delivers mail for the domain into mailboxes on our server.")
REMOTE = N_("The panel believes that the mailboxes are with another provider.")
DNS_ELSEWHERE = N_("The DNS sends mail to {hosts:list} instead.")
DNS_NULL = N_("The DNS says that the domain takes no mail at all.")
DNS_HERE = N_("The DNS sends mail to us ({hosts:list}).")
REFUSED = N_("The connection was refused.")
NO_ANSWER = N_("No answer came, while our own mail server answers us at once.")
SLOW_GREETING = timedelta(seconds=5)  # a greeting later than this is told


def judge_routing(case: Case) -> Iterable[Finding]:
    mail, hosting, expected = (
        case.evidence[MAIL],
        case.evidence[HOSTING],
        case.evidence[EXPECTED],
    )
    if hosting.mail_local is None:
        return
    hosts = [h.name for h in mail.hosts if h.name]
    own_hosts = [name for name in hosts if is_provider_host(name, expected, mail)]
    panel_sentence, dns_sentence = "", ""
    if hosting.mail_local and has_null_mx(mail):
        panel_sentence, dns_sentence = LOCAL, DNS_NULL
    elif hosting.mail_local and hosts and expected.mail_hosts and not own_hosts:
        panel_sentence, dns_sentence = LOCAL, DNS_ELSEWHERE
    elif not hosting.mail_local and own_hosts and len(own_hosts) == len(hosts):
        panel_sentence, dns_sentence = REMOTE, DNS_HERE
    if panel_sentence:
        yield MISMATCH(
            evidence=("mail", "hosting"),
            domain=mail.domain,
            panel=panel_sentence,
            dns=dns_sentence,
            hosts=hosts,
        )


def judge_greeting(case: Case) -> Iterable[Finding]:
    mail = case.evidence[MAIL]
    dialogues = [h.dialogue for h in mail.hosts if h.dialogue is not None]
    if not dialogues:
        if any(h.addresses for h in mail.hosts):
            yield no_dialogue_finding(GREETING.id, mail.unasked)
        return
    greeting_hosts = [t for t in dialogues if not t.trouble and t.code == 220]
    silent = [t for t in dialogues if t.trouble in SILENT_TROUBLES and not t.code]
    if len(silent) == len(dialogues):
        yield _unanswered_finding(mail, silent)
    refusing = [t for t in dialogues if t.code >= 500]
    if refusing:
        yield TURNED_AWAY(
            evidence=("mail",),
            domain=mail.domain,
            hosts=[t.host for t in refusing],
            reply=f"{refusing[0].code} {refusing[0].greeting}"[:200],
        )
    slow = [t for t in greeting_hosts if t.waited >= SLOW_GREETING]
    if slow:
        yield SLOW(
            evidence=("mail",),
            domain=mail.domain,
            hosts=[t.host for t in slow],
            waited=max(t.waited for t in slow).total_seconds(),
        )
    without_tls = [t.host for t in greeting_hosts if not t.starttls]
    if without_tls:
        yield NO_STARTTLS(evidence=("mail",), domain=mail.domain, hosts=without_tls)


def _unanswered_finding(mail: MailServers, silent: list[SmtpDialogue]) -> Finding:
    """A refusal is the server's own word. Silence may be a tarpit, or our own closed port 25: it
    is theirs only when our own mail server answers from the same place."""
    hosts = [t.host for t in silent]
    is_refused = any(t.trouble in (Trouble.REFUSED, Trouble.RESET) for t in silent)
    own_server = mail.reference
    if is_refused or (own_server is not None and own_server.connected):
        problem = REFUSED if is_refused else NO_ANSWER
        return UNREACHABLE(evidence=("mail",), domain=mail.domain, hosts=hosts, problem=problem)
    is_late = any(t.connected for t in silent)
    detail = "our_patience" if is_late else "our_line" if own_server is not None else ""
    return unknown_finding(GREETING.id, what="mail", trouble=Trouble.TIMEOUT.value, detail=detail)


def _is_greeted(case: Case) -> bool:
    return any(h.dialogue is not None and h.dialogue.code for h in case.evidence[MAIL].hosts)


def _is_routing_known(case: Case) -> bool:
    return case.evidence[HOSTING].mail_local is not None and are_mail_records_seen(case)


ROUTING = Check(
    id="mail.routing",
    title=N_("The panel's mail routing agrees with the DNS"),
    needs=(MAIL, HOSTING, EXPECTED),
    messages=(MISMATCH,),
    judge=judge_routing,
    seen=_is_routing_known,
)
GREETING = Check(
    id="mail.greeting",
    title=N_("The mail servers answer"),
    needs=(MAIL,),
    messages=(UNREACHABLE, TURNED_AWAY, NO_STARTTLS, SLOW),
    judge=judge_greeting,
    seen=_is_greeted,
    refuted_by=(
        "mail.mx.no_address",
        "mail.mx.private",
    ),
)
