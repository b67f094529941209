"""Symptom: DNS was changed, and nothing happens."""

from __future__ import annotations

from diagnostics.model import Guide, Question, Symptom
from render.i18n import N_

HOUR, DAY, DAYS, LONG = "hour", "day", "days", "long"
HERE, ELSEWHERE = "here", "elsewhere"

SYMPTOM = Symptom(
    id="dns_change",
    title=N_("I changed DNS, and nothing happens"),
    hint=N_("New records or name servers are set, and you still see the old state."),
    checks=(
        "dns.change",
        "dns.provider",
        "dns.domain",
        "dns.delegation",
        "dns.nsset",
        "dns.cache",
        "dns.records",
        "dns.ns",
        "dns.soa",
        "dnssec.",
        "dns.pointing",
        "dns.",
        "domain.",
        "incident.",
        "mail.mx",
        "mail.destination",
        "mail.zone",
        "web.family",
        "tls.certificate",
    ),
    questions=(
        Question(
            "changed_at",
            N_("When did you change it?"),
            N_("Old values are remembered for a set time; we work out how long that is."),
            fact="since",
            choices=(
                (HOUR, N_("Within the last hour")),
                (DAY, N_("Within the last day")),
                (DAYS, N_("A few days ago")),
                (LONG, N_("More than a week ago")),
            ),
        ),
        Question(
            "value",
            N_("What is the new value, such as an address or a server's name?"),
            N_("We look whether the name servers have it already."),
            fact="values",
        ),
        Question(
            "where",
            N_("Where did you change it?"),
            N_("Only where the domain's name servers are run does a change take effect."),
            fact="changed",
            choices=(
                (HERE, N_("In the panel here, with us")),
                (ELSEWHERE, N_("At another company")),
                ("unknown", N_("I am not sure")),
            ),
        ),
    ),
    category="domain",
    guide=Guide(
        "/check/instructions",
        N_("Did another provider send you the records? Compare their instructions"),
    ),
)
