"""Collects what each resolver has cached of the domain."""

from __future__ import annotations

import asyncio

from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import CACHES, DELEGATION, ResolverCaches, located_subject
from diagnostics.model import Missing
from observe.dns import dns_client
from render.i18n import N_
from subject import Subject

MAX_RESOLVERS = 6


def questions(subject: Subject) -> tuple[tuple[str, str], ...]:
    """What a change is mostly about: the web names' addresses, mail with who may send it, and the
    name servers."""
    names = dict.fromkeys((subject.domain, f"www.{subject.domain}", subject.host))
    of_the_domain = ((subject.domain, kind) for kind in ("MX", "NS", "TXT"))
    return (*((n, "A") for n in names), *of_the_domain, (f"_dmarc.{subject.domain}", "TXT"))


async def collect(context: CollectionContext) -> ResolverCaches | NotCollected:
    """Every question to each resolver we know, with the lifetime that is left of its answer."""
    resolvers = dns_client.resolvers(context.network)[:MAX_RESOLVERS]
    if not resolvers:
        return NotCollected(Missing.SKIPPED, "not_configured")
    subject = context.subject
    if subject.host not in (subject.domain, f"www.{subject.domain}"):
        subject = located_subject(subject, (await context.gather(DELEGATION)).value)
    queries = (
        dns_client.ask(
            context.network, context.budget, name, kind, server, recurse=True, operator=True
        )
        for server in resolvers
        for name, kind in questions(subject)
    )
    return ResolverCaches(tuple(await asyncio.gather(*queries)))


COLLECTOR = Collector(CACHES, N_("Asking what resolvers remember"), collect)
