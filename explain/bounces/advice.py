"""Advice for each class of mail failure: owner, texts, articles, checks. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from explain.model import Reason
from kb.owners import Owner
from render.i18n import N_


@dataclass(frozen=True, slots=True)
class FailureAdvice:
    """Words are msgids. Articles are topics of the knowledge base, checks are ids of CHECKS."""

    owner: Owner
    title: str
    says: str
    next: str
    articles: tuple[str, ...]
    checks: tuple[str, ...] = ()


_BACK = "mail-comes-back"
ADVICE: dict[Reason, FailureAdvice] = {
    Reason.RECIPIENT_UNKNOWN: FailureAdvice(
        Owner.SENDER,
        N_("The recipient's mailbox does not exist"),
        N_(
            "The receiving server answered that it has no mailbox of this name. Usually there is a typing mistake before the @, or the person has left."
        ),
        N_(
            "Check the address letter by letter and ask the recipient for the right one. If the mailbox is hosted with us, look whether it exists in the administration."
        ),
        (_BACK, "mail-not-arriving"),
        ("mailbox.account", "mail.mx", "mail.destination", "mail.routing"),
    ),
    Reason.RECIPIENT_DOMAIN_UNKNOWN: FailureAdvice(
        Owner.SENDER,
        N_("The recipient's domain does not exist"),
        N_(
            "The part after the @ leads nowhere: it has a typing mistake, or the domain has expired or lost its DNS records."
        ),
        N_(
            "Check the part after the @. If it is right, the owner of that domain must renew it or mend its DNS."
        ),
        (_BACK, "domain-not-found", "domain-expired"),
        ("domain.registration", "domain.expiry", "dns.domain", "dns.delegation", "mail.mx"),
    ),
    Reason.MAILBOX_FULL: FailureAdvice(
        Owner.RECIPIENT,
        N_("The recipient's mailbox is full"),
        N_("The mailbox, or the disk under it, has no room for another message."),
        N_(
            "Let the recipient know another way; once they make room, send the message again. If the mailbox is yours, delete or download old mail or raise its limit."
        ),
        ("mailbox-full", _BACK, "disk-full"),
        ("mailbox.quota", "hosting.disk", "hosting.inodes"),
    ),
    Reason.TOO_BIG: FailureAdvice(
        Owner.SENDER,
        N_("The message is too big"),
        N_(
            "The message with its attachments is larger than the server accepts. Attachments grow by a third on their way."
        ),
        N_("Send smaller attachments, or put the file on the web and send a link."),
        (_BACK,),
    ),
    Reason.AUTH_FAILED: FailureAdvice(
        Owner.CUSTOMER,
        N_("The message did not prove that it comes from its domain"),
        N_(
            "The receiving server checks SPF, DKIM and DMARC of the sender's domain, and this message did not pass."
        ),
        N_(
            "The owner of the sending domain must correct the SPF, DKIM and DMARC records, or send through the server those records name. If the domain is yours, check it here."
        ),
        ("mail-lands-in-spam", "spf-record", "dkim-key", "dmarc-policy", _BACK),
        ("mail.spf", "mail.spf_sender", "mail.dkim", "mail.dmarc", "dns.provider"),
    ),
    Reason.PTR_MISSING: FailureAdvice(
        Owner.PROVIDER,
        N_("The sending server has no proper reverse name"),
        N_(
            "The receiving server found no matching name for the address of the server that sent the message, and it insists on one."
        ),
        N_(
            "Whoever runs the sending server must set its reverse DNS. If it is ours, send us this report."
        ),
        ("mail-lands-in-spam", _BACK),
        ("mail.reverse", "mail.outgoing"),
    ),
    Reason.BLOCKED_IP: FailureAdvice(
        Owner.PROVIDER,
        N_("The receiving server blocks the server that sent the message"),
        N_(
            "The address of the sending server is on a blocklist or has a poor reputation there. Your address and your message are probably all right."
        ),
        N_("Send us this report: whoever runs the sending server must have it taken off the list."),
        ("mail-on-blocklist", "mail-lands-in-spam", _BACK),
        ("mail.blocklist", "mail.outgoing", "incident.known"),
    ),
    Reason.POLICY_OR_SPAM: FailureAdvice(
        Owner.SENDER,
        N_("The receiving server did not like the message"),
        N_(
            "Its rules or its spam filter refused this message or its sender: for example by its content, links, attachments, or the sender's address."
        ),
        N_(
            "Send a plain short message without links and attachments. If that passes, the content is the reason; if not, ask the recipient to allow your address."
        ),
        ("mail-lands-in-spam", _BACK),
        ("mail.spf", "mail.dkim", "mail.dmarc", "mail.blocklist"),
    ),
    Reason.RELAY_DENIED: FailureAdvice(
        Owner.SENDER,
        N_("The server refuses to take mail for this recipient from you"),
        N_(
            "Either the mail program did not sign in with the right name and password, or the server is not the one that receives mail for this domain."
        ),
        N_(
            "When sending from a mail program, switch on sign-in for the outgoing server and type the password again. Otherwise let us check where the recipient's domain sends its mail."
        ),
        (
            "mail-cannot-send",
            "mailbox-sign-in",
            "mail-program-settings",
            "mail-goes-elsewhere",
            _BACK,
        ),
        ("mailbox.sign_in", "mail.ports", "mail.mx", "mail.destination", "mail.routing"),
    ),
    Reason.RATE_LIMITED: FailureAdvice(
        Owner.SENDER,
        N_("Too much mail in a short time"),
        N_("The server counts messages or connections and asks to slow down."),
        N_(
            "Wait an hour and send fewer messages at once. If you sent nothing, change the password of the mailbox: somebody else may be sending."
        ),
        ("mail-sending-limit", "mail-cannot-send", _BACK, "site-hacked"),
        ("hosting.limit", "incident.known"),
    ),
    Reason.TLS_REQUIRED: FailureAdvice(
        Owner.MAIL_OPERATOR,
        N_("The servers did not agree on a secure connection"),
        N_(
            "One side insists on encryption (TLS) and the other did not offer it, or its certificate was not accepted."
        ),
        N_(
            "In a mail program, switch on SSL/TLS or STARTTLS and use the server name from our instructions. Between servers, the operator of the one with the fault must mend it."
        ),
        ("mail-encryption", "mail-cannot-send", "certificate-not-trusted", _BACK),
        ("mail.starttls", "mail.ports", "mail.sts", "mail.dane"),
    ),
    Reason.NETWORK_OR_TIMEOUT: FailureAdvice(
        Owner.RECIPIENT,
        N_("The recipient's server could not be reached"),
        N_(
            "The sending server tried for some time and did not get through: the other side does not answer, or its DNS leads to a wrong place."
        ),
        N_(
            "Temporary troubles pass by themselves. If it lasts, the operator of the recipient's mail must look; if the domain is yours, check it here."
        ),
        ("mail-server-unreachable", _BACK, "mail-not-arriving"),
        ("mail.mx", "mail.greeting", "dns.ns", "dns.delegation", "incident.known"),
    ),
    Reason.ACCOUNT_DISABLED: FailureAdvice(
        Owner.RECIPIENT,
        N_("The recipient's mailbox is switched off"),
        N_(
            "The mailbox exists, but its operator has suspended it: for being unused, unpaid or misused."
        ),
        N_(
            "Reach the recipient another way. If the mailbox is yours, look whether the service is paid and write to us."
        ),
        ("service-suspended", _BACK),
        ("mailbox.account", "hosting.service", "service.mail", "service.domain"),
    ),
    Reason.SERVER_ERROR: FailureAdvice(
        Owner.MAIL_OPERATOR,
        N_("The receiving server has a fault of its own"),
        N_(
            "It could not process the message because of its own setting, a script or a failing disk. The message is not to blame."
        ),
        N_(
            "Send it again later. If it lasts, the operator of that server must see this report; if it is ours, send it to us."
        ),
        (_BACK, "mail-server-unreachable"),
        ("mail.greeting", "incident.known"),
    ),
    Reason.NOT_A_FAILURE: FailureAdvice(
        Owner.NOBODY,
        N_("Nothing has failed"),
        N_(
            "This is only a notice: an automatic reply, a receipt or a report about a message that was delivered."
        ),
        N_(
            "You need not do anything. If the recipient still misses the message, look into spam and filters."
        ),
        ("mail-lost",),
    ),
    Reason.UNCLEAR: FailureAdvice(
        Owner.PROVIDER,
        N_("The message came back, and the report does not say why"),
        N_(
            "We see that something was not delivered, but the report names no reason we could rely on."
        ),
        N_("Send us the whole report with its headers, and we will look into it with you."),
        (_BACK, "mail-lost"),
        ("mail.mx", "mail.destination"),
    ),
}

NO_ERROR_FOUND = FailureAdvice(
    Owner.PROVIDER,
    N_("We found no error message in this text"),
    N_("It reads like an ordinary message, or it is an error we do not know yet."),
    N_(
        "Paste the whole error as it was shown, or type the domain that has the trouble. Or just write to us; a person will read it."
    ),
    ("good-ticket",),
)
CODE_ALONE = FailureAdvice(
    Owner.PROVIDER,
    N_("The number alone does not say what went wrong"),
    N_(
        "A mail server answers with such a number when it refuses a message or puts it off. The reason stands in the words behind the number."
    ),
    N_(
        "Look for the whole line, usually in a message that came back to you or in the window of the mail program, and paste that in place of the number. Or just write to us; a person will read it."
    ),
    (_BACK, "good-ticket"),
)
DELAYED = N_(
    "The message is still on its way: the server keeps trying. Wait before you send it again."
)
