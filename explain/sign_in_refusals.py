"""Classifies a mail server's refusal of a sign-in: response codes first, phrases last. Pure.

RFC 5530 (IMAP), RFC 3463, 4954 and 5248 (SMTP).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum


class SignInRefusal(StrEnum):
    """What stands behind a refused sign-in."""

    NOT_TRIED = "not_tried"
    APP_PASSWORD = "app_password"  # noqa: S105 - a reason
    FIREWALL = "firewall"
    TOO_MANY = "too_many"
    DISABLED = "disabled"
    NEEDS_TLS = "needs_tls"
    UNAVAILABLE = "unavailable"
    WRONG = "wrong_password"
    OTHER = "refused"


# In this order: a server says “authentication failed” beside nearly every other reason.
TEXTS: Mapping[SignInRefusal, tuple[str, ...]] = {
    SignInRefusal.APP_PASSWORD: (
        r"\b53[45][ -]5\.7\.(?:9|14|139)\b",
        r"application[- ]specific",
        r"app(?:lication)?[- ]password",
        r"two[- ]factor",
        r"web ?login required",
        r"basic authentication is disabled",
    ),
    SignInRefusal.FIREWALL: (
        r"\bbanned\b",
        r"\bblacklisted\b",
        r"\bblocked\b",
        r"too many (?:failed|wrong|invalid|bad|auth)",
        r"fail2ban|cphulk|brute[- ]?force",
        r"temporarily (?:locked|blocked)",
    ),
    SignInRefusal.TOO_MANY: (
        r"\[LIMIT\]",
        r"too many (?:\w+ )?(?:simultaneous |concurrent )?(?:connections|logins|sessions)",
        r"maximum number of connections",
        r"max_userip_connections",
    ),
    SignInRefusal.DISABLED: (
        r"\[EXPIRED\]",
        r"\[CONTACTADMIN\]",
        r"\b52[05][ -]5\.7\.13\b",
        r"\b5\.2\.1\b",
        r"(?:account|mailbox|user|login|access)\b.{0,40}\b(?:disabled|suspended|inactive|expired)",
        r"(?:account|mailbox|user|login|access)\b.{0,40}\b(?:not allowed|locked|deactivated)",
    ),
    SignInRefusal.NEEDS_TLS: (
        r"\[PRIVACYREQUIRED\]",
        r"\b53[08][ -]5\.7\.(?:0|11)\b",
        r"must issue a? ?starttls",
        r"(?:encryption|secure connection|ssl[/ ]?tls) (?:is )?required",
        r"plaintext authentication (?:disallowed|disabled|not allowed)",
    ),
    SignInRefusal.UNAVAILABLE: (
        r"\[UNAVAILABLE\]",
        r"\[SERVERBUG\]",
        r"\[INUSE\]",
        r"^4\d\d\b",
        r"temporary (?:auth|failure|error)",
        r"internal error",
        r"try again later",
    ),
    SignInRefusal.WRONG: (
        r"\[AUTHENTICATIONFAILED\]",
        r"\[AUTHORIZATIONFAILED\]",
        r"\[AUTH\]",
        r"\b535\b",
        r"(?:invalid|incorrect|wrong|bad) (?:\w+ )?(?:login|password|credentials|user)",
        r"authentication (?:failed|failure|unsuccessful|error)",
        r"login (?:failed|incorrect)",
        r"unknown user|no such user",
    ),
}
PATTERNS = {why: re.compile("|".join(texts), re.IGNORECASE) for why, texts in TEXTS.items()}


def classify_refusal(reply: str) -> SignInRefusal:
    """What a server's refusal means."""
    if reply.startswith(
        "not tried:"
    ):  # observe.mail.mailbox: the line was not private, or not proven
        return SignInRefusal.NOT_TRIED
    return next(
        (refusal for refusal, pattern in PATTERNS.items() if pattern.search(reply)),
        SignInRefusal.OTHER,
    )
