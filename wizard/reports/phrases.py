"""Sentences of a report that belong to no check: headlines, labels of states and evidence, reasons for not knowing.

English msgids only; filled and translated by whoever renders.
"""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.disclosure import Audience
from diagnostics.model import FindingStatus, Missing
from instructions.model import ChangeStep
from render.i18n import N_
from render.message_format import Argument
from standards.dns_types import Trouble
from subject import STORED_UNREADABLE, Subject, SubjectKind

STATUSES: Mapping[FindingStatus, str] = {
    FindingStatus.FAIL: N_("Broken"),
    FindingStatus.WARN: N_("Needs care"),
    FindingStatus.NOTICE: N_("Good to know"),
    FindingStatus.UNKNOWN: N_("Not checked"),
    FindingStatus.PASS: N_("In order"),
}
# What becomes of a record set when instructions of another provider are followed.
CHANGES: Mapping[ChangeStep, str] = {
    ChangeStep.SAME: N_("Is there already"),
    ChangeStep.ADD: N_("To be added"),
    ChangeStep.REPLACE: N_("To be replaced"),
    ChangeStep.REMOVE: N_("To be removed"),
    ChangeStep.UNKNOWN: N_("Not seen"),
}
# What each kind of evidence is called in a report.
EVIDENCE: Mapping[str, str] = {
    "delegation": N_("The domain's place in the DNS"),
    "records": N_("DNS records at every name server"),
    "dnssec": N_("Signatures of the zone (DNSSEC)"),
    "servers": N_("The name servers themselves"),
    "caches": N_("What resolvers remember"),
    "registration": N_("The registry's answer"),
    "web": N_("What the website answered"),
    "tls": N_("Certificates"),
    "mail": N_("Mail servers"),
    "mail_names": N_("Names of mail servers"),
    "mail_ports": N_("What mail programs connect to"),
    "mail_setup": N_("How mail programs set themselves up"),
    "blocklists": N_("Blocklists"),
    "mailbox": N_("The mailbox by the panel"),
    "sign_in": N_("The sign-in you asked for"),
    "spf": N_("Who may send (SPF)"),
    "dkim": N_("Keys for signatures (DKIM)"),
    "dmarc": N_("What to do with forgeries (DMARC)"),
    "sts": N_("Encryption on the way (MTA-STS, TLS-RPT)"),
    "dane": N_("Certificates named in the DNS (DANE)"),
    "bimi": N_("Logo beside messages (BIMI)"),
    "hosting": N_("Your hosting account"),
    "expected": N_("What your domain should say"),
    "known": N_("Known incidents"),
    "standpoint": N_("Our own connection"),
    "instructed": N_("The instructions, and the DNS of now"),
}
# What was typed is not always a zone of its own; the report says what was looked at instead.
SUBJECTS: Mapping[str, str] = {
    SubjectKind.HOST.value: N_(
        "{host} is a name inside the domain {domain}. We looked at this name and at the domain that "
        "carries it."
    ),
    SubjectKind.MAILBOX.value: N_(
        "A mailbox has no settings of its own in the DNS, so we looked at the domain behind it: {domain}."
    ),
    SubjectKind.URL.value: N_(
        "From the web address we took the name {host} and looked at it and at its domain, {domain}."
    ),
}
DOMAIN_OF_URL = N_("From the web address we took the domain {domain} and looked at it.")


OWN_ZONE = N_(
    "{domain} is a zone of its own below {above}, with name servers of its own. We looked at this zone; "
    "where the registry is spoken of, it is the DNS of {above} that counts here."
)


def note(subject: Subject) -> tuple[str, Mapping[str, Argument]]:
    """What a typed text was understood as: a msgid with its arguments; "" for a plain domain."""
    if subject.above:
        return OWN_ZONE, {"domain": subject.domain, "above": subject.above}
    plain = subject.host in (subject.domain, f"www.{subject.domain}")
    text = (
        "" if subject.kind is SubjectKind.HOST and plain else SUBJECTS.get(subject.kind.value, "")
    )
    if subject.kind is SubjectKind.URL and subject.host == subject.domain:
        text = DOMAIN_OF_URL
    return text, {"host": subject.host, "domain": subject.domain}


CAUTIONS: Mapping[str, str] = {
    STORED_UNREADABLE: N_(
        "What exactly was typed for this check cannot be read by this version; it is kept. The "
        "domain and what was found are shown."
    ),
    "mixed_script": N_(
        "This name mixes letters of several alphabets. It may be made to look like another name; "
        "compare it letter by letter with the one you mean."
    ),
    "lookalike": N_(
        "This name is written in letters that look like Latin ones but are not. Make sure it is "
        "really the name you mean."
    ),
}

WITHHELD = N_(
    "Not asked: this is for the contacts of the domain's hosting account, once they have signed in."
)
ASKERS_OWN = N_("What was typed is shown only to who began this check, and to our support.")
LATE = N_("It took too long, so we stopped waiting. Checking again may help.")
SKIPPED = N_("There was nothing to look at for this name.")
BROKEN = N_("Our own check failed here. The rest of the report stands.")
UNSURE = N_("We looked, but what we saw does not allow a clear answer.")
_SKIPPED: Mapping[str, str] = {
    "not_delegated": N_("There is nobody to ask: the domain leads to no name servers."),
    "no_server_address": N_("There is nobody to ask: the name servers have no address."),
    "delegation_unknown": N_("We could not find out which name servers to ask."),
    "no_address": N_("There is no address to connect to."),
    "no_account": N_("We know of no hosting account with us for this domain."),
    "no_panel": N_("The hosting panel is not connected to this page."),
    "not_configured": N_("We have not been told what this should be."),
}
_TROUBLE: Mapping[str, str] = {
    Trouble.TIMEOUT.value: N_("No answer came in time."),
    Trouble.REFUSED.value: N_("The connection was refused."),
    Trouble.RESET.value: N_("The connection was cut off."),
    Trouble.UNREACHABLE.value: N_("It could not be reached from here."),
    Trouble.NXDOMAIN.value: N_("The name does not exist."),
    Trouble.SERVFAIL.value: N_("The DNS servers answered with an error of their own."),
    Trouble.TLS.value: N_("No secure connection could be made."),
    Trouble.PROTOCOL.value: N_("The answer could not be understood."),
    Trouble.BLOCKED.value: N_("The address lies in a private network, where we do not look."),
    Trouble.OVERBUDGET.value: N_("We reached our own limit for one check."),
}
_DETAILS: Mapping[str, str] = {
    "incident_unmatched": N_(
        "Our status page tells of trouble or work on our side just now. Whether it touches this"
        " domain's services can be told only from its hosting account."
    ),
    "no_ipv6_here": N_("It has IPv6 addresses only, and we cannot use IPv6 from here."),
    "port25": N_("Mail servers cannot be reached from here: port 25 is closed to us."),
    "our_line": N_(
        "No mail server answered us, not even our own. The fault may be in our own line."
    ),
    "our_patience": N_(
        "The server took the connection but was late with its greeting, and our patience ended "
        "first. Some keep strangers waiting on purpose; real senders wait five minutes."
    ),
    "lists_silent": N_("The blocklists did not answer us, which tells nothing of you."),
    "cut_off": N_("Our own connection does not work just now. That is our fault, not yours."),
    "resolvers_silent": N_(
        "Our own look-ups in the DNS do not work just now, so what needs them could not be looked at. That is our fault, not yours."
    ),
    "no_port25": N_(
        "We cannot reach mail servers elsewhere from here. That is our limit, not yours."
    ),
    "no_ipv6_to_compare": N_("We cannot use IPv6 from here, so we saw only the IPv4 side."),
}


def reason(args: Mapping[str, Argument]) -> str:
    """Why a check could not tell, from the arguments of its `.unknown` finding; a msgid."""
    missing, trouble = str(args.get("missing", "")), str(args.get("trouble") or "")
    detail = str(args.get("detail") or "")
    if missing == "broken" or detail == "broken":
        return BROKEN
    if missing == Missing.WITHHELD:
        return ASKERS_OWN if detail == Audience.ASKER else _DETAILS.get(detail, WITHHELD)
    if missing == Missing.LATE:
        return LATE
    if missing == Missing.SKIPPED:
        return _SKIPPED.get(detail, SKIPPED)
    return _DETAILS.get(detail) or _TROUBLE.get(trouble, UNSURE)


# Headlines of what may be the cause, by finding: its id in the report's document, and the text.
POSSIBLE_CAUSES = {
    "incident.known.open": (
        "incident.open",
        N_("There is a known incident that may explain it: {title}"),
    ),
    "incident.known.work": (
        "incident.work",
        N_("Planned work is under way that may explain it: {title}"),
    ),
}
ALL_CLEAR = N_("We looked closely and found nothing wrong with {domain}.")
PARTLY_CLEAR = N_("What we could see of {domain} is in order; some things we could not check.")
REMARKS = N_("{domain} works. There are only small remarks.")
PARTLY_REMARKS = N_("What we could see of {domain} is in order, but for small remarks.")
NOTHING_SEEN = N_("We could not see enough of {domain} to say what is wrong.")
# As NOTHING_SEEN, where it is our own fault.
OWN_FAULTS: Mapping[str, str] = {
    "cut_off": N_(
        "Our own connection does not work just now, so we could not see enough of {domain}. That is our fault, not yours."
    ),
    "resolvers_silent": N_(
        "Our own look-ups in the DNS do not work just now, so we could not see enough of {domain}. That is our fault, not yours."
    ),
}
FAILED = N_("This check could not be finished. Please start it again, or write to us.")
