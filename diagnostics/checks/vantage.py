"""Does our own connection work? When it does not, that is said, and nobody is blamed for it."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import unknown
from diagnostics.evidence.keys import STANDPOINT
from diagnostics.model import Case, Check, Finding
from render.i18n import N_


def judge(case: Case) -> Iterable[Finding]:
    seen = case.evidence[STANDPOINT]
    if seen.cut_off:
        yield unknown(CHECK.id, what="standpoint", detail="cut_off")
    elif not seen.resolving:
        yield unknown(CHECK.id, what="standpoint", detail="resolvers_silent")
    elif seen.ports and not seen.vantage.port25:
        yield unknown(CHECK.id, what="standpoint", detail="no_port25")


CHECK = Check(
    id="incident.vantage",
    title=N_("Our own connection works"),
    needs=(STANDPOINT,),
    messages=(),
    judge=judge,
)
