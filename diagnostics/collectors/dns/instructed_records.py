"""What is in DNS now at the names that pasted instructions speak of, at every name server."""

from __future__ import annotations

from diagnostics.collectors.collector import Absent, Ask, Collector
from diagnostics.collectors.dns.zone_servers import servable
from diagnostics.evidence.keys import DELEGATION, INSTRUCTED, Instructed
from diagnostics.model import Missing
from diagnostics.symptoms import RECORDS_ANSWER
from instructions.comparison import questions
from instructions.reading import read
from observe.dns import zone as zones
from render.i18n import N_


async def collect(ask: Ask) -> Instructed | Absent:
    """Read the text, and ask for each name in it; without a zone to ask, the reading alone."""
    text = ask.answers.get(RECORDS_ANSWER, "")
    if not text:
        return Absent(Missing.SKIPPED, "no_instructions")
    zone = ask.subject.domain
    asked = read(text, zone)
    delegation = await servable(ask)
    if isinstance(delegation, Absent) or not asked.records:
        return Instructed(zone, asked)
    wanted = questions(asked.records, zone)
    return Instructed(
        zone, asked, await zones.everywhere(ask.network, ask.budget, delegation, wanted)
    )


COLLECTOR = Collector(
    INSTRUCTED,
    N_("Comparing the instructions with what is in DNS now"),
    collect,
    after=(DELEGATION,),
)
