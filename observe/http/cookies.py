"""Cookies of one walk: kept by host and name, sent back to where they came from. Pure.

Read as browsers do (RFC 6265, 5.2 and 5.3), save that paths do not count, nor an end that lies
ahead: a walk is over before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from facts import Exchange

MAX_COOKIES = 20
CookieJar = dict[tuple[str, str], tuple[str, bool]]  # (host or .domain, name) → (value, secure)
_MAX_AGE = re.compile(r"-?[0-9]+")
# The parts of a date (RFC 6265, 5.1.1), in whatever order they stand.
_DATE_DELIMITERS = re.compile(r"[\t -/;-@\[-`{-~]+")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY = re.compile(r"([0-9]{1,2})(?![0-9])")
_YEAR = re.compile(r"([0-9]{2,4})(?![0-9])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def cookie_header(
    jar: CookieJar, host: str, headers: Sequence[tuple[str, str]], *, is_secure: bool
) -> str:
    """The cookies for a host: those of `headers`, replaced by what servers set of the same name."""
    ours = ";".join(value for name, value in headers if name.lower() == "cookie")
    sent = {
        name.strip(): value.strip()
        for name, equals, value in (pair.partition("=") for pair in ours.split(";"))
        if equals
    }
    sent |= cookies_for(jar, host, is_secure=is_secure)
    return "; ".join(f"{name}={value}" for name, value in sent.items())


def cookies_for(jar: CookieJar, host: str, *, is_secure: bool) -> dict[str, str]:
    """Name → value of what a host is sent."""
    return {
        name: value
        for (domain, name), (value, for_https) in sorted(jar.items())
        if (is_secure or not for_https)
        and (host == domain or (domain.startswith(".") and f".{host}".endswith(domain)))
    }


def store_cookies(jar: CookieJar, host: str, exchange: Exchange) -> None:
    """Store the cookies of a response. A full jar takes no more names; those it has are replaced,
    and what has ended by the time of the response is taken out."""
    for header, line in exchange.headers:
        if header != "set-cookie" or len(line) > 4096:
            continue
        pair, *parts = line.split(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        attributes = _attributes(parts)
        domain = _cookie_domain(attributes.get("domain", ""), host)
        if not (name and equals and domain and (name + value).isascii()):
            continue
        if _has_ended(attributes, exchange.at):
            jar.pop((domain, name), None)
        elif (domain, name) not in jar and len(jar) >= MAX_COOKIES:
            continue
        elif (name + value).isprintable():
            jar[domain, name] = (value, "secure" in attributes)


def _attributes(parts: Sequence[str]) -> dict[str, str]:
    """Lower-case name → value; of several of one name the last counts."""
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _has_ended(attributes: Mapping[str, str], at: datetime) -> bool:
    """Whether its end has come; max-age goes before a date, and what nobody can read is none."""
    max_age = attributes.get("max-age", "")
    if _MAX_AGE.fullmatch(max_age):
        return max_age.startswith("-") or not max_age.strip("0")
    expires = parse_cookie_date(attributes.get("expires", ""))
    return expires is not None and expires <= at


def parse_cookie_date(text: str) -> datetime | None:
    """A date as browsers read it in Expires (RFC 6265, 5.1.1), in UTC; None when it is none."""
    time, day, month, year = None, 0, 0, -1
    for token in _DATE_DELIMITERS.split(text[:100].lower()):
        if time is None and (match := _TIME.match(token)):
            time = int(match[1]), int(match[2]), int(match[3])
        elif not day and (match := _DAY.match(token)):
            day = int(match[1])
        elif not month and token[:3] in _MONTHS:
            month = _MONTHS.index(token[:3]) + 1
        elif year < 0 and (match := _YEAR.match(token)):
            year = int(match[1])
    if year < 100:
        year += 1900 if year >= 70 else 2000 if year >= 0 else 0
    if time is None or year < 1601:
        return None
    try:
        return datetime(year, month, day, *time, tzinfo=UTC)
    except ValueError:
        return None


def _cookie_domain(attribute: str, host: str) -> str:
    """The scope of a cookie: its host, or all hosts below a domain of it; "" where a browser takes
    none, as from a host for another one."""
    domain = attribute.lstrip(".").lower()
    if domain in ("", host):
        return f".{domain}" if "." in domain and not _is_address(domain) else host
    return f".{domain}" if "." in domain and f".{host}".endswith(f".{domain}") else ""


def _is_address(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdigit()
