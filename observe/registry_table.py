"""The registry servers of each TLD: the built-in table and IANA's bootstrap file (RFC 9224).

Sources are IANA, a short list of servers that registries run without being listed there, and the
operator. An implausible file is refused as a whole.
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

import msgspec

from standards.urls import BadUrl, parse_url

BUILT_IN = Path(__file__).with_name("registry_servers.json")
SCHEMA = 1  # of the file that we write
MAX_FILE = 2_000_000
MIN_TLDS = 300  # endings; IANA's file has over a thousand
REQUIRED_TLDS = ("com", "net", "org")
MAX_CLOCK_SKEW = timedelta(days=2)
# Endings nobody registers names under (RFC 6761, 6762, 7686, 9476; .internal by ICANN).
SPECIAL_USE_TLDS = frozenset(
    "example test invalid localhost local onion alt internal home arpa lan corp".split()  # noqa: SIM905 - words
)
_ENDING = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]{1,63})?")
_EMPTY: Mapping[str, str] = MappingProxyType({})


class InvalidBootstrap(ValueError):
    """The file is no plausible bootstrap registry; the message says why."""


@dataclass(frozen=True, slots=True)
class RegistryServer:
    """A registry's RDAP base or WHOIS server; `operator` when our own configuration named it."""

    address: str
    operator: bool = False
    question: str = "{domain}"


@dataclass(frozen=True, slots=True)
class RegistryTable:
    """RDAP bases and WHOIS servers by suffix, and the query format of some WHOIS servers.

    `extra` are RDAP servers that IANA does not list; `published` is the date of IANA's file.
    """

    rdap: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    whois: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    extra: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    question: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    published: datetime | None = None

    def rdap_of(self, domain: str) -> str:
        """The RDAP base of the longest suffix, IANA's before our own list; "" when unknown."""
        bases = (t[s] for s in suffixes(domain) for t in (self.rdap, self.extra) if s in t)
        return next(bases, "")

    def whois_of(self, domain: str) -> str:
        """The WHOIS server of the longest suffix, or ""."""
        return next((self.whois[s] for s in suffixes(domain) if s in self.whois), "")


def suffixes(domain: str) -> tuple[str, ...]:
    """The suffixes of a name, longest first: "shop.co.uk" → "co.uk", "uk"."""
    labels = domain.split(".")
    return tuple(".".join(labels[i:]) for i in range(1, len(labels)))


@cache
def built_in_table() -> RegistryTable:
    """The table shipped with the code."""
    table: dict[str, dict[str, str]] = json.loads(BUILT_IN.read_text(encoding="utf-8"))
    return RegistryTable(table["rdap"], table["whois"], table["extra"], table["question"])


def with_bootstrap(raw: bytes, current: RegistryTable, now: datetime) -> RegistryTable:
    """The table with IANA's file as its RDAP part. Raises InvalidBootstrap."""
    if len(raw) > MAX_FILE:
        raise InvalidBootstrap(f"it is larger than {MAX_FILE} bytes")
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidBootstrap("it is not JSON") from error
    if not isinstance(document, dict) or not str(document.get("version")).startswith("1."):
        raise InvalidBootstrap("it is no bootstrap file of version 1")
    published = _publication_time(document.get("publication"), current, now)
    rdap = dict(_services(document.get("services")))
    minimum = max(MIN_TLDS, len(current.rdap) * 8 // 10)
    if len(rdap) < minimum:
        raise InvalidBootstrap(f"it names {len(rdap)} endings, and {minimum} are expected at least")
    if missing := [ending for ending in REQUIRED_TLDS if ending not in rdap]:
        raise InvalidBootstrap(f"it does not know .{missing[0]}")
    return replace(current, rdap=rdap, published=published)


def _publication_time(value: object, current: RegistryTable, now: datetime) -> datetime:
    try:
        published = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidBootstrap("it does not say when it was published") from error
    published = published if published.tzinfo else published.replace(tzinfo=UTC)
    if published > now + MAX_CLOCK_SKEW:
        raise InvalidBootstrap("it was published in the future")
    if current.published and published < current.published:
        raise InvalidBootstrap("it is older than the one we have")
    return published


def _services(value: object) -> Iterator[tuple[str, str]]:
    """(suffix, base) of every service with an https address. Raises InvalidBootstrap."""
    for service in value if isinstance(value, list) else ():
        if not isinstance(service, list) or len(service) < 2:
            raise InvalidBootstrap("a service is not two lists")
        suffixes_served, addresses = service[0], service[1]
        if not isinstance(suffixes_served, list) or not isinstance(addresses, list):
            raise InvalidBootstrap("a service is not two lists")
        address = next(_https_addresses(addresses), "")
        for ending in suffixes_served if address else ():
            if isinstance(ending, str) and _ENDING.fullmatch(ending.lower()):
                yield ending.lower(), address


def _https_addresses(addresses: Iterable[object]) -> Iterator[str]:
    """The https addresses under a host name; RFC 9224 prefers these, and no others are used."""
    for address in addresses:
        try:
            url = parse_url(str(address))
        except BadUrl:
            continue
        if url.scheme == "https" and _is_name(url.host):
            yield str(address)


class _TableFile(msgspec.Struct, frozen=True):
    """The refreshed part of a table, as its file holds it."""

    published: datetime | None
    rdap: dict[str, str]
    schema: int = SCHEMA


def encode_table(table: RegistryTable) -> bytes:
    """The refreshed part of a table as JSON, for a file."""
    return msgspec.json.encode(_TableFile(table.published, dict(table.rdap)))


def decode_table(raw: bytes) -> RegistryTable:
    """The built-in table with what `encode_table` wrote. Raises InvalidBootstrap."""
    try:
        file = msgspec.json.decode(raw, type=_TableFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidBootstrap("it is not the file we wrote") from error
    if file.schema != SCHEMA:
        raise InvalidBootstrap("another version of Jasno wrote it")
    return replace(built_in_table(), rdap=file.rdap, published=file.published)


def parse_iana_referral(text: str) -> str:
    """The WHOIS server in IANA's answer about an ending, or "" when it names none."""
    for key in ("whois", "refer"):
        if match := re.search(rf"^{key}:[ \t]*([\w.-]{{4,253}})\s*$", text[:65536], re.MULTILINE):
            return _host_name(match[1])
    return ""


def _host_name(text: str) -> str:
    try:
        host = parse_url(f"https://{text}/").host
    except BadUrl:
        return ""
    return host if _is_name(host) else ""


def _is_name(host: str) -> bool:
    """Whether a host is a name with a dot, not an address or a single label."""
    return "." in host and not host.rpartition(".")[2].isdigit()
