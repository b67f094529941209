"""Probe kinds: one file each, observing with sockets and judging without. Registered in KINDS."""

from collections.abc import Mapping

from status.probing.kinds import (
    dns,
    domain,
    group,
    heartbeat,
    http,
    imap,
    manual,
    ping,
    pop3,
    smtp,
    tcp,
    tls,
)
from status.probing.probe_kind import ProbeKind

KINDS: tuple[ProbeKind, ...] = (
    http.KIND,
    dns.KIND,
    tcp.KIND,
    tls.KIND,
    smtp.KIND,
    imap.KIND,
    pop3.KIND,
    ping.KIND,
    domain.KIND,
    heartbeat.KIND,
    group.KIND,
    manual.KIND,
)
_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(name: str) -> ProbeKind:
    """The kind of that name. Raises KeyError."""
    return _BY_NAME[name]


def check(kind: str, settings: Mapping[str, object]) -> None:
    """Return when a probe may be configured so; raise ValueError with a plain reason."""
    if kind not in _BY_NAME:
        raise ValueError(f"unknown kind {kind!r}; known kinds: {', '.join(_BY_NAME)}")
    kind_of(kind).check(settings)
