"""Parses texts of the configuration as host, address, network or colour, or says why one is none. Pure.
Each raises ValueError with a plain reason that names the text and what is allowed.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from email.utils import parseaddr

_LABEL = re.compile(r"[^\W_]([\w\-]{0,61}\w)?|_[\w\-]{1,62}")
_COLOUR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def host(text: str) -> str:
    """A name or an IP address. Four numbers are an address, and must be one."""
    bare = text.removesuffix(".")
    if "*" in text:
        raise ValueError(
            f'"{text}" stands for many hosts; allowed is one, by its name or IP address'
        )
    if re.fullmatch(r"[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", text):
        return ip_address(text)
    labels = bare.split(".")
    if not bare or len(bare) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(
            f'"{text}" is no host; allowed is a name or an IP address, without a port or a path'
        )
    return text


def display_name(text: str) -> str:
    """A name that readers can see: not made of blanks, controls and marks of direction alone."""
    if not any(unicodedata.category(character)[0] not in "CZ" for character in text):
        codes = " ".join(f"U+{ord(character):04X}" for character in text[:5])
        raise ValueError(f"is made of characters that nobody sees ({codes})")
    return text


def ip_address(text: str) -> str:
    """An IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f'"{text}" is no IP address') from None
    return text


def ip_network(text: str) -> str:
    """An IP address or a network such as 192.0.2.0/24."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        allowed = "allowed is an address or a network such as 192.0.2.0/24"
        raise ValueError(f'"{text}" is no IP address; {allowed}') from None
    return text


def colour(text: str) -> str:
    """A colour as #rgb or #rrggbb."""
    if not _COLOUR.fullmatch(text):
        raise ValueError(f'"{text}" is no colour; allowed is one such as #0b6e4f')
    return text


def mail_sender(text: str) -> str:
    """Whom letters come from: an address, or "Name <address>"."""
    email_address(parseaddr(text)[1] or text)
    return text


def email_address(text: str) -> str:
    """An e-mail address, also at localhost, without a name beside it."""
    local, _, domain = text.rpartition("@")
    try:
        fits = bool(local) and not re.search(r"[\s<>,;@]", local) and bool(host(domain))
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f'"{text}" is no e-mail address')
    return text
