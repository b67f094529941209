"""Who is asking, through the callable of whoever knows people, and from which address."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import g, request

from web.site import VisitorLike, plumbing


def current() -> VisitorLike:
    """Whoever sends this request; looked up once. Raises DatabaseAway."""
    visitor: VisitorLike | None = g.get("visitor")
    if visitor is None:
        visitor = g.visitor = plumbing().visitor(request)
    return visitor


def forget() -> None:
    """Look again: somebody has just signed in or out."""
    g.pop("visitor", None)
    g.pop("lang", None)


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_trusted_proxy(address: IPv4Address | IPv6Address) -> bool:
    return any(
        address.version == net.version and address in net for net in plumbing().trusted_proxies
    )


def address() -> str:
    """The visitor's address: the newest hop of X-Forwarded-For that is no proxy of ours."""
    hops = [request.remote_addr or "", *_forwarded()]
    nearest = ""
    for hop in hops:
        parsed = parse_address(hop)
        if parsed is None:
            break
        nearest = str(parsed)
        if not is_trusted_proxy(parsed):
            break
    return nearest or "unknown"


def _forwarded() -> list[str]:
    """X-Forwarded-For from the nearest hop to the farthest; bounded."""
    sent = ",".join(request.headers.getlist("X-Forwarded-For"))[-1000:]
    return [hop for hop in reversed(sent.split(",")) if hop.strip()]


def rate_limit_key() -> str:
    """The address for counting."""
    return rate_limit_key_of(address())


def rate_limit_key_of(address: str) -> str:
    """What an address counts as: a whole /64 is one asker (RFC 7934, 6)."""
    parsed = parse_address(address)
    return f"{parsed.exploded[:19]}::/64" if isinstance(parsed, IPv6Address) else address


def network_of(address: str) -> str:
    """The network that one provider's customer may have whole: a /24, or a /48 of IPv6; what is no
    address as it is. Takes an asker, too."""
    parsed = parse_address(address.partition("/")[0])
    if parsed is None:
        return address
    prefix = 48 if isinstance(parsed, IPv6Address) else 24
    return str(ip_network((parsed, prefix), strict=False))


def is_local() -> bool:
    """Whether the request comes from this very machine and not through somebody's proxy."""
    parsed = parse_address(address())
    direct = parse_address(request.remote_addr or "")
    forwarded = bool(_forwarded()) or "Forwarded" in request.headers
    if parsed is None or direct is None or not parsed.is_loopback:
        return False
    return not forwarded or is_trusted_proxy(direct)
