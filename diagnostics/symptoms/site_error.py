"""Symptom: the site shows an error."""

from __future__ import annotations

from diagnostics.model import Question, Symptom
from diagnostics.symptoms.questions import CHANGED, SHOWN
from render.i18n import N_

SYMPTOM = Symptom(
    id="site_error",
    title=N_("My website shows an error"),
    hint=N_("A number such as 500 or 404, a database error, a blank or broken page."),
    # What the site itself says comes first; the way to it is looked at, in case it is another one.
    checks=(
        "incident.",
        "hosting.service",
        "service.project",
        "service.server",
        "web.faults",
        "hosting.limit",
        "hosting.disk",
        "hosting.inodes",
        "hosting.",
        "web.root",
        "web.site",
        "web.",
        "domain.",
        "dns.domain",
        "dns.delegation",
        "dns.pointing",
        "dns.address",
        "dns.host",
        "service.domain",
        "tls.",
    ),
    questions=(
        SHOWN,
        Question(
            "steps",
            N_("Does every page show it, or what must one do to see it?"),
            N_("One broken page points to its program, all of them to the server or a limit."),
            fact="steps",
        ),
        CHANGED,
    ),
    category="web",
)
