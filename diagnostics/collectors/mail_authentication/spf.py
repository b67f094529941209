"""Collects SPF: the look-up tree, and the result for each of the provider's outgoing addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from diagnostics.collectors.dns.query_walks import WalkDriver, undelegated_reason
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, SPF
from diagnostics.evidence.mail_authentication import SenderVerdict, Spf
from diagnostics.model import Missing
from observe.reading_threads import in_reading_thread
from render.i18n import N_
from standards.dns_types import Lookup, Trouble
from standards.queries import Query, character_strings, likely_policies
from standards.spf.check_host import check_host
from standards.spf.correction import is_meant_as_spf
from standards.spf.lookup_tree import walk_lookup_tree
from standards.spf.record import is_spf

MAX_ADDRESSES = 6  # of the provider's addresses that are tried
MAX_TEXT = 4096


async def collect(context: CollectionContext) -> Spf | NotCollected:
    """The tree level by level; a name that does not exist has none."""
    if (reason := await undelegated_reason(context)) is not None:
        return reason
    domain = mail_domain(context)
    driver = WalkDriver(context)
    tree, old_type_lookup = await asyncio.gather(
        driver.walk(walk_lookup_tree(domain)), driver.look_up(Query(domain, "SPF"))
    )
    first = driver.lookups[Query(domain, "TXT")]
    if is_nonexistent(first):
        return NotCollected(Missing.SKIPPED, "not_delegated")
    if tree.problem == "unseen":
        return NotCollected(Missing.TROUBLE, f"TXT {domain}", first.trouble or Trouble.SERVFAIL)
    verdicts = await _sender_verdicts(context, driver, domain) if tree.is_readable else ()
    values = first.values("TXT")
    relevant, size, recorded = await in_reading_thread(
        lambda: (_relevant(values), _rdata_size(values), driver.recorded(_is_relevant))
    )
    old_type_values = tuple(v[:MAX_TEXT] for v in old_type_lookup.values("SPF"))[:4]
    return Spf(domain, relevant, tree, verdicts, size, old_type_values, recorded)


def mail_domain(context: CollectionContext) -> str:
    """The name behind the @: of the mailbox asked about, or the domain itself."""
    return context.subject.host if context.subject.mailbox else context.subject.domain


def is_nonexistent(lookup: Lookup) -> bool:
    """Whether the name certainly does not exist."""
    return lookup.rcode == "NXDOMAIN" or lookup.trouble is Trouble.NXDOMAIN


def _relevant(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(v[:MAX_TEXT] for v in likely_policies(values) if _is_relevant(v))[:8]


def _rdata_size(values: Sequence[str]) -> int:
    """Bytes of all TXT values, which travel together."""
    return sum(len(part) + 1 for value in values for part in character_strings(value))


def _is_relevant(value: str) -> bool:
    plain = "".join(character_strings(value[:MAX_TEXT]))
    return is_spf(plain) or is_meant_as_spf(plain)


async def _sender_verdicts(
    context: CollectionContext, driver: WalkDriver, domain: str
) -> tuple[SenderVerdict, ...]:
    """The receiver's verdict for each outgoing address; most questions are already answered."""
    expected = context.sources.expected
    helo = next(iter(expected.mail_hosts), domain)
    verdicts: list[SenderVerdict] = []
    for ip in expected.outgoing[:MAX_ADDRESSES]:
        try:
            verdict = await driver.walk_singly(check_host(ip, f"postmaster@{domain}", helo))
        except ValueError:
            continue  # a network instead of an address, in the operator's configuration
        verdicts.append(SenderVerdict(ip, verdict.result, verdict.mechanism, verdict.problem))
    return tuple(verdicts)


COLLECTOR = Collector(
    SPF, N_("Following the SPF record to everybody who may send"), collect, after=(DELEGATION,)
)
