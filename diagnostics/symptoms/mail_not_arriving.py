"""Symptom: mail does not arrive."""

from __future__ import annotations

from diagnostics.model import Question, Symptom
from diagnostics.symptoms.questions import LOST, SINCE
from render.i18n import N_

SYMPTOM = Symptom(
    id="mail_not_arriving",
    title=N_("Mail does not arrive"),
    hint=N_("People write to you, and their messages do not reach your mailbox."),
    # Without the checks of the website's own names: they would stand in the way here.
    checks=(
        "incident.",
        "domain.",
        "hosting.service",
        "dns.domain",
        "dns.delegation",
        "dns.ns",
        "dns.provider",
        "dns.nsset",
        "dnssec.",
        "mail.",
        "dns.soa",
        "dns.records",
        "service.",
        "hosting.disk",
        "hosting.inodes",
    ),
    questions=(
        SINCE,
        Question(
            "who",
            N_("Does mail from everybody fail, or only from some senders?"),
            N_("Everybody points to your domain or mailbox; a few point to the senders' side."),
            fact="direction",
        ),
        Question(
            "bounce",
            N_("Do the senders get an error back? What does it say?"),
            N_("The error names the server that refused and its reason."),
            fact="error",
            pasted=True,
        ),
    ),
    category="mail",
    guide=LOST,
)
