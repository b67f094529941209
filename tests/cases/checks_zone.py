"""Cases: what the DNS references look at beyond the basics (Zonemaster's tags), and DNSSEC."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from diagnostics.evidence.keys import unused_name
from facts import Delegated
from hosting.model import HostedSite
from standards.dns_types import Lookup, Record, Trouble
from subject import SubjectKind
from tests.cases.checks_dns import host, second_soa, stale
from tests.checks_fixtures import NS1, NS2, SOA, Expected, Scene
from tests.checks_parts import AT, ISSUER, OTHER, OURS, certificate, hop
from tests.checks_signed import SINCE, UNTIL, dnskey, ds, rrsig

DOMAIN = "cafe.example"
OWN1, OWN2 = "ns1.cafe.example", "ns2.cafe.example"
SPF = '"v=spf1 mx -all"'


def put(**values: object):
    """Attributes of the scene set to these values."""

    def change(scene: Scene) -> None:
        for name, value in values.items():
            setattr(scene, name, value)

    return change


def inside(scene: Scene) -> None:
    """Name servers whose names lie in the zone, with sound glue."""
    addresses = tuple(scene.servers.values())
    scene.servers = dict(zip((OWN1, OWN2), addresses, strict=True))
    scene.glue = dict(scene.servers)
    scene.expected = type(scene.expected)((OWN1, OWN2), (OURS,), ("mail.host.example",), own=True)


def moved_glue(scene: Scene) -> None:
    inside(scene)
    scene.glue[OWN2] = ("192.0.99.53", "2a01:11::53")


def half_glue(scene: Scene) -> None:
    inside(scene)
    scene.glue[OWN2] = scene.servers[OWN2][:1]


def alias_in_parent(scene: Scene) -> None:
    scene.undelegated(Delegated.NO)
    scene.cname = "shops.other.example"


def txt(*values: str):
    return lambda s: s.zone.update({(DOMAIN, "TXT"): values})


def mx(*values: str):
    return lambda s: s.zone.update({(DOMAIN, "MX"): values})


def unsigned(scene: Scene) -> None:
    scene.ds = scene.dnskey = ()


def both(*changes):
    def change(scene: Scene) -> None:
        for each in changes:
            each(scene)

    return change


# ------------------------------------------------------------------ the chain above the domain
def above(zone: str, until: datetime = UNTIL, number: int = 2) -> Lookup:
    """DNSKEY of a zone above, signed by itself."""
    key = dnskey(number)
    signature = rrsig(zone, zone, "DNSKEY", (key,), until=until, number=number)
    return Lookup(
        zone, "DNSKEY", "192.0.12.1", AT, rcode="NOERROR", flags=("aa",),
        answers=(Record(zone, "DNSKEY", 300, key), signature),
    )  # fmt: skip


def step(zone: str, child: str, value: str) -> Lookup:
    """The DS of a child, signed by the zone above it."""
    signature = rrsig(zone, child, "DS", (value,), number=2)
    return Lookup(
        child, "DS", "192.0.12.1", AT, rcode="NOERROR", flags=("aa",),
        answers=(Record(child, "DS", 300, value), signature),
    )  # fmt: skip


def chained(*, top_until: datetime = UNTIL, top_ds: int = 2, anchor: int = 2):
    def change(scene: Scene) -> None:
        scene.above = (above("."), above("example", top_until))
        scene.chain = (
            step(".", "example", ds("example", top_ds)),
            step("example", DOMAIN, ds(DOMAIN)),
        )
        scene.anchor = (ds(".", anchor),)

    return change


PAGE, NAME = "web.site.default_page", "tls.certificate.wrong_name"


def caught(scene: Scene) -> None:
    """A wildcard leads the typed name to the server's own page."""
    scene.zone[unused_name(DOMAIN), "A"] = (OURS,)
    page = hop("https://shpo.cafe.example/", title="Welcome to nginx!")
    scene.walks |= {f"{scheme}://shpo.cafe.example/": (page,) for scheme in ("http", "https")}


def unnamed(*below: str):
    """The certificate of these names below the domain ("" for itself) is the server's own."""

    def change(scene: Scene) -> None:
        shake = replace(
            scene._sound_shake(DOMAIN),
            chain=(certificate("web7.host.example"), ISSUER),
            name_matches=False,
        )
        for name in (f"{label}{DOMAIN}" for label in below):
            scene.shakes[name] = replace(shake, host=name)

    return change


PAST = datetime(2026, 1, 10, tzinfo=UTC)
SOON = datetime(2026, 1, 20, tzinfo=UTC)
CDS_DELETE = "0 0 0 00"


def mx_at(server: str, **how: object):
    """One server treats the question for MX in its own way."""
    return lambda s: s.questions.update({(server, DOMAIN, "MX"): how})


CASES = (
    Expected("alias instead of a zone", alias_in_parent, ("dns.domain.is_alias",), (), None),
    Expected("one of the parent's servers denies the domain",
             put(parents=({}, {"rcode": "NXDOMAIN", "authority": ()}, {})),
             ("dns.delegation.inconsistent_parent",)),
    Expected("one of the parent's servers fails", put(parents=({}, {"rcode": "SERVFAIL", "authority": ()})),
             ("dns.delegation.inconsistent_parent",)),
    Expected("one of the parent's servers sends elsewhere",
             put(parents=({}, {}, {"authority": (Record(DOMAIN, "NS", 300, "ns.old.example"),)})),
             ("dns.delegation.inconsistent_parent",)),
    Expected("one of the parent's servers is silent",
             put(parents=({}, {"trouble": Trouble.TIMEOUT, "authority": ()}))),
    Expected("two names, one machine",
             lambda s: s.servers.update({NS2: s.servers[NS1]}), ("dns.ns.same_ip",)),
    Expected("name servers side by side",
             lambda s: s.servers.update({NS2: ("192.0.9.54", "2a01:9::54")}),
             ("dns.ns.same_network",)),
    Expected("name servers side by side by IPv4 only",
             lambda s: s.servers.update({NS2: ("192.0.9.54", "2a01:11::54")})),
    Expected("name servers at addresses of documentation",
             lambda s: s.servers.update({NS2: ("192.0.11.53", "3fff:1::53")}),
             ("dns.ns.not_public_address",), (), None),
    Expected("a name server is an alias", put(ns_aliases={NS2: "real.host.example"}),
             ("dns.ns.is_cname",)),
    Expected("name servers inside the zone", inside),
    Expected("glue of an earlier server", moved_glue, ("dns.glue.mismatch",)),
    Expected("an alias has other addresses than its glue",
             both(moved_glue, put(ns_aliases={OWN2: "real.host.example"})),
             ("dns.ns.is_cname",), ("dns.glue.mismatch",)),
    Expected("one server is an alias, another has old glue",
             both(moved_glue, put(ns_aliases={OWN1: "real.host.example"})),
             ("dns.ns.is_cname", "dns.glue.mismatch")),
    Expected("glue lacks an address", half_glue, ("dns.glue.mismatch",)),
    Expected("a server names nobody in the reverse DNS", put(reverse={"192.0.11.53": ""}),
             ("dns.ns.ptr",)),
    Expected("a server has another name in the reverse DNS",
             put(reverse={"192.0.11.53": "static.isp.example"}), ("dns.ns.ptr",)),
    Expected("no TCP at one", put(tcp={NS2: {"trouble": Trouble.RESET}}), ("dns.ns.no_tcp",)),
    Expected("TCP silent everywhere may be our own wall",
             put(tcp={NS1: {"trouble": Trouble.TIMEOUT}, NS2: {"trouble": Trouble.TIMEOUT}}),
             (), (), ("dns.transport.unknown",)),
    Expected("no EDNS at one", second_soa(detail="answers only without EDNS"), ("dns.ns.no_edns",)),
    Expected("IPv6 at one only", lambda s: s.servers.update({NS2: ("192.0.11.53",)}),
             ("dns.ns.too_few_ipv6",)),
    Expected("no SOA at one", second_soa(value=""), ("dns.soa.missing",)),
    Expected("two SOA records", second_soa(value=f"{SOA}|{SOA.replace('3600 900', '3601 900')}"),
             ("dns.soa.multiple",)),
    Expected("another primary named", second_soa(value=SOA.replace("ns1.host", "ns9.host", 1)),
             ("dns.soa.mname_differs",)),
    Expected("serials that went round the circle",
             lambda s: s.soa.update({NS1: {"value": "ns1.host.example. h. 4294967290 1 1 1 1"},
                                     NS2: {"value": "ns1.host.example. h. 5 1 1 1 1"}}),
             ("dns.soa.serial_differs",)),
    Expected("old address still remembered", put(remembered={(DOMAIN, "A"): (OTHER,)}),
             ("dns.cache.old_record",)),
    Expected("old SPF still remembered", both(
        lambda s: s.zone.update({(DOMAIN, "TXT"): (*s.zone[DOMAIN, "TXT"], '"site=1"')}),
        put(remembered={(DOMAIN, "TXT"): ('"v=spf1 mx include:old.example -all"', '"site=1"')})),
             ("dns.cache.old_record",)),
    Expected("old DMARC still remembered",
             put(remembered={(f"_dmarc.{DOMAIN}", "TXT"): ('"v=DMARC1; p=none"',)}),
             ("dns.cache.old_record",)),
    Expected("old address and old SPF still remembered",
             put(remembered={(DOMAIN, "A"): (OTHER,), (f"www.{DOMAIN}", "A"): (OTHER,),
                             (DOMAIN, "TXT"): ('"v=spf1 mx -all"',)}),
             ("dns.cache.old_record", "dns.cache.old_record")),
    Expected("a resolver hands out one of several", both(
        lambda s: s.zone.update({(DOMAIN, "A"): (OURS, OTHER)}),
        put(remembered={(DOMAIN, "A"): (OURS,)})), ("dns.address.partly_elsewhere",)),
    Expected("a typing mistake that a wildcard answers",
             lambda s: s.zone.update({(unused_name(DOMAIN), "A"): (OURS,)}),
             ("dns.host.wildcard_only",), start=host("shpo.cafe.example")),
    Expected("a typing mistake that a wildcard leads to a common place", both(caught, unnamed("shpo.")),
             ("dns.host.wildcard_only",), (PAGE, NAME), start=host("shpo.cafe.example")),
    Expected("a wildcard and a domain that both lack the certificate",
             both(caught, unnamed("shpo.", "")),
             ("dns.host.wildcard_only", NAME), (PAGE,), start=host("shpo.cafe.example")),
    Expected("a wildcard leads to a site of the panel", both(
        caught, unnamed("shpo."),
        lambda s: setattr(s, "sites", (*s.sites, HostedSite("shpo.cafe.example", "/www/s", (OURS,), "web7")))),
             ("dns.host.wildcard_only", PAGE, NAME), start=host("shpo.cafe.example")),
    Expected("a web address that a wildcard answers",
             lambda s: s.zone.update({(unused_name(DOMAIN), "A"): (OURS,)}),
             ("dns.host.wildcard_only",),
             start=lambda: Scene(kind=SubjectKind.URL, host="shpo.cafe.example",
                                 url="https://shpo.cafe.example/")),
    # ------------------------------------------------------------------ mail
    Expected("null MX beside another", mx("0 .", "10 mail.host.example."),
             ("mail.mx.null_with_other",)),
    Expected("null MX with a preference", both(mx("10 ."), txt('"v=spf1 -all"')),
             ("mail.mx.null_pref", "mail.routing.local_mismatch"), ("mail.mx.null",), None),
    Expected("one server is silent for MX", mx_at(NS2, trouble=Trouble.TIMEOUT),
             ("mail.mx.no_answer",)),
    Expected("one server fails for MX", mx_at(NS2, rcode="SERVFAIL"), ("mail.mx.rcode",)),
    Expected("one server is unsure of MX", mx_at(NS2, flags=()), ("mail.mx.non_auth",)),
    Expected("no SPF", txt('"hello"'), ("mail.spf.missing",)),
    Expected("two SPF records", txt(SPF, '"v=spf1 -all"'), ("mail.spf.multiple",)),
    Expected("SPF with a typing mistake", txt('"v=spf1 mxx -all"'), ("mail.spf.syntax",)),
    Expected("a long SPF in two strings", txt('"v=spf1 mx ip4:192.0.9.0/24" " -all"')),
    Expected("another SPF at one server", stale(('"v=spf1 a -all"',), "TXT"),
             ("dns.records.differ",), ("mail.spf.differs_between_ns",)),
    Expected("no mail, but anybody may send", both(mx("0 ."), txt('"v=spf1 a ~all"')),
             ("mail.routing.local_mismatch", "mail.spf.non_mail_domain"),
             ("mail.mx.null", "mail.spf.soft_all"), None),
    # ------------------------------------------------------------------ DNSSEC
    Expected("unsigned", unsigned, ("dnssec.unsigned.with_no_ds",)),
    Expected("signed without a key at the registry", put(ds=()), ("dnssec.ds.missing",)),
    Expected("key left at the registry", put(dnskey=()), ("dnssec.ds.without_signed_zone",)),
    Expected("other key at the registry", put(ds=(ds(DOMAIN, 2),)), ("dnssec.ds.mismatch",)),
    Expected("digest we cannot compute", put(ds=("1 13 99 AB",)), ("dnssec.algorithm.bad",)),
    Expected("digest out of date", put(ds=(ds(DOMAIN, 1, "SHA1"),)), ("dnssec.algorithm.bad",)),
    Expected("signature run out", put(validity=(SINCE, PAST)), ("dnssec.signature.expired",)),
    Expected("signature run out, and the site leads elsewhere", both(
        put(validity=(SINCE, PAST)), unnamed("", "www."),
        lambda s: s.zone.update({(DOMAIN, "A"): (OTHER,), (f"www.{DOMAIN}", "A"): (OTHER,)})),
             ("dnssec.signature.expired", "dns.address.elsewhere"), (NAME,)),
    Expected("signature that runs out tonight", put(validity=(SINCE, AT + timedelta(hours=12))),
             ("dnssec.renewal.late",)),
    Expected("signature of a signer that renews each day",
             put(validity=(AT - timedelta(days=1), AT + timedelta(days=1)))),
    Expected("signature of a signer that renews in time",
             put(validity=(AT - timedelta(days=12), AT + timedelta(days=1, hours=14)))),
    Expected("signature of the future", put(validity=(SOON, UNTIL)),
             ("dnssec.signature.expired",)),
    Expected("run out, but nobody validates", put(ds=(), validity=(SINCE, PAST)),
             ("dnssec.ds.missing",)),
    Expected("SOA without a signature", put(unsigned=("SOA",)), ("dnssec.signature.invalid",)),
    Expected("SOA changed under its signature", put(forged=True), ("dnssec.signature.invalid",)),
    Expected("NSEC3 with rounds and salt", put(further={"NSEC3PARAM": ("1 0 10 ab12",)}),
             ("dnssec.nsec3.params",)),
    Expected("NSEC3 as it should be", put(further={"NSEC3PARAM": ("1 0 0 -",)})),
    Expected("CDS that fits", put(further={"CDS": (ds(DOMAIN),), "CDNSKEY": (dnskey(),)})),
    Expected("CDS of a key that is not there", put(further={"CDS": (ds(DOMAIN, 2),)}),
             ("dnssec.cds.broken",)),
    Expected("CDNSKEY of a key that is not there", put(further={"CDNSKEY": (dnskey(2),)}),
             ("dnssec.cds.broken",)),
    Expected("CDS asks for removal", put(further={"CDS": (CDS_DELETE,)})),
    Expected("CDS asks for both", put(further={"CDS": (CDS_DELETE, ds(DOMAIN))}),
             ("dnssec.cds.broken",)),
    Expected("CDS without a signature", put(further={"CDS": (ds(DOMAIN),)}, unsigned=("CDS",)),
             ("dnssec.cds.broken",)),
    Expected("CDS at one server only",
             put(further={"CDS": (ds(DOMAIN),)}, odd_further={NS2: {"CDS": ()}}),
             ("dnssec.cds.broken",)),
    Expected("CDS of an unsigned zone",
             both(unsigned, put(further={"CDS": (ds(DOMAIN),)}, signed=False)),
             ("dnssec.cds.broken", "dnssec.unsigned.with_no_ds")),
    Expected("a sound chain from the root", chained()),
    Expected("the registry's signatures have run out", chained(top_until=PAST),
             ("dnssec.chain.broken",)),
    Expected("the root knows another key of the registry", chained(top_ds=1),
             ("dnssec.chain.broken",)),
    Expected("our anchor is another one", chained(anchor=1), ("dnssec.chain.broken",)),
)  # fmt: skip
