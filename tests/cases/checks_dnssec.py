"""Cases: DNSSEC of single records, of absence, of single servers, and what resolvers say of it."""

from __future__ import annotations

from diagnostics.evidence.keys import unused_name
from standards.dns_types import Record
from tests.cases.checks_dns import host
from tests.cases.checks_zone import DOMAIN, PAST, SOON, both, put
from tests.checks_fixtures import NS2, SOA, Expected
from tests.checks_signed import SINCE, UNTIL, ds, rrsig

WWW = f"www.{DOMAIN}"
GONE = unused_name(DOMAIN)
TYPES = "A NS SOA MX TXT RRSIG NSEC DNSKEY"


def sealed(name: str, kind: str, value: str, until=UNTIL, since=SINCE) -> tuple[Record, ...]:
    signature = rrsig(DOMAIN, name, kind, (value,), until=until, since=since)
    return Record(name, kind, 300, value), signature


def nsec(owner: str, following: str, types: str = TYPES, **dates) -> tuple[Record, ...]:
    return sealed(owner, "NSEC", f"{following}. {types}", **dates)


START = sealed(DOMAIN, "SOA", SOA)
APEX = nsec(DOMAIN, WWW)
AAAA = (DOMAIN, "AAAA")


def proves(*proof: Record, at: tuple[str, str] = AAAA):
    return put(empty={at: (*START, *proof)})


CASES = (
    Expected("one record's signature ran out", put(expired_sets={(WWW, "A"): PAST}),
             ("dnssec.record.invalid",)),
    Expected("one record without a signature", put(bare_sets=((DOMAIN, "MX"),)),
             ("dnssec.record.invalid",)),
    Expected("a name that may lie in another zone is not judged", put(bare_sets=((WWW, "A"),))),
    Expected("absence is proven", proves(*APEX)),
    Expected("absence is not proven", proves(), ("dnssec.denial.invalid",)),
    Expected("the proof is for another name", proves(*nsec(WWW, DOMAIN)),
             ("dnssec.denial.invalid",)),
    Expected("the proof says that it is there", proves(*nsec(DOMAIN, WWW, f"AAAA {TYPES}")),
             ("dnssec.denial.invalid",)),
    Expected("the proof's signature ran out", proves(*nsec(DOMAIN, WWW, until=PAST)),
             ("dnssec.signature.expired",)),
    Expected("the proof's signature is of the future", proves(*nsec(DOMAIN, WWW, since=SOON)),
             ("dnssec.signature.expired",)),
    Expected("a name that is not there, nor a wildcard", proves(*APEX, at=(GONE, "A"))),
    Expected("a name that is not there, and perhaps a wildcard",
             proves(*nsec(f"a.{DOMAIN}", WWW), at=(GONE, "A")), ("dnssec.denial.invalid",)),
    Expected("absence in an unsigned zone",
             both(put(ds=(), dnskey=()), proves()), ("dnssec.unsigned.with_no_ds",)),
    Expected("one server has the zone without keys", put(keyless=(NS2,)),
             ("dnssec.signature.invalid",)),
    Expected("one more key at the registry", lambda s: put(ds=(*s.ds, ds(DOMAIN, 2)))(s),
             ("dnssec.ds.extra",)),
    Expected("a method of the registry's key that nobody follows",
             put(ds=("1 12 2 " + "AB" * 32,)), ("dnssec.algorithm.bad",)),
    Expected("a resolver refuses", put(refused="signature expired: example"),
             ("dnssec.resolver.refuses",), (), ("dns.cache.unknown",)),
    Expected("a resolver fails for another reason", put(refused="no reachable authority"),
             (), (), ("dns.cache.unknown", "dnssec.resolver.unknown")),
    Expected("a resolver refuses, and we see why",
             both(put(dnskey=(), refused="dnskey missing")),
             ("dnssec.ds.without_signed_zone",), ("dnssec.resolver.refuses",),
             ("dns.cache.unknown",)),
    Expected("a host below is looked at too", put(expired_sets={(f"shop.{DOMAIN}", "A"): PAST}),
             ("dnssec.record.invalid",), start=host(f"shop.{DOMAIN}")),
)  # fmt: skip
