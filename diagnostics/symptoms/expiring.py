"""Symptom: a domain or a service is expiring, or has expired."""

from __future__ import annotations

from diagnostics.model import Question, Symptom
from render.i18n import N_

SYMPTOM = Symptom(
    id="expiring",
    title=N_("My domain or service is expiring"),
    hint=N_("A reminder came, something is unpaid, or it was switched off."),
    checks=(
        "domain.",
        "service.",
        "hosting.service",
        "incident.",
        "dns.domain",
        "dns.delegation",
        "dns.provider",
        "tls.certificate",
        "tls.renewal",
        "web.pages",
        "web.faults",
    ),
    questions=(
        Question(
            "reminder",
            N_("Did you get a message about it? From whom, and what does it say?"),
            N_("Some such messages are traps by companies that have nothing to do with you."),
            fact="wish",
        ),
        Question(
            "paid",
            N_("Have you paid already? When, and with which number?"),
            N_("With the number we find the payment at once."),
            fact="document",
        ),
    ),
    category="billing",
)
