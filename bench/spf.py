"""The SPF conformance suite (RFC 4408, with what RFC 7208 changed) through real DNS on loopback.

`python -m bench.spf FOLDER` reads FOLDER/*.yml, serves each zone from the lab's resolver and asks
our evaluator and pyspf every case. It prints a table of agreement and each difference.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
import spf as pyspf
import yaml

from lab.flat_resolver import FlatTable, serving
from observe.budget import Budget
from observe.network import Network
from standards.spf.correction import quote_txt
from wizard.spf.lookup import check_sender

SIDE_BY_SIDE = 16  # cases that wait for silence at once


@dataclass(frozen=True)
class Case:
    """One question of the suite; `results` are all the answers it allows."""

    group: str
    id: str
    ip: str
    sender: str
    helo: str
    results: tuple[str, ...]


def table(zone: dict[str, list[Any]]) -> FlatTable:
    """A zone of the suite as records; an SPF entry stands for TXT unless the name has its own."""
    records: dict[tuple[str, str], list[str]] = {}
    silent = set()
    for raw, entries in zone.items():
        name = raw.lower().rstrip(".")
        own = any(isinstance(e, dict) and "TXT" in e for e in entries)
        for entry in entries:
            if entry == "TIMEOUT":
                silent.add(name)
                continue
            ((kind, value),) = entry.items()
            if value in ("NONE", "TIMEOUT"):
                continue
            kinds = (kind,) if own or kind != "SPF" else ("SPF", "TXT")
            for each in kinds:
                records.setdefault((name, each), []).append(_text(each, value))
    return FlatTable(records, frozenset(silent))


def _text(kind: str, value: Any) -> str:
    """A value in presentation form."""
    if kind in ("TXT", "SPF"):
        parts = [value] if isinstance(value, str) else value
        return " ".join(_escaped(part) for part in parts)
    if kind == "MX":
        return f"{value[0]} {value[1].rstrip('.')}."
    return f"{value.rstrip('.')}." if kind in ("CNAME", "PTR") else str(value)


def _escaped(part: str) -> str:
    raw = part.encode("utf-8", "surrogateescape")
    plain = "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else f"\\{b:03}" for b in raw)
    return f'"{plain}"' if len(raw) <= 255 else quote_txt(part)


def cases(document: dict[str, Any]) -> Iterator[Case]:
    """The questions of one document."""
    for name, test in document["tests"].items():
        result = test["result"]
        allowed = (result,) if isinstance(result, str) else tuple(result)
        sender, helo = str(test.get("mailfrom", "")), str(test["helo"])
        yield Case(document["description"], name, test["host"], sender, helo, allowed)


def oracle(endpoint: str) -> None:
    """Points pyspf's one look-up at the served zone."""
    host, port = endpoint.split(":")

    def lookup(name: str, qtype: str, *_: object) -> list[Any]:
        try:
            query = dns.message.make_query(name, qtype)
            answer, _tcp = dns.query.udp_with_fallback(query, host, 1.0, int(port))
        except dns.exception.DNSException as error:
            raise pyspf.TempError("DNS", str(error)) from error
        records = []
        for rrset in answer.answer:
            key = rrset.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(rrset.rdtype)
            records += [(key, _given(key[1], rdata)) for rdata in rrset]
        return records

    pyspf.DNSLookup = lookup


def _given(kind: str, rdata: Any) -> Any:
    if kind in ("TXT", "SPF"):
        return list(rdata.strings)
    if kind == "MX":
        return rdata.preference, rdata.exchange.to_text(omit_final_dot=True)
    if kind in ("CNAME", "PTR"):
        return rdata.target.to_text(omit_final_dot=True)
    return rdata.to_text()


async def run(document: dict[str, Any], score: Counter[tuple[str, str]]) -> list[str]:
    """One document; returns the lines about what differs."""
    differences: list[str] = []
    async with serving(table(document.get("zonedata", {}))) as endpoint:
        net = Network(resolvers=(endpoint,), closed=True)
        oracle(endpoint)
        gate = asyncio.Semaphore(SIDE_BY_SIDE)

        async def compare_case(case: Case) -> None:
            async with gate:
                seen = await check_sender(net, Budget(net.clock), case.ip, case.sender, case.helo)
                other = (await asyncio.to_thread(pyspf.check2, case.ip, case.sender, case.helo))[0]
            other = {"": "none", "error": "temperror", "unknown": "permerror"}.get(other, other)
            score[case.group, "cases"] += 1
            score[case.group, "ours"] += seen.result in case.results
            score[case.group, "pyspf"] += other in case.results
            if seen.result not in case.results or other not in case.results:
                differences.append(
                    f"{case.id}: suite {'/'.join(case.results)}, ours {seen.result}, pyspf {other}"
                )

        await asyncio.gather(*map(compare_case, cases(document)))
    return differences


def main(folder: Path) -> int:
    """Every document of every file."""
    score: Counter[tuple[str, str]] = Counter()
    differences: list[str] = []
    for path in sorted(folder.glob("*.yml")):
        text = re.sub(r"[\x80-\x9f]", "", path.read_text("utf-8"))
        for document in yaml.safe_load_all(text):
            if document:
                differences += asyncio.run(run(document, score))
    groups = list(dict.fromkeys(group for group, _ in score))
    print("| group | cases | ours | pyspf |\n| --- | --- | --- | --- |")
    for group in groups:
        print(
            f"| {group} |",
            " | ".join(str(score[group, k]) for k in ("cases", "ours", "pyspf")),
            "|",
        )
    total = {k: sum(score[g, k] for g in groups) for k in ("cases", "ours", "pyspf")}
    print(f"| all | {total['cases']} | {total['ours']} | {total['pyspf']} |\n")
    print("\n".join(differences))
    return 0 if groups else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("not run: bench.spf needs the folder with the suite", file=sys.stderr)
        raise SystemExit(2)
    raise SystemExit(main(Path(sys.argv[1])))
