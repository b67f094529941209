"""Typing errors in the domains of large mail providers."""

from __future__ import annotations

# Large mail providers; a domain one edit away from one of these is probably mistyped.
PROVIDERS = (
    "gmail.com", "seznam.cz", "email.cz", "centrum.cz", "volny.cz", "post.cz", "atlas.cz",
    "azet.sk", "zoznam.sk", "post.sk", "centrum.sk", "gmail.sk", "wp.pl", "o2.pl", "onet.pl",
    "interia.pl", "gazeta.pl", "tlen.pl", "t-com.hr", "net.hr", "inet.hr", "outlook.com",
    "hotmail.com", "live.com", "icloud.com", "yahoo.com", "gmx.de", "gmx.at", "web.de",
    "t-online.de", "orange.fr", "libero.it", "protonmail.com", "mail.com", "email.com", "ymail.com",
)  # fmt: skip


def intended_provider(name: str) -> str:
    """The provider whose domain was probably meant; "" for a provider's own or a distant name."""
    if not name or name in PROVIDERS:
        return ""
    return next((provider for provider in PROVIDERS if _is_one_edit_away(name, provider)), "")


def _is_one_edit_away(name: str, provider: str) -> bool:
    """Whether one insertion, deletion, substitution or swap separates them; never for short names."""
    if abs(len(name) - len(provider)) > 1 or len(provider) < 7:
        return False
    start = 0
    while start < min(len(name), len(provider)) and name[start] == provider[start]:
        start += 1
    tail, other_tail = name[start:], provider[start:]
    swapped = tail[:2] == other_tail[:2][::-1] and tail[2:] == other_tail[2:] and len(tail) > 1
    return swapped or tail[1:] == other_tail[1:] or tail[1:] == other_tail or tail == other_tail[1:]
