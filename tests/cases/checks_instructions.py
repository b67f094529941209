"""Cases: another provider's instructions beside what is in DNS."""

from __future__ import annotations

from collections.abc import Callable

from diagnostics.model import Missing
from tests.checks_fixtures import MX, NS1, NS2, Expected, Scene

ID = "instructions.records."
TO_SET, DONE, ALIAS = f"{ID}to_set", f"{ID}done", f"{ID}alias"
DMARC = ("_dmarc.cafe.example", "TXT")
SHOP = ("shop.cafe.example", "A")


def pasted(text: str, *changes: Callable[[Scene], object]) -> Callable[[Scene], None]:
    """The text is pasted for a domain that was changed so before."""

    def change(scene: Scene) -> None:
        scene.symptom, scene.answers = "instructions", {"records": text}
        for item in changes:
            item(scene)

    return change


def has(name: str, kind: str, *values: str) -> Callable[[Scene], object]:
    return lambda s: s.zone.update({(name, kind): values})


def lost(scene: Scene) -> None:
    scene.missing["records"] = Missing.TROUBLE


def stranger(scene: Scene) -> None:
    scene.public()


CASES = (
    Expected("a shop's name is new", pasted("shop CNAME shops.builder.net"), (TO_SET,)),
    Expected("www leads elsewhere now", pasted("www CNAME shops.builder.net"), (ALIAS, TO_SET)),
    Expected(
        "the alias is there already",
        pasted(
            "shop CNAME shops.builder.net",
            lambda s: s.aliases.update({"shop.cafe.example": "shops.builder.net"}),
        ),
        (DONE,),
    ),
    Expected(
        "an address where an alias stands",
        pasted(
            "shop A 192.0.9.77",
            lambda s: s.aliases.update({"shop.cafe.example": "shops.builder.net"}),
        ),
        (ALIAS, TO_SET),
    ),
    Expected(
        "an alias for the domain itself", pasted("@ CNAME shops.builder.net"), (f"{ID}apex_alias",)
    ),
    Expected(
        "an alias and an address for one name",
        pasted("shop CNAME shops.builder.net\nshop A 192.0.9.77"),
        (f"{ID}contradiction", TO_SET),
    ),
    Expected("a proof beside SPF", pasted("@ TXT google-site-verification=abc123"), (TO_SET,)),
    Expected(
        "a second SPF record",
        pasted('@ TXT "v=spf1 include:_spf.mailer.net ~all"'),
        (TO_SET, f"{ID}two_spf"),
    ),
    Expected(
        "the same SPF record", pasted('@ TXT "v=spf1 include:_spf.host.example -all"'), (DONE,)
    ),
    Expected(
        "a first DMARC record",
        pasted("_dmarc TXT v=DMARC1; p=none", lambda s: s.zone.pop(DMARC)),
        (TO_SET,),
    ),
    Expected(
        "a second DMARC record, looser",
        pasted("_dmarc TXT v=DMARC1; p=none", has(*DMARC, '"v=DMARC1; p=reject"')),
        (f"{ID}two_dmarc",),
    ),
    Expected(
        "a second DMARC record, with reports",
        pasted(
            "_dmarc TXT v=DMARC1; p=none; rua=mailto:d@mailer.net",
            has(*DMARC, '"v=DMARC1; p=reject"'),
        ),
        (TO_SET, f"{ID}two_dmarc"),
    ),
    Expected(
        "another A record, and an AAAA that stays",
        pasted(
            "shop A 192.0.9.77",
            has(*SHOP, "192.0.9.7"),
            has("shop.cafe.example", "AAAA", "2a01::7"),
        ),
        (f"{ID}other_family", TO_SET),
    ),
    Expected(
        "both addresses anew",
        pasted(
            "shop A 192.0.9.77\nshop AAAA 2a01::77",
            has(*SHOP, "192.0.9.7"),
            has("shop.cafe.example", "AAAA", "2a01::7"),
        ),
        (TO_SET,),
    ),
    Expected("mail moves away", pasted("@ MX 10 mx.mailer.net"), (f"{ID}mail_moves", TO_SET)),
    Expected("mail stays", pasted(f"@ MX 10 {MX}"), (DONE,)),
    Expected(
        "other name servers",
        pasted(
            "Name servers: ns1.builder.net ns2.builder.net",
            has("cafe.example", "NS", f"{NS1}.", f"{NS2}."),
        ),
        (f"{ID}zone_moves",),
    ),
    Expected(
        "another domain's names",
        pasted("www.bistro.com. IN CNAME shops.builder.net.\nshop CNAME shops.builder.net"),
        (f"{ID}other_domain", TO_SET),
    ),
    Expected(
        "a placeholder",
        pasted("@ TXT google-site-verification=<your-token>"),
        (f"{ID}unfilled",),
    ),
    Expected(
        "nobody could be asked",
        pasted("shop CNAME shops.builder.net", lost),
        unknown=("instructions.records.unknown",),
    ),
    Expected("a stranger compares", pasted("shop CNAME shops.builder.net", stranger), (TO_SET,)),
)
