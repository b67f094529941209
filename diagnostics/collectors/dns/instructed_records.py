"""Collects current records at the names that pasted instructions mention, at every name server."""

from __future__ import annotations

from diagnostics.collectors.dns.zone_servers import askable_delegation
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, INSTRUCTED, InstructedRecords
from diagnostics.model import Missing
from diagnostics.symptoms import RECORDS_ANSWER
from instructions.change_plan import required_queries
from instructions.reading import parse_instructions
from observe.dns import zone as zones
from observe.reading_threads import in_reading_thread
from render.i18n import N_


async def collect(context: CollectionContext) -> InstructedRecords | NotCollected:
    """Read the text, and ask for each name in it; without a zone to ask, the reading alone."""
    text = context.answers.get(RECORDS_ANSWER, "")
    if not text:
        return NotCollected(Missing.SKIPPED, "no_instructions")
    zone = context.subject.domain
    instructions = await in_reading_thread(parse_instructions, text, zone)
    delegation = await askable_delegation(context)
    if isinstance(delegation, NotCollected) or not instructions.records:
        return InstructedRecords(zone, instructions)
    wanted_questions = required_queries(instructions.records, zone)
    return InstructedRecords(
        zone,
        instructions,
        await zones.ask_everywhere(context.network, context.budget, delegation, wanted_questions),
    )


COLLECTOR = Collector(
    INSTRUCTED,
    N_("Comparing the instructions with what is in DNS now"),
    collect,
    after=(DELEGATION,),
)
