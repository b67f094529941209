"""Demo domains whose DNS is broken, each in one way."""

from __future__ import annotations

from dataclasses import replace

from lab.answer import page
from lab.company import COMET_NS, COMET_WEB, MX, NS, PARCEL_MX, SLOPPY_NS, WEB12
from lab.stories import (
    AGENCY,
    MAIL,
    STUDIO,
    DemoDomain,
    Story,
    panel,
    site,
    told,
    web_records,
    zone,
)
from lab.world import Domain, Ds, Registered, Signing

QUIRKS = "quirks.example"


def _quirk(name: str, story: str, finding: str, *servers: str) -> Story:
    """A domain at Polaris whose second server is one of the Quirks."""
    hosts = tuple(s if "." in s else f"{s}.{QUIRKS}" for s in servers)
    domain = replace(zone(name), servers=hosts)
    return told(DemoDomain(name, story, finding, AGENCY), domain=domain)


STORIES: tuple[Story, ...] = (
    told(
        DemoDomain(
            "bakery.example",
            "Moved to Polaris, but the registry still sends everybody to the old provider.",
            "dns.ns.not_ours",
            STUDIO,
        ),
        domain=Domain(
            name="bakery.example",
            servers=COMET_NS,
            records=(f"@ A {COMET_WEB}", f"www A {COMET_WEB}", "@ MX 10 mx.comet.example."),
        ),
    ),
    told(
        DemoDomain(
            "hamlet.example",
            "Registered, but no name servers were ever set.",
            "dns.domain.not_delegated",
            AGENCY,
        ),
        domain=replace(zone("hamlet.example"), parent_ns=()),
        registered=Registered(epp=("inactive",)),
    ),
    told(
        DemoDomain(
            "ferry.example",
            "One of its two name servers does not know the zone.",
            "dns.ns.lame",
            AGENCY,
        ),
        domain=replace(zone("ferry.example"), servers=NS[:1], own_ns=NS),
    ),
    _quirk(
        "canyon.example",
        "One of its two name servers never answers.",
        "dns.ns.no_response",
        NS[0],
        "ns-silent",
    ),
    _quirk(
        "desert.example",
        "No name server answers at all.",
        "dns.ns.none_working",
        "ns-silent",
        "ns-silent2",
    ),
    _quirk(
        "gate.example",
        "One of its two name servers refuses.",
        "dns.ns.refused",
        NS[0],
        "ns-refuses",
    ),
    _quirk(
        "echo.example",
        "One of its name servers sends askers back to the root.",
        "dns.ns.lame",
        NS[0],
        "ns-lame",
    ),
    _quirk(
        "shy.example",
        "One of its name servers answers without authority.",
        "dns.ns.lame",
        NS[0],
        "ns-shy",
    ),
    _quirk(
        "storm.example",
        "One of its name servers only fails (SERVFAIL).",
        "dns.ns.",
        NS[0],
        "ns-servfail",
    ),
    _quirk(
        "noise.example",
        "One of its name servers answers with bytes that are no message.",
        "dns.ns.",
        NS[0],
        "ns-garbage",
    ),
    _quirk("ribbon.example", "Healthy; one server always answers over TCP.", "", NS[0], "ns-cut"),
    _quirk("veteran.example", "Healthy; one server does not speak EDNS.", "", NS[0], "ns-old"),
    told(
        DemoDomain(
            "bridge.example",
            "The registry and the zone name different servers.",
            "dns.ns.parent_child_differ",
            AGENCY,
        ),
        domain=replace(
            zone("bridge.example"),
            servers=(*NS, COMET_NS[0]),
            own_ns=NS,
            parent_ns=(NS[0], COMET_NS[0]),
        ),
    ),
    told(
        DemoDomain(
            "mirror.example",
            "The second name server still has yesterday's records.",
            "dns.records.differ",
            AGENCY,
        ),
        domain=replace(
            zone("mirror.example"),
            differing={
                NS[1]: (
                    f"@ SOA {NS[0]}. hostmaster.polaris.example. 2025123101 10800 3600 1209600 300",
                    f"@ A {COMET_WEB}",
                    f"www A {COMET_WEB}",
                    *MAIL,
                )
            },
        ),
    ),
    told(
        DemoDomain(
            "anchor.example",
            "A name server is named that has no address.",
            "dns.ns.no_address",
            AGENCY,
        ),
        domain=replace(
            zone("anchor.example"),
            servers=NS[:1],
            own_ns=(NS[0], "ns9.anchor.example"),
        ),
    ),
    told(
        DemoDomain(
            "harbour.example",
            "Mail works, but apex and www have no address.",
            "dns.address.missing",
            AGENCY,
        ),
        domain=Domain(name="harbour.example", servers=NS, records=MAIL),
    ),
    told(
        DemoDomain(
            "lantern.example",
            "The address points to a server of somebody else.",
            "dns.address.elsewhere",
            STUDIO,
        ),
        domain=Domain(
            name="lantern.example",
            servers=NS,
            records=(f"@ A {COMET_WEB}", f"www A {COMET_WEB}", *MAIL),
        ),
        sites=(
            site("lantern.example"),
            replace(
                site("lantern.example", page("Parked", "This name may be for sale.")),
                server="web.comet.example",
                http=page("Parked", "This name may be for sale."),
            ),
        ),
    ),
    told(
        DemoDomain(
            "kite.example",
            "The apex is an alias (CNAME), which hides its mail and name servers.",
            "dns.cname.at_apex",
            AGENCY,
        ),
        domain=Domain(
            name="kite.example",
            servers=SLOPPY_NS,
            records=("@ CNAME web12.polaris.example.", f"www A {WEB12}"),
        ),
    ),
    told(
        DemoDomain(
            "ladder.example",
            "The www record was written with the domain twice.",
            "dns.name.double_label",
            AGENCY,
        ),
        domain=Domain(
            name="ladder.example",
            servers=NS,
            records=(f"@ A {WEB12}", f"www.ladder.example A {WEB12}", *MAIL),
        ),
    ),
    told(
        DemoDomain(
            "cellar.example",
            "The address only works inside an office network.",
            "dns.address.private",
            AGENCY,
        ),
        domain=Domain(
            name="cellar.example", servers=NS, records=("@ A 10.0.0.5", "www A 192.168.1.20", *MAIL)
        ),
    ),
    told(
        DemoDomain("postcard.example", "Nobody set where mail goes.", "mail.mx.missing", AGENCY),
        domain=zone("postcard.example", mail=False),
    ),
    told(
        DemoDomain(
            "choir.example",
            "Mail goes to another company, while its mailboxes are here.",
            "mail.mx.elsewhere",
            STUDIO,
        ),
        domain=zone("choir.example", f"@ MX 10 {PARCEL_MX}.", mail=False),
    ),
    told(
        DemoDomain("pigeon.example", "The mail host does not exist.", "mail.mx.", AGENCY),
        domain=zone("pigeon.example", "@ MX 10 mail.pigeon.example.", mail=False),
    ),
    told(
        DemoDomain("hermit.example", "Says that it takes no mail (null MX).", "mail.mx.", AGENCY),
        domain=zone("hermit.example", "@ MX 0 .", mail=False),
    ),
    told(
        DemoDomain(
            "brewery.example",
            "Unsigned, but the key of the earlier provider is still at the registry.",
            "dnssec.ds.without_signed_zone",
            STUDIO,
        ),
        domain=replace(zone("brewery.example"), ds=Ds.LEFT_BEHIND),
    ),
    told(
        DemoDomain(
            "keyring.example",
            "Signed, but the registry has another key.",
            "dnssec.ds.mismatch",
            AGENCY,
        ),
        domain=replace(zone("keyring.example"), signing=Signing.GOOD, ds=Ds.LEFT_BEHIND),
    ),
    told(
        DemoDomain(
            "clocktower.example",
            "Its DNSSEC signatures have run out.",
            "dnssec.signature.expired",
            AGENCY,
        ),
        domain=replace(zone("clocktower.example"), signing=Signing.EXPIRED),
    ),
    told(
        DemoDomain("vault.example", "Signed and healthy.", "", AGENCY),
        domain=replace(zone("vault.example"), signing=Signing.GOOD),
    ),
    told(
        DemoDomain(
            "sailboat.example",
            "The mail servers are here, and the panel delivers elsewhere.",
            "mail.mx.",
            AGENCY,
        ),
        domain=zone("sailboat.example", f"@ MX 10 {MX}.", mail=False),
        known=panel("sailboat.example", mail_local=False),
    ),
    told(
        DemoDomain(
            "raft.example", "The apex has an address, www has none.", "dns.address.missing", AGENCY
        ),
        domain=Domain(name="raft.example", servers=NS, records=(web_records()[0], *MAIL)),
    ),
)
