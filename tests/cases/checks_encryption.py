"""Cases: strength of the encryption, renewal of certificates, HSTS."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from facts import RedirectChain
from standards.dns_types import Lookup, Record, Trouble
from tests.cases.checks_hosting import both
from tests.cases.checks_web import cert
from tests.checks_fixtures import NS1, NS2, Expected, Scene
from tests.checks_parts import AT, hop

HOSTS = ("cafe.example", "www.cafe.example")
PROOF = "/.well-known/acme-challenge/jasno-self-check"
HSTS = (("strict-transport-security", "max-age=31536000; includeSubDomains"),)
DUE = timedelta(days=5)


def speaks(version: str):
    def change(scene: Scene) -> None:
        for host in HOSTS:
            scene.shakes[host] = replace(scene._sound_shake(host), version=version)

    return change


def tolerates(version: str, **more: object):
    """Old protocols are agreed to beside newer ones, when nothing else is offered."""

    def change(scene: Scene) -> None:
        scene.old = (replace(scene._sound_shake(HOSTS[0]), version=version, **more),)

    return change


DNS_PROOF = "_acme-challenge.cafe.example"


def with_lookups(*records: tuple[str, str, tuple[str, ...]], more: tuple[Lookup, ...] = ()):
    """What the zone's servers say to an authority's questions."""
    lookups = tuple(
        Lookup(name, kind, "192.0.9.53", AT, NS1, "NOERROR", ("aa",),
               tuple(Record(name, kind, 300, v) for v in values))
        for name, kind, values in records
    )  # fmt: skip
    return lambda s: setattr(s, "authority_lookups", (*lookups, *more))


def led(rcode: str, zone: str, **more: object):
    """The proof's place is an alias; what the resolvers say of its end."""
    alias = (Record(DNS_PROOF, "CNAME", 300, "cafe.acme-host.test"),)
    own = Lookup(DNS_PROOF, "TXT", "192.0.9.53", AT, NS1, "NOERROR", ("aa",), alias)
    start = (Record(zone, "SOA", 300, "ns h 1 1 1 1 1"),) if zone else ()
    end = Lookup(DNS_PROOF, "TXT", "192.0.14.1", AT, "", rcode, (), alias, start, **more)
    return with_lookups(more=(own, end))


def caa(*values: str):
    return lambda s: s.zone.update({("cafe.example", "CAA"): values})


def proof(*targets: str, status: int = 404, outcome: str = "arrived", **last: object):
    """What an authority would meet over port 80."""

    def change(scene: Scene) -> None:
        for host in HOSTS:
            stops = (f"http://{host}{PROOF}", *targets)
            moved = [hop(a, 301, to=b) for a, b in pairwise(stops)]
            end = hop(stops[-1], status, **last)
            scene.challenges[host] = RedirectChain(stops[0], (*moved, end), outcome)

    return change


def shut(scene: Scene) -> None:
    proof(trouble=Trouble.REFUSED, outcome="trouble")(scene)
    for host in HOSTS:
        scene.walks[f"http://{host}/"] = (hop(f"http://{host}/", trouble=Trouble.REFUSED),)
        scene.outcomes[f"http://{host}/"] = "trouble"


def insists(scene: Scene) -> None:
    scene.every_walk(lambda url: (hop(url.replace("http:", "https:"), headers=HSTS),))


def named(host: str, *names: str):
    """One name is shown a certificate for these names."""

    def change(scene: Scene) -> None:
        shake = scene._sound_shake(host)
        leaf = replace(shake.chain[0], names=names)
        scene.shakes[host] = replace(shake, chain=(leaf, shake.chain[1]), name_matches=False)

    return change


FREE, STUCK = "CN=R11,O=Let's Encrypt,C=US", "tls.renewal.late"
CAA, PORT, PATH = (f"tls.renewal.{x}" for x in ("caa_blocks", "port80_closed", "path_blocked"))
CASES = (
    Expected("knows TLS 1.0 only", speaks("TLSv1"), ("tls.protocol.outdated",), (), None),
    Expected("knows TLS 1.1 only", speaks("TLSv1.1"), ("tls.protocol.outdated",), (), None),
    Expected("agrees to TLS 1.2", speaks("TLSv1.2")),
    Expected("agrees to TLS 1.1 beside newer", tolerates("TLSv1.1"), ("tls.protocol.old_too",)),
    Expected("knows TLS 1.1 only, and says so twice", both(speaks("TLSv1.1"), tolerates("TLSv1.1")),
             ("tls.protocol.outdated",), (), None),
    Expected("refuses an old offer", tolerates("", chain=(), trouble=Trouble.TLS)),
    Expected("says nothing to an old offer", tolerates("", chain=(), trouble=Trouble.TIMEOUT)),
    Expected("RSA with 1024 bits", cert(key="rsa", bits=1024), ("tls.certificate.weak",)),
    Expected("RSA with 2048 bits", cert(key="rsa", bits=2048)),
    Expected("RSA with 2047 bits", cert(key="rsa", bits=2047), ("tls.certificate.weak",)),
    Expected("signed with SHA-1", cert(signature="sha1"), ("tls.certificate.weak",)),
    Expected("signed with MD5 and not trusted",
             cert(signature="md5", shake={"verified": False, "verify_error": "bad"}),
             ("tls.certificate.weak",), ("tls.certificate.untrusted",)),
    Expected("leaves out www", named("www.cafe.example", "cafe.example"),
             ("tls.certificate.name_missing",)),
    Expected("leaves out the apex", named("cafe.example", "www.cafe.example"),
             ("tls.certificate.name_missing",)),
    Expected("twenty days left of ninety", cert(until=timedelta(days=20)), (STUCK,)),
    Expected("twenty-one days left of ninety", cert(until=timedelta(days=21))),
    Expected("fifteen days left of a year", cert(until=timedelta(days=15, hours=1),
             not_before=hop("-").at - timedelta(days=350))),
    Expected("CAA leaves out the free authority, and it is due",
             both(caa('0 issue "digicert.com"'), cert(until=DUE)),
             (CAA,), ("tls.certificate.expiring",)),
    Expected("CAA forbids all authorities, and it is due",
             both(caa('0 issue ";"'), cert(until=DUE)), (CAA,), ("tls.certificate.expiring",)),
    Expected("CAA forbids the authority that issued it",
             both(caa('0 issue "digicert.com"'), cert(issuer=FREE)), (CAA,)),
    Expected("CAA allows another authority, which is in use", caa('0 issue "digicert.com"')),
    Expected("CAA allows the free authority with a condition",
             both(caa('0 issue "digicert.com"', '0 issue "letsencrypt.org; validationmethods=dns-01"'),
                  cert(until=DUE)), ("tls.certificate.expiring", "tls.renewal.caa_limited")),
    Expected("CAA with and without a condition",
             caa('0 issue "letsencrypt.org"', '0 issue "letsencrypt.org; validationmethods=dns-01"')),
    Expected("a critical CAA record of a kind nobody knows", caa('128 isue "letsencrypt.org"'),
             ("tls.renewal.caa_critical",)),
    Expected("a critical CAA record of a known kind", caa('128 issue "letsencrypt.org"')),
    Expected("a strange CAA record that is not critical", caa('0 policy "x"')),
    Expected("CAA that cannot be read", with_lookups(("cafe.example", "CAA", ("x", "0 issue", '999999 issue "a"')))),
    Expected("CAA of www counts for www only",
             both(caa('0 issue "letsencrypt.org"'), with_lookups(("www.cafe.example", "CAA",
                  ('0 issue "digicert.com"',))), cert(until=DUE)),
             (CAA,), ("tls.certificate.expiring",)),
    Expected("servers fail for CAA",
             lambda s: s.questions.update({(n, "cafe.example", "CAA"): {"rcode": "SERVFAIL"}
                                           for n in (NS1, NS2)}), ("tls.renewal.caa_fails",)),
    Expected("CAA was not answered once, and then it was",
             both(lambda s: s.questions.update({(n, "cafe.example", "CAA"): {"trouble": Trouble.TIMEOUT}
                                                for n in (NS1, NS2)}), with_lookups(("cafe.example", "CAA", ())))),
    Expected("one server fails for CAA",
             lambda s: s.questions.update({(NS1, "cafe.example", "CAA"): {"rcode": "SERVFAIL"}})),
    Expected("an old proof lies in the DNS", with_lookups((DNS_PROOF, "TXT", ('"old"',))),
             ("tls.renewal.dns_proof_left",)),
    Expected("the proof's alias leads to a domain that is gone",
             led("NXDOMAIN", "test"), ("tls.renewal.dns_proof_lost",)),
    Expected("the proof's alias waits for the next proof", led("NXDOMAIN", "acme-host.test")),
    Expected("the proof's alias is read", led("NOERROR", "acme-host.test")),
    Expected("the proof's alias leads to servers that fail", led("SERVFAIL", ""),
             ("tls.renewal.dns_proof_lost",)),
    Expected("we could not follow the proof's alias", led("", "", trouble=Trouble.TIMEOUT)),
    Expected("CAA speaks of wildcards and reports only",
             both(caa('0 issuewild ";"', '0 iodef "mailto:cert@cafe.example"'), cert(until=DUE)),
             ("tls.certificate.expiring",)),
    Expected("port 80 is closed", shut, (PORT,)),
    Expected("port 80 is closed, and it is due", both(shut, cert(until=DUE)), (PORT,),
             ("tls.certificate.expiring",)),
    Expected("port 80 was closed for one look only",
             proof(trouble=Trouble.TIMEOUT, outcome="trouble")),
    Expected("the proof is denied", proof(status=403), (PATH,)),
    Expected("the proof meets a program that fails", proof(status=500), (PATH,)),
    Expected("the proof goes round", proof(f"https://cafe.example{PROOF}", outcome="loop"), (PATH,)),
    Expected("the proof is led to a name that does not exist",
             proof("https://gone.example/", trouble=Trouble.NXDOMAIN, outcome="trouble"), (PATH,)),
    Expected("the proof is led to https", proof(f"https://cafe.example{PROOF}")),
    Expected("the proof shows a page", proof(status=200)),
    Expected("our look for the proof is limited", proof(status=429)),
    Expected("HSTS and a certificate that has run out",
             both(insists, cert(until=timedelta(days=-2))),
             ("tls.certificate.expired", "tls.hsts.locked_out")),
    Expected("HSTS and a sound certificate", insists),
    Expected("HSTS and a certificate that runs out soon", both(insists, cert(until=DUE)),
             ("tls.certificate.expiring",)),
)  # fmt: skip
