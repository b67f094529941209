"""Address guard against SSRF: which addresses may be dialled, and the host map's routes.

Addresses in, Route or Trouble out; no I/O. Applied at the socket, on every hop, and before the
host map.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

from observe.network import Network, endpoint, host_key
from standards.dns_types import Trouble

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Block = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA special-purpose registries (RFC 6890) and addresses that clouds answer on from inside.
SPECIAL_PURPOSE_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own services, public in form only
        "169.254.0.0/16",  # link-local and cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")  # all that is assigned for the public (RFC 4291)
SPECIAL_PURPOSE_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
    )
)
NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
COMPAT = ipaddress.IPv6Network("::/96")
TEREDO = ipaddress.IPv6Network("2001::/32")
# Above 1023, ports that browsers refuse too (WHATWG Fetch, "bad port").
BAD_PORTS = frozenset(
    (1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6697, 10080)
)


# The detail of a refused route.
REFUSAL_DETAIL = {
    Trouble.BLOCKED: "not a public address",
    Trouble.UNREACHABLE: "not part of this closed network",
}


@dataclass(frozen=True, slots=True)
class Route:
    """The address and port to connect to: the host map's target for a mapped address."""

    ip: str
    port: int


def embedded_ipv4(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses that a translated or tunnelled form carries; none for a plain one."""
    if address.is_loopback or address.is_unspecified:
        return ()
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address in TEREDO:
        return address.teredo or ()
    low_bits = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in prefix for prefix in NAT64) or address in COMPAT:
        return (low_bits,)
    isatap = (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE  # RFC 5214, with either u bit
    return (low_bits,) if isatap else ()


def is_public(address: IpAddress) -> bool:
    """Whether an address is globally reachable (RFC 6890) and embeds no other."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in SPECIAL_PURPOSE_V4)
    if address.scope_id or embedded_ipv4(address):
        return False
    return address in GLOBAL_V6 and not any(address in block for block in SPECIAL_PURPOSE_V6)


def is_web_port(port: int) -> bool:
    """Whether HTTP requests may go to a port: 80, 443, or an unprivileged one browsers allow."""
    return port in (80, 443) or (1024 <= port < 65536 and port not in BAD_PORTS)


@lru_cache(maxsize=64)
def _networks(texts: tuple[str, ...]) -> tuple[Block, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


@lru_cache(maxsize=4096)
def parse_address(text: str) -> IpAddress | None:
    """Parse an IP address; None when the text is none."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _is_permitted(text: str, allow: tuple[str, ...]) -> bool:
    address = parse_address(text)
    return address is not None and _is_allowed(address, _networks(allow))


def _is_allowed(address: IpAddress, allow: tuple[Block, ...]) -> bool:
    inner_addresses = embedded_ipv4(address) if isinstance(address, ipaddress.IPv6Address) else ()
    if any(address.version == block.version and address in block for block in allow):
        return all(_is_allowed(v4, allow) for v4 in inner_addresses)
    return is_public(address)


class Guard:
    """Decides which addresses may be dialled. Cheap to make; holds no state."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def permits(self, text: str) -> bool:
        """Whether an address may be dialled: a public one, or one the operator allows."""
        return _is_permitted(text, self._network.allow)

    def route(self, address: str, port: int, name: str = "") -> Route | Trouble:
        """The route to an address; BLOCKED when not permitted, UNREACHABLE in a closed network."""
        if not 0 < port < 65536 or not self.permits(address):
            return Trouble.BLOCKED
        return self._mapped_route(address, port, name) or (
            Trouble.UNREACHABLE if self._network.closed else Route(address, port)
        )

    def operator_route(self, address: str, port: int, name: str = "") -> Route:
        """The route to an address from our own configuration: mapped if listed, else as it is."""
        return self._mapped_route(address, port, name) or Route(address, port)

    def _mapped_route(self, address: str, port: int, name: str) -> Route | None:
        hosts = self._network.hosts
        if not hosts:
            return None
        keys = [host_key(name, port), host_key(name)] if name else []
        keys += [host_key(address, port), host_key(address)]
        target = next((hosts[key] for key in keys if key in hosts), None)
        return Route(*endpoint(target, port)) if target else None
