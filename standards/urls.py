"""Parses HTTP and HTTPS URLs and hosts as browsers do (RFC 3986, UTS 46), limited to what can be fetched."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

import idna

MAX_URL = 4096
_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SAFE = "!#$%&'()*+,/:;=?@[]~-._"


class BadUrl(ValueError):
    """The text is no fetchable http or https URL; the message says why."""


@dataclass(frozen=True, slots=True)
class Url:
    """A parsed URL: `host` is in A-labels or an IP address, `target` (path and query) begins with "/"."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The Host header: the port only when it is not the scheme's own (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def is_address(text: str) -> bool:
    """Whether a text is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def ascii_host(host: str) -> str:
    """A host name in lower-case A-labels, or an IP address in plain form. Raises BadUrl.

    Numbers in other bases or with missing parts (0x7f.1, 2130706433) are refused: they serve only
    to disguise an address.
    """
    name = host.strip().rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(name.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise BadUrl("the name is not a valid internationalised name") from error
    labels = name.split(".")
    if len(name) > 253 or not all(len(label) < 64 and _LABEL.match(label) for label in labels):
        raise BadUrl("the name holds characters no host name has")
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        raise BadUrl("the host is a number that is no plain address")
    return name


@lru_cache(maxsize=8192)
def parse_url(text: str) -> Url:
    """Parse an absolute http or https URL of at most MAX_URL characters. Raises BadUrl.

    User information and fragment are dropped.
    """
    if len(text) > MAX_URL:
        raise BadUrl("the address is too long")
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise BadUrl("the address cannot be read") from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise BadUrl("the address is not http or https")
    if not parts.hostname or port == 0:
        raise BadUrl("the address names no host")
    path = _percent_encode(parts.path) or "/"
    target = f"{path}?{_percent_encode(parts.query)}" if parts.query else path
    return Url(scheme, ascii_host(parts.hostname), port or _PORTS[scheme], target)


def resolve_location(base: Url, location: str) -> Url:
    """The target of a Location header relative to a URL (RFC 9110, 10.2.2). Raises BadUrl."""
    cleaned = "".join(c for c in location.strip() if c not in "\t\r\n")
    if len(cleaned) > MAX_URL:
        raise BadUrl("the address is too long")
    try:
        return parse_url(urljoin(str(base), cleaned))
    except BadUrl:
        raise
    except ValueError as error:
        raise BadUrl("the address cannot be read") from error


def _percent_encode(text: str) -> str:
    """Percent-encode what may not stand in a request line; existing escapes stay. Half a surrogate
    pair becomes U+FFFD, as in browsers: "?" in its place would begin a query."""
    return quote(_SURROGATE.sub("\ufffd", text), safe=_SAFE)
