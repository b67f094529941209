"""What is in DNS now at the names that pasted instructions speak of, at every name server."""

from __future__ import annotations

from diagnostics.collectors.dns.zone_servers import servable
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, INSTRUCTED, InstructedRecords
from diagnostics.model import Missing
from diagnostics.symptoms import RECORDS_ANSWER
from instructions.comparison import required_queries
from instructions.reading import parse_instructions
from observe.dns import zone as zones
from render.i18n import N_


async def collect(ask: Collection) -> InstructedRecords | NotCollected:
    """Read the text, and ask for each name in it; without a zone to ask, the reading alone."""
    text = ask.answers.get(RECORDS_ANSWER, "")
    if not text:
        return NotCollected(Missing.SKIPPED, "no_instructions")
    zone = ask.subject.domain
    asked = parse_instructions(text, zone)
    delegation = await servable(ask)
    if isinstance(delegation, NotCollected) or not asked.records:
        return InstructedRecords(zone, asked)
    wanted = required_queries(asked.records, zone)
    return InstructedRecords(
        zone, asked, await zones.ask_everywhere(ask.network, ask.budget, delegation, wanted)
    )


COLLECTOR = Collector(
    INSTRUCTED,
    N_("Comparing the instructions with what is in DNS now"),
    collect,
    after=(DELEGATION,),
)
