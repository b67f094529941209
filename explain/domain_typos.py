"""Slips of the pen in the names of large mail providers. Pure."""

from __future__ import annotations

# Providers people mistype; a name one slip away from one of these is asked about.
PROVIDERS = (
    "gmail.com", "seznam.cz", "email.cz", "centrum.cz", "volny.cz", "post.cz", "atlas.cz",
    "azet.sk", "zoznam.sk", "post.sk", "centrum.sk", "gmail.sk", "wp.pl", "o2.pl", "onet.pl",
    "interia.pl", "gazeta.pl", "tlen.pl", "t-com.hr", "net.hr", "inet.hr", "outlook.com",
    "hotmail.com", "live.com", "icloud.com", "yahoo.com", "gmx.de", "gmx.at", "web.de",
    "t-online.de", "orange.fr", "libero.it", "protonmail.com",
)  # fmt: skip


def mistyped(name: str) -> str:
    """The provider a domain was probably meant to be; "" when it is one, or far from all."""
    if not name or name in PROVIDERS:
        return ""
    return next((known for known in PROVIDERS if _one_slip(name, known)), "")


def _one_slip(a: str, b: str) -> bool:
    """One letter too many, missing, wrong, or two swapped. Short names are left alone."""
    if abs(len(a) - len(b)) > 1 or len(b) < 7:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest, other = a[start:], b[start:]
    swapped = rest[:2] == other[:2][::-1] and rest[2:] == other[2:] and len(rest) > 1
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]
