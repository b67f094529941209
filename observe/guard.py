"""May this address be dialled, and where does it really go? Judged at the socket, on every hop.

Pure: addresses in, Route or Trouble out. The address is judged before the host map is applied.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

from observe.network import Network, endpoint, host_key
from standards.dns_types import Trouble

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Block = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA special-purpose registries (RFC 6890) and addresses that clouds answer on from inside.
REFUSED_V4 = tuple(
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
REFUSED_V6 = tuple(
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
NOT_WEB = frozenset((1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6697, 10080))


# Why no socket was opened, for experts.
WHY = {
    Trouble.BLOCKED: "not a public address",
    Trouble.UNREACHABLE: "not part of this closed network",
}


@dataclass(frozen=True, slots=True)
class Route:
    """Where the socket goes. For a mapped address this is the mapping's target."""

    ip: str
    port: int


def embedded(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses that a translated or tunnelled form carries; none for a plain one."""
    if address.is_loopback or address.is_unspecified:
        return ()
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address in TEREDO:
        return address.teredo or ()
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in prefix for prefix in NAT64) or address in COMPAT:
        return (low,)
    isatap = (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE  # RFC 5214, with either u bit
    return (low,) if isatap else ()


def is_public(address: Address) -> bool:
    """Is it an address of the public internet, in its plain form?"""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in REFUSED_V4)
    if address.scope_id or embedded(address):
        return False
    return address in GLOBAL_V6 and not any(address in block for block in REFUSED_V6)


def is_web_port(port: int) -> bool:
    """May an HTTP request go there? A redirect must not make us speak to a mail server."""
    return port in (80, 443) or (1024 <= port < 65536 and port not in NOT_WEB)


@lru_cache(maxsize=64)
def _networks(texts: tuple[str, ...]) -> tuple[Block, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


@lru_cache(maxsize=4096)
def read(text: str) -> Address | None:
    """An address as a value, or None for what is none."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _permitted(text: str, allow: tuple[str, ...]) -> bool:
    address = read(text)
    return address is not None and _allowed(address, _networks(allow))


def _allowed(address: Address, allow: tuple[Block, ...]) -> bool:
    inner = embedded(address) if isinstance(address, ipaddress.IPv6Address) else ()
    if any(address.version == block.version and address in block for block in allow):
        return all(_allowed(v4, allow) for v4 in inner)
    return is_public(address)


class Guard:
    """The consent every foreign address needs. Cheap to make; holds no state."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def permits(self, text: str) -> bool:
        """May this address be looked at: a public one, or one the operator allows?"""
        return _permitted(text, self._network.allow)

    def route(self, address: str, port: int, name: str = "") -> Route | Trouble:
        """Where to dial, or BLOCKED (the address is not for us) or UNREACHABLE (closed network)."""
        if not 0 < port < 65536 or not self.permits(address):
            return Trouble.BLOCKED
        return self._mapped(address, port, name) or (
            Trouble.UNREACHABLE if self._network.closed else Route(address, port)
        )

    def operator(self, address: str, port: int, name: str = "") -> Route:
        """Where to dial something the operator configured: mapped if listed, otherwise as it is."""
        return self._mapped(address, port, name) or Route(address, port)

    def _mapped(self, address: str, port: int, name: str) -> Route | None:
        hosts = self._network.hosts
        if not hosts:
            return None
        keys = [host_key(name, port), host_key(name)] if name else []
        keys += [host_key(address, port), host_key(address)]
        target = next((hosts[key] for key in keys if key in hosts), None)
        return Route(*endpoint(target, port)) if target else None
