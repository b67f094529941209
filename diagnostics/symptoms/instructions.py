"""Symptom: another provider sent instructions. Has its own page, so it is not among the choices."""

from __future__ import annotations

from diagnostics.model import Question, Symptom
from render.i18n import N_

QUESTION = Question(
    "records",
    N_("What do they want set? Paste it as it is."),
    N_("We read the records out of it and compare them with what is there."),
    pasted=True,
).placed("symptom.instructions")
SYMPTOM = Symptom(
    id="instructions",
    title=N_("Another provider wants records set"),
    hint=N_(
        "They sent you a list of DNS records, and you want them set without breaking anything."
    ),
    checks=(
        "incident.known",
        "domain.registration",
        "dns.domain",
        "dns.delegation",
        "dns.provider",
        "instructions.records",
    ),
)
