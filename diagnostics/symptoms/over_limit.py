"""Symptom: over quota, or blocked by the host."""

from __future__ import annotations

from diagnostics.model import Symptom
from diagnostics.symptoms.questions import CHANGED, SHOWN, SINCE
from render.i18n import N_

SYMPTOM = Symptom(
    id="over_limit",
    title=N_("Something is full or blocked"),
    hint=N_("Disk or mailbox full, a limit reached, the service suspended."),
    checks=(
        "hosting.",
        "service.",
        "incident.",
        "web.pages",
        "web.faults",
        "web.site",
        "mail.greeting",
        "mail.routing",
        "domain.expiry",
    ),
    questions=(SHOWN, SINCE, CHANGED),
    category="web",
)
