"""Demo domains whose DNS is broken, each in one way."""

from __future__ import annotations

from dataclasses import replace

from lab.account import PanelDomain
from lab.answer import page
from lab.company import COMET_NS, COMET_WEB, NS, PROOF, SLOPPY_NS, WEB12, WEB13
from lab.stories import (
    AGENCY,
    MAIL,
    STUDIO,
    DemoDomain,
    Story,
    hosted_story,
    panel,
    site,
    web_records,
    zone,
)
from lab.world import Domain, Ds, Registered, ServerFault, Signing


def _faulty_server(
    name: str, story: str, finding: str, fault: ServerFault, *, both: bool = False
) -> Story:
    """A domain whose second name server (or both) has something wrong with this zone."""
    faults = dict.fromkeys(NS if both else NS[1:], fault)
    return hosted_story(
        DemoDomain(name, story, finding, AGENCY), domain=replace(zone(name), faults=faults)
    )


def _on_both_servers(panel_domain: PanelDomain) -> PanelDomain:
    """While a site moves, the panel knows it on the old and on the new server."""
    sites = tuple(replace(s, addresses=(WEB12, WEB13)) for s in panel_domain.sites)
    return replace(panel_domain, sites=sites)


STORIES: tuple[Story, ...] = (
    hosted_story(
        DemoDomain(
            "bakery.example",
            "Moved to Polaris, but the registry still sends everybody to the old provider.",
            "dns.ns.not_ours",
            STUDIO,
        ),
        domain=Domain(
            name="bakery.example",
            servers=COMET_NS,
            records=(
                f"@ A {COMET_WEB}",
                f"www A {COMET_WEB}",
                "@ MX 10 mx.comet.example.",
                MAIL[1],
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "hamlet.example",
            "Registered, but no name servers were ever set.",
            "dns.domain.not_delegated",
            AGENCY,
        ),
        domain=replace(
            zone("hamlet.example"), parent_ns=(), at_parent=('TXT "no name servers yet"',)
        ),
        registered=Registered(epp=("inactive",)),
    ),
    hosted_story(
        DemoDomain(
            "ghost.example",
            "Registered and paid, but the registry does not publish it.",
            "dns.domain.not_found",
            AGENCY,
        ),
        domain=replace(zone("ghost.example"), parent_ns=()),
        registered=Registered(nameservers=NS),
    ),
    hosted_story(
        DemoDomain(
            "ferry.example",
            "One of its two name servers does not know the zone.",
            "dns.ns.refused",
            AGENCY,
        ),
        domain=replace(zone("ferry.example"), servers=NS[:1], own_ns=NS),
    ),
    _faulty_server(
        "canyon.example",
        "One of its two name servers never answers.",
        "dns.ns.no_response",
        ServerFault.SILENT,
    ),
    _faulty_server(
        "desert.example",
        "No name server answers.",
        "dns.ns.none_working",
        ServerFault.SILENT,
        both=True,
    ),
    _faulty_server(
        "gate.example",
        "One of its two name servers refuses.",
        "dns.ns.refused",
        ServerFault.REFUSES,
    ),
    _faulty_server(
        "echo.example",
        "One name server sends askers back to the root.",
        "dns.ns.lame",
        ServerFault.LAME,
    ),
    _faulty_server(
        "shy.example",
        "One name server answers without authority.",
        "dns.ns.lame",
        ServerFault.NO_AUTHORITY,
    ),
    _faulty_server(
        "storm.example", "One name server only fails.", "dns.ns.zone_broken", ServerFault.SERVFAIL
    ),
    _faulty_server(
        "noise.example",
        "One name server answers gibberish.",
        "dns.ns.no_response",
        ServerFault.MALFORMED,
    ),
    _faulty_server(
        "ribbon.example", "Healthy; one server answers over TCP only.", "", ServerFault.TRUNCATES
    ),
    _faulty_server(
        "veteran.example", "One server does not speak EDNS.", "dns.ns.no_edns", ServerFault.NO_EDNS
    ),
    hosted_story(
        DemoDomain("monk.example", "It has a single name server.", "dns.ns.too_few", AGENCY),
        domain=replace(zone("monk.example"), servers=NS[:1]),
    ),
    hosted_story(
        DemoDomain(
            "burrow.example",
            "One of its name servers has an address that only works inside a network.",
            "dns.ns.not_public_address",
            AGENCY,
            ("dns.ns.mixed",),
        ),
        domain=replace(
            zone("burrow.example", "ns9 A 10.9.9.9"),
            servers=NS[:1],
            own_ns=(NS[0], "ns9.burrow.example"),
            glue={"ns9.burrow.example": ("10.9.9.9",)},
        ),
    ),
    hosted_story(
        DemoDomain(
            "bridge.example",
            "The registry and the zone name different servers.",
            "dns.ns.parent_child_differ",
            AGENCY,
            ("dns.ns.mixed",),
        ),
        domain=replace(
            zone("bridge.example"),
            servers=(*NS, COMET_NS[0]),
            own_ns=NS,
            parent_ns=(NS[0], COMET_NS[0]),
        ),
    ),
    hosted_story(
        DemoDomain(
            "mirror.example",
            "The second name server still has the address of the server it moved from.",
            "dns.records.differ",
            AGENCY,
        ),
        domain=replace(
            zone("mirror.example"),
            differing={
                NS[1]: (
                    f"@ SOA {NS[0]}. hostmaster.polaris.example. 2025123101 10800 3600 1209600 300",
                    *web_records("web13"),
                    *MAIL,
                )
            },
        ),
        sites=(site("mirror.example"), site("mirror.example", server="web13")),
        panel_domain=_on_both_servers(panel("mirror.example")),
    ),
    hosted_story(
        DemoDomain(
            "anchor.example",
            "A name server is named that has no address.",
            "dns.ns.no_address",
            AGENCY,
            ("dns.ns.mixed",),
        ),
        domain=replace(
            zone("anchor.example"),
            servers=NS[:1],
            own_ns=(NS[0], "ns9.anchor.example"),
        ),
    ),
    hosted_story(
        DemoDomain(
            "harbour.example",
            "Mail works, but apex and www have no address.",
            "dns.address.missing",
            AGENCY,
        ),
        domain=Domain(name="harbour.example", servers=NS, records=MAIL),
    ),
    hosted_story(
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
    hosted_story(
        DemoDomain(
            "weathervane.example",
            "The old address was left in the DNS beside the new one.",
            "dns.address.partly_elsewhere",
            AGENCY,
        ),
        domain=zone("weathervane.example", f"@ A {COMET_WEB}", f"www A {COMET_WEB}"),
        sites=(
            site("weathervane.example"),
            replace(site("weathervane.example"), server="web.comet.example"),
        ),
    ),
    hosted_story(
        DemoDomain(
            "kite.example",
            "The apex is an alias (CNAME), which hides its mail and name servers.",
            "dns.cname.at_apex",
            AGENCY,
            ("dns.ns.hosted_elsewhere",),
        ),
        domain=Domain(
            name="kite.example",
            servers=SLOPPY_NS,
            records=("@ CNAME web12.polaris.example.", f"www A {WEB12}", *PROOF),
        ),
    ),
    hosted_story(
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
    hosted_story(
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
    hosted_story(
        DemoDomain(
            "brewery.example",
            "Unsigned, but the key of the earlier provider is still at the registry.",
            "dnssec.ds.without_signed_zone",
            STUDIO,
        ),
        domain=replace(zone("brewery.example"), ds=Ds.LEFT_BEHIND),
    ),
    hosted_story(
        DemoDomain(
            "keyring.example",
            "Signed, but the registry has another key.",
            "dnssec.ds.mismatch",
            AGENCY,
        ),
        domain=replace(zone("keyring.example"), signing=Signing.GOOD, ds=Ds.LEFT_BEHIND),
    ),
    hosted_story(
        DemoDomain(
            "clocktower.example",
            "Its DNSSEC signatures have run out.",
            "dnssec.signature.expired",
            AGENCY,
        ),
        domain=replace(zone("clocktower.example"), signing=Signing.EXPIRED),
    ),
    hosted_story(
        DemoDomain("vault.example", "Signed and healthy.", "", AGENCY),
        domain=replace(zone("vault.example"), signing=Signing.GOOD),
    ),
    hosted_story(
        DemoDomain(
            "raft.example", "The apex has an address, www has none.", "dns.address.missing", AGENCY
        ),
        domain=Domain(name="raft.example", servers=NS, records=(web_records()[0], *MAIL)),
    ),
    hosted_story(
        DemoDomain(
            "mirage.example",
            "www is an alias of a name that is gone.",
            "dns.cname.dangling",
            AGENCY,
        ),
        domain=Domain(
            name="mirage.example",
            servers=NS,
            records=(web_records()[0], "www CNAME shop.gone.example.", *MAIL),
        ),
    ),
    hosted_story(
        DemoDomain(
            "spiral.example", "www is an alias that leads back to itself.", "dns.cname.loop", AGENCY
        ),
        domain=Domain(
            name="spiral.example",
            servers=NS,
            records=(web_records()[0], "www CNAME web", "web CNAME www", *MAIL),
        ),
    ),
)
