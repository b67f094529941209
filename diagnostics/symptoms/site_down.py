"""The site does not open."""

from __future__ import annotations

from diagnostics.model import Question, Symptom
from render.i18n import N_

SYMPTOM = Symptom(
    id="site_down",
    title=N_("My website does not open"),
    hint=N_("An error, a blank or foreign page, endless loading, a warning about safety."),
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
    questions=(
        Question(
            "since",
            N_("Since when?"),
            N_("It lets us compare with what changed at that time."),
        ),
        Question(
            "changed",
            N_("Did you change anything shortly before: domain, DNS, plugins, files?"),
            N_("Most faults follow a change, and undoing it is the quickest way back."),
        ),
        Question(
            "shown",
            N_("What does the browser show, word for word?"),
            N_("The exact words say which part fails."),
        ),
    ),
)
