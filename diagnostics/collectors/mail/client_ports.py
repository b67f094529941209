"""Collects what answers at the ports for mail programs: IMAP, POP3 and submission.

Only for the account's own domains, and nobody signs in: greeting, offers, certificate, goodbye.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from diagnostics.collectors.dns.addresses import resolve_host, usable_addresses
from diagnostics.collectors.mail.servers import may_greet
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.mail import PORTS, MailPorts, ProgramHost
from diagnostics.model import Missing, Scope
from facts import MailboxDialogue, SmtpDialogue
from observe.dns import dns_client
from observe.mail import imap, pop3, smtp
from observe.mail.mailbox import Security
from render.i18n import N_
from standards.dns_types import Trouble

MAX_HOSTS = 3  # of the provider's
TIMEOUT = 8.0
GreetingMethod = tuple[Callable[..., Awaitable[MailboxDialogue]], int, Security]
MAILBOX_METHODS: tuple[GreetingMethod, ...] = (
    (imap.greet, 993, Security.TLS),
    (imap.greet, 143, Security.STARTTLS),
    (pop3.greet, 995, Security.TLS),
    (pop3.greet, 110, Security.STARTTLS),
)
SUBMISSION_METHODS = ((465, True), (587, False))


async def collect(context: CollectionContext) -> MailPorts | NotCollected:
    """The provider's own names for mail programs, and the domain's usual one when it exists."""
    if not may_greet(context):
        return NotCollected(Missing.SKIPPED, "no_account")
    hosts = await _program_hosts(context)
    if not any(h.addresses for h in hosts):
        return NotCollected(Missing.SKIPPED, "not_configured")
    reachable = [
        (h.name, reachable_addresses[0])
        for h in hosts
        if (reachable_addresses := usable_addresses(h.addresses, context.network.vantage))
    ]
    if not reachable:
        return NotCollected(Missing.TROUBLE, "no_ipv6_here", Trouble.UNREACHABLE)
    boxes, submissions = await asyncio.gather(
        asyncio.gather(
            *(
                _greet_mailbox(context, host, method)
                for host in reachable
                for method in MAILBOX_METHODS
            )
        ),
        asyncio.gather(
            *(
                _greet_submission(context, host, method)
                for host in reachable
                for method in SUBMISSION_METHODS
            )
        ),
    )
    return MailPorts(hosts, tuple(boxes), tuple(submissions))


async def _program_hosts(context: CollectionContext) -> tuple[ProgramHost, ...]:
    provided = dict.fromkeys(h.lower() for h in context.sources.expected.mailbox_hosts[:MAX_HOSTS])
    resolved = await asyncio.gather(
        *(dns_client.addresses(context.network, context.budget, host) for host in provided)
    )
    hosts = [
        ProgramHost(h, False, *resolution) for h, resolution in zip(provided, resolved, strict=True)
    ]
    usual = f"mail.{context.subject.domain}"
    if usual not in provided:
        host_addresses = await resolve_host(context, usual)
        if host_addresses.all:
            hosts.append(ProgramHost(usual, own=True, addresses=host_addresses.all))
    return tuple(hosts)


async def _greet_mailbox(
    context: CollectionContext, host: tuple[str, str], method: GreetingMethod
) -> MailboxDialogue:
    (name, ip), (greet, port, security) = host, method
    return await greet(
        context.network, context.budget, name, port, ip=ip, security=security, timeout=TIMEOUT
    )


async def _greet_submission(
    context: CollectionContext, host: tuple[str, str], method: tuple[int, bool]
) -> SmtpDialogue:
    (name, ip), (port, implicit) = host, method
    return await smtp.greet(
        context.network, context.budget, name, port, ip=ip, timeout=TIMEOUT, implicit=implicit
    )


COLLECTOR = Collector(
    PORTS, N_("Trying what mail programs connect to"), collect, scope=Scope.CONTACT
)
