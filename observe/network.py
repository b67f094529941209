"""The network settings: resolvers, root hints, host map, trust roots. Values only.

Parses and validates the `[network]` table; opens no connection.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from clock import Clock, SystemClock
from facts import Vantage
from observe.registry_pacing import RegistryPacing

# The root servers (https://www.iana.org/domains/root/servers): name, address.
IANA_ROOT_SERVERS: tuple[tuple[str, str], ...] = tuple(
    (f"{letter}.root-servers.net", address)
    for letter, addresses in {
        "a": ("198.41.0.4", "2001:503:ba3e::2:30"),
        "b": ("170.247.170.2", "2801:1b8:10::b"),
        "c": ("192.33.4.12", "2001:500:2::c"),
        "d": ("199.7.91.13", "2001:500:2d::d"),
        "e": ("192.203.230.10", "2001:500:a8::e"),
        "f": ("192.5.5.241", "2001:500:2f::f"),
        "g": ("192.112.36.4", "2001:500:12::d0d"),
        "h": ("198.97.190.53", "2001:500:1::53"),
        "i": ("192.36.148.17", "2001:7fe::53"),
        "j": ("192.58.128.30", "2001:503:c27::2:30"),
        "k": ("193.0.14.129", "2001:7fd::1"),
        "l": ("199.7.83.42", "2001:500:9f::42"),
        "m": ("202.12.27.33", "2001:dc3::35"),
    }.items()
    for address in addresses
)


# The root's keys as DS records (https://data.iana.org/root-anchors/root-anchors.xml).
ROOT_ANCHOR: tuple[str, ...] = (
    "20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    "38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
)

IANA_RDAP_BOOTSTRAP = "https://data.iana.org/rdap/dns.json"


class NetworkError(ValueError):
    """An invalid `[network]` value; the message names the key."""


def endpoint(text: str, port: int) -> tuple[str, int]:
    """Split "ip", "ip:port", "v6" or "[v6]:port" (also a name); `port` when none is written."""
    stripped, parsed_port = text.strip(), port
    if stripped.startswith("["):
        host, _, after_bracket = stripped[1:].partition("]")
        if after_bracket and not after_bracket.startswith(":"):
            raise NetworkError(f"{text!r} is not an address with a port")
        port_text = after_bracket[1:] if after_bracket else ""
    elif stripped.count(":") == 1:
        host, _, port_text = stripped.partition(":")
    else:
        host, port_text = stripped, ""
    if port_text:
        if not (port_text.isascii() and port_text.isdigit() and 0 < int(port_text) < 65536):
            raise NetworkError(f"{text!r}: the port is a number from 1 to 65535")
        parsed_port = int(port_text)
    if not host:
        raise NetworkError(f"{text!r} names no host")
    return host, parsed_port


def join_endpoint(host: str, port: int) -> str:
    """The reverse of `endpoint`: "host:port", an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class Network:
    """The network as a run sees it; all texts as in the `[network]` table.

    An empty `resolvers` means the machine's own; an empty `ca_bundle` its own trust roots (a
    path here replaces them). `hosts` keys are lower-case names or addresses, with or without a port.
    `trust_anchor` holds DS records of the root; `public_resolvers` are further resolvers whose
    caches are compared. `rdap_bootstrap` is where IANA's list of registries is fetched;
    `registries` what is remembered between two questions to them. `demo_domains` are all that
    exist on the network of a demo; () on every other.
    """

    resolvers: tuple[str, ...] = ()
    root_hints: tuple[tuple[str, str], ...] = IANA_ROOT_SERVERS
    allow: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    closed: bool = False
    rdap: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    whois: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ca_bundle: str = ""
    dnsbl: tuple[str, ...] = ()
    trust_anchor: tuple[str, ...] = ()
    public_resolvers: tuple[str, ...] = ()
    vantage: Vantage = field(default_factory=lambda: Vantage("local"))
    clock: Clock = field(default_factory=SystemClock)
    rdap_bootstrap: str = IANA_RDAP_BOOTSTRAP
    demo_domains: tuple[str, ...] = ()
    registries: RegistryPacing = field(default_factory=RegistryPacing, compare=False)

    @property
    def has_own_root(self) -> bool:
        """Whether the operator configured root servers, which are dialled unguarded."""
        return self.root_hints != IANA_ROOT_SERVERS

    @property
    def anchor(self) -> tuple[str, ...]:
        """The DS records of the root for validation; () for an own root without an anchor."""
        return self.trust_anchor or (() if self.has_own_root else ROOT_ANCHOR)

    @classmethod
    def from_table(
        cls,
        table: Mapping[str, object],
        *,
        clock: Clock | None = None,
        vantage: Vantage | None = None,
    ) -> Network:
        """Parse a `[network]` table as TOML gives it. Raises NetworkError, naming the key.

        `root_hints` may be a list of "address[:port]", a table name → address, or the path of a
        named.root file.
        """
        unknown = sorted(set(table) - _KEYS)
        if unknown:
            raise NetworkError(f"network: unknown key {unknown[0]!r}")
        hints = table.get("root_hints")
        net = cls(
            resolvers=_endpoints(table, "resolvers", 53),
            root_hints=_hints(hints) if hints else IANA_ROOT_SERVERS,
            allow=_networks(_texts(table, "allow")),
            hosts=_host_map(_table(table, "hosts")),
            closed=_flag(table, "closed"),
            rdap=_lower_keys(_table(table, "rdap")),
            whois=_lower_keys(_table(table, "whois")),
            ca_bundle=str(table.get("ca_bundle") or ""),
            dnsbl=_texts(table, "dnsbl"),
            trust_anchor=_anchors(table),
            public_resolvers=_endpoints(table, "public_resolvers", 53),
            rdap_bootstrap=str(table.get("rdap_bootstrap") or IANA_RDAP_BOOTSTRAP),
            demo_domains=_texts(table, "demo_domains"),
            vantage=vantage or Vantage("local"),
            clock=clock or SystemClock(),
        )
        for server in net.whois.values():
            endpoint(server, 43)
        return net


_HEX = re.compile(r"[0-9A-F]{40,}").fullmatch
_KEYS = frozenset(
    (
        *("resolvers", "root_hints", "allow", "hosts", "closed", "rdap", "whois", "ca_bundle"),
        *("dnsbl", "trust_anchor", "public_resolvers", "rdap_bootstrap", "demo_domains"),
    )
)


def _texts(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, ())
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise NetworkError(f"network.{key}: a list of texts is expected")
    return tuple(str(v) for v in value)


def _anchors(table: Mapping[str, object]) -> tuple[str, ...]:
    """DS records of the root, with or without "… IN DS" before them."""
    ds_records = []
    configured = table.get("trust_anchor") or ()
    for text in (configured,) if isinstance(configured, str) else _texts(table, "trust_anchor"):
        fields = text.upper().rpartition(" DS ")[2].split()
        digest = "".join(fields[3:])
        if len(fields) < 4 or not all(f.isdecimal() for f in fields[:3]) or not _HEX(digest):
            raise NetworkError(f"network.trust_anchor: {text!r} is not a DS record")
        ds_records.append(" ".join((*fields[:3], digest)))
    return tuple(ds_records)


def _table(table: Mapping[str, object], key: str) -> dict[str, str]:
    value = table.get(key, {})
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise NetworkError(f"network.{key}: a table of texts is expected")
    return {str(k): str(v) for k, v in value.items()}


def _flag(table: Mapping[str, object], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise NetworkError(f"network.{key}: true or false is expected")
    return value


def _lower_keys(table: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({k.lower().strip("."): v for k, v in table.items()})


def _endpoints(table: Mapping[str, object], key: str, port: int) -> tuple[str, ...]:
    texts = _texts(table, key)
    for text in texts:
        _check_address(endpoint(text, port)[0], f"network.{key}")
    return texts


def _check_address(text: str, key: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError as error:
        raise NetworkError(f"{key}: {text!r} is not an IP address") from error


def _networks(texts: Iterable[str]) -> tuple[str, ...]:
    for text in texts:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise NetworkError(f"network.allow: {text!r} is not an address or network") from error
    return tuple(texts)


def _host_map(table: Mapping[str, str]) -> Mapping[str, str]:
    """Keys normalised: lower case, IPv6 addresses compressed and bracketed when with a port."""
    mapped: dict[str, str] = {}
    for key, target in table.items():
        _check_address(endpoint(target, 1)[0], f"network.hosts.{key}")
        host, port = endpoint(key, 0)
        mapped[host_key(host, port)] = target
    return MappingProxyType(mapped)


def host_key(host: str, port: int = 0) -> str:
    """How a name or address, with an optional port, is written as a key of `hosts`."""
    name = host.lower().rstrip(".")
    with contextlib.suppress(ValueError):
        name = str(ipaddress.ip_address(name))
    return join_endpoint(name, port) if port else name


def _hints(value: object) -> tuple[tuple[str, str], ...]:
    if isinstance(value, str):
        pairs = _named_root(Path(value).read_text(encoding="utf-8"))
    elif isinstance(value, Mapping):
        pairs = tuple((str(name), str(address)) for name, address in value.items())
    elif isinstance(value, list | tuple):
        pairs = tuple(_hint(item) for item in value)
    else:
        raise NetworkError("network.root_hints: a list, a table or a path is expected")
    if not pairs:
        raise NetworkError("network.root_hints: no address found")
    for _, address in pairs:
        _check_address(endpoint(address, 53)[0], "network.root_hints")
    return pairs


def _hint(item: object) -> tuple[str, str]:
    if isinstance(item, list | tuple) and len(item) == 2:
        return str(item[0]), str(item[1])
    return "", str(item)


def _named_root(text: str) -> tuple[tuple[str, str], ...]:
    """The A and AAAA lines of a named.root file."""
    rows = (line.split(";")[0].split() for line in text.splitlines())
    return tuple(
        (row[0].lower().rstrip("."), row[-1])
        for row in rows
        if len(row) >= 3 and row[-2].upper() in ("A", "AAAA")
    )
