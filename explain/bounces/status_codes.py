"""What the codes of RFC 3463, RFC 5248 (IANA registry) and RFC 5321 mean for a sender. Tables.

A weight says how much a code proves: 3 it names the cause, 1 it names the area, below 1 a hint.
"""

from __future__ import annotations

import re

from explain.model import Reason

NAMES_CAUSE = 2.0
Votes = tuple[tuple[Reason, float], ...]

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)")
# A reply code beside an enhanced one is the surest; then one that a server is said to have given.
PAIR = re.compile(r"(?<![\d.])([245][0-5]\d)[ \-:,#]{1,3}\(?#?([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
REPLY = re.compile(
    r"(?:^|[\s:;#'\"(<\[=>|])([245][0-57]\d)(?=[ \-:]\D|[ \-:]\s*\d\.\d|[ \t]*$)", re.MULTILINE
)

# By subject.detail; 1.7 and 1.8 are about the sender's address. The class (4 or 5) does not change the cause.
ENHANCED: dict[str, Votes] = {
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
# When the detail is not in the registry, the subject still says which area is meant.
SUBJECT: dict[str, Votes] = {
    "1": ((Reason.RECIPIENT_UNKNOWN, 1),),
    "2": ((Reason.RECIPIENT_UNKNOWN, 0.5),),
    "3": ((Reason.SERVER_ERROR, 0.8),),
    "4": ((Reason.NETWORK_OR_TIMEOUT, 1),),
    "5": ((Reason.SERVER_ERROR, 0.5),),
    "6": ((Reason.POLICY_OR_SPAM, 2),),
    "7": ((Reason.POLICY_OR_SPAM, 1.3),),
}
REPLIES: dict[str, Votes] = {
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


def of_status(status: str) -> Votes:
    """What an enhanced code votes for; nothing when it says only "other" (x.0.0)."""
    match = STATUS.match(status)
    if not match:
        return ()
    if status == "4.3.2":  # busy or going down just now; 5.3.2 takes no mail at all
        return ((Reason.SERVER_ERROR, 2.2),)
    known = ENHANCED.get(f"{match[2]}.{match[3]}")
    return known if known is not None else SUBJECT.get(match[2], ())


def of_reply(reply: str) -> Votes:
    """What a basic reply code votes for: little, servers use them loosely."""
    return REPLIES.get(reply, ())


def find(text: str) -> tuple[str, str]:
    """The reply and enhanced code a text names, "" for what is not there."""
    text = text[:20_000]
    reply = status = ""
    if pair := PAIR.search(text):
        reply, status = pair[1], pair[2]
    if not status:
        found = [m[0] for m in STATUS.finditer(text)]
        failing = [s for s in found if s[0] in "45"]
        telling = [s for s in failing if not s.endswith(".0.0")]
        status = (telling or failing or [""])[0]
    if not reply and (match := REPLY.search(text)):
        reply = match[1]
    return reply, status
