"""DNSSEC: does the chain of trust from the registry to the zone hold (RFC 4034, 4035)?

Only what makes a domain disappear for validating resolvers is judged here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterable
from datetime import UTC, datetime

from diagnostics.checks.reading import unknown
from diagnostics.evidence import DELEGATION, DNSSEC, Keys
from diagnostics.model import Case, Check, Finding, Message, Owner, Severity
from facts import Delegated, Record
from render.i18n import N_

DIGESTS = {"1": hashlib.sha1, "2": hashlib.sha256, "4": hashlib.sha384}

LEFT_BEHIND = Message(
    id="dnssec.ds.without_signed_zone",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRAR,
    title=N_("A DNSSEC key of {domain} was left behind at the registry"),
    seen=N_("The registry demands signed answers for {domain}, but its name servers do not sign."),
    why=N_(
        "Many internet providers treat such answers as forged: for their users you are offline."
    ),
    steps=(
        N_("This is typical after a move to other name servers."),
        N_("Sign in at the registrar, open DNSSEC, and delete the DS or key record of {domain}."),
        N_("If you want DNSSEC, ask the DNS operator to sign the zone, and set its new key."),
        N_("It can take a day until everybody sees the change."),
    ),
    hides=("web.", "tls.", "mail.", "dnssec.ds.mismatch", "dnssec.signature."),
)
MISMATCH = Message(
    id="dnssec.ds.mismatch",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRAR,
    title=N_("The DNSSEC key at the registry does not fit the zone {domain}"),
    seen=N_("The registry has {ds:list}; no key of the zone matches ({keys:list})."),
    why=N_("Many internet providers treat the answers as forged: for their users you are offline."),
    steps=(
        N_("Ask the DNS operator for the current DS record of {domain}."),
        N_("At the registrar, under DNSSEC, replace the old record with it."),
        N_("Or switch DNSSEC off there for now; the domain then works without it."),
    ),
    hides=("web.", "tls.", "mail.", "dnssec.signature."),
)
EXPIRED = Message(
    id="dnssec.signature.expired",
    severity=Severity.CRITICAL,
    owner=Owner.DNS_OPERATOR,
    title=N_("The DNSSEC signature of {domain} has run out"),
    seen=N_("The signature over {type} was valid until {until:datetime} ({servers:list})."),
    why=N_("Internet providers that check signatures no longer open your site or deliver mail."),
    steps=(
        N_("Ask whoever runs the DNS of {domain} to sign the zone again at once."),
        N_("If that takes long, remove the DS record at the registrar for the time being."),
    ),
    hides=("web.", "tls.", "mail."),
)


def judge_ds(case: Case) -> Iterable[Finding]:
    seen, keys = case.evidence[DELEGATION], case.evidence[DNSSEC]
    if seen.outcome is not Delegated.YES or not seen.ds:
        return
    answered = [x for x in keys.dnskey if not x.trouble and x.rcode == "NOERROR"]
    if not answered:
        yield unknown(DS.id, what="dnssec")
        return
    found = [r for x in answered for r in x.answers if r.type == "DNSKEY"]
    if not found:
        yield LEFT_BEHIND(evidence=("delegation", "dnssec"), domain=seen.domain)
    elif _judged(seen.ds) and not _matches(seen.domain, seen.ds, found):
        yield MISMATCH(
            evidence=("delegation", "dnssec"),
            domain=seen.domain,
            ds=sorted({r.value.split()[0] for r in seen.ds}),
            keys=sorted({str(tag) for r in found if (tag := key_tag(r.value)) is not None}),
        )


def _judged(ds: tuple[Record, ...]) -> list[Record]:
    """The DS records whose digest we can compute; others prove nothing (RFC 6840, 5.2)."""
    return [r for r in ds if len(f := r.value.split()) >= 4 and f[2] in DIGESTS]


def _matches(domain: str, ds: tuple[Record, ...], keys: list[Record]) -> bool:
    for record in _judged(ds):
        tag, _, kind, *digest = record.value.split()
        wanted = "".join(digest).lower()
        for key in keys:
            rdata = _rdata(key.value)
            if rdata is None or str(key_tag(key.value)) != tag:
                continue
            if DIGESTS[kind](_wire(domain) + rdata).hexdigest() == wanted:
                return True
    return False


def _wire(name: str) -> bytes:
    """A name in canonical wire form (RFC 4034, 6.2)."""
    labels = [label.encode() for label in name.rstrip(".").lower().split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _rdata(value: str) -> bytes | None:
    """The wire form of a DNSKEY in presentation form; None when it is none."""
    fields = value.split()
    try:
        flags, protocol, algorithm = (int(f) for f in fields[:3])
        key = base64.b64decode("".join(fields[3:]), validate=True)
        return struct.pack("!HBB", flags, protocol, algorithm) + key
    except (ValueError, binascii.Error, struct.error):
        return None


def key_tag(value: str) -> int | None:
    """The key tag of a DNSKEY (RFC 4034, appendix B)."""
    rdata = _rdata(value)
    if rdata is None:
        return None
    total = sum(b if i & 1 else b << 8 for i, b in enumerate(rdata))
    return (total + (total >> 16)) & 0xFFFF


def judge_signature(case: Case) -> Iterable[Finding]:
    seen, keys = case.evidence[DELEGATION], case.evidence[DNSSEC]
    # Without a DS nobody validates, so a stale signature harms nobody.
    if not seen.ds or not keys.signed:
        return
    for covered, until, servers in _latest(keys):
        if until < case.at:
            yield EXPIRED(
                evidence=("dnssec",),
                domain=seen.domain,
                type=covered,
                until=until.isoformat(),
                servers=servers,
            )
            return


def _latest(keys: Keys) -> list[tuple[str, datetime, list[str]]]:
    """For each signed type the best signature of the worst server, and who gave it."""
    ends: dict[str, dict[str, datetime]] = {}
    for lookup in (*keys.dnskey, *keys.soa):
        for record in lookup.answers:
            fields = record.value.split()
            if record.type != "RRSIG" or len(fields) < 6 or fields[0] != lookup.type:
                continue
            until = _moment(fields[4])
            by = ends.setdefault(lookup.type, {})
            server = lookup.server_name or lookup.server
            if until is not None:
                by[server] = max(until, by.get(server, until))
    worst = ((what, min(by.values()), by) for what, by in ends.items() if by)
    return [(what, low, sorted(s for s, u in by.items() if u == low)) for what, low, by in worst]


def _moment(text: str) -> datetime | None:
    """An RRSIG time: YYYYMMDDHHmmSS, or seconds since 1970 (RFC 4034, 3.2)."""
    try:
        if len(text) == 14:
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


DS = Check(
    id="dnssec.ds",
    title=N_("The registry's DNSSEC key fits the zone"),
    needs=(DELEGATION, DNSSEC),
    messages=(LEFT_BEHIND, MISMATCH),
    judge=judge_ds,
)
SIGNATURE = Check(
    id="dnssec.signature",
    title=N_("The DNSSEC signatures are valid"),
    needs=(DELEGATION, DNSSEC),
    messages=(EXPIRED,),
    judge=judge_signature,
)
