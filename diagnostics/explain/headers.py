"""Pasted headers: verdicts of SPF, DKIM and DMARC with alignment, and the path with its delays. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from publicsuffixlist import PublicSuffixList

from diagnostics.explain.advice import Advice
from diagnostics.explain.letter import Letter
from diagnostics.explain.model import HeaderReading, Hop, Item, Verdict
from diagnostics.explain.report import address_in
from diagnostics.model import Owner
from render.i18n import N_

MAX_HOPS = 30
_RESULT = re.compile(r"\b(spf|dkim|dmarc|arc)\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(
    r"\b(?:smtp\.(mailfrom|helo)|header\.(from|d|i))\s*=\s*\"?([^\s;\"()]{1,253})", re.IGNORECASE
)
_FROM = re.compile(r"\bfrom\s+([\w.\[\]:-]{2,253})", re.IGNORECASE)
_BY = re.compile(r"\bby\s+([\w.-]{2,253})", re.IGNORECASE)
_ID = re.compile(r"\bid\s+([\w.-]{6,60})")
_SUFFIXES = PublicSuffixList(only_icann=True)

FINE = Advice(
    Owner.NOBODY,
    N_("These are the headers of a message that got through"),
    N_(
        "We read who vouched for the sender and which way the message took. They report no failure."
    ),
    N_(
        "If the message arrived late, look at the longest delay on its way. If it landed in spam, look at the verdicts."
    ),
    ("mail-lands-in-spam", "mail-lost"),
)


def reading(letter: Letter) -> HeaderReading | None:
    """What the headers of a message tell; None when they tell neither a verdict nor a path."""
    author = _domain(address_in(letter.header("from")))
    verdicts = _verdicts(letter, author)
    received = letter.all("received")[:MAX_HOPS]
    if not verdicts and not received:
        return None
    ids = tuple(m[1] for line in received if (m := _ID.search(line)))
    return HeaderReading(author, verdicts, _path(received), letter.header("message-id")[:200], ids)


def failed(seen: HeaderReading) -> bool:
    """Whether the message failed to prove its sender: DMARC decides, else SPF and DKIM together."""
    results = {v.method: v.result for v in seen.verdicts if v.method != "dkim"}
    dkim = [v.result for v in seen.verdicts if v.method == "dkim"]
    if "dmarc" in results:
        return results["dmarc"] in ("fail", "permerror")
    bad = ("fail", "softfail", "permerror")
    return results.get("spf") in bad and "pass" not in dkim


def summary(seen: HeaderReading) -> str:
    """The verdicts on one line, as headers write them."""
    return "; ".join(f"{v.method}={v.result} ({v.domain})" for v in seen.verdicts)


def joined_to(item: Item, seen: HeaderReading | None) -> Item:
    return item if seen is None else replace(item, headers=seen)


def _verdicts(letter: Letter, author: str) -> tuple[Verdict, ...]:
    """The topmost Authentication-Results is the receiver's own; those below anyone may have written."""
    found: list[Verdict] = []
    for line in letter.all("authentication-results")[:1]:
        pieces = line[:6_000].split(";")
        matches = ((piece, _RESULT.search(piece)) for piece in pieces)
        found.extend(_verdict(m[1].lower(), m[2].lower(), p, author) for p, m in matches if m)
    if not found and (spf := letter.header("received-spf")):
        result = spf.split(" ", 1)[0].strip(" (").lower()[:20]
        about = _domain(address_in(spf.partition("envelope-from=")[2]) or address_in(spf))
        found.append(Verdict("spf", result, about, _aligned(about, author)))
    return tuple(found[:12])


def _verdict(method: str, result: str, piece: str, author: str) -> Verdict:
    about = ""
    for match in _PROPERTY.finditer(piece):
        about = match[3].rpartition("@")[2].lower().strip(".>")
        if (match[1] or match[2]).lower() in ("mailfrom", "d", "from"):
            break
    return Verdict(method, result, about, _aligned(about, author))


def _aligned(about: str, author: str) -> bool | None:
    """Relaxed alignment: the same organisational domain (RFC 9989)."""
    if not about or not author:
        return None
    return _organisation(about) == _organisation(author)


def _organisation(name: str) -> str:
    return str(_SUFFIXES.privatesuffix(name) or name)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower().strip(".") if "@" in address else ""


def _path(received: tuple[str, ...]) -> tuple[Hop, ...]:
    """Servers in the order of travel. A clock that runs back gives no delay, not a negative one."""
    hops: list[Hop] = []
    before: datetime | None = None
    for line in reversed(received):
        by, came = _BY.search(line), _FROM.search(line)
        at = _moment(line.rpartition(";")[2])
        delay = at - before if at and before and at >= before else None
        hops.append(Hop(by[1].lower() if by else "", came[1].lower() if came else "", at, delay))
        before = at or before
    return tuple(hops)


def _moment(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text.strip()[:80])
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
