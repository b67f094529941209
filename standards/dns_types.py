"""DNS look-ups and resource records as values, and the reasons why an answer is missing.

Names are lower-case A-labels without the trailing dot; times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NO_TIME = timedelta(0)


class Trouble(StrEnum):
    """Why an observation failed."""

    TIMEOUT = "timeout"
    REFUSED = "refused"
    RESET = "reset"
    UNREACHABLE = "unreachable"
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    TLS = "tls"
    PROTOCOL = "protocol"
    BLOCKED = "blocked"  # our own guard refused the address
    OVERBUDGET = "overbudget"  # our own limit of time, bytes or look-ups was reached


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record in presentation form (RFC 1035, 5.1). `ttl` in seconds."""

    name: str
    type: str
    ttl: int
    value: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """One DNS question to one server, with its whole answer.

    `server` is "address" or "address:port" as asked (before any mapping); `server_name` the
    name server's name when known. `flags` holds aa, tc, ra, ad as seen. `rcode` is "" on trouble.
    """

    name: str
    type: str
    server: str
    asked_at: datetime
    server_name: str = ""
    rcode: str = ""
    flags: tuple[str, ...] = ()
    answers: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()
    transport: str = "udp"
    elapsed: timedelta = NO_TIME
    trouble: Trouble | None = None
    detail: str = ""

    def values(self, type: str | None = None) -> tuple[str, ...]:
        """The rdata of one type in the answer section (by default of `type`), in server order."""
        record_type = type or self.type
        return tuple(r.value for r in self.answers if r.type == record_type)
