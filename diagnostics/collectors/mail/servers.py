"""Collects the MX records, the addresses of their targets, and the servers' greetings.

A greeting is asked for only when the run may look into the account that owns the domain: nobody
scans other people's mail servers from here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from diagnostics.collectors.dns.addresses import usable_addresses
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import MAIL, RECORDS, MailHost, MailServers
from diagnostics.model import Missing, Scope
from facts import SmtpDialogue
from observe.dns import dns_client
from observe.mail import smtp
from render.i18n import N_
from standards.dns_types import Trouble
from standards.queries import mail_exchanges

MAX_HOSTS = 8  # MX targets looked at
MAX_GREETED = 3
GREETING_TIMEOUT = (
    13.0  # seconds for a greeting and what follows; some let strangers wait on purpose
)
SILENT_TROUBLES = (Trouble.TIMEOUT, Trouble.UNREACHABLE)


async def collect(context: CollectionContext) -> MailServers | NotCollected:
    """MX as every server gives it (by the resolvers when none could be asked), then its targets."""
    name = context.subject.host if context.subject.mailbox else context.subject.domain
    records = (await context.gather(RECORDS)).value
    answers = records.at(name, "MX") if records is not None else ()
    if not answers:
        answers = (await dns_client.resolve(context.network, context.budget, name, "MX"),)
    if all(answer.trouble for answer in answers):
        return NotCollected(Missing.TROUBLE, f"MX {name}", answers[0].trouble)
    targets = mail_exchanges(answers)[:MAX_HOSTS]
    unasked_reason = _reason_unasked(context)
    greeted_hosts = set() if unasked_reason else {host for _, host in targets[:MAX_GREETED]}
    hosts = await asyncio.gather(
        *(_look_up_host(context, rank, host, greet=host in greeted_hosts) for rank, host in targets)
    )
    mail = MailServers(name, answers, tuple(hosts), unasked=unasked_reason)
    if not targets and not any(answer.values("MX") for answer in answers):
        return replace(
            mail, implicit=(await dns_client.addresses(context.network, context.budget, name))[0]
        )
    if (
        not unasked_reason
        and any(h.addresses for h in hosts)
        and not any(h.dialogue for h in hosts)
    ):
        return replace(mail, unasked="no_ipv6_here")
    return replace(mail, reference=await _greet_own_server(context, mail))


def _reason_unasked(context: CollectionContext) -> str:
    """Why no mail server is greeted, or ""."""
    if not context.scope.covers(Scope.CONTACT):
        return "withheld"
    if not may_greet(context):
        return "no_account"
    return "" if context.network.vantage.port25 else "port25"


async def _greet_own_server(context: CollectionContext, mail: MailServers) -> SmtpDialogue | None:
    """Our own mail server, when everybody else was silent: is it our line?"""
    dialogues = [h.dialogue for h in mail.hosts if h.dialogue is not None]
    if not dialogues or not all(
        t.trouble in SILENT_TROUBLES and not t.connected for t in dialogues
    ):
        return None
    mx_names = {h.name for h in mail.hosts}
    own_server = next(
        (host for host in context.sources.expected.mail_hosts if host not in mx_names), ""
    )
    if not own_server:
        return None
    return await smtp.greet(context.network, context.budget, own_server, 25, timeout=3.0)


def may_greet(context: CollectionContext) -> bool:
    """Only contacts of the account that owns the domain, and staff looking at such an account."""
    return bool(context.account) and context.scope.covers(Scope.CONTACT)


async def _look_up_host(
    context: CollectionContext, rank: int, host: str, *, greet: bool
) -> MailHost:
    (addresses, trouble), alias_lookup = await asyncio.gather(
        dns_client.addresses(context.network, context.budget, host),
        dns_client.resolve(context.network, context.budget, host, "CNAME"),
    )
    alias = next(iter(alias_lookup.values()), "").rstrip(".").lower()
    reachable = usable_addresses(addresses, context.network.vantage)
    dialogue = None
    if greet and reachable:
        dialogue = await smtp.greet(
            context.network, context.budget, host, 25, ip=reachable[0], timeout=GREETING_TIMEOUT
        )
    return MailHost(host, rank, addresses, trouble, dialogue, alias)


COLLECTOR = Collector(
    MAIL,
    N_("Following the mail to its servers"),
    collect,
    after=(RECORDS,),
    deadline=timedelta(seconds=20),
)
