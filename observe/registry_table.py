"""Which server knows which ending: the built-in table, and IANA's bootstrap file (RFC 9224). Pure.

Only IANA, a short list of servers the registries run without being listed there, and the operator
are believed. A file that looks wrong is refused whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

from standards.urls import BadUrl, parse_url

BUILT_IN = Path(__file__).with_name("registry_servers.json")
MAX_FILE = 2_000_000
FEWEST = 300  # endings; IANA's file has over a thousand
ALWAYS = ("com", "net", "org")
AHEAD = timedelta(days=2)
# Endings nobody registers names under (RFC 6761, 6762, 7686, 9476; .internal by ICANN).
SPECIAL = frozenset(
    "example test invalid localhost local onion alt internal home arpa lan corp".split()  # noqa: SIM905 - words
)
_ENDING = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]{1,63})?")
_EMPTY: Mapping[str, str] = MappingProxyType({})


class NotBootstrap(ValueError):
    """The file is no bootstrap we would believe; the message says why."""


@dataclass(frozen=True, slots=True)
class RegistryServer:
    """Where to ask; `operator` when our own configuration named it."""

    place: str
    operator: bool = False
    question: str = "{domain}"


@dataclass(frozen=True, slots=True)
class RegistryTable:
    """RDAP bases and WHOIS servers by ending, and the question some WHOIS servers want.

    `extra` are RDAP servers that IANA does not list; `published` is the date of IANA's file.
    """

    rdap: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    whois: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    extra: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    question: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    published: datetime | None = None

    def rdap_of(self, domain: str) -> str:
        """The base of the longest ending, IANA's word before our own list; "" when unknown."""
        known = (t[s] for s in endings(domain) for t in (self.rdap, self.extra) if s in t)
        return next(known, "")

    def whois_of(self, domain: str) -> str:
        """The WHOIS server of the longest ending, or ""."""
        return next((self.whois[s] for s in endings(domain) if s in self.whois), "")


def endings(domain: str) -> tuple[str, ...]:
    """What a name ends in, the longest first: "shop.co.uk" → "co.uk", "uk"."""
    labels = domain.split(".")
    return tuple(".".join(labels[i:]) for i in range(1, len(labels)))


@cache
def built_in() -> RegistryTable:
    """The table that ships with us."""
    table: dict[str, dict[str, str]] = json.loads(BUILT_IN.read_text(encoding="utf-8"))
    return RegistryTable(table["rdap"], table["whois"], table["extra"], table["question"])


def refreshed(raw: bytes, known: RegistryTable, now: datetime) -> RegistryTable:
    """The table with IANA's file in place of its RDAP part. Raises NotBootstrap."""
    if len(raw) > MAX_FILE:
        raise NotBootstrap(f"it is larger than {MAX_FILE} bytes")
    try:
        found = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as wrong:
        raise NotBootstrap("it is not JSON") from wrong
    if not isinstance(found, dict) or not str(found.get("version")).startswith("1."):
        raise NotBootstrap("it is no bootstrap file of version 1")
    published = _time(found.get("publication"), known, now)
    rdap = dict(_services(found.get("services")))
    fewest = max(FEWEST, len(known.rdap) * 8 // 10)
    if len(rdap) < fewest:
        raise NotBootstrap(f"it names {len(rdap)} endings, and {fewest} are expected at least")
    if lost := [ending for ending in ALWAYS if ending not in rdap]:
        raise NotBootstrap(f"it does not know .{lost[0]}")
    return replace(known, rdap=rdap, published=published)


def _time(value: object, known: RegistryTable, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as wrong:
        raise NotBootstrap("it does not say when it was published") from wrong
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if found > now + AHEAD:
        raise NotBootstrap("it was published in the future")
    if known.published and found < known.published:
        raise NotBootstrap("it is older than the one we have")
    return found


def _services(value: object) -> Iterator[tuple[str, str]]:
    """(ending, base) of every service that has an address we would ask."""
    for service in value if isinstance(value, list) else ():
        if not isinstance(service, list) or len(service) < 2:
            raise NotBootstrap("a service is not two lists")
        endings, places = service[0], service[1]
        if not isinstance(endings, list) or not isinstance(places, list):
            raise NotBootstrap("a service is not two lists")
        place = next(_secure(places), "")
        for ending in endings if place else ():
            if isinstance(ending, str) and _ENDING.fullmatch(ending.lower()):
                yield ending.lower(), place


def _secure(places: Iterable[object]) -> Iterator[str]:
    """Encrypted addresses under a name; RFC 9224 wants these asked first, and we ask no others."""
    for place in places:
        try:
            url = parse_url(str(place))
        except BadUrl:
            continue
        if url.scheme == "https" and _is_name(url.host):
            yield str(place)


def encoded(table: RegistryTable) -> bytes:
    """The refreshed part of a table, for a file."""
    published = table.published.isoformat() if table.published else None
    return json.dumps({"schema": 1, "published": published, "rdap": dict(table.rdap)}).encode()


def decoded(raw: bytes) -> RegistryTable:
    """The built-in table with what `encoded` wrote. Raises NotBootstrap."""
    try:
        found = json.loads(raw)
        published = datetime.fromisoformat(found["published"])
        rdap = {str(k): str(v) for k, v in found["rdap"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise NotBootstrap("it is not the file we wrote") from wrong
    return replace(built_in(), rdap=rdap, published=published)


def referral(text: str) -> str:
    """The WHOIS server in IANA's answer about an ending, or "" when it names none."""
    for key in ("whois", "refer"):
        if found := re.search(rf"^{key}:[ \t]*([\w.-]{{4,253}})\s*$", text[:65536], re.MULTILINE):
            return _name(found[1])
    return ""


def _name(text: str) -> str:
    try:
        host = parse_url(f"https://{text}/").host
    except BadUrl:
        return ""
    return host if _is_name(host) else ""


def _is_name(host: str) -> bool:
    """A name with a dot; an address or a bare word is no public server."""
    return "." in host and not host.rpartition(".")[2].isdigit()
