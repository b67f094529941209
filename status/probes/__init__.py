"""Probe kinds: one file each, observing with sockets and judging without. Registered in KINDS."""

from status.probes import dns, http, tcp
from status.probes.kind import Kind

KINDS: tuple[Kind, ...] = (http.KIND, dns.KIND, tcp.KIND)


def kind_of(name: str) -> Kind:
    """The kind of that name. Raises KeyError."""
    return {kind.name: kind for kind in KINDS}[name]
