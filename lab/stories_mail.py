"""Demo domains whose mail is broken, or goes somewhere that surprises."""

from __future__ import annotations

from lab.company import NS, PARCEL_MX
from lab.stories import (
    AGENCY,
    MAIL,
    STUDIO,
    DemoDomain,
    Story,
    hosted_story,
    panel,
    web_records,
    with_proof,
    zone,
)
from lab.world import Domain


def _mail(
    name: str,
    story: str,
    finding: str,
    *records: str,
    local: bool | None = None,
    also: tuple[str, ...] = (),
    account: str = AGENCY,
) -> Story:
    """A healthy site whose mail records are these; `local`: does the panel deliver its mail."""
    if not any("v=spf1" in record for record in records):
        records += ('@ TXT "v=spf1 -all"',) if "@ MX 0 ." in records else (MAIL[1],)
    return hosted_story(
        DemoDomain(name, story, finding, account, also),
        domain=Domain(name=name, servers=NS, records=(*web_records(), *with_proof(*records))),
        panel_domain=panel(name, mail_local=local),
    )


STORIES: tuple[Story, ...] = (
    _mail(
        "choir.example",
        "Mail goes to another company, while its mailboxes are here.",
        "mail.mx.elsewhere",
        f"@ MX 10 {PARCEL_MX}.",
        local=True,
        account=STUDIO,
    ),
    _mail(
        "cello.example",
        "Mail goes to another company, on purpose or not.",
        "mail.mx.hosted_elsewhere",
        f"@ MX 10 {PARCEL_MX}.",
    ),
    hosted_story(
        DemoDomain(
            "sailboat.example",
            "Mail comes here, and the panel sends it elsewhere.",
            "mail.routing.local_mismatch",
            AGENCY,
        ),
        domain=zone("sailboat.example"),
        panel_domain=panel("sailboat.example", mail_local=False),
    ),
    _mail("postcard.example", "Nobody set where mail goes.", "mail.mx.missing"),
    _mail(
        "hermit.example",
        "Says that it takes no mail.",
        "mail.mx.null",
        "@ MX 0 .",
        also=("mail.spf.sends_nothing",),
    ),
    _mail(
        "pigeon.example",
        "The mail host does not exist.",
        "mail.mx.no_address",
        "@ MX 10 mail.pigeon.example.",
    ),
    _mail(
        "seagull.example",
        "The mail record holds a number instead of a name.",
        "mail.mx.ip_literal",
        "@ MX 10 31.53.25.25.",
    ),
    _mail(
        "falcon.example",
        "The mail host is an alias.",
        "mail.mx.cname",
        "@ MX 10 mail.falcon.example.",
        "mail CNAME mx1.polaris.example.",
        also=("mail.mx.hosted_elsewhere",),
    ),
    _mail(
        "magpie.example",
        "Half of the mail goes here, half to another company.",
        "mail.mx.mixed",
        MAIL[0],
        f"@ MX 10 {PARCEL_MX}.",
    ),
    _mail(
        "badger.example",
        "The mail host has an address that only works inside a network.",
        "mail.mx.private",
        "@ MX 10 mail.badger.example.",
        "mail A 10.1.2.3",
    ),
    _mail(
        "parrot.example",
        "The mail server takes mail only unencrypted.",
        "mail.greeting.no_starttls",
        "@ MX 10 mx.plain.example.",
        also=("mail.mx.hosted_elsewhere",),
    ),
    _mail(
        "mouse.example",
        "The mail server never greets; that alone proves nothing.",
        "mail.mx.hosted_elsewhere",
        "@ MX 10 mx.mute.example.",
    ),
    _mail(
        "owl.example",
        "The mail server greets late, and is fine.",
        "mail.mx.hosted_elsewhere",
        "@ MX 10 mx.patient.example.",
    ),
    _mail(
        "woodpecker.example",
        "The mail server refuses connections.",
        "mail.greeting.unreachable",
        "@ MX 10 mx.shut.example.",
        also=("mail.mx.hosted_elsewhere",),
    ),
)
