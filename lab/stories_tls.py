"""Demo domains whose encryption or its renewal is broken."""

from __future__ import annotations

from dataclasses import replace

from lab.answer import error, page
from lab.certificates import Cert
from lab.company import NS
from lab.stories import AGENCY, DemoDomain, Story, hosted_story, panel, site, zone
from lab.world import ServerFault

HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


def _certificate(name: str, sort: Cert, story: str, finding: str) -> Story:
    return hosted_story(
        DemoDomain(name, story, finding, AGENCY), sites=(site(name, certificate=sort),)
    )


def _elsewhere(name: str, server: str, story: str, finding: str) -> Story:
    """A site at a server with a peculiar port."""
    return hosted_story(
        DemoDomain(name, story, finding, AGENCY),
        domain=zone(name, server=server),
        sites=(site(name, http=page("Plain"), server=server),),
        panel_domain=panel(name, server=server),
    )


def _permission(name: str, story: str, finding: str, record: str) -> Story:
    return hosted_story(DemoDomain(name, story, finding, AGENCY), domain=zone(name, record))


STORIES: tuple[Story, ...] = (
    _elsewhere(
        "gramophone.example", "web18", "Its server knows old TLS only.", "tls.protocol.outdated"
    ),
    hosted_story(
        DemoDomain(
            "phonograph.example",
            "Its server still agrees to old TLS, beside newer.",
            "tls.protocol.old_too",
            AGENCY,
        ),
        domain=zone("phonograph.example", server="web21"),
        sites=(site("phonograph.example", server="web21"),),
        panel_domain=panel("phonograph.example", server="web21"),
    ),
    _certificate(
        "matchstick.example", Cert.WEAK_KEY, "Its key is too short.", "tls.certificate.weak"
    ),
    _certificate(
        "waxseal.example", Cert.WEAK_SIGNATURE, "It is signed with SHA-1.", "tls.certificate.weak"
    ),
    _certificate(
        "halfcoat.example",
        Cert.FIRST_NAME,
        "The certificate leaves out www.",
        "tls.certificate.name_missing",
    ),
    _certificate(
        "hourglass.example", Cert.LATE, "The renewal seems to be stuck.", "tls.renewal.late"
    ),
    _elsewhere("backdoor.example", "web19", "Port 80 is closed.", "tls.renewal.port80_closed"),
    _elsewhere(
        "glasshouse.example",
        "web20",
        "Port 443 speaks without encryption.",
        "tls.service.plain_http",
    ),
    hosted_story(
        DemoDomain(
            "notary.example",
            "CAA forbids the free authority, and the certificate is due.",
            "tls.renewal.caa_blocks",
            AGENCY,
        ),
        domain=zone("notary.example", '@ CAA 0 issue "digicert.com"'),
        sites=(site("notary.example", certificate=Cert.SOON),),
    ),
    _permission(
        "sealring.example",
        "A critical CAA record says what no authority understands.",
        "tls.renewal.caa_critical",
        '@ CAA 128 isue "letsencrypt.org"',
    ),
    _permission(
        "passkey.example",
        "CAA ties certificates to one account at the authority.",
        "tls.renewal.caa_limited",
        '@ CAA 0 issue "letsencrypt.org; accounturi=https://acme.example/acct/7"',
    ),
    _permission(
        "doormat.example",
        "The proof by DNS is handed over to a domain that is gone.",
        "tls.renewal.dns_proof_lost",
        "_acme-challenge CNAME doormat.acme-gone.test.",
    ),
    _permission(
        "keepsake.example",
        "An old proof still lies about in the DNS.",
        "tls.renewal.dns_proof_left",
        '_acme-challenge TXT "IXWjNxcRYzTAhuf2gPMVOh4UkKBGu9Vf5RcXyYpFB0M"',
    ),
    hosted_story(
        DemoDomain(
            "mutter.example",
            "Its name servers fail when they are asked for CAA.",
            "tls.renewal.caa_fails",
            AGENCY,
        ),
        domain=replace(zone("mutter.example"), faults=dict.fromkeys(NS, ServerFault.CAA_FAILS)),
    ),
    hosted_story(
        DemoDomain(
            "turnstile.example",
            "A rule denies the folder of the proof.",
            "tls.renewal.path_blocked",
            AGENCY,
        ),
        sites=(site("turnstile.example", paths=(("/.well-known/", error(403)),)),),
    ),
    hosted_story(
        DemoDomain(
            "drawbridge.example",
            "HSTS, and an expired certificate.",
            "tls.certificate.expired",
            AGENCY,
            ("tls.hsts.locked_out",),
        ),
        sites=(
            site(
                "drawbridge.example",
                replace(page("Drawbridge"), headers=(HSTS,)),
                certificate=Cert.EXPIRED,
            ),
        ),
    ),
)
