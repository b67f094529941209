"""Jasno beside Debian's zonemaster-cli, dnsviz and unbound-host, over the same lab zones.

For each domain: which mapped findings either side raises, who says that signatures hold, and how
long it took. `--quick` takes a few domains, `--json` prints one document, `--far` adds 30 ms to each answer.
Needs root.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import dns_ground
from bench.dns_ground import Ground
from diagnostics.checks import CHECKS
from diagnostics.collection import collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Sources
from diagnostics.evaluation import evaluate
from diagnostics.evidence.keys import CACHES, DELEGATION, DNSSEC, MAIL, RECORDS, SERVERS
from diagnostics.model import FindingStatus, Run, RunState, Scope
from hosting.model import Expectations
from lab import stories_dns, stories_zone
from lab.demo import WORLD
from subject import Subject, parse_subject

PROGRAMS = ("zonemaster-cli", "dnsviz", "unbound-host")
# Zonemaster's tags (engine 4.6.2 of Debian 12, and their later names) and our finding.
TAGS: dict[str, tuple[str, ...]] = {
    "dns.domain.not_found": ("B01_NO_CHILD", "B02_NO_DELEGATION", "NO_PARENT", "A01_NO_PARENT"),
    "dns.domain.is_alias": ("B01_CHILD_IS_ALIAS", "B01_INCONSISTENT_ALIAS"),
    "dns.delegation.inconsistent_parent": ("B01_INCONSISTENT_DELEGATION", "B01_SERVER_ZONE_ERROR"),
    "dns.ns.none_working": ("B02_NO_WORKING_NS",),
    "dns.ns.no_response": ("B02_NS_NO_RESPONSE",),
    "dns.ns.no_address": ("B02_NS_NO_IP_ADDR",),
    "dns.ns.zone_broken": ("B02_UNEXPECTED_RCODE", "B02_NS_BROKEN"),
    "dns.ns.refused": ("B02_UNEXPECTED_RCODE", "B02_NS_BROKEN"),
    "dns.ns.lame": ("B02_NS_NOT_AUTH", "IS_NOT_AUTHORITATIVE", "CHILD_ZONE_LAME"),
    "dns.ns.too_few": ("NOT_ENOUGH_NS_CHILD", "NOT_ENOUGH_NS_DEL", "NOT_ENOUGH_IPV4_NS_CHILD",
                       "NOT_ENOUGH_IPV4_NS_DEL"),
    "dns.ns.too_few_ipv6": ("NOT_ENOUGH_IPV6_NS_CHILD", "NOT_ENOUGH_IPV6_NS_DEL",
                            "NO_IPV6_NS_CHILD", "NO_IPV6_NS_DEL"),
    "dns.ns.same_ip": ("CHILD_NS_SAME_IP", "DEL_NS_SAME_IP", "SAME_IP_ADDRESS"),
    "dns.ns.parent_child_differ": ("EXTRA_NAME_PARENT", "EXTRA_NAME_CHILD", "TOTAL_NAME_MISMATCH"),
    "dns.glue.mismatch": ("IN_BAILIWICK_ADDR_MISMATCH", "OUT_OF_BAILIWICK_ADDR_MISMATCH",
                          "EXTRA_ADDRESS_CHILD"),
    "dns.ns.not_public_address": ("NAMESERVER_IP_PRIVATE_NETWORK", "A01_LOCAL_USE_ADDR",
                                  "A01_DOCUMENTATION_ADDR", "A01_ADDR_NOT_GLOBALLY_REACHABLE"),
    "dns.ns.is_cname": ("NS_IS_CNAME",),
    "dns.soa.missing": ("SOA_NOT_EXISTS",),
    "dns.soa.multiple": ("MULTIPLE_SOA",),
    "dns.soa.serial_differs": ("MULTIPLE_SOA_SERIALS", "SOA_SERIAL_VARIATION"),
    "dns.soa.mname_differs": ("MULTIPLE_SOA_MNAMES",),
    "dns.ns.ptr": ("NAMESERVER_IP_WITHOUT_REVERSE", "NAMESERVER_IP_PTR_MISMATCH"),
    "dns.ns.no_tcp": ("NAMESERVER_NO_TCP_53", "CN02_NO_RESPONSE_TCP"),
    "dnssec.ds.without_signed_zone": ("DS_BUT_NOT_DNSKEY",
                                      "DS07_DS_ON_UNSIGNED"),
    "dnssec.ds.mismatch": ("DS02_NO_VALID_DNSKEY_FOR_ANY_DS", "DS02_NO_DNSKEY_FOR_DS",
                           "NO_MATCHING_DNSKEY", "DS_DOES_NOT_MATCH_DNSKEY"),
    "dnssec.ds.missing": ("DNSKEY_BUT_NOT_DS", "DS07_NO_DS_FOR_SIGNED_ZONE"),
    "dnssec.unsigned.with_no_ds": ("NEITHER_DNSKEY_NOR_DS", "DS07_NOT_SIGNED"),
    "dnssec.signature.expired": ("DS08_RRSIG_EXPIRED", "DS08_DNSKEY_RRSIG_EXPIRED",
                                 "DS09_RRSIG_EXPIRED", "DS09_SOA_RRSIG_EXPIRED", "RRSIG_EXPIRED",
                                 "DS08_DNSKEY_RRSIG_NOT_YET_VALID", "DS09_RRSIG_NOT_YET_VALID",
                                 "DS09_SOA_RRSIG_NOT_YET_VALID", "DS10_NSEC_RRSIG_EXPIRED",
                                 "DS10_NSEC3_RRSIG_EXPIRED", "DS10_NSEC_RRSIG_NOT_YET_VALID",
                                 "DS10_NSEC3_RRSIG_NOT_YET_VALID"),
    "dnssec.signature.invalid": ("DS08_RRSIG_NOT_VALID_BY_DNSKEY", "DS09_RRSIG_NOT_VALID_BY_DNSKEY",
                                 "DS08_MISSING_RRSIG_IN_RESPONSE", "DS09_MISSING_RRSIG_IN_RESPONSE"),
    "dnssec.algorithm.bad": ("DS01_DIGEST_NOT_SUPPORTED_BY_ZM", "DS01_DS_ALGO_DEPRECATED",
                             "DS01_DS_ALGO_SHA1_DEPRECATED", "DS01_DS_ALGO_2_MISSING",
                             "DS05_ALGO_DEPRECATED", "ALGORITHM_DEPRECATED"),
    "dnssec.nsec3.params": ("DS03_ILLEGAL_ITERATION_VALUE", "DS03_ILLEGAL_SALT_LENGTH",
                            "TOO_MANY_ITERATIONS", "MANY_ITERATIONS_OK", "ITERATIONS_OK"),
    "dnssec.cds.broken": ("DS16_CDS_MATCHES_NO_DNSKEY", "DS16_CDS_SIGNED_BY_UNKNOWN_DNSKEY",
                          "DS16_CDS_WITHOUT_DNSKEY", "DS16_MIXED_DELETE_CDS"),
    "mail.mx.missing": ("Z09_MISSING_MAIL_TARGET",),
    "mail.mx.null_with_other": ("Z09_NULL_MX_WITH_OTHER_MX",),
    "mail.mx.null_pref": ("Z09_NULL_MX_NON_ZERO_PREF",),
    "mail.mx.inconsistent": ("Z09_INCONSISTENT_MX", "Z09_INCONSISTENT_MX_DATA"),
    "mail.mx.no_answer": ("Z09_NO_RESPONSE_MX_QUERY",),
    "mail.mx.rcode": ("Z09_UNEXPECTED_RCODE_MX",),
    "mail.mx.non_auth": ("Z09_NON_AUTH_MX_RESPONSE",),
    "mail.spf.missing": ("Z11_NO_SPF_FOUND", "NO_SPF_FOUND"),
    "mail.spf.multiple": ("Z11_SPF_MULTIPLE_RECORDS", "Z11_SPF1_MULTIPLE_RECORDS"),
    "mail.spf.syntax": ("Z11_SPF_SYNTAX_ERROR", "Z11_SPF1_SYNTAX_ERROR"),
    "mail.spf.differs_between_ns": ("Z11_INCONSISTENT_SPF_POLICIES",
                                    "Z11_DIFFERENT_SPF_POLICIES_FOUND"),
}  # fmt: skip
FINDING = {tag: finding for finding, tags in TAGS.items() for tag in tags}
TAGS["dnssec.ds.extra"] = ()
NO_KEY = "DS02_NO_DNSKEY_FOR_DS"
BOGUS = {"dnssec.ds.without_signed_zone", "dnssec.ds.mismatch", "dnssec.signature.expired",
         "dnssec.signature.invalid", "dnssec.chain.broken"}  # fmt: skip
KEYS = (DELEGATION, RECORDS, DNSSEC, SERVERS, CACHES, MAIL)
# What the registry's own data would tell; and those where the others wait for minutes.
NOT_ASKED = {"ghost.example", "desert.example", "burrow.example", "noise.example"}
QUICK = ("vault.example", "brewery.example", "keyring.example", "clocktower.example",
         "tomorrow.example", "forger.example", "janus.example", "twins.example", "gate.example",
         "headless.example", "duet.example", "antique.example")  # fmt: skip


@dataclass
class Row:
    """One domain: what each side says, and how long it took."""

    domain: str
    ours: set[str] = field(default_factory=set)
    zonemaster: set[str] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)
    bogus: dict[str, bool | None] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def jasno(row: Row, ground: Ground) -> None:
    subject = parse_subject(row.domain)
    assert isinstance(subject, Subject)
    began = time.perf_counter()
    # The provider's side is not compared, so nothing is expected of the domain.
    sources = Sources(ground.network, Expectations())
    evidence = asyncio.run(
        collect_evidence(subject, Scope.PUBLIC, sources=sources, collectors=COLLECTORS, keys=KEYS)
    )
    now = datetime.now(UTC)
    run = Run("r", "h", subject, Scope.PUBLIC, "", RunState.DONE, now)
    report = evaluate(run, evidence, now, checks=CHECKS)
    row.seconds["jasno"] = time.perf_counter() - began
    graded = (FindingStatus.FAIL, FindingStatus.WARN, FindingStatus.NOTICE)
    row.ours = {j.finding.id for j in report.findings if j.status in graded}
    if "dns.domain.not_delegated" in row.ours:
        row.ours.add("dns.domain.not_found")  # one row of the yardstick
    row.bogus["jasno"] = bool(row.ours & BOGUS)


def timed(row: Row, name: str, command: list[str]) -> str:
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    row.seconds[name] = row.seconds.get(name, 0.0) + time.perf_counter() - began
    return done.stdout


def zonemaster(row: Row, ground: Ground) -> None:
    out = timed(row, "zonemaster", ["zonemaster-cli", "--hints", str(ground.hints), "--json-stream",
                                    "--level", "DEBUG", row.domain])  # fmt: skip
    for line in out.splitlines():
        if not line.startswith("{"):
            continue
        tag = str(json.loads(line).get("tag", ""))
        if tag in FINDING:
            row.tags.append(tag)
            row.zonemaster.add(FINDING[tag])
    if NO_KEY in row.tags and not set(TAGS["dnssec.ds.mismatch"]) & set(row.tags) - {NO_KEY}:
        # A DS without a key beside one that fits.
        row.zonemaster = row.zonemaster - {"dnssec.ds.mismatch"} | {"dnssec.ds.extra"}


def dnsviz(row: Row, ground: Ground, folder: Path) -> None:
    probe = str(folder / "probe.json")
    root = ",".join(f"{name}={address}" for name, address in ground.roots)
    timed(row, "dnsviz", ["dnsviz", "probe", "-A", "-a", ".", "-x", f".+:{root}", "-o", probe,
                          row.domain])  # fmt: skip
    # `grok` does not know Debian's pygraphviz; `print` marks what is bogus with [!].
    out = timed(row, "dnsviz", ["dnsviz", "print", "-t", str(ground.anchor), "-r", probe])
    # The mark stands for other errors too; in a zone without keys and DS it is one of those.
    match = re.search(rf"^{re.escape(row.domain)}(?: .*)?\n(?: .*\n)*", out, re.MULTILINE)
    own = match[0] if match else ""
    if f"RRSIG: {row.domain}/" in own or re.search(r"\] +DS: \d", own):
        row.bogus["dnsviz"] = "[!" in own


def unbound(row: Row, ground: Ground, folder: Path) -> None:
    conf = folder / "unbound.conf"
    conf.write_text(
        f'server:\n root-hints: "{ground.hints}"\n trust-anchor-file: "{ground.anchor}"\n'
        ' do-not-query-localhost: no\n chroot: ""\n target-fetch-policy: "0 0 0 0 0"\n',
        "utf-8",
    )
    out = timed(
        row, "unbound-host", ["unbound-host", "-C", str(conf), "-v", "-t", "SOA", row.domain]
    )
    if "(BOGUS" in out or "(secure)" in out or "(insecure)" in out:
        row.bogus["unbound-host"] = "(BOGUS" in out
    elif "SERVFAIL" in out:
        row.bogus["unbound-host"] = None


def rows(ground: Ground, names: list[str], folder: Path) -> Iterator[Row]:
    for name in names:
        row = Row(name)
        jasno(row, ground)
        zonemaster(row, ground)
        dnsviz(row, ground, folder)
        unbound(row, ground, folder)
        yield row


def differences(row: Row) -> list[str]:
    """Each mapped finding that only one side raises."""
    mapped = set(TAGS)
    ours = {i for i in row.ours if i in mapped}
    lines = [f"only zonemaster: {i}" for i in sorted(row.zonemaster - ours)]
    lines += [f"only jasno: {i}" for i in sorted(ours - row.zonemaster)]
    bogus_values = {name: value for name, value in row.bogus.items() if value is not None}
    if len(set(bogus_values.values())) > 1:
        lines.append(f"bogus? {bogus_values}")
    return lines


def main() -> None:
    missing = [p for p in PROGRAMS if not shutil.which(p)]
    if missing:
        raise SystemExit(f"not run: needs {', '.join(missing)} (deploy/apt-for-tests)")
    dns_ground.enter("bench.oracle_dns")
    stories = stories_dns.STORIES + stories_zone.STORIES
    named = [a for a in sys.argv[1:] if not a.startswith("-")]
    everything = [s.row.name for s in stories if s.row.name not in NOT_ASKED]
    names = named or (list(QUICK) if "--quick" in sys.argv else everything)
    delay = timedelta(milliseconds=30 if "--far" in sys.argv else 0)
    compared = []
    with (
        tempfile.TemporaryDirectory() as text,
        dns_ground.opened(WORLD, Path(text), delay) as ground,
    ):
        for row in rows(ground, names, Path(text)):
            compared.append(row)
            if "--json" not in sys.argv:
                tell(row)
    if "--json" in sys.argv:
        print(json.dumps([document(row) for row in compared], indent=1))
        return
    mapped = set(TAGS)
    both = sum(len(row.ours & row.zonemaster) for row in compared)
    ours = sum(len((row.ours & mapped) - row.zonemaster) for row in compared)
    theirs = sum(len(row.zonemaster - row.ours) for row in compared)
    print(
        f"{len(compared)} domains; mapped findings: both {both}, only jasno {ours}, only zonemaster {theirs}"
    )


def tell(row: Row) -> None:
    took = " ".join(f"{name} {seconds:.2f} s" for name, seconds in row.seconds.items())
    print(f"{row.domain:22} {took}")
    print(f"    both: {', '.join(sorted(row.ours & row.zonemaster)) or '-'}")
    for line in differences(row):
        print(f"    {line}", flush=True)


def document(row: Row) -> dict[str, object]:
    return {
        "domain": row.domain,
        "ours": sorted(row.ours),
        "zonemaster": sorted(row.zonemaster),
        "tags": sorted(set(row.tags)),
        "bogus": row.bogus,
        "seconds": row.seconds,
        "differences": differences(row),
    }


if __name__ == "__main__":
    main()
