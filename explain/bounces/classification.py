"""Classifies a failure by receivers' own codes, enhanced status codes, phrases and reply codes.

`permanent` tells whether the address itself is invalid. True when the recipient or the domain does
not exist, moved away or takes no mail, and the reply was about the address. False when the same
message may get through once its cause is gone. None when it cannot be told.
"""

from __future__ import annotations

import re

from explain.bounces import phrases, receivers, status_codes
from explain.bounces.phrases import NO_MAIL_ACCEPTED
from explain.model import DeliveryFailure, FailureReading, Reason

_ABOUT_SENDER = re.compile(
    r"sender address (?:rejected|denied|verif)|sender verify failed|domain of sender|sender.s? domain",
    re.IGNORECASE,
)
# Words about the sending server, in normalised text (phrases.normalised_words).
_ABOUT_CLIENT = re.compile(
    r"\bips?\b|reputation|(?:black|block|deny) ?-?list|(?:rbl|dnsbl|\bbl)_|spamhaus|spamcop|barracudacentral|"
    r"\bclient\b|\bhost\b|your (?:server|network|mail server|isp)|helo|ehlo|connect|access (?:from|by)|"
    r"\d(?:_\d{1,3}){3}"
)
RECEIVER_CODE_WEIGHT = 10.0
MIN_WEIGHT = 0.35  # below it nothing spoke for a class
MIN_CERTAIN_WEIGHT = 2.0  # below it the report's text around the reply counts too
CONTEXT_FACTOR = 0.6  # the weight of the report's own text beside the server's


def classify_failure(failure: DeliveryFailure) -> FailureReading:
    """The class and the permanence of one failure."""
    delivered = failure.status.startswith("2") and failure.action not in ("failed", "delayed")
    if delivered or failure.action in ("delivered", "deliverable", "relayed", "expanded"):
        return FailureReading(Reason.NOT_A_FAILURE, permanent=False)
    receiver_reason = receivers.reason_by_receiver_code(
        failure.remote, f"{failure.status} {failure.diagnostic}"
    )
    receiver_reason = receiver_reason or (
        receivers.reason_by_receiver_code("", failure.around) if not failure.status else None
    )
    votes = _votes(failure)
    if receiver_reason is not None:
        votes[receiver_reason.value] = votes.get(receiver_reason.value, 0) + RECEIVER_CODE_WEIGHT
    if max(votes.values(), default=0) < MIN_CERTAIN_WEIGHT and failure.around:
        for section, weight in phrases.match_phrases(failure.around).items():
            votes[section] = votes.get(section, 0) + weight * CONTEXT_FACTOR
    return _decide(failure, votes, receiver_reason)


def _votes(failure: DeliveryFailure) -> dict[str, float]:
    votes = dict(phrases.match_phrases(failure.diagnostic))
    causes = (w for s, w in votes.items() if s in phrases.CAUSES)
    words_name_cause = max(causes, default=0) >= phrases.CERTAIN_WEIGHT

    def add_votes(code_votes: status_codes.ReasonVotes, trust: float) -> None:
        for reason, weight in code_votes:
            # A code that names only an area must not drown words that name the cause.
            counted = (
                weight
                * trust
                * (0.2 if words_name_cause and weight < status_codes.CAUSE_WEIGHT else 1)
            )
            votes[reason.value] = votes.get(reason.value, 0) + counted

    if _is_about_message(failure, votes.get(Reason.BLOCKED_IP.value, 0)):
        add_votes(((Reason.POLICY_OR_SPAM, votes.pop(Reason.BLOCKED_IP.value)),), 1)
    reply, status = status_codes.find_codes(failure.diagnostic)
    status_votes = status_codes.votes_of_status(status)
    add_votes(status_votes, 1)
    if failure.status != status:
        add_votes(status_codes.votes_of_status(failure.status), 0.4 if status_votes else 0.8)
    add_votes(status_codes.votes_of_reply(failure.reply or reply), 1)
    if failure.stage == "connect" and (failure.reply or reply).startswith("5"):
        # Refused before a word was said: it is the caller that is not wanted.
        add_votes(((Reason.BLOCKED_IP, 1.9),), 1)
    return votes


def _is_about_message(failure: DeliveryFailure, blocked_weight: float) -> bool:
    """Whether "blocked" after DATA is about the message: the client is not named."""
    return (
        failure.stage == "data"
        and blocked_weight > 0
        and not _ABOUT_CLIENT.search(phrases.normalised_words(failure.diagnostic))
    )


def _decide(
    failure: DeliveryFailure, votes: dict[str, float], receiver_reason: Reason | None
) -> FailureReading:
    no_mail_weight = votes.pop(NO_MAIL_ACCEPTED, 0)
    if failure.stage in ("connect", "mail") or _ABOUT_SENDER.search(failure.diagnostic[:2_000]):
        _move_votes_to_sender(votes)
    reason_votes = {name: weight for name, weight in votes.items() if name in set(Reason)}
    if no_mail_weight and failure.reply.startswith("4"):
        reason_votes[Reason.SERVER_ERROR] = (
            reason_votes.get(Reason.SERVER_ERROR, 0) + no_mail_weight
        )
        no_mail_weight = 0  # not now is not never
    if no_mail_weight:
        reason_votes[Reason.RELAY_DENIED] = (
            reason_votes.get(Reason.RELAY_DENIED, 0) + no_mail_weight
        )
    if max(reason_votes.values(), default=0) < MIN_WEIGHT:
        is_delayed = failure.action == "delayed" or votes.get(phrases.DELAYED, 0) >= 1
        if is_delayed:
            return FailureReading(Reason.NETWORK_OR_TIMEOUT, permanent=False)
        return FailureReading(Reason.UNCLEAR, permanent=None)
    reason = Reason(max(reason_votes, key=lambda name: reason_votes[name]))
    is_null_mx = failure.status.endswith(".1.10") and reason is Reason.RELAY_DENIED
    no_mail = bool(no_mail_weight) or is_null_mx or failure.status.endswith(".3.2")
    if receiver_reason is reason is Reason.RECIPIENT_UNKNOWN and failure.reply.startswith("5"):
        return FailureReading(reason, permanent=True)  # its owner means the address
    return FailureReading(reason, _is_permanent(failure, reason, no_mail=no_mail))


def _move_votes_to_sender(votes: dict[str, float]) -> None:
    """Before RCPT an "unknown" address is the sender's: count it as policy."""
    for name in (Reason.RECIPIENT_UNKNOWN.value, Reason.RECIPIENT_DOMAIN_UNKNOWN.value):
        if weight := votes.pop(name, 0):
            policy = Reason.POLICY_OR_SPAM.value
            votes[policy] = max(votes.get(policy, 0), weight)


def _is_permanent(failure: DeliveryFailure, reason: Reason, *, no_mail: bool) -> bool | None:
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
        about_other = failure.status[2:4] in ("2.", "7.") and failure.stage != "rcpt"
        pipelined = failure.stage == "ahead" and not failure.status.endswith(".1.1")
        return not (about_other or pipelined or failure.stage == "data")
    return False
