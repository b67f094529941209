"""Received headers of many mail systems, parsed to hops with delays.

A clock that runs back gives a skew, never a negative delay.
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
_WITH_PROTOCOL = re.compile(
    r"\bwith\s+(Microsoft SMTP Server|(?:UTF8)?(?:E?SMTP|LMTP)S?A?\b|HTTPS?|MAPI|local|bizsmtp|IMAP|POP3)",
    re.IGNORECASE,
)
_ID = re.compile(r"\bid\s+<?([\w.+=/-]{5,80})")
_VERSION = re.compile(r"^\d{1,3}\.\d{1,3}\.\d{1,5}\.\d{1,5}$")  # Exchange writes its version there
_TLS = re.compile(r"\btls|\bssl|cipher", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]{0,200}\)")
# A zone that stands only in a comment: "05:00:00 (CET)".
_ZONE_COMMENT = re.compile(
    r"(\d:\d\d(?::\d\d)?(?: \d{4})?)\s{1,4}\(\s{0,4}([A-Za-z]{1,5})\s{0,4}\)(?!\s{0,4}[+\-A-Za-z\d])"
)
_DATE = re.compile(
    r"(?:\w{3},\s*)?\d{1,2}[ -]\w{3}[ -]\d{4},? \d{1,2}:\d\d(?::\d\d)?(?: [+-]\d\d:?\d\d| [A-Za-z]+(?:[+-]\d{1,2}(?::?\d\d)?)?)?"
)
# Zone abbreviations that mean one thing, in minutes; the standard parser knows the American ones.
# IST, and whatever stands nowhere, is several zones: such a time is not known.
_ZONE_MINUTES = {
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120,
    "MET": 60, "MEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180,
    "MSD": 240, "TRT": 180, "WAT": 60, "CAT": 120, "SAST": 120, "EAT": 180, "PKT": 300, "NPT": 345,
    "ICT": 420, "WIB": 420, "WITA": 480, "WIT": 540, "HKT": 480, "SGT": 480, "MYT": 480,
    "PHT": 480, "KST": 540, "JST": 540, "AWST": 480, "ACST": 570, "ACDT": 630, "AEST": 600,
    "AEDT": 660, "NZST": 720, "NZDT": 780, "BRT": -180, "BRST": -120, "ART": -180, "CLT": -240,
    "CLST": -180, "NST": -210, "NDT": -150, "AKST": -540, "AKDT": -480, "HST": -600,
}  # fmt: skip
_ZONE = re.compile(r"\d:\d\d(?::\d\d)?(?: \d{4})?+ (\S+)")  # after the time, or a year behind it
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


def parse_path(received: Sequence[str]) -> tuple[Hop, ...]:
    """Received headers, topmost first, to hops in the order of travel, with their delays."""
    hops = [_parse_hop(line[:MAX_LINE]) for line in reversed(received[:MAX_HOPS])]
    return tuple(_with_delays(hops))


def total_delay(hops: Sequence[Hop]) -> timedelta | None:
    """The time from the first to the last server; None without two dates or when a clock is wrong."""
    times = [hop.at for hop in hops if hop.at is not None]
    span = times[-1] - times[0] if len(times) > 1 else None
    return span if span is not None and span >= timedelta() else None


def _parse_hop(line: str) -> Hop:
    clauses, _, date_text = line.rpartition(";")
    clauses, date_text = (clauses, date_text) if clauses else (line, line)
    by_clause, from_clause = _BY.search(clauses), _FROM.search(clauses)
    before_by = (
        clauses[: by_clause.start()]
        if by_clause and from_clause and from_clause.start() < by_clause.start()
        else clauses
    )
    with_clause = _WITH_PROTOCOL.search(clauses)
    helo = _HELO.search(before_by)
    name = from_clause[1].strip("[]").lower() if from_clause else ""
    if helo and name in ("", "unknown", "localhost"):
        name = helo[1].lower()
    queue_id = next((m[1] for m in _ID.finditer(clauses) if not _VERSION.match(m[1])), "")
    protocol = with_clause[1] if with_clause else ""
    return Hop(
        by_clause[1].strip(".").lower() if by_clause else "",
        name,
        parse_date(date_text),
        None,
        ip=_peer_address(before_by, from_clause) if from_clause else "",
        protocol=protocol,
        secure=_is_encrypted(protocol, clauses),
        queue_id=queue_id.strip("."),
    )


def _peer_address(text: str, from_clause: re.Match[str]) -> str:
    """The peer's address: the one the server recorded, else the one the peer claimed."""
    return _first_address(text[from_clause.end() :]) or _first_address(text)


def _first_address(text: str) -> str:
    for match in _ADDRESS.finditer(text):
        try:
            return str(ipaddress.ip_address(match[1]))
        except ValueError:
            continue
    return ""


def _is_encrypted(protocol: str, line: str) -> bool | None:
    """Whether this step was encrypted, as the protocol's name says (RFC 3848, RFC 6531)."""
    upper = protocol.upper()
    if _TLS.search(line) or upper.endswith(("PS", "PSA")):  # HTTPS, ESMTPS, UTF8LMTPSA …
        return True
    return False if "SMTP" in upper else None


def parse_date(text: str) -> datetime | None:
    """Parse the date of a header, in UTC; None when unreadable."""
    zoned_text = _ZONE_COMMENT.sub(r"\1 \2", text[-300:])
    date_text = " ".join(_COMMENT.sub(" ", zoned_text).split())
    for candidate in (date_text, *(m[0] for m in _DATE.finditer(date_text))):
        try:
            at = parsedate_to_datetime(candidate[:80])
            if at.tzinfo is None:
                at = at.replace(tzinfo=_named_zone(candidate))
            return at.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _named_zone(text: str) -> timezone:
    """The zone behind the time of a date, UTC without any. Raises ValueError for one that is not
    known: a time some hours off would be told as a delay."""
    match = _ZONE.search(text)
    zone = match[1].upper() if match else "UTC"
    if offset := _OFFSET.fullmatch(zone):
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-span if offset[1] == "-" else span)
    if zone not in _ZONE_MINUTES:
        raise ValueError(zone)
    return timezone(timedelta(minutes=_ZONE_MINUTES[zone]))


def _with_delays(hops: list[Hop]) -> list[Hop]:
    """The hops with delays between clocks that agree, and the skew of a clock that runs back, which
    is ignored when the later hops agree with the one before."""
    timed: list[Hop] = []
    previous: datetime | None = None
    for index, hop in enumerate(hops):
        if hop.at is None or previous is None or hop.at >= previous:
            delay = hop.at - previous if hop.at and previous else None
            timed.append(_with_timing(hop, delay, None))
            previous = hop.at or previous
            continue
        timed.append(_with_timing(hop, None, previous - hop.at))
        later = [h.at for h in hops[index + 1 :] if h.at is not None]
        if not any(later_time >= previous for later_time in later):
            previous = hop.at  # the one before was ahead, not this one behind
    return timed


def _with_timing(hop: Hop, delay: timedelta | None, skew: timedelta | None) -> Hop:
    return Hop(hop.server, hop.came_from, hop.at, delay, hop.ip, hop.protocol, hop.secure,
               hop.queue_id, skew)  # fmt: skip
