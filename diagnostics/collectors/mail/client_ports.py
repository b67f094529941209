"""What answers where mail programs sign in: IMAP, POP3 and submission, each way of encryption.

Only for the account's own domains, and nobody signs in: greeting, offers, certificate, goodbye.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from diagnostics.collectors.dns.addresses import of, usable
from diagnostics.collectors.mail.servers import may_greet
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.mail import PORTS, MailPorts, ProgramHost
from diagnostics.model import Missing, Scope
from facts import MailboxDialogue, SmtpDialogue
from observe.dns import dns_client
from observe.mail import imap, pop3, smtp
from observe.mail.mailbox import Security
from render.i18n import N_
from standards.dns_types import Trouble

HOSTS = 3  # of the provider's
WAIT = 8.0
Way = tuple[Callable[..., Awaitable[MailboxDialogue]], int, Security]
BOXES: tuple[Way, ...] = (
    (imap.greet, 993, Security.TLS),
    (imap.greet, 143, Security.STARTTLS),
    (pop3.greet, 995, Security.TLS),
    (pop3.greet, 110, Security.STARTTLS),
)
SUBMISSION = ((465, True), (587, False))


async def collect(ask: Collection) -> MailPorts | NotCollected:
    """The provider's own names for mail programs, and the domain's usual one when it exists."""
    if not may_greet(ask):
        return NotCollected(Missing.SKIPPED, "no_account")
    hosts = await _hosts(ask)
    if not any(h.addresses for h in hosts):
        return NotCollected(Missing.SKIPPED, "not_configured")
    reachable = [(h.name, at[0]) for h in hosts if (at := usable(h.addresses, ask.network.vantage))]
    if not reachable:
        return NotCollected(Missing.TROUBLE, "no_ipv6_here", Trouble.UNREACHABLE)
    boxes, submissions = await asyncio.gather(
        asyncio.gather(*(_box(ask, host, way) for host in reachable for way in BOXES)),
        asyncio.gather(*(_submission(ask, host, way) for host in reachable for way in SUBMISSION)),
    )
    return MailPorts(hosts, tuple(boxes), tuple(submissions))


async def _hosts(ask: Collection) -> tuple[ProgramHost, ...]:
    provided = dict.fromkeys(h.lower() for h in ask.sources.expected.mailbox_hosts[:HOSTS])
    looked = await asyncio.gather(
        *(dns_client.addresses(ask.network, ask.budget, host) for host in provided)
    )
    hosts = [ProgramHost(h, False, *found) for h, found in zip(provided, looked, strict=True)]
    usual = f"mail.{ask.subject.domain}"
    if usual not in provided:
        found = await of(ask, usual)
        if found.all:
            hosts.append(ProgramHost(usual, own=True, addresses=found.all))
    return tuple(hosts)


async def _box(ask: Collection, host: tuple[str, str], way: Way) -> MailboxDialogue:
    (name, ip), (greet, port, security) = host, way
    return await greet(ask.network, ask.budget, name, port, ip=ip, security=security, timeout=WAIT)


async def _submission(
    ask: Collection, host: tuple[str, str], way: tuple[int, bool]
) -> SmtpDialogue:
    (name, ip), (port, implicit) = host, way
    return await smtp.greet(
        ask.network, ask.budget, name, port, ip=ip, timeout=WAIT, implicit=implicit
    )


COLLECTOR = Collector(
    PORTS, N_("Trying what mail programs connect to"), collect, scope=Scope.CONTACT
)
