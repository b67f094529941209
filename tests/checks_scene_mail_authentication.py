"""The evidence of mail authentication in a scene, made by the walks themselves from its zone."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from diagnostics.evidence import keys
from diagnostics.evidence.mail_authentication import (
    DKIM,
    Bimi,
    Dane,
    Dkim,
    Dmarc,
    Selector,
    SenderVerdict,
    Spf,
    StrayRecord,
    Sts,
    Tlsa,
)
from diagnostics.model import Key, Missing
from facts import Certificate, Exchange, Handshake
from standards.dmarc import external_destinations, tree_walk
from standards.dmarc.record import is_dmarc
from standards.queries import Query, QueryReply, character_strings, join_strings
from standards.spf.check_host import check_host
from standards.spf.correction import is_meant_as_spf, quote_txt
from standards.spf.lookup_tree import walk_lookup_tree
from standards.spf.record import is_spf
from tests.checks_parts import AT, certificate
from tests.walks import run_walk

OUTGOING = "192.0.9.25"
INCLUDE = "_spf.host.example"
SELECTOR = "host1"
Answers = dict[tuple[str, str], tuple[str, ...]]
# What stands beyond the customer's zone.
WORLD: Answers = {
    (INCLUDE, "TXT"): ('"v=spf1 ip4:192.0.9.0/24 -all"',),
    ("_spf.mail.example", "TXT"): ('"v=spf1 ip4:192.0.13.0/24 ~all"',),
}


@cache
def rsa_key(bits: int = 2048) -> str:
    """A DKIM key of some size, in base64: made up, so that every run sees the same one."""
    raw = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) | 1).public_key()
    der = raw.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def dkim(bits: int = 2048, more: str = "") -> str:
    """A DKIM record as it stands in a zone."""
    return quote_txt(f"v=DKIM1; k=rsa; {more}p={rsa_key(bits)}")


def fetched(url: str, text: str = "", status: int = 200, **more: object) -> Exchange:
    """A file over https with a certificate that fits, unless told otherwise."""
    leaf: Certificate = certificate(url.split("/")[2])
    shake = Handshake(
        "x", OUTGOING, 443, AT, "TLSv1.3", chain=(leaf,), verified=True, name_matches=True
    )
    sound: dict[str, object] = {
        "ip": OUTGOING,
        "status": status,
        "headers": (("content-type", "text/plain"),),
        "excerpt": text,
        "body_bytes": len(text),
        "handshake": shake,
    }
    return Exchange(url, AT, **(sound | more))


@dataclass
class MailSide:
    """The part of a Scene about SPF, DKIM and the like."""

    world: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)  # other zones
    unseen: set[str] = field(default_factory=set)  # names that nobody could look up
    panel_keys: tuple[tuple[str, str], ...] = ()  # (selector, record) as the panel says
    sts_policy: Exchange | None = None
    tlsa: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by mail host
    tlsa_secure: bool = True
    logo: Exchange | None = None
    proof: Exchange | None = None

    def _proofs(self) -> dict[Key[object], object]:
        """All of this evidence by its key."""
        return {
            keys.SPF: self._spf(),
            DKIM: self._dkim(),
            keys.DMARC: self._dmarc(),
            keys.STS: self._sts(),
            keys.DANE: self._dane(),
            keys.BIMI: self._bimi(),
        }

    def _reply(self, ask: Query) -> QueryReply:
        """The answer to a walk's question, from the zone, the mail hosts and the world beyond."""
        name = ask.name.lower().rstrip(".")
        if name in self.unseen:
            return QueryReply(failed=True)
        zone_answers: Answers = {**WORLD, **self.world, **self.zone}
        for host, addresses in self.mail_addresses.items():
            zone_answers.setdefault((host, "A"), tuple(a for a in addresses if ":" not in a))
        values = zone_answers.get((name, ask.type), ())
        if ask.type in ("TXT", "SPF"):
            values = tuple(map(join_strings, values))
        elif ask.type == "MX":
            ranked = sorted((int(v.split()[0]), v.split()[1]) for v in values)
            values = tuple(host.rstrip(".") for _, host in ranked if host != ".")
        exists = any(n == name or n.endswith(f".{name}") for n, _ in zone_answers)
        return QueryReply(tuple(values), exists=exists)

    def _raw(self, name: str, type: str = "TXT") -> tuple[str, ...]:
        return self.zone.get((name, type), self.world.get((name, type), ()))

    def _spf(self) -> Spf:
        values = self._raw(self.domain)
        texts = tuple(
            v for v in values if is_spf(join_strings(v)) or is_meant_as_spf(join_strings(v))
        )
        seen = run_walk(walk_lookup_tree(self.domain), self._reply)
        size = sum(len(p) + 1 for v in values for p in character_strings(v))
        sound = seen.record and not seen.problem
        sent = tuple(map(self._sent, self.expected.outgoing)) if sound else ()
        return Spf(self.domain, texts, seen, sent, size, self._raw(self.domain, "SPF"))

    def _sent(self, ip: str) -> SenderVerdict:
        steps = check_host(ip, f"postmaster@{self.domain}", "mail.host.example")
        try:
            question = next(steps)
            while True:
                question = steps.send(self._reply(question))
        except StopIteration as end:
            verdict = end.value
            return SenderVerdict(ip, verdict.result, verdict.mechanism, verdict.problem)

    def _dkim(self) -> Dkim:
        wanted = dict.fromkeys(("default", "google", "k1"), "usual")
        wanted |= dict.fromkeys(self.expected.dkim_selectors, "provider")
        wanted |= {name: "panel" for name, _ in self.panel_keys}
        wanted["jasno-unused-selector"] = "probe"
        selectors = (self._selector(name, source) for name, source in wanted.items())
        return Dkim(
            self.domain, tuple(s for s in selectors if s.values or s.alias or s.source != "usual")
        )

    def _selector(self, name: str, source: str) -> Selector:
        full = f"{name}._domainkey.{self.domain}"
        values = self._raw(full) or self._raw(f"*._domainkey.{self.domain}")
        alias = next(iter(self._raw(full, "CNAME")), "").rstrip(".")
        if alias:
            values = self._raw(alias)
        failed = full in self.unseen
        return Selector(name, source, () if failed else values, alias, bool(values), failed)

    def _dmarc(self) -> Dmarc:
        seen = run_walk(tree_walk.walk(self.domain), self._reply)
        if seen.policy is None and seen.unsure:
            self.missing["dmarc"] = Missing.TROUBLE
        places = (self.domain, f"_dmarc.{self.domain}.{self.domain}", f"dmarc.{self.domain}")
        strays = [
            StrayRecord(n, t)
            for n in places
            for t in map(join_strings, self._raw(n))
            if is_dmarc(t)
        ]
        return Dmarc(
            self.domain,
            seen,
            run_walk(external_destinations.walk(seen), self._reply),
            tuple(strays),
        )

    def _sts(self) -> Sts:
        names = (f"_mta-sts.{self.domain}", f"_smtp._tls.{self.domain}")
        sts, tls = (
            None if n in self.unseen else tuple(map(join_strings, self._raw(n))) for n in names
        )
        return Sts(self.domain, sts, tls, self.sts_policy)

    def _dane(self) -> Dane:
        hosts = [h.name for h in self._mail().hosts]
        return Dane(
            self.domain, tuple(Tlsa(h, self.tlsa.get(h, ()), self.tlsa_secure) for h in hosts)
        )

    def _bimi(self) -> Bimi:
        texts = tuple(map(join_strings, self._raw(f"default._bimi.{self.domain}")))
        return Bimi(self.domain, texts, self.logo, self.proof)
