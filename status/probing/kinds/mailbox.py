"""What the kinds "imap" and "pop3" share: settings, judgement, figures."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from facts import MailboxDialogue
from observe.budget import Budget
from observe.mail.mailbox import Security, SignIn
from observe.network import Network, NetworkError, endpoint
from standards.dns_types import Trouble
from status.model import Grade, Probe, Signal
from status.probing.certificate_limits import (
    CertificateLimits,
    certificate_signal,
    handshake_metrics,
)
from status.probing.probe_kind import (
    ProbeMetric,
    parse_pattern,
    probe_budget,
    slow_signal,
    trouble_signal,
)

# What a server may say of a sign-in in brackets (RFC 5530, 3; RFC 2449, 8; RFC 3206, 4).
_RESPONSE_CODES = frozenset(
    [
        "AUTHENTICATIONFAILED",
        "AUTHORIZATIONFAILED",
        "EXPIRED",
        "PRIVACYREQUIRED",
        "CONTACTADMIN",
        "UNAVAILABLE",
        "LIMIT",
        "INUSE",
        "SERVERBUG",
        "AUTH",
        "IN-USE",
        "LOGIN-DELAY",
        "SYS/TEMP",
        "SYS/PERM",
    ]
)
_UNTIL_SIGN_IN = frozenset(("CAPABILITY", "CAPA", "STARTTLS", "STLS"))  # what we send till then
_IN_BRACKETS = re.compile(r"\[([A-Z/-]{4,20})[ \]]")


class MailboxProbeSettings(CertificateLimits, frozen=True, forbid_unknown_fields=True):
    """`user` and `password` sign in, over TLS only unless `in_clear`. `slow_after` in seconds."""

    security: Security = Security.TLS
    greeting: str = ""
    user: str = ""
    password: str = ""
    in_clear: bool = False
    slow_after: float = 5.0

    def __post_init__(self) -> None:
        parse_pattern(self.greeting)
        if bool(self.user) is not bool(self.password):
            raise ValueError("`user` and `password` go together")


class Greet(Protocol):
    """observe.mail.imap.greet, observe.mail.pop3.greet."""

    def __call__(
        self,
        net: Network,
        budget: Budget,
        host: str,
        port: int,
        *,
        security: Security,
        sign_in: SignIn | None,
        timeout: float,
    ) -> Awaitable[MailboxDialogue]: ...


def observer(
    protocol: str, greet: Greet, plain_port: int, tls_port: int
) -> Callable[[Network, Probe, MailboxProbeSettings], Awaitable[MailboxDialogue]]:
    """The observing half for a protocol with its two ports."""

    async def observe(
        net: Network, probe: Probe, settings: MailboxProbeSettings
    ) -> MailboxDialogue:
        default_port = tls_port if settings.security is Security.TLS else plain_port
        try:
            host, port = endpoint(probe.target, default_port)
        except NetworkError as error:
            at = net.clock.now()
            return MailboxDialogue(
                protocol, probe.target, "", 0, at, trouble=Trouble.BLOCKED, detail=str(error)
            )
        credentials = (
            SignIn(settings.user, settings.password, settings.in_clear) if settings.user else None
        )
        return await greet(
            net,
            probe_budget(net, probe),
            host,
            port,
            security=settings.security,
            sign_in=credentials,
            timeout=probe.timeout.total_seconds(),
        )

    return observe


def judge(fact: MailboxDialogue, settings: MailboxProbeSettings) -> Signal:  # noqa: PLR0911 - a ladder, gravest first
    """Down for no greeting, no TLS, a bad certificate or a refused sign-in."""
    if fact.trouble is not None:
        return trouble_signal(fact.trouble, fact.detail)
    if settings.security is Security.STARTTLS and fact.handshake is None:
        return Signal(Grade.DOWN, f"refuses TLS: {fact.refused[:100]}")
    if signal := certificate_signal(fact.handshake, settings, fact.at):
        return signal
    if fact.handshake is not None and fact.handshake.trouble is not None:
        return trouble_signal(fact.handshake.trouble, fact.handshake.detail)
    if settings.greeting and not re.search(settings.greeting, fact.greeting):
        return Signal(Grade.DOWN, f"the greeting is {fact.greeting[:100]!r}")
    if settings.user and fact.signed_in is None:
        return Signal(Grade.UNKNOWN, f"signing in was {fact.refused or 'not tried'}")
    if fact.signed_in is False:
        code = _response_code(fact.refused)
        return Signal(Grade.DOWN, "the sign-in was refused" + (f": {code}" if code else ""))
    return slow_signal(fact.elapsed, settings.slow_after, "the conversation") or Signal(
        Grade.UP, fact.greeting[:100]
    )


def _response_code(answer: str) -> str:
    """Why a sign-in was refused, as far as it is one of the known words; no others, for a server
    may send back the password that it was sent."""
    match = _IN_BRACKETS.search(answer)
    return match[1] if match and match[1] in _RESPONSE_CODES else ""


def redacted(fact: MailboxDialogue, _settings: MailboxProbeSettings) -> MailboxDialogue:
    """As it may be stored: nothing that the server wrote since the sign-in began."""
    begun = (
        number
        for number, line in enumerate(fact.lines)
        if line.sent and line.text.split(" ")[-1] not in _UNTIL_SIGN_IN
    )
    first = next(begun, len(fact.lines))
    return replace(
        fact,
        lines=tuple(line for number, line in enumerate(fact.lines) if number < first or line.sent),
        refused=_response_code(fact.refused) if fact.signed_in is False else fact.refused,
    )


def measure(fact: MailboxDialogue) -> tuple[ProbeMetric, ...]:
    """Numbers as blackbox_exporter names them."""
    metrics = [ProbeMetric("probe_dns_lookup_time_seconds", fact.resolve.total_seconds())]
    if fact.ip:
        metrics.append(ProbeMetric("probe_ip_protocol", 6 if ":" in fact.ip else 4))
    return (*metrics, *handshake_metrics(fact.handshake))
