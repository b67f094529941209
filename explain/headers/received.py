"""The way of a message: Received headers of many mail systems to hops with delays. Pure.

Clocks differ: one that runs back gives a skew, never a negative delay.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from explain.model import Hop

MAX_HOPS = 30
MAX_LINE = 2_000
_FROM = re.compile(r"(?:^|\s)from\s+([\w.:\[\]-]{2,253})", re.IGNORECASE)
_BY = re.compile(r"(?<!invoked)(?:^|[\s)])by:?\s+([\w.:-]{2,253})", re.IGNORECASE)
_HELO = re.compile(r"\b(?:helo|ehlo)[ =]\[?([\w.:-]{2,253})", re.IGNORECASE)
_ADDRESS = re.compile(r"[\[(](?:IPv6:)?([0-9a-f.:]{4,45})(?:%\w+)?[\])]", re.IGNORECASE)
_WITH = re.compile(
    r"\bwith\s+(Microsoft SMTP Server|(?:UTF8)?(?:E?SMTP|LMTP)S?A?\b|HTTPS?|MAPI|local|bizsmtp|IMAP|POP3)",
    re.IGNORECASE,
)
_ID = re.compile(r"\bid\s+<?([\w.+=/-]{5,80})")
_VERSION = re.compile(r"^\d{1,3}\.\d{1,3}\.\d{1,5}\.\d{1,5}$")  # Exchange writes its version there
_TLS = re.compile(r"\btls|\bssl|cipher", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_DATE = re.compile(
    r"(?:\w{3},\s*)?\d{1,2}[ -]\w{3}[ -]\d{4},? \d{1,2}:\d\d(?::\d\d)?(?: [+-]\d{4}| [A-Z]{2,5})?"
)
# Names of zones that mail systems still write; e-mail's own parser knows the American ones.
_ZONES = {"CET": 60, "CEST": 120, "MET": 60, "MEST": 120, "EET": 120, "EEST": 180, "WET": 0,
          "WEST": 60, "BST": 60, "MSK": 180, "JST": 540, "UTC": 0, "Z": 0}  # fmt: skip
_ZONE = re.compile(r"\s([A-Z]{1,4})$")


def path(received: Sequence[str]) -> tuple[Hop, ...]:
    """Received headers, topmost first, to hops in the order of travel, with their delays."""
    hops = [_hop(line[:MAX_LINE]) for line in reversed(received[:MAX_HOPS])]
    return tuple(_timed(hops))


def total(hops: Sequence[Hop]) -> timedelta | None:
    """From the first to the last server; None when a date is missing or a clock is wrong."""
    times = [hop.at for hop in hops if hop.at is not None]
    whole = times[-1] - times[0] if len(times) > 1 else None
    return whole if whole is not None and whole >= timedelta() else None


def _hop(line: str) -> Hop:
    what, _, tail = line.rpartition(";")
    what, tail = (what, tail) if what else (line, line)
    by, came = _BY.search(what), _FROM.search(what)
    before_by = what[: by.start()] if by and came and came.start() < by.start() else what
    said = _WITH.search(what)
    helo = _HELO.search(before_by)
    name = came[1].strip("[]").lower() if came else ""
    if helo and name in ("", "unknown", "localhost"):
        name = helo[1].lower()
    queue = next((m[1] for m in _ID.finditer(what) if not _VERSION.match(m[1])), "")
    protocol = said[1] if said else ""
    return Hop(
        by[1].strip(".").lower() if by else "",
        name,
        moment(tail),
        None,
        ip=_peer(before_by, came) if came else "",
        protocol=protocol,
        secure=_secure(protocol, what),
        queue_id=queue.strip("."),
    )


def _peer(text: str, came: re.Match[str]) -> str:
    """The address it came from: the one the server saw, before the one the other side claimed."""
    return _address(text[came.end() :]) or _address(text)


def _address(text: str) -> str:
    for match in _ADDRESS.finditer(text):
        try:
            return str(ipaddress.ip_address(match[1]))
        except ValueError:
            continue
    return ""


def _secure(protocol: str, line: str) -> bool | None:
    """Whether this step was encrypted, as the protocol's name says (RFC 3848)."""
    upper = protocol.upper()
    if _TLS.search(line) or upper in ("HTTPS", "ESMTPS", "ESMTPSA", "LMTPS", "LMTPSA"):
        return True
    return False if "SMTP" in upper else None


def moment(text: str) -> datetime | None:
    """The date of a header, in UTC; None when there is none to read."""
    plain = " ".join(_COMMENT.sub(" ", text[-300:]).split())
    zone = _ZONE.search(plain)
    known = _ZONES.get(zone[1]) if zone else None
    for candidate in (plain, *(m[0] for m in _DATE.finditer(plain))):
        try:
            at = parsedate_to_datetime(candidate[:80])
            if at.tzinfo is None:
                at = at.replace(tzinfo=timezone(timedelta(minutes=known or 0)))
            return at.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _timed(hops: list[Hop]) -> list[Hop]:
    """Delays between clocks that agree. A server whose clock runs back is told, and not counted on
    when those after it agree with the one before."""
    told: list[Hop] = []
    before: datetime | None = None
    for at, hop in enumerate(hops):
        if hop.at is None or before is None or hop.at >= before:
            delay = hop.at - before if hop.at and before else None
            told.append(_with(hop, delay, None))
            before = hop.at or before
            continue
        told.append(_with(hop, None, before - hop.at))
        later = [h.at for h in hops[at + 1 :] if h.at is not None]
        if not any(moment_ >= before for moment_ in later):
            before = hop.at  # the one before was ahead, not this one behind
    return told


def _with(hop: Hop, delay: timedelta | None, skew: timedelta | None) -> Hop:
    return Hop(hop.server, hop.came_from, hop.at, delay, hop.ip, hop.protocol, hop.secure,
               hop.queue_id, skew)  # fmt: skip
