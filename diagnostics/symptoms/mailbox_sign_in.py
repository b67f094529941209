"""Symptom: a mail program cannot sign in, or asks for the password again and again."""

from __future__ import annotations

from diagnostics.login_test import SYMPTOM_ID as ID
from diagnostics.model import Question, Symptom
from render.i18n import N_

SYMPTOM = Symptom(
    id=ID,
    title=N_("I cannot sign in to my mailbox"),
    hint=N_("The mail program asks for the password again and again, or does not connect."),
    checks=(
        "incident.",
        "domain.",
        "service.mail",
        "mailbox.",
        "mail.ports",
        "mail.setup",
        "mail.mx",
        "mail.destination",
        "mail.routing",
        "hosting.service",
        "hosting.disk",
    ),
    questions=(
        Question(
            "bounce",
            N_("What does the mail program say, word for word?"),
            N_("The exact words often name the reason."),
            fact="error",
            pasted=True,
        ),
        Question(
            "client",
            N_("Which program or telephone is it, and which servers are set in it?"),
            N_("A wrong server name or port is the most common reason of all."),
            fact="client",
        ),
    ),
    category="mail",
)
