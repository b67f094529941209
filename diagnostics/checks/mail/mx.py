"""Checks of the MX records: where mail goes (RFC 5321, 7505), and whether it can be delivered there.

A domain that says it takes part in no mail at all (a null MX, or no MX with “v=spf1 -all”) is
right as it is, unless its own panel expects mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from diagnostics.checks.readings import (
    is_public,
    is_within,
    normalise_name,
    unknown_finding,
)
from diagnostics.evidence.keys import (
    EXPECTED,
    HOSTING,
    MAIL,
    RECORDS,
    MailHost,
    MailServers,
    Records,
)
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from hosting.model import Expectations
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Record, Trouble
from standards.urls import is_address

NOT_COMPARED = (
    "mail.mx.elsewhere",
    "mail.mx.hosted_elsewhere",
    "mail.mx.mixed",
    "mail.routing.local_mismatch",
)

MISSING = FindingMessage(
    id="mail.mx.missing",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{domain} does not say where its mail goes"),
    seen=N_("The domain has no MX record. {implicit:said}"),
    why=N_("Senders then try the web server, which mostly takes no mail; messages come back."),
    steps=(
        N_("Open the DNS settings of {domain} in your hosting panel, or where its DNS is managed."),
        N_("Add the MX record of your mail provider, and save."),
        N_("If the domain is not meant for mail at all, add the MX record “0 .” to say so."),
    ),
)
IMPLICIT = N_("Senders therefore fall back to its own address, {addresses:list}.")
NULL = FindingMessage(
    id="mail.mx.null",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("Mail is switched off for {domain}"),
    seen=N_("Its MX record is “0 .”, which tells every sender that the domain takes no mail."),
    why=N_("That is right for a domain without mailboxes. Otherwise all mail is sent back."),
    steps=(
        N_("If you do not use mail at {domain}, there is nothing to do."),
        N_("If you do, replace this record with the MX record of your mail provider."),
    ),
)
NO_ADDRESS = FindingMessage(
    id="mail.mx.no_address",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A mail server of {domain} does not exist"),
    seen=N_("The MX record names {hosts:list}, for which no address is known."),
    why=N_("Mail waits at the senders for days and then comes back to them."),
    steps=(
        N_("Compare the MX records of {domain} with your mail provider's instructions."),
        N_("Correct {hosts:list}, or delete the record if it is left from a former provider."),
    ),
    hides=NOT_COMPARED,
)
IP_LITERAL = FindingMessage(
    id="mail.mx.ip_literal",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The mail record of {domain} holds a number where a name has to be"),
    seen=N_("The MX record is {hosts:list}. The rules of mail allow only the name of a server."),
    why=N_("Many senders refuse such a record, so only a part of the mail arrives."),
    steps=(
        N_(
            "Create a name for the mail server, such as mail.{domain}, with that address (A record)."
        ),
        N_("Write this name into the MX record instead of the number."),
    ),
    hides=NOT_COMPARED,
)
ALIAS = FindingMessage(
    id="mail.mx.cname",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The mail server name of {domain} is only an alias"),
    seen=N_(
        "There is a CNAME record at {hosts:list}; the rules of mail do not allow that for an MX."
    ),
    why=N_("Most mail arrives, but some senders refuse such a setting."),
    steps=(
        N_(
            "Write the real name of the mail server into the MX record,"
            " or give {hosts:list} an A record instead of the CNAME."
        ),
    ),
    hides=("mail.starttls.name",),
)
PRIVATE = FindingMessage(
    id="mail.mx.private",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A mail server of {domain} has an address that the internet cannot reach"),
    seen=N_(
        "For {hosts:list} an address is set that works only inside a network: {addresses:list}."
    ),
    why=N_("Nobody outside can deliver mail there; it comes back to the senders."),
    steps=(
        N_("Open the DNS settings and give {hosts:list} a public address."),
        N_("If the server is not meant for mail from outside, remove it from the MX records."),
    ),
    hides=NOT_COMPARED,
)
ELSEWHERE = FindingMessage(
    id="mail.mx.elsewhere",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("Mail for {domain} does not come to us"),
    seen=N_("The MX records lead to {hosts:list}; our mail servers are {expected:list}."),
    why=N_("Mailboxes that you have with us stay empty, because mail is delivered elsewhere."),
    steps=(
        N_("If your mailboxes are with another provider, all is well; look for the mail there."),
        N_("If they are with us, open the DNS settings of {domain} and set the MX shown here."),
        N_("Delete the old MX records, wait an hour, and send yourself a test message."),
    ),
    hides=("mail.routing.local_mismatch", "mail.starttls.", "mail.reverse."),
)
HOSTED_ELSEWHERE = FindingMessage(
    id="mail.mx.hosted_elsewhere",
    severity=Severity.NOTICE,
    owner=Owner.MAIL_OPERATOR,
    title=N_("Mail for {domain} is handled elsewhere"),
    seen=N_("The MX records lead to {hosts:list}; these are not our mail servers."),
    why=N_("Whether a message has arrived can be seen only by the company that runs them."),
    steps=(N_("For missing mail, turn to the operator of {hosts:list}."),),
)
MIXED = FindingMessage(
    id="mail.mx.mixed",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Mail for {domain} is split between two providers"),
    seen=N_("Ours: {ours:list}. Not ours: {others:list}."),
    why=N_("A part of the mail lands in mailboxes where you do not look for it."),
    steps=(
        N_("Decide where your mailboxes are."),
        N_("Open the DNS settings and delete the MX records of the other provider."),
    ),
)


def judge(case: Case) -> Iterable[Finding]:
    mail, records = case.evidence[MAIL], case.evidence.get(RECORDS)
    # A name that does not exist has no mail to judge; that is another check's finding.
    answered = [x for x in mail.mx if not x.trouble and x.rcode == "NOERROR"]
    if not answered:
        yield unknown_finding(MX.id, what="mail")
        return
    values = [v for x in answered for v in x.values("MX")]
    if not values:
        if not declares_no_mail(records, mail.domain):
            yield MISSING(
                evidence=("mail",),
                records=_mx_records(case),
                domain=mail.domain,
                implicit=IMPLICIT if mail.implicit else "",
                addresses=list(mail.implicit),
            )
    elif has_null_mx(mail):
        yield NULL(evidence=("mail",), domain=mail.domain)
    else:
        yield from _host_findings(mail)


def has_null_mx(mail: MailServers) -> bool:
    """Whether the only MX is the null MX of RFC 7505: “0 .”."""
    values = {v for x in mail.mx for v in x.values("MX")}
    return bool(values) and all(not normalise_name(v.partition(" ")[2]) for v in values)


def declares_no_mail(records: Records | None, domain: str) -> bool:
    """Whether the domain says by SPF that it sends no mail; then it need not take any."""
    values = records.values(domain, "TXT") if records else ()
    plain = [v.replace('" "', "").strip('"').lower().split() for v in values]
    return ["v=spf1", "-all"] in plain


def _host_findings(mail: MailServers) -> Iterator[Finding]:
    hosts = [h for h in mail.hosts if h.name]
    literals = [h.name for h in hosts if is_address(h.name)]
    named_hosts = [h for h in hosts if not is_address(h.name)]
    unknown_names = [h.name for h in named_hosts if _lacks_address(h)]
    aliases = [h.name for h in named_hosts if h.alias]
    if named_hosts and not any(h.addresses or _lacks_address(h) for h in named_hosts):
        yield unknown_finding(
            MX.id, what="mail"
        )  # nobody's fault: their addresses could not be seen
    private_addresses = {h.name: [a for a in h.addresses if not is_public(a)] for h in named_hosts}
    private_names = [name for name, addresses_found in private_addresses.items() if addresses_found]
    for message, names in ((IP_LITERAL, literals), (NO_ADDRESS, unknown_names), (ALIAS, aliases)):
        if names:
            yield message(evidence=("mail",), domain=mail.domain, hosts=names)
    if private_names:
        addresses = sorted({a for name in private_names for a in private_addresses[name]})
        finding = PRIVATE(
            evidence=("mail",), domain=mail.domain, hosts=private_names, addresses=addresses
        )
        is_everything_private = all(
            h.addresses and len(private_addresses.get(h.name, ())) == len(h.addresses)
            for h in hosts
        )
        yield finding if is_everything_private else replace(finding, hides=())


def _lacks_address(host: MailHost) -> bool:
    """Whether a target certainly has no address; a failed look-up proves nothing."""
    return not host.addresses and host.trouble in (None, Trouble.NXDOMAIN)


def judge_destination(case: Case) -> Iterable[Finding]:
    mail, expected = case.evidence[MAIL], case.evidence[EXPECTED]
    hosts = [h.name for h in mail.hosts if h.name and not is_address(h.name)]
    if not hosts or not expected.mail_hosts:
        return
    own_hosts = [h for h in hosts if is_provider_host(h, expected, mail)]
    others = [h for h in hosts if h not in own_hosts]
    domain, keys = mail.domain, ("mail", "expected")
    if own_hosts and others:
        yield MIXED(evidence=keys, domain=domain, ours=own_hosts, others=others)
    elif others and expected.own and _is_delivered_here(case):
        yield ELSEWHERE(
            evidence=keys,
            records=_mx_records(case),
            domain=domain,
            hosts=others,
            expected=list(expected.mail_hosts),
        )
    elif others:
        yield HOSTED_ELSEWHERE(evidence=keys, domain=domain, hosts=others)


def _is_delivered_here(case: Case) -> bool:
    """Whether the panel delivers the domain's mail into mailboxes with us."""
    hosting = case.evidence.get(HOSTING)
    return hosting is not None and hosting.mail_local is True


def is_provider_host(name: str, expected: Expectations, mail: MailServers) -> bool:
    """A mail host is ours by name, or because it shares an address with one of ours."""
    own_hosts = {normalise_name(host) for host in expected.mail_hosts}
    if name in own_hosts or any(is_within(name, host) for host in own_hosts):
        return True
    addresses = {a for h in mail.hosts if h.name == name for a in h.addresses}
    return bool(addresses & set(expected.addresses))


def _mx_records(case: Case) -> tuple[Record, ...]:
    expected = case.evidence.get(EXPECTED)
    if expected is None or not expected.own:
        return ()
    hosts = enumerate(expected.mail_hosts, start=1)
    return tuple(Record(case.subject.domain, "MX", 3600, f"{10 * i} {h}.") for i, h in hosts)


def _is_destination_known(case: Case) -> bool:
    return bool(case.evidence[MAIL].hosts and case.evidence[EXPECTED].mail_hosts)


MX = Check(
    id="mail.mx",
    title=N_("The domain says where its mail goes"),
    needs=(MAIL,),
    tolerates=(RECORDS, EXPECTED),
    messages=(MISSING, NULL, IP_LITERAL, NO_ADDRESS, ALIAS, PRIVATE),
    judge=judge,
    refuted_by=(
        "mail.mx.null_with_other",
        "mail.mx.inconsistent",
    ),
)
DESTINATION = Check(
    id="mail.destination",
    title=N_("Mail goes to this provider"),
    needs=(MAIL, EXPECTED),
    tolerates=(HOSTING,),
    messages=(MIXED, ELSEWHERE, HOSTED_ELSEWHERE),
    judge=judge_destination,
    seen=_is_destination_known,
    refuted_by=(
        "mail.mx.ip_literal",
        "mail.mx.private",
        "mail.mx.null_with_other",
        "mail.mx.inconsistent",
    ),
)
