"""Demo domains whose mail servers, mail programs' settings or good name are not in order."""

from __future__ import annotations

from lab.answer import Answer
from lab.company import PROGRAMS_IP, SENDING
from lab.stories import AGENCY, MAIL, DemoDomain, Story, hosted_story, panel, site, zone
from lab.world import Domain

HOSTED = "mail.mx.hosted_elsewhere"
LIST = "bl.lists.example"
# A blocklist with its test entries (RFC 5782, 5), and two that nobody should believe.
LISTS = (
    Domain(
        name="lists.example",
        records=(
            "2.0.0.127.bl A 127.0.0.2",
            "test.bl A 127.0.0.2",
            "raven.example.bl A 127.0.1.2",
            "raven.example.bl TXT seen-in-unwanted-mail",
            "*.refuses A 127.255.255.254",
            "*.all A 127.0.0.2",
            "2.0.0.127.senders A 127.0.0.2",
            f"{'.'.join(reversed(SENDING.split('.')))}.senders A 127.0.0.2",
        ),
    ),
)
BROKEN_CONFIG = Answer(body="<clientConfig><emailProvider><incomingServer")


def _mx(name: str, story: str, finding: str, host: str, *also: str) -> Story:
    """Mail goes to a foreign server that is odd in some way; what its MX tells stands beside."""
    return hosted_story(
        DemoDomain(name, story, finding, AGENCY, (HOSTED, *also)),
        domain=zone(name, f"@ MX 10 {host}.", *MAIL[1:], mail=False),
        panel_domain=panel(name, mail_local=None),
    )


def _set(name: str, story: str, finding: str, *records: str, account: str = AGENCY) -> Story:
    """A healthy domain with further records."""
    return hosted_story(DemoDomain(name, story, finding, account), domain=zone(name, *records))


STORIES: tuple[Story, ...] = (
    _mx(
        "heron.example",
        "The mail server turns us away.",
        "mail.greeting.turned_away",
        "mx.stern.example",
    ),
    _mx(
        "lark.example",
        "Encryption with the mail server fails.",
        "mail.starttls.failed",
        "mx.halting.example",
    ),
    _mx(
        "wren.example",
        "The mail server made its certificate itself.",
        "mail.starttls.untrusted",
        "mx.homemade.example",
    ),
    _mx(
        "crane.example",
        "The mail server's certificate is for another name.",
        "mail.starttls.name",
        "mx.renamed.example",
    ),
    _mx(
        "finch.example",
        "The mail server's certificate is out of date.",
        "mail.starttls.expired",
        "mx.comet.example",
    ),
    _mx(
        "rook.example",
        "The mail server greets by a name that exists nowhere.",
        "mail.reverse.greeting",
        "mx.inner.example",
    ),
    _mx(
        "jackdaw.example",
        "The mail server's address has no name.",
        "mail.reverse.mx",
        "mx.nameless.example",
    ),
    _set(
        "robin.example",
        "Its own name for our mail server is not in our certificate.",
        "mail.ports.own_name",
        f"mail A {PROGRAMS_IP}",
    ),
    _set(
        "cuckoo.example",
        "Its own name for the mail server leads to a machine without mail.",
        "mail.ports.nobody",
        "mail A 31.78.25.29",
    ),
    _set(
        "swan.example",
        "The certificate for mail programs is out of date.",
        "mail.ports.expired",
    ),
    _set(
        "stork.example",
        "Nobody vouches for the certificate for mail programs.",
        "mail.ports.untrusted",
    ),
    _set(
        "duckling.example",
        "Mail programs may send passwords in the clear.",
        "mail.ports.plain",
    ),
    _set(
        "starling.example",
        "Mail programs set themselves up for a server that is gone.",
        "mail.setup.dead_server",
        "_imaps._tcp SRV 0 1 993 imap.bygone.example.",
    ),
    _set(
        "thrush.example",
        "Mail programs set themselves up for the former provider.",
        "mail.setup.elsewhere",
        "autodiscover CNAME mx.parcel.example.",
    ),
    hosted_story(
        DemoDomain(
            "plover.example",
            "The file for setting up mail programs is broken.",
            "mail.setup.broken",
            AGENCY,
        ),
        sites=(
            site(
                "plover.example",
                paths=(("/.well-known/autoconfig/", BROKEN_CONFIG),),
            ),
        ),
    ),
    _set("raven.example", "The domain is on a blocklist.", "mail.blocklist.domain"),
)
