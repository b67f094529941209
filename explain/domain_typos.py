"""Mistyped domains of large mail providers: which one was meant (gmal.com: gmail.com), one edit away."""

from __future__ import annotations

from subject import has_known_ending

# Large mail providers; a domain one edit away from one of these is probably mistyped.
PROVIDERS = (
    "gmail.com", "seznam.cz", "email.cz", "centrum.cz", "volny.cz", "atlas.cz", "azet.sk",
    "zoznam.sk", "centrum.sk", "onet.pl", "interia.pl", "gazeta.pl", "tlen.pl", "t-com.hr",
    "inet.hr", "outlook.com", "hotmail.com", "icloud.com", "yahoo.com", "t-online.de", "orange.fr",
    "libero.it", "protonmail.com",
)  # fmt: skip
# Domains of others, one edit away from a provider all the same.
OTHERS = frozenset({
    "e-mail.cz", "emil.cz", "volna.cz", "volne.cz", "gazety.pl", "oranges.fr", "libera.it",
    "gail.com", "ymail.com",
})  # fmt: skip
_SLIPS_OF_COM = ("co", "cm", "om")  # endings of countries, where no large provider is


def intended_provider(name: str) -> str:
    """The provider whose domain was probably meant; "" for a provider's own or a distant name."""
    if name in PROVIDERS or name in OTHERS:
        return ""
    return next((provider for provider in PROVIDERS if _is_slip(name, provider)), "")


def _is_slip(name: str, provider: str) -> bool:
    """Whether a name is one edit away and most likely nobody's own: no other country's ending, and
    no other short word (mail.sk, cloud.com), as a short label or another first letter makes one."""
    if not _is_one_edit_away(name, provider):
        return False
    label, _, ending = name.partition(".")
    provider_label, _, provider_ending = provider.partition(".")
    if label == provider_label:
        return not has_known_ending(name) or (provider_ending == "com" and ending in _SLIPS_OF_COM)
    is_same_start = (
        label[:1] == provider_label[:1]
        or label[1:] == provider_label
        or sorted(label) == sorted(provider_label)
    )
    return len(provider_label) > 4 and (is_same_start or len(provider_label) > 6)


def _is_one_edit_away(name: str, provider: str) -> bool:
    """Whether one insertion, deletion, substitution or swap separates them."""
    if abs(len(name) - len(provider)) > 1:
        return False
    start = 0
    while start < min(len(name), len(provider)) and name[start] == provider[start]:
        start += 1
    tail, other_tail = name[start:], provider[start:]
    swapped = tail[:2] == other_tail[:2][::-1] and tail[2:] == other_tail[2:] and len(tail) > 1
    return swapped or tail[1:] == other_tail[1:] or tail[1:] == other_tail or tail == other_tail[1:]
