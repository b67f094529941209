"""SPF of the domain: the whole look-up tree, and what it says of the provider's own addresses."""

from __future__ import annotations

import asyncio

from diagnostics.collectors.dns.query_walks import WalkDriver, nobody
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, SPF
from diagnostics.evidence.mail_authentication import SenderVerdict, Spf
from diagnostics.model import Missing
from render.i18n import N_
from standards.dns_types import Lookup, Trouble
from standards.queries import Query as Question
from standards.queries import character_strings
from standards.spf.check_host import check_host
from standards.spf.correction import is_meant_as_spf
from standards.spf.lookup_tree import walk_lookup_tree
from standards.spf.record import is_spf

OUTGOING = 6  # of the provider's addresses that are tried
MAX_TEXT = 4096


async def collect(ask: Collection) -> Spf | NotCollected:
    """The tree level by level; a name that does not exist has none."""
    if (absent := await nobody(ask)) is not None:
        return absent
    domain = mail_name(ask)
    driver = WalkDriver(ask)
    tree, typed = await asyncio.gather(
        driver.walk(walk_lookup_tree(domain)), driver.look(Question(domain, "SPF"))
    )
    first = driver.lookups[Question(domain, "TXT")]
    if nowhere(first):
        return NotCollected(Missing.SKIPPED, "not_delegated")
    if tree.problem == "unseen":
        return NotCollected(Missing.TROUBLE, f"TXT {domain}", first.trouble or Trouble.SERVFAIL)
    values = first.values("TXT")
    return Spf(
        domain,
        tuple(v[:MAX_TEXT] for v in values if _matters(v))[:8],
        tree,
        await _sent(ask, driver, domain) if tree.record and not tree.problem else (),
        sum(len(part) + 1 for value in values for part in character_strings(value)),
        tuple(v[:MAX_TEXT] for v in typed.values("SPF"))[:4],
        driver.kept(_matters),
    )


def mail_name(ask: Collection) -> str:
    """The name behind the @: of the mailbox asked about, or the domain itself."""
    return ask.subject.host if ask.subject.mailbox else ask.subject.domain


def nowhere(lookup: Lookup) -> bool:
    """Whether the name certainly does not exist."""
    return lookup.rcode == "NXDOMAIN" or lookup.trouble is Trouble.NXDOMAIN


def _matters(value: str) -> bool:
    plain = "".join(character_strings(value[:MAX_TEXT]))
    return is_spf(plain) or is_meant_as_spf(plain)


async def _sent(ask: Collection, driver: WalkDriver, domain: str) -> tuple[SenderVerdict, ...]:
    """The receiver's verdict for each outgoing address; most questions are already answered."""
    expected = ask.sources.expected
    helo = next(iter(expected.mail_hosts), domain)
    found: list[SenderVerdict] = []
    for ip in expected.outgoing[:OUTGOING]:
        try:
            verdict = await driver.one_by_one(check_host(ip, f"postmaster@{domain}", helo))
        except ValueError:
            continue  # a network instead of an address, in the operator's configuration
        found.append(SenderVerdict(ip, verdict.result, verdict.mechanism, verdict.problem))
    return tuple(found)


COLLECTOR = Collector(
    SPF, N_("Following the SPF record to everybody who may send"), collect, after=(DELEGATION,)
)
