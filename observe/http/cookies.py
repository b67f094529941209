"""Cookies of one walk: kept by host and name, sent back to where they came from. Pure.

Of their attributes only the domain, `secure` and max-age=0 count; paths and other ends do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie

from facts import Exchange

MAX_COOKIES = 20
CookieJar = dict[tuple[str, str], tuple[str, bool]]  # (host or .domain, name) → (value, secure)


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
    """Store the cookies of a response. A full jar takes no more names; those it has are replaced."""
    for name, value in exchange.headers:
        if name != "set-cookie" or len(value) > 4096:
            continue
        try:
            parsed = SimpleCookie(value)
        except CookieError:
            continue
        for key, morsel in parsed.items():
            cookie_key = _cookie_domain(str(morsel["domain"]), host), key
            if morsel["max-age"] == "0":
                jar.pop(cookie_key, None)
            elif cookie_key not in jar and len(jar) >= MAX_COOKIES:
                continue
            elif morsel.coded_value.isascii() and morsel.coded_value.isprintable():
                jar[cookie_key] = (morsel.coded_value, bool(morsel["secure"]))


def _cookie_domain(attribute: str, host: str) -> str:
    """The scope of a cookie: its host, or all hosts below a parent domain of it."""
    parent = "." + attribute.strip().strip(".").lower()
    return parent if parent.count(".") > 1 and f".{host}".endswith(parent) else host
