"""Symptom: the browser warns that the site is not safe."""

from __future__ import annotations

from diagnostics.model import Question, Symptom
from diagnostics.symptoms.questions import CHANGED
from render.i18n import N_

SYMPTOM = Symptom(
    id="certificate_warning",
    title=N_("The browser warns about safety"),
    hint=N_("“Your connection is not private”, a crossed-out padlock, “not secure”."),
    checks=(
        "incident.",
        "tls.certificate",
        "tls.hsts",
        "tls.renewal",
        "tls.strength",
        "tls.",
        "dns.pointing",
        "dns.address",
        "dns.host",
        "web.family",
        "web.redirect",
        "web.hops",
        "web.site",
        "domain.",
        "dns.domain",
        "dns.delegation",
        "dnssec.",
        "hosting.service",
    ),
    questions=(
        Question(
            "shown",
            N_("What does the warning say, word for word?"),
            N_("The exact words tell an expired certificate from a foreign one."),
            fact="error",
            pasted=True,
        ),
        Question(
            "devices",
            N_("Does it appear on every device?"),
            N_("On one device only, its own clock or a protection program is mostly the cause."),
            fact="steps",
            choices=(
                ("all", N_("Yes, on several")),
                ("one", N_("Only on one")),
                ("unknown", N_("I have not tried")),
            ),
        ),
        CHANGED,
    ),
    category="web",
)
