"""What resolvers remember of the domain, each asked by itself: how far a change has spread."""

from __future__ import annotations

import asyncio

from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import CACHES, DELEGATION, ResolverCaches, located
from diagnostics.model import Missing
from observe.dns import dns_client
from render.i18n import N_
from subject import Subject

RESOLVERS = 6


def questions(subject: Subject) -> tuple[tuple[str, str], ...]:
    """What a change is mostly about: the web names' addresses, mail, and the name servers."""
    names = dict.fromkeys((subject.domain, f"www.{subject.domain}", subject.host))
    return (*((n, "A") for n in names), (subject.domain, "MX"), (subject.domain, "NS"))


async def collect(ask: Collection) -> ResolverCaches | NotCollected:
    """Every question to each resolver we know, with the lifetime that is left of its answer."""
    resolvers = dns_client.resolvers(ask.network)[:RESOLVERS]
    if not resolvers:
        return NotCollected(Missing.SKIPPED, "not_configured")
    subject = ask.subject
    if subject.host not in (subject.domain, f"www.{subject.domain}"):
        subject = located(subject, (await ask.gather(DELEGATION)).value)
    asked = (
        dns_client.ask(ask.network, ask.budget, name, kind, server, recurse=True, operator=True)
        for server in resolvers
        for name, kind in questions(subject)
    )
    return ResolverCaches(tuple(await asyncio.gather(*asked)))


COLLECTOR = Collector(CACHES, N_("Asking what resolvers remember"), collect)
