"""Cases: delegation, name servers, records, DNSSEC."""

from __future__ import annotations

from diagnostics.evidence.keys import doubled_name, unused_name
from diagnostics.model import Missing
from facts import Delegated
from standards.dns_types import Trouble
from subject import SubjectKind
from tests.checks_fixtures import NS1, NS2, Expected, Scene
from tests.checks_parts import OTHER, OURS, hop

THEIRS = ("ns1.other.example", "ns2.other.example")


def servers(**how: object):
    """Both name servers behave alike."""

    def change(scene: Scene) -> None:
        scene.soa = {NS1: how, NS2: how}
        scene.missing |= {"records": Missing.TROUBLE, "dnssec": Missing.TROUBLE}
        scene.missing |= {"servers": Missing.TROUBLE}
        scene.missing |= {"web": Missing.TROUBLE, "tls": Missing.SKIPPED}
        scene.missing |= {"mail": Missing.TROUBLE}

    return change


def second_soa(**how: object):
    return lambda s: s.soa.update({NS2: how})


def free_subdomain(scene: Scene) -> None:
    """A name in its parent's own zone, such as a free blog: no delegation, and yet a site."""
    scene.undelegated(Delegated.NO)
    scene.every_walk(lambda url: (hop(url),))
    del scene.missing["tls"]
    scene.shakes.clear()
    scene.expected = type(scene.expected)()


def moved_away(scene: Scene) -> None:
    """Delegated to another provider, who sends visitors and mail to himself."""
    scene.servers = {
        THEIRS[0]: ("192.0.10.53", "2a01:10::53"),
        THEIRS[1]: ("192.0.14.54", "2a01:14::54"),
    }
    for name in (scene.domain, f"www.{scene.domain}"):
        scene.zone[name, "A"] = (OTHER,)
    scene.zone[scene.domain, "MX"] = ("10 mx.other.example.",)
    scene.mail_addresses["mx.other.example"] = ("192.0.10.25",)


def dns_elsewhere(scene: Scene) -> None:
    scene.servers = {
        THEIRS[0]: ("192.0.10.53", "2a01:10::53"),
        THEIRS[1]: ("192.0.14.54", "2a01:14::54"),
    }


def parked(*servers: str):
    def change(scene: Scene) -> None:
        scene.servers = {name: (f"192.0.{n}.53",) for n, name in enumerate(servers, 60)}

    return change


def address(value: str):
    def change(scene: Scene) -> None:
        for name in (scene.domain, f"www.{scene.domain}"):
            scene.zone[name, "A"] = (value,)

    return change


def behind_cdn(scene: Scene) -> None:
    address("192.0.10.77")(scene)
    scene.every_walk(lambda url: (hop(url, headers=(("cf-ray", "1"), ("server", "cloudflare"))),))


def stranger(change):
    def both(scene: Scene) -> None:
        scene.public()
        change(scene)

    return both


def no_www(scene: Scene) -> None:
    del scene.zone["www.cafe.example", "A"]
    for scheme in ("http", "https"):
        url = f"{scheme}://www.cafe.example/"
        scene.walks[url], scene.outcomes[url] = (
            (hop(url, trouble=Trouble.NXDOMAIN, ip=""),),
            "trouble",
        )
    scene.shakes["www.cafe.example"] = scene.shakes.get("www.cafe.example") or scene._sound_shake(
        "cafe.example"
    )


def no_addresses(scene: Scene) -> None:
    no_www(scene)
    del scene.zone["cafe.example", "A"]


def host(name: str, **more: object):
    return lambda: Scene(kind=SubjectKind.HOST, host=name, **more)


def no_host(scene: Scene) -> None:
    del scene.zone["shop.cafe.example", "A"]


def alias_to(target: str, *, is_known: bool):
    def change(scene: Scene) -> None:
        del scene.zone["www.cafe.example", "A"]
        scene.aliases["www.cafe.example"] = target
        if not is_known:
            for scheme in ("http", "https"):
                url = f"{scheme}://www.cafe.example/"
                scene.walks[url] = (hop(url, trouble=Trouble.NXDOMAIN, ip=""),)
                scene.outcomes[url] = "trouble"

    return change


def loop(scene: Scene) -> None:
    del scene.zone["www.cafe.example", "A"]
    scene.aliases |= {
        "www.cafe.example": "web.cafe.example",
        "web.cafe.example": "www.cafe.example",
    }
    for scheme in ("http", "https"):
        url = f"{scheme}://www.cafe.example/"
        scene.walks[url] = (hop(url, trouble=Trouble.SERVFAIL, ip=""),)
        scene.outcomes[url] = "trouble"


def alias_astray(scene: Scene) -> None:
    """www is an alias of a name at another company; only the walk shows where that leads."""
    scene.zone.pop(("www.cafe.example", "A"))
    scene.aliases["www.cafe.example"] = "shops.other.example"
    for scheme in ("http", "https"):
        url = f"{scheme}://www.cafe.example/"
        scene.walks[url] = (
            (hop(url, ip=OTHER),)
            if scheme == "https"
            else (
                hop(url, 301, to=url.replace("http:", "https:"), ip=OTHER),
                hop(url.replace("http:", "https:"), ip=OTHER),
            )
        )


def alias_inside(scene: Scene) -> None:
    """www is an alias of a name at another company that has a private address."""
    alias_astray(scene)
    for scheme in ("http", "https"):
        url = f"{scheme}://www.cafe.example/"
        scene.walks[url] = (hop(url, trouble=Trouble.BLOCKED, ip="10.9.9.9"),)
        scene.outcomes[url] = "trouble"


def two_addresses(scene: Scene) -> None:
    """The old address was left beside the new one."""
    for name in (scene.domain, f"www.{scene.domain}"):
        scene.zone[name, "A"] = (OURS, OTHER)


def apex_alias(scene: Scene) -> None:
    for kind in ("A", "MX", "TXT"):
        scene.zone.pop(("cafe.example", kind), None)
    scene.aliases["cafe.example"] = "shops.host.example"


def apex_astray(scene: Scene) -> None:
    """The apex is an alias of a name at another company; only the walk shows where that leads."""
    apex_alias(scene)
    scene.aliases["cafe.example"] = "shops.other.example"
    for scheme in ("http", "https"):
        end, www = hop("https://cafe.example/", ip=OTHER), f"{scheme}://www.cafe.example/"
        scene.walks[f"{scheme}://cafe.example/"] = (end,)
        scene.walks[www] = (hop(www, 301, to="https://cafe.example/"), end)


def doubled(scene: Scene) -> None:
    """The record of www was written with the domain twice, so www itself has none."""
    no_www(scene)
    litter(scene)


def litter(scene: Scene) -> None:
    scene.zone[doubled_name("www.cafe.example", "cafe.example"), "A"] = (OURS,)


def wildcard(scene: Scene) -> None:
    """The apex has no address, and a wildcard answers for its doubled name."""
    del scene.zone["cafe.example", "A"]
    scene.zone[doubled_name("cafe.example", "cafe.example"), "A"] = (OURS,)
    scene.zone[unused_name("cafe.example"), "A"] = (OURS,)


def stale(values: tuple[str, ...], type: str = "A", name: str = "cafe.example"):
    return lambda s: s.odd.update({NS2: {(name, type): values}})


def six(scene: Scene) -> None:
    """A name server's IPv6 address does not answer us, and nothing else has shown us IPv6."""
    scene.servers[NS2] = ("192.0.11.53", "2a01:db7::53")


NONE_WORKING = "dns.ns.none_working"
CASES = (
    Expected("name unknown to the registry",
             lambda s: (s.undelegated(Delegated.NXDOMAIN), s.missing.update(registration=Missing.TROUBLE)),
             ("dns.domain.not_found",), (), None),
    Expected("registered with name servers, but not published",
             lambda s: (s.undelegated(Delegated.NXDOMAIN), s.registered(nameservers=(NS1, NS2))),
             ("dns.domain.not_found",), (), None),
    Expected("registered, but without name servers", lambda s: s.undelegated(Delegated.NXDOMAIN),
             ("dns.domain.not_delegated",), (), None),
    Expected("no name servers", lambda s: s.undelegated(Delegated.NO),
             ("dns.domain.not_delegated",), (), None),
    Expected("free subdomain", free_subdomain, (), (), None),
    Expected("nobody above answers", lambda s: s.missing.update(delegation=Missing.TROUBLE), (), (),
             ("dns.delegation.unknown", "dns.domain.unknown", "dns.glue.unknown",
              "dns.machines.unknown", "dns.ns.unknown", "dns.nsset.unknown",
              "dns.parents.unknown", "dns.parked.unknown", "dns.provider.unknown", "dns.reverse.unknown",
              "dns.soa.unknown", "dns.transport.unknown", "dnssec.announced.unknown",
              "dnssec.chain.unknown", "dnssec.ds.unknown", "dnssec.methods.unknown",
             "dnssec.records.unknown",
              "dnssec.signature.unknown", "dnssec.state.unknown")),
    Expected("all silent", servers(trouble=Trouble.TIMEOUT), (NONE_WORKING,),
             ("dns.ns.no_response",), None),
    Expected("all refuse", servers(rcode="REFUSED"), (NONE_WORKING,), ("dns.ns.refused",), None),
    Expected("all have lost the zone", servers(rcode="SERVFAIL"), (NONE_WORKING,),
             ("dns.ns.zone_broken",), None),
    Expected("our own limit was reached", servers(trouble=Trouble.OVERBUDGET), (), (), None),
    Expected("one silent", second_soa(trouble=Trouble.TIMEOUT), ("dns.ns.no_response",)),
    Expected("one refuses", second_soa(rcode="REFUSED", flags=()), ("dns.ns.refused",),
             ("dns.ns.lame", "mail.mx.rcode")),
    Expected("one has no zone", second_soa(rcode="SERVFAIL", flags=()), ("dns.ns.zone_broken",),
             ("dns.ns.lame", "mail.mx.rcode")),
    Expected("one without authority", second_soa(flags=()), ("dns.ns.lame",), ("mail.mx.non_auth",)),
    Expected("one does not exist", lambda s: s.lost.update({"ns3.host.example": Trouble.NXDOMAIN}),
             ("dns.ns.mixed", "dns.ns.no_address")),
    Expected("one of two does not exist",
             lambda s: (s.servers.pop(NS2), s.lost.update({"ns3.host.example": Trouble.NXDOMAIN})),
             ("dns.ns.mixed", "dns.ns.no_address"), ("dns.ns.too_few", "dns.ns.too_few_ipv6")),
    Expected("one cannot be looked up",
             lambda s: s.lost.update({"ns3.host.example": Trouble.TIMEOUT}), ("dns.ns.mixed",)),
    Expected("one private address",
             lambda s: s.servers.update({NS2: ("10.0.0.53", "2a01:11::53")}),
             ("dns.ns.not_public_address",)),
    Expected("parent lists one more", lambda s: setattr(s, "child_ns", (NS1,)),
             ("dns.ns.parent_child_differ", "dns.ns.too_few"), ("dns.ns.too_few_ipv6",)),
    Expected("only one server", lambda s: s.servers.pop(NS2),
             ("dns.ns.too_few",), ("dns.ns.too_few_ipv6",)),
    Expected("delegated to another provider", moved_away, ("dns.ns.not_ours",),
             ("dns.address.elsewhere", "mail.mx.elsewhere",
              "mail.routing.local_mismatch")),
    Expected("a stranger's look at a foreign domain", stranger(moved_away),
             ("dns.address.hosted_elsewhere",
              "dns.ns.hosted_elsewhere", "mail.mx.hosted_elsewhere"), (), None),
    Expected("on a parking service", parked("ns1.sedoparking.com", "ns2.sedoparking.com"),
             ("dns.ns.parked", "dns.ns.too_few_ipv6"), ("dns.ns.hosted_elsewhere",)),
    Expected("for sale with the registrar", parked("ns1.namefind.com", "ns2.namefind.com"),
             ("dns.ns.parked", "dns.ns.too_few_ipv6"), ("dns.ns.hosted_elsewhere",)),
    Expected("half for sale, half parked", parked("ns1.namefind.com", "ns1.sedoparking.com"),
             ("dns.ns.parked", "dns.ns.too_few_ipv6"), ("dns.ns.hosted_elsewhere",)),
    Expected("on an expiry service", parked("dns101.registrar-servers.com",
                                            "dns102.registrar-servers.com"),
             ("dns.ns.parked", "dns.ns.too_few_ipv6"), ("dns.ns.hosted_elsewhere",)),
    Expected("half on a parking service", parked("ns1.sedoparking.com", THEIRS[0]),
             ("dns.ns.hosted_elsewhere", "dns.ns.too_few_ipv6")),
    Expected("DNS elsewhere, site here", dns_elsewhere, ("dns.ns.hosted_elsewhere",)),
    Expected("letter case does not matter",
             lambda s: setattr(s, "child_ns", (NS1.upper(), NS2.title()))),
    Expected("serial behind", second_soa(value="ns1.host.example. h. 2026011400 1 1 1 1"), ("dns.soa.serial_differs",)),
    Expected("stale address", stale((OTHER,)), ("dns.records.differ",)),
    Expected("one of three is stale",
             lambda s: (s.servers.update({"ns3.host.example": ("192.0.12.53", "2a01:12::53")}),
                        stale((OTHER,))(s)),
             ("dns.ns.mixed", "dns.records.differ")),
    Expected("stale and behind",
             lambda s: (stale((OTHER,))(s), second_soa(value="ns1.host.example. h. 2026011400 1 1 1 1")(s)),
             ("dns.records.differ",), ("dns.soa.serial_differs",)),
    Expected("record at one only", stale((), "MX"), ("dns.records.differ",),
             ("mail.mx.inconsistent",)),
    Expected("the first of two is stale",
             lambda s: s.odd.update({NS1: {("cafe.example", "A"): (OTHER,)}}),
             ("dns.records.differ",)),
    Expected("addresses handed out in turn", stale((OURS, OTHER)),
             ("dns.address.partly_elsewhere",)),
    Expected("no www", no_www, ("dns.address.missing",)),
    Expected("no address at all", no_addresses, ("dns.address.missing",)),
    Expected("mail only", no_addresses,
             start=lambda: Scene(kind=SubjectKind.MAILBOX, mailbox="mara@cafe.example")),
    Expected("private address", address("10.1.2.3"), ("dns.address.private",)),
    Expected("points elsewhere", address(OTHER), ("dns.address.elsewhere",)),
    Expected("an old address beside the new one", two_addresses,
             ("dns.address.partly_elsewhere",)),
    Expected("two addresses, stranger", stranger(two_addresses), (), (), None),
    Expected("an address of the newer kind that nobody knows of",
             lambda s: s.zone.update({("cafe.example", "AAAA"): ("2a01:db8::80",)})),
    Expected("an alias leads elsewhere", alias_astray, ("dns.address.elsewhere",)),
    Expected("an alias leads to a private address", alias_inside, ("dns.address.private",)),
    Expected("points elsewhere, stranger", stranger(address(OTHER)),
             ("dns.address.hosted_elsewhere",), (), None),
    Expected("behind a CDN", behind_cdn, ("dns.address.behind_cdn",)),
    Expected("subdomain that exists", lambda _: None, start=host("shop.cafe.example")),
    Expected("subdomain that does not", no_host, ("dns.host.missing",),
             start=host("shop.cafe.example")),
    Expected("international name", lambda _: None,
             start=lambda: Scene(domain="xn--kavrna-sta.example", text="kavárna.example")),
    Expected("apex is an alias", apex_alias, ("dns.cname.at_apex",),
             ("mail.mx.missing", "mail.spf.missing")),
    Expected("apex is an alias of a site elsewhere", apex_astray, ("dns.cname.at_apex",),
             ("dns.address.elsewhere", "mail.mx.missing", "mail.spf.missing")),
    Expected("apex is an alias, and www leads elsewhere by itself",
             lambda s: (apex_astray(s), s.zone.update({("www.cafe.example", "A"): (OTHER,)})),
             ("dns.cname.at_apex", "dns.address.elsewhere"),
             ("mail.mx.missing", "mail.spf.missing")),
    Expected("alias into nowhere", alias_to("gone.other.example", is_known=False),
             ("dns.cname.dangling",)),
    Expected("alias of a living name", alias_to("shops.host.example", is_known=True)),
    Expected("alias inside the zone, gone", alias_to("old.cafe.example", is_known=False),
             ("dns.cname.dangling",)),
    Expected("aliases in a circle", loop, ("dns.cname.loop",)),
    Expected("a full stop is missing", doubled, ("dns.name.double_label",), ("dns.address.missing",)),
    Expected("a wildcard answers for everything below", wildcard, ("dns.address.missing",)),
    Expected("litter beside a sound record", litter),
    Expected("mail name doubled",
             lambda s: s.zone.update({("cafe.example", "MX"): ("10 mail.cafe.example.cafe.example.",)}),
             ("dns.name.double_label",),
             ("mail.mx.elsewhere", "mail.mx.no_address", "mail.routing.local_mismatch")),
)  # fmt: skip
