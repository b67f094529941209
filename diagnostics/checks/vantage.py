"""Check of our own connection: when it does not work, that is reported and nobody is blamed."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import unknown_finding
from diagnostics.evidence.keys import STANDPOINT
from diagnostics.model import Case, Check, Finding
from render.i18n import N_


def judge(case: Case) -> Iterable[Finding]:
    standpoint = case.evidence[STANDPOINT]
    if standpoint.cut_off:
        yield unknown_finding(CHECK.id, what="standpoint", detail="cut_off")
    elif not standpoint.resolving:
        yield unknown_finding(CHECK.id, what="standpoint", detail="resolvers_silent")
    elif standpoint.ports and not standpoint.vantage.port25:
        yield unknown_finding(CHECK.id, what="standpoint", detail="no_port25")


CHECK = Check(
    id="incident.vantage",
    title=N_("Our own connection works"),
    needs=(STANDPOINT,),
    messages=(),
    judge=judge,
)
