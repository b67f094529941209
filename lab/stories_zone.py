"""Demo domains with the finer faults of zones, mail records and signatures, each with one."""

from __future__ import annotations

from dataclasses import replace

from lab.company import COMET_WEB, NS, PARCEL_MX, PROOF, SLOPPY_NS
from lab.stories import (
    AGENCY,
    MAIL,
    DemoDomain,
    Story,
    hosted_story,
    panel,
    web_records,
    with_proof,
    zone,
)
from lab.world import Domain, Ds, ServerFault, Signing

SPF = MAIL[1]
OTHER_KEY_CDS = "12345 13 2 " + "AB" * 32


def _faulty_server(name: str, story: str, finding: str, fault: ServerFault) -> Story:
    """A domain whose second name server has something wrong with this zone."""
    return hosted_story(
        DemoDomain(name, story, finding, AGENCY), domain=replace(zone(name), faults={NS[1]: fault})
    )


def _own(name: str, finding: str, story: str, first: str, second: str, *, glue: str = "") -> Story:
    """A domain with name servers of its own name, at addresses of ours."""
    own = (f"ns1.{name}", f"ns2.{name}")
    records = (f"ns1 A {first}", f"ns2 A {second}")
    return hosted_story(
        DemoDomain(name, story, finding, AGENCY, ("dns.ns.hosted_elsewhere",)),
        domain=replace(
            zone(name, *records), own_ns=own, glue={own[0]: (first,), own[1]: (glue or second,)}
        ),
    )


def _zone(name: str, story: str, finding: str, *records: str, also: tuple[str, ...] = ()) -> Story:
    """A healthy site whose further records are these, mail included."""
    return hosted_story(
        DemoDomain(name, story, finding, AGENCY, also),
        domain=Domain(name=name, servers=NS, records=(*web_records(), *with_proof(*records))),
        panel_domain=panel(name, mail_local=None),
    )


def _signed(
    name: str,
    story: str,
    finding: str,
    *records: str,
    signing: Signing = Signing.GOOD,
    ds: Ds = Ds.MATCHING,
    fault: ServerFault | None = None,
) -> Story:
    faults = dict.fromkeys(NS, fault) if fault else {}
    return hosted_story(
        DemoDomain(name, story, finding, AGENCY),
        domain=replace(zone(name, *records), signing=signing, ds=ds, faults=faults),
    )


def _soa_line(primary: str) -> str:
    return f"@ SOA {primary}. hostmaster.polaris.example. 2026010100 10800 3600 1209600 300"


DNS: tuple[Story, ...] = (
    hosted_story(
        DemoDomain(
            "shadow.example",
            "Not a zone of its own, only an alias at the registry.",
            "dns.domain.is_alias",
            AGENCY,
        ),
        domain=replace(
            zone("shadow.example"), parent_ns=(), at_parent=("CNAME web12.polaris.example.",)
        ),
    ),
    hosted_story(
        DemoDomain(
            "janus.example",
            "One of the registry's servers does not know it.",
            "dns.delegation.inconsistent_parent",
            AGENCY,
        ),
        domain=replace(zone("janus.example"), undelegated_at=("b.top-lab.test",)),
    ),
    _own(
        "twins.example",
        "dns.ns.same_ip",
        "Its two name servers are one machine.",
        "31.53.0.53",
        "31.53.0.53",
    ),
    _own(
        "lodestar.example",
        "dns.glue.mismatch",
        "The registry has an old address for one of its name servers.",
        "31.53.0.53",
        "31.53.1.53",
        glue="31.77.0.1",
    ),
    hosted_story(
        DemoDomain(
            "masque.example",
            "One of its name servers is only an alias.",
            "dns.ns.is_cname",
            AGENCY,
            ("dns.ns.mixed",),
        ),
        domain=replace(
            zone("masque.example", f"ns2 CNAME {NS[1]}."),
            servers=NS,
            own_ns=(NS[0], "ns2.masque.example"),
        ),
    ),
    _faulty_server(
        "headless.example", "One server has no SOA.", "dns.soa.missing", ServerFault.NO_SOA
    ),
    _faulty_server(
        "hydra.example",
        "One server gives two SOA records.",
        "dns.soa.multiple",
        ServerFault.TWO_SOA,
    ),
    _faulty_server(
        "tunnel.example", "One server hangs up on TCP.", "dns.ns.no_tcp", ServerFault.UDP_ONLY
    ),
    hosted_story(
        DemoDomain(
            "parade.example",
            "The servers name different primaries.",
            "dns.soa.mname_differs",
            AGENCY,
        ),
        domain=replace(
            zone("parade.example"),
            differing={NS[1]: (_soa_line("ns9.polaris.example"), *web_records(), *MAIL)},
        ),
    ),
    hosted_story(
        DemoDomain(
            "hamster.example",
            "Served by machines without reverse names and without IPv6.",
            "dns.ns.ptr",
            AGENCY,
            (
                "dns.ns.hosted_elsewhere",
                "dns.ns.too_few_ipv6",
                "dns.ns.same_network",
                "dnssec.unsigned.with_no_ds",
            ),
        ),
        domain=Domain(name="hamster.example", servers=SLOPPY_NS, records=(*web_records(), *MAIL)),
    ),
    hosted_story(
        DemoDomain(
            "rumour.example",
            "Moved this morning; a resolver still remembers the old server.",
            "dns.cache.old_record",
            AGENCY,
        ),
        domain=replace(
            zone("rumour.example", "*.guests A 31.53.12.12"),
            remembered=(f"@ 1800 A {COMET_WEB}", f"www 1200 A {COMET_WEB}"),
        ),
    ),
)
MAILS: tuple[Story, ...] = (
    _zone(
        "maybe.example",
        "Takes mail and says that it takes none.",
        "mail.mx.null_with_other",
        "@ MX 0 .",
        *MAIL,
    ),
    _zone(
        "nearly.example",
        "Says “no mail” in a way nobody understands.",
        "mail.mx.null_pref",
        "@ MX 10 .",
        '@ TXT "v=spf1 -all"',
        also=("mail.mx.null",),
    ),
    _faulty_server(
        "deafmail.example", "Silent when asked for MX.", "mail.mx.no_answer", ServerFault.MX_SILENT
    ),
    _faulty_server(
        "gruff.example", "Fails when asked for MX.", "mail.mx.rcode", ServerFault.MX_FAILS
    ),
    _faulty_server(
        "hearsay.example", "MX without authority.", "mail.mx.non_auth", ServerFault.MX_UNSURE
    ),
    hosted_story(
        DemoDomain(
            "crossroads.example",
            "The servers give different MX and SPF records.",
            "dns.records.differ",
            AGENCY,
            ("mail.mx.mixed",),
        ),
        domain=replace(
            zone("crossroads.example"),
            differing={
                NS[1]: (*web_records(), f"@ MX 10 {PARCEL_MX}.", '@ TXT "v=spf1 mx -all"', *PROOF)
            },
        ),
    ),
    _zone("nameday.example", "No SPF record.", "mail.spf.missing", MAIL[0]),
    _zone("duet.example", "Two SPF records.", "mail.spf.multiple", *MAIL, '@ TXT "v=spf1 mx -all"'),
    _zone(
        "typo.example",
        "A typing mistake in the SPF record.",
        "mail.spf.syntax",
        MAIL[0],
        '@ TXT "v=spf1 inclde:_spf.polaris.example -all"',
    ),
    _zone(
        "statue.example",
        "Takes no mail, yet lets servers send.",
        "mail.spf.non_mail_domain",
        "@ MX 0 .",
        SPF,
        also=("mail.mx.null",),
    ),
)
SIGNED: tuple[Story, ...] = (
    _signed(
        "tomorrow.example",
        "Signed by a server whose clock is ahead.",
        "dnssec.signature.expired",
        signing=Signing.NOT_YET,
    ),
    _signed(
        "forger.example",
        "The zone was changed and not signed again.",
        "dnssec.signature.invalid",
        fault=ServerFault.FORGES,
    ),
    _signed(
        "naked.example",
        "A front server drops the signatures.",
        "dnssec.signature.invalid",
        fault=ServerFault.STRIPS,
    ),
    _signed(
        "smudge.example",
        "One record was changed and not signed again.",
        "dnssec.record.invalid",
        fault=ServerFault.FORGES_BELOW,
    ),
    _signed(
        "void.example",
        "Its servers do not prove what is not there.",
        "dnssec.denial.invalid",
        fault=ServerFault.UNPROVEN,
    ),
    _signed(
        "spare.example",
        "The registry still holds the key before the last.",
        "dnssec.ds.extra",
        ds=Ds.ALSO_OLD,
    ),
    hosted_story(
        DemoDomain(
            "convalescent.example",
            "Signed anew an hour ago; one resolver still remembers the bad signatures.",
            "dnssec.resolver.refuses",
            AGENCY,
        ),
        domain=replace(zone("convalescent.example"), signing=Signing.GOOD, distrusted=True),
    ),
    _signed(
        "atoll.example",
        "Signed, but nobody told the registry.",
        "dnssec.ds.missing",
        ds=Ds.NONE,
    ),
    _signed(
        "antique.example",
        "The registry holds the key in an outdated form.",
        "dnssec.algorithm.bad",
        ds=Ds.SHA1,
    ),
    _signed(
        "overdone.example",
        "NSEC3 with salt and rounds.",
        "dnssec.nsec3.params",
        "@ NSEC3PARAM 1 0 10 AB12CD",
    ),
    _signed(
        "herald.example",
        "Announces a key it does not have.",
        "dnssec.cds.broken",
        f"@ CDS {OTHER_KEY_CDS}",
    ),
    hosted_story(
        DemoDomain(
            "harang.hu",
            "Healthy; its registry's own signatures have run out.",
            "dnssec.chain.broken",
            AGENCY,
        ),
        domain=replace(zone("harang.hu"), signing=Signing.GOOD),
    ),
)
STORIES: tuple[Story, ...] = DNS + MAILS + SIGNED
BROKEN_TOPS = {"hu": Signing.EXPIRED}
UNNAMED = ("31.76.0.1", "31.76.0.2")
