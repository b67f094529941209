"""Symptom: the site leads to the wrong place (a redirect, a wrong server, a wrong folder)."""

from __future__ import annotations

from diagnostics.model import Question, Symptom
from diagnostics.symptoms.questions import CHANGED
from render.i18n import N_

SYMPTOM = Symptom(
    id="wrong_place",
    title=N_("My website leads to the wrong place"),
    hint=N_("Another site, an old version, the wrong folder, going round in a circle."),
    checks=(
        "incident.",
        "web.wanted",
        "web.redirect",
        "web.redirects_set",
        "web.root",
        "web.hops",
        "dns.pointing",
        "dns.provider",
        "dns.cache",
        "dns.records",
        "dns.cname",
        "dns.wildcard",
        "web.pages",
        "web.faults",
        "web.family",
        "web.www",
        "web.",
        "tls.certificate",
        "tls.hsts",
        "domain.",
        "dns.domain",
        "dns.delegation",
        "dns.address",
        "dns.host",
        "hosting.service",
        "service.project",
    ),
    questions=(
        Question(
            "wanted",
            N_("Which address should visitors arrive at?"),
            N_("We compare it with where they do arrive."),
            fact="wanted",
        ),
        Question(
            "steps",
            N_("Where do you end up instead, and from which address did you start?"),
            N_("Browsers remember redirects; what you see may differ from what others see."),
            fact="steps",
        ),
        CHANGED,
    ),
    category="web",
)
