"""Symptom: the site does not open."""

from __future__ import annotations

from diagnostics.model import Symptom
from diagnostics.symptoms.questions import CHANGED, ELSEWHERE, SHOWN
from render.i18n import N_

SYMPTOM = Symptom(
    id="site_down",
    title=N_("My website does not open"),
    hint=N_("Endless loading, “site cannot be reached”, “server not found”."),
    checks=(
        "incident.",
        "domain.",
        "hosting.service",
        "dns.",
        "dnssec.",
        "service.",
        "web.",
        "tls.",
        "hosting.",
    ),
    questions=(ELSEWHERE, CHANGED, SHOWN),
    category="web",
)
