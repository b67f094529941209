"""Enhanced status codes (RFC 3463, RFC 5248) and SMTP reply codes (RFC 5321) as weighted votes.

A weight says how specific a code is: 3 names the cause, 1 the area, below 1 is a hint.
"""

from __future__ import annotations

import re

from explain.model import Reason

CAUSE_WEIGHT = 2.0
ReasonVotes = tuple[tuple[Reason, float], ...]

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)")
# A reply code beside an enhanced one is the strongest evidence; then a lone reply code.
REPLY_WITH_STATUS = re.compile(
    r"(?<![\d.])([245][0-5]\d)[ \-:,#]{1,3}\(?#?([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)"
)
REPLY = re.compile(
    r"(?:^|[\s:;#'\"(<\[=>|])([245][0-57]\d)(?=[ \-:]\D|[ \-:]\s*\d\.\d|[ \t]*$)", re.MULTILINE
)

# By subject.detail; 1.7 and 1.8 are about the sender's address. The class (4 or 5) does not change the cause.
ENHANCED_VOTES: dict[str, ReasonVotes] = {
    "1.0": ((Reason.RECIPIENT_UNKNOWN, 2),),
    "1.1": ((Reason.RECIPIENT_UNKNOWN, 3),),
    "1.2": ((Reason.RECIPIENT_DOMAIN_UNKNOWN, 3),),
    "1.3": ((Reason.RECIPIENT_UNKNOWN, 3),),
    "1.4": ((Reason.RECIPIENT_UNKNOWN, 2),),
    "1.6": ((Reason.RECIPIENT_UNKNOWN, 3),),
    "1.7": ((Reason.POLICY_OR_SPAM, 6),),
    "1.8": ((Reason.POLICY_OR_SPAM, 6),),
    "1.9": ((Reason.SERVER_ERROR, 1),),
    # RFC 7505 says null MX, Exchange says the recipient does not exist: the words must tell.
    "1.10": ((Reason.RECIPIENT_UNKNOWN, 2.2), (Reason.RELAY_DENIED, 0.5)),
    "2.0": ((Reason.RECIPIENT_UNKNOWN, 0.8),),
    "2.1": ((Reason.ACCOUNT_DISABLED, 2.2),),
    "2.2": ((Reason.MAILBOX_FULL, 3),),
    "2.3": ((Reason.TOO_BIG, 3),),
    "2.4": ((Reason.SERVER_ERROR, 2),),
    "3.0": ((Reason.SERVER_ERROR, 0.9),),
    "3.1": ((Reason.MAILBOX_FULL, 2.5),),
    "3.2": ((Reason.RELAY_DENIED, 2),),
    "3.3": ((Reason.SERVER_ERROR, 1),),
    "3.4": ((Reason.TOO_BIG, 3),),
    "3.5": ((Reason.SERVER_ERROR, 2.5),),
    "4.0": ((Reason.NETWORK_OR_TIMEOUT, 1),),
    "4.1": ((Reason.NETWORK_OR_TIMEOUT, 2.5),),
    "4.2": ((Reason.NETWORK_OR_TIMEOUT, 2.5),),
    "4.3": ((Reason.NETWORK_OR_TIMEOUT, 2),),
    "4.4": ((Reason.RECIPIENT_DOMAIN_UNKNOWN, 1), (Reason.NETWORK_OR_TIMEOUT, 1.5)),
    "4.5": ((Reason.RATE_LIMITED, 1.5),),
    "4.6": ((Reason.NETWORK_OR_TIMEOUT, 3),),
    "4.7": ((Reason.NETWORK_OR_TIMEOUT, 2.5),),
    "5.1": ((Reason.SERVER_ERROR, 0.8),),
    "5.2": ((Reason.SERVER_ERROR, 1.5),),
    "5.3": ((Reason.RATE_LIMITED, 2.5),),
    "5.4": ((Reason.SERVER_ERROR, 1.5),),
    "5.5": ((Reason.SERVER_ERROR, 1),),
    "6.0": ((Reason.POLICY_OR_SPAM, 1),),
    "7.2": ((Reason.POLICY_OR_SPAM, 2),),
    "7.8": ((Reason.RELAY_DENIED, 3),),
    "7.9": ((Reason.RELAY_DENIED, 2),),
    "7.10": ((Reason.TLS_REQUIRED, 3),),
    "7.11": ((Reason.TLS_REQUIRED, 3),),
    "7.12": ((Reason.RELAY_DENIED, 2.5),),
    "7.13": ((Reason.ACCOUNT_DISABLED, 3),),
    "7.14": ((Reason.RELAY_DENIED, 2),),
    "7.16": ((Reason.TOO_BIG, 3),),
    "7.17": ((Reason.RECIPIENT_UNKNOWN, 3),),
    "7.18": ((Reason.RECIPIENT_UNKNOWN, 3),),
    "7.19": ((Reason.RECIPIENT_UNKNOWN, 2),),
    "7.20": ((Reason.AUTH_FAILED, 3),),
    "7.21": ((Reason.AUTH_FAILED, 3),),
    "7.22": ((Reason.AUTH_FAILED, 3),),
    "7.23": ((Reason.AUTH_FAILED, 3),),
    "7.24": ((Reason.AUTH_FAILED, 3),),
    "7.25": ((Reason.PTR_MISSING, 3),),
    "7.26": ((Reason.AUTH_FAILED, 3),),
    "7.27": ((Reason.POLICY_OR_SPAM, 2),),
    "7.28": ((Reason.RATE_LIMITED, 3),),
    "7.29": ((Reason.AUTH_FAILED, 3),),
    "7.30": ((Reason.TLS_REQUIRED, 3),),
}
# By subject alone, for details that are not in the registry.
SUBJECT_VOTES: dict[str, ReasonVotes] = {
    "1": ((Reason.RECIPIENT_UNKNOWN, 1),),
    "2": ((Reason.RECIPIENT_UNKNOWN, 0.5),),
    "3": ((Reason.SERVER_ERROR, 0.8),),
    "4": ((Reason.NETWORK_OR_TIMEOUT, 1),),
    "5": ((Reason.SERVER_ERROR, 0.5),),
    "6": ((Reason.POLICY_OR_SPAM, 2),),
    "7": ((Reason.POLICY_OR_SPAM, 1.3),),
}
REPLY_VOTES: dict[str, ReasonVotes] = {
    "421": ((Reason.NETWORK_OR_TIMEOUT, 0.4),),
    "431": ((Reason.MAILBOX_FULL, 1),),
    "432": ((Reason.SERVER_ERROR, 1),),
    "441": ((Reason.NETWORK_OR_TIMEOUT, 1),),
    "442": ((Reason.NETWORK_OR_TIMEOUT, 1),),
    "422": ((Reason.MAILBOX_FULL, 1),),
    "446": ((Reason.NETWORK_OR_TIMEOUT, 1),),
    "447": ((Reason.NETWORK_OR_TIMEOUT, 1),),
    "450": ((Reason.POLICY_OR_SPAM, 0.3),),
    "451": ((Reason.SERVER_ERROR, 0.4),),
    "452": ((Reason.MAILBOX_FULL, 0.8),),
    "454": ((Reason.TLS_REQUIRED, 0.8),),
    "501": ((Reason.SERVER_ERROR, 0.4),),
    "503": ((Reason.SERVER_ERROR, 0.4),),
    "521": ((Reason.RELAY_DENIED, 1.5),),
    "523": ((Reason.TOO_BIG, 1),),
    "530": ((Reason.RELAY_DENIED, 1.5),),
    "534": ((Reason.RELAY_DENIED, 2),),
    "535": ((Reason.RELAY_DENIED, 2.5),),
    "538": ((Reason.TLS_REQUIRED, 2),),
    "550": ((Reason.RECIPIENT_UNKNOWN, 0.4),),
    "551": ((Reason.RECIPIENT_UNKNOWN, 1),),
    "552": ((Reason.MAILBOX_FULL, 1), (Reason.TOO_BIG, 0.9)),
    "553": ((Reason.RECIPIENT_UNKNOWN, 0.4),),
    "554": ((Reason.POLICY_OR_SPAM, 0.6),),
    "556": ((Reason.RELAY_DENIED, 3),),
    "571": ((Reason.POLICY_OR_SPAM, 1),),
}


def votes_of_status(status: str) -> ReasonVotes:
    """The votes of an enhanced status code; () for an undefined one (x.0.0)."""
    match = STATUS.match(status)
    if not match:
        return ()
    if status == "4.3.2":  # busy or going down just now; 5.3.2 takes no mail at all
        return ((Reason.SERVER_ERROR, 2.2),)
    votes = ENHANCED_VOTES.get(f"{match[2]}.{match[3]}")
    return votes if votes is not None else SUBJECT_VOTES.get(match[2], ())


def votes_of_reply(reply: str) -> ReasonVotes:
    """The votes of a reply code, of low weight because servers use them loosely."""
    return REPLY_VOTES.get(reply, ())


def find_codes(text: str) -> tuple[str, str]:
    """The reply code and enhanced status code in a text, "" for a missing one."""
    text = text[:20_000]
    reply = status = ""
    if pair := REPLY_WITH_STATUS.search(text):
        reply, status = pair[1], pair[2]
    if not status:
        statuses = [m[0] for m in STATUS.finditer(text)]
        failing = [s for s in statuses if s[0] in "45"]
        specific = [s for s in failing if not s.endswith(".0.0")]
        status = (specific or failing or [""])[0]
    if not reply and (match := REPLY.search(text)):
        reply = match[1]
    return reply, status
