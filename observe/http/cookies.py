"""Cookies of one walk: kept by host and name, sent back to where they came from. Pure.

Read as browsers do (RFC 6265, 5.2 and 5.3), save that paths do not count, nor an end that lies
ahead: a walk is over before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from facts import Exchange
from observe.guard import parse_address
from standards.dmarc.alignment import organisational_domain_by_list

MAX_COOKIES = 20
CookieJar = dict[tuple[str, str], tuple[str, bool]]  # (host or .domain, name) → (value, secure)
_MAX_AGE = re.compile(r"-?[0-9]+")


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
    expires = _date_of(attributes.get("expires", ""))
    return expires is not None and expires <= at


def _date_of(text: str) -> datetime | None:
    """A date of Expires; None when it is none. As in browsers (RFC 6265, 5.1.1) a hyphen parts its
    words as a space does, and it is UTC whatever zone it names."""
    try:
        return parsedate_to_datetime(f"{text[:100].replace('-', ' ')} GMT").replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _cookie_domain(attribute: str, host: str) -> str:
    """The scope of a cookie: its host, or all hosts below a domain of it; "" where a browser takes
    none, as from a host for another one."""
    domain = attribute.lstrip(".").lower()
    if domain in ("", host):
        return f".{domain}" if "." in domain and parse_address(domain) is None else host
    is_parent = f".{host}".endswith(f".{domain}")
    is_registered = f".{domain}".endswith(f".{organisational_domain_by_list(host)}")
    return f".{domain}" if is_parent and is_registered else ""
