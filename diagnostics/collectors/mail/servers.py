"""Where mail for the domain goes: MX, the addresses of its targets, and their greeting.

A greeting is asked for only when the run may look into the account that owns the domain: nobody
scans other people's mail servers from here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from diagnostics.collectors.dns.addresses import usable
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import MAIL, RECORDS, MailHost, MailServers
from diagnostics.model import Missing, Scope
from facts import SmtpDialogue
from observe.dns import dns_client
from observe.mail import smtp
from render.i18n import N_
from standards.dns_types import Lookup, Trouble

HOSTS = 8  # MX targets looked at
GREETED = 3
PATIENCE = 13.0  # seconds for a greeting and what follows; some let strangers wait on purpose
SILENT = (Trouble.TIMEOUT, Trouble.UNREACHABLE)


async def collect(ask: Collection) -> MailServers | NotCollected:
    """MX as every server gives it (by the resolvers when none could be asked), then its targets."""
    name = ask.subject.host if ask.subject.mailbox else ask.subject.domain
    records = (await ask.gather(RECORDS)).value
    answers = records.at(name, "MX") if records is not None else ()
    if not answers:
        answers = (await dns_client.resolve(ask.network, ask.budget, name, "MX"),)
    if all(answer.trouble for answer in answers):
        return NotCollected(Missing.TROUBLE, f"MX {name}", answers[0].trouble)
    targets = _targets(answers)[:HOSTS]
    unasked = _unasked(ask)
    greeted = set() if unasked else {host for _, host in targets[:GREETED]}
    hosts = await asyncio.gather(
        *(_host(ask, rank, host, greet=host in greeted) for rank, host in targets)
    )
    mail = MailServers(name, answers, tuple(hosts), unasked=unasked)
    if not targets and not any(answer.values("MX") for answer in answers):
        return replace(
            mail, implicit=(await dns_client.addresses(ask.network, ask.budget, name))[0]
        )
    if not unasked and any(h.addresses for h in hosts) and not any(h.dialogue for h in hosts):
        return replace(mail, unasked="no_ipv6_here")
    return replace(mail, reference=await _reference(ask, mail))


def _unasked(ask: Collection) -> str:
    """Why no mail server is greeted, or ""."""
    if not ask.scope.covers(Scope.CONTACT):
        return "withheld"
    if not may_greet(ask):
        return "no_account"
    return "" if ask.network.vantage.port25 else "port25"


async def _reference(ask: Collection, mail: MailServers) -> SmtpDialogue | None:
    """Our own mail server, when everybody else was silent: is it our line?"""
    talks = [h.dialogue for h in mail.hosts if h.dialogue is not None]
    if not talks or not all(t.trouble in SILENT and not t.connected for t in talks):
        return None
    known = {h.name for h in mail.hosts}
    ours = next((host for host in ask.sources.expected.mail_hosts if host not in known), "")
    if not ours:
        return None
    return await smtp.greet(ask.network, ask.budget, ours, 25, timeout=3.0)


def may_greet(ask: Collection) -> bool:
    """Only contacts of the account that owns the domain, and staff looking at such an account."""
    return bool(ask.account) and ask.scope.covers(Scope.CONTACT)


def _targets(answers: tuple[Lookup, ...]) -> list[tuple[int, str]]:
    """Distinct (preference, host) of all servers' answers, best first; a null MX is no target."""
    found: set[tuple[int, str]] = set()
    for value in (v for answer in answers for v in answer.values("MX")):
        rank, _, host = value.partition(" ")
        name = host.strip().rstrip(".").lower()
        if name and rank.isdigit():
            found.add((int(rank), name))
    return sorted(found)


async def _host(ask: Collection, rank: int, host: str, *, greet: bool) -> MailHost:
    (found, trouble), names = await asyncio.gather(
        dns_client.addresses(ask.network, ask.budget, host),
        dns_client.resolve(ask.network, ask.budget, host, "CNAME"),
    )
    alias = next(iter(names.values()), "").rstrip(".").lower()
    reachable = usable(found, ask.network.vantage)
    dialogue = None
    if greet and reachable:
        dialogue = await smtp.greet(
            ask.network, ask.budget, host, 25, ip=reachable[0], timeout=PATIENCE
        )
    return MailHost(host, rank, found, trouble, dialogue, alias)


COLLECTOR = Collector(
    MAIL,
    N_("Following the mail to its servers"),
    collect,
    after=(RECORDS,),
    deadline=timedelta(seconds=20),
)
