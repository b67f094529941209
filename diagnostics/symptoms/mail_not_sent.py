"""Symptom: mail cannot be sent, or comes back."""

from __future__ import annotations

from diagnostics.model import Question, Symptom
from diagnostics.symptoms.questions import LOST
from render.i18n import N_

SYMPTOM = Symptom(
    id="mail_not_sent",
    title=N_("Mail cannot be sent, or comes back"),
    hint=N_("The mail program refuses to send, or a message returns with an error."),
    checks=(
        "incident.",
        "hosting.service",
        "service.mail",
        "domain.",
        "dns.domain",
        "dns.delegation",
        "dns.ns",
        "mail.spf",
        "mail.spf_tree",
        "mail.spf_sender",
        "mail.dkim",
        "mail.dmarc",
        "mail.",
        "dnssec.",
        "dns.provider",
        "dns.records",
        "service.",
        "hosting.disk",
        "hosting.inodes",
    ),
    questions=(
        Question(
            "bounce",
            N_("What does the mail program or the returned message say?"),
            N_("The error names the server that refused and its reason."),
            fact="error",
            pasted=True,
        ),
        Question(
            "who",
            N_("Does it fail to everybody, or only to some recipients?"),
            N_("Everybody points to your settings; a few point to the recipients' side."),
            fact="direction",
        ),
        Question(
            "client",
            N_("Which program do you send with, and which outgoing server is set in it?"),
            N_("A wrong server name or port is the most common reason of all."),
            fact="client",
        ),
    ),
    category="mail",
    guide=LOST,
)
