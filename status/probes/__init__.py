"""Probe kinds: one file each, observing with sockets and judging without. Registered in KINDS."""

from collections.abc import Mapping

from status.probes import dns, http, tcp
from status.probes.kind import Kind

KINDS: tuple[Kind, ...] = (http.KIND, dns.KIND, tcp.KIND)


def kind_of(name: str) -> Kind:
    """The kind of that name. Raises KeyError."""
    return {kind.name: kind for kind in KINDS}[name]


def check(kind: str, settings: Mapping[str, object]) -> None:
    """Return when a probe may be configured so; raise ValueError with a plain reason."""
    names = [k.name for k in KINDS]
    if kind not in names:
        raise ValueError(f"unknown kind {kind!r}; known kinds: {', '.join(names)}")
    kind_of(kind).check(settings)
