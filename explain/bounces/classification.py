"""One failure to its class: the receiver's own codes, enhanced codes, phrases, reply codes. Pure.

`permanent` answers what a sender must know: is the address itself dead? True when the recipient or
the domain does not exist, moved away or takes no mail, and it was said of the address. False when
the same message may get through once its cause is gone. None when nobody can tell.
"""

from __future__ import annotations

import re

from explain.bounces import phrases, receivers, status_codes
from explain.bounces.phrases import NO_MAIL_ACCEPTED
from explain.model import DeliveryFailure, FailureReading, Reason

_SENDER = re.compile(
    r"sender address (?:rejected|denied|verif)|sender verify failed|domain of sender|sender.s? domain",
    re.IGNORECASE,
)
# Words that speak of the server that sent, in a text whose names are one word (phrases.spoken).
_CALLER = re.compile(
    r"\bips?\b|reputation|(?:black|block|deny) ?-?list|(?:rbl|dnsbl|\bbl)_|spamhaus|spamcop|barracudacentral|"
    r"\bclient\b|\bhost\b|your (?:server|network|mail server|isp)|helo|ehlo|connect|access (?:from|by)|"
    r"\d{1,3}(?:_\d{1,3}){3}"
)
OWN_CODE = 10.0
ENOUGH = 2.0  # below it the words around the answer are asked too
AROUND = 0.6  # what a report explains in general weighs less than what the server said


def judge(failure: DeliveryFailure) -> FailureReading:
    """The class and the permanence of one failure."""
    arrived = failure.status.startswith("2") and failure.action not in ("failed", "delayed")
    if arrived or failure.action in ("delivered", "deliverable", "relayed", "expanded"):
        return FailureReading(Reason.NOT_A_FAILURE, permanent=False, weight=OWN_CODE)
    own = receivers.verdict(failure.remote, f"{failure.status} {failure.diagnostic}")
    own = own or (receivers.verdict("", failure.around) if not failure.status else None)
    votes = _votes(failure)
    if own is not None:
        votes[own.value] = votes.get(own.value, 0) + OWN_CODE
    if max(votes.values(), default=0) < ENOUGH and failure.around:
        for section, weight in phrases.heard(failure.around).votes.items():
            votes[section] = votes.get(section, 0) + weight * AROUND
    return _decided(failure, votes, own)


def _votes(failure: DeliveryFailure) -> dict[str, float]:
    votes = dict(phrases.heard(failure.diagnostic).votes)
    causes = (w for s, w in votes.items() if s in phrases.CAUSES)
    worded = max(causes, default=0) >= phrases.SAYS

    def add(found: status_codes.Votes, trust: float) -> None:
        for reason, weight in found:
            # A code that names only an area must not drown words that name the cause.
            kept = weight * trust * (0.2 if worded and weight < status_codes.NAMES_CAUSE else 1)
            votes[reason.value] = votes.get(reason.value, 0) + kept

    if _of_the_message(failure, votes.get(Reason.BLOCKED_IP.value, 0)):
        add(((Reason.POLICY_OR_SPAM, votes.pop(Reason.BLOCKED_IP.value)),), 1)
    reply, status = status_codes.find(failure.diagnostic)
    said = status_codes.of_status(status)
    add(said, 1)
    if failure.status != status:
        add(status_codes.of_status(failure.status), 0.4 if said else 0.8)
    add(status_codes.of_reply(failure.reply or reply), 1)
    if failure.stage == "connect" and (failure.reply or reply).startswith("5"):
        # Refused before a word was said: it is the caller that is not wanted.
        add(((Reason.BLOCKED_IP, 1.9),), 1)
    return votes


def _of_the_message(failure: DeliveryFailure, blocked: float) -> bool:
    """ "Blocked" after the whole message was seen is said of it, unless the caller is named."""
    return (
        failure.stage == "data"
        and blocked > 0
        and not _CALLER.search(phrases.spoken(failure.diagnostic))
    )


def _decided(
    failure: DeliveryFailure, votes: dict[str, float], own: Reason | None
) -> FailureReading:
    refused = votes.pop(NO_MAIL_ACCEPTED, 0)
    if failure.stage in ("connect", "mail") or _SENDER.search(failure.diagnostic[:2_000]):
        _about_sender(votes)
    kept = {name: weight for name, weight in votes.items() if name in set(Reason)}
    if refused and failure.reply.startswith("4"):
        kept[Reason.SERVER_ERROR] = kept.get(Reason.SERVER_ERROR, 0) + refused
        refused = 0  # not now is not never
    if refused:
        kept[Reason.RELAY_DENIED] = kept.get(Reason.RELAY_DENIED, 0) + refused
    best = max(kept, key=lambda name: kept[name], default="")
    if not best or kept[best] < 0.35:
        late = failure.action == "delayed" or votes.get(phrases.DELAYED, 0) >= 1
        if late:
            return FailureReading(Reason.NETWORK_OR_TIMEOUT, permanent=False, weight=1.0)
        return FailureReading(Reason.UNCLEAR, permanent=None)
    reason = Reason(best)
    null = failure.status.endswith(".1.10") and reason is Reason.RELAY_DENIED
    no_mail = bool(refused) or null or failure.status.endswith(".3.2")
    if own is reason is Reason.RECIPIENT_UNKNOWN and failure.reply.startswith("5"):
        return FailureReading(
            reason, permanent=True, weight=kept[best]
        )  # its owner means the address
    return FailureReading(reason, _permanent(failure, reason, no_mail=no_mail), kept[best])


def _about_sender(votes: dict[str, float]) -> None:
    """Before RCPT nobody has named a recipient: what is unknown then is the sender."""
    for name in (Reason.RECIPIENT_UNKNOWN.value, Reason.RECIPIENT_DOMAIN_UNKNOWN.value):
        if weight := votes.pop(name, 0):
            policy = Reason.POLICY_OR_SPAM.value
            votes[policy] = max(votes.get(policy, 0), weight)


def _permanent(failure: DeliveryFailure, reason: Reason, *, no_mail: bool) -> bool | None:
    if reason is Reason.UNCLEAR:
        return None
    temporary = failure.action == "delayed" or failure.reply.startswith("4")
    if temporary and failure.action != "failed":
        return False
    if reason is Reason.RECIPIENT_DOMAIN_UNKNOWN:
        return True
    if reason is Reason.RELAY_DENIED:
        return no_mail
    if reason is Reason.RECIPIENT_UNKNOWN:
        # x.2.y speaks of a mailbox that exists, x.7.y of a policy; after DATA a filter may speak.
        # What answers RCPT TO speaks of the address, whatever its number says.
        doubtful = failure.status[2:4] in ("2.", "7.") and failure.stage != "rcpt"
        ahead = failure.stage == "ahead" and not failure.status.endswith(".1.1")
        return not (doubtful or ahead or failure.stage == "data")
    return False
