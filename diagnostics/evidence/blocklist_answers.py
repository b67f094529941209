"""The catalogue of blocklists (blocklists.toml) and the meaning of their answers (RFC 5782). Pure.

An answer is a listing only when its code says so: refusals and the answers of a resolver that
invents addresses are kept apart.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path

import msgspec

from diagnostics.evidence.mail import ListTest
from render.i18n import N_
from standards.dns_types import Lookup

FILE = Path(__file__).parent / "blocklists.toml"
REFUSALS = ("127.255.255.0/24",)  # the convention that Spamhaus began and others follow
LOOPBACK = ip_network("127.0.0.0/8")


class BlocklistAnswer(StrEnum):
    """What an answer amounts to."""

    CLEAR = "clear"
    LISTED = "listed"
    REFUSED = "refused"  # it does not answer us: limits, a public resolver, no key
    UNSEEN = "unseen"  # no answer came
    ODD = "odd"  # an answer that no blocklist gives


class BlocklistTrust(StrEnum):
    """Whether a list may be believed."""

    SOUND = "sound"
    REFUSED = "refused"
    UNSEEN = "unseen"
    LISTS_ALL = "lists_all"
    LISTS_NOTHING = "lists_nothing"


@dataclass(frozen=True, slots=True)
class Blocklist:
    """One blocklist as its operator describes it. `codes` maps an answer to a key of MEANINGS;
    with `bits` the last number of the answer is a sum of such. `page` is where to look and delist.
    """

    zone: str
    name: str
    page: str
    sorts: tuple[str, ...] = ()
    codes: Mapping[str, str] | None = None
    bits: Mapping[str, str] | None = None
    refusals: tuple[str, ...] = ()
    test: str = ""  # a domain it always lists, where that is not "test"


MEANINGS: Mapping[str, str] = {
    "spam": N_("It was seen sending unwanted mail."),
    "exploited": N_("A machine there seems to be taken over and sends mail by itself."),
    "policy": N_("Mail should not come from there at all, by its owner's own word."),
    "reputation": N_("Its reputation as a sender is low."),
    "phishing": N_("It was seen in messages that steal passwords."),
    "malware": N_("It was seen spreading harmful programs."),
    "abused": N_("It belongs to an honest owner, but somebody has broken in and abuses it."),
    "new": N_("The domain is so new that some receivers are cautious."),
    "listed": N_("The list gives no further reason."),
}


@cache
def load_blocklists() -> tuple[Blocklist, ...]:
    """Every list of the file."""
    entries = tomllib.loads(FILE.read_text("utf-8"))["list"]
    return msgspec.convert(entries, tuple[Blocklist, ...])


def find_blocklist(zone: str) -> Blocklist | None:
    """The list behind a zone, also when a customer key stands before its name."""
    return next(
        (k for k in load_blocklists() if zone == k.zone or zone.endswith(f".{k.zone}")), None
    )


def list_name(zone: str) -> str:
    """What to call a list; a zone may hold a secret key, so an unknown one shows its end only."""
    blocklist = find_blocklist(zone)
    return blocklist.name if blocklist else ".".join(zone.split(".")[-3:])


def classify_answer(zone: str, lookup: Lookup) -> BlocklistAnswer:
    """What one answer amounts to."""
    if lookup.trouble or lookup.rcode not in ("NOERROR", "NXDOMAIN"):
        return BlocklistAnswer.REFUSED if lookup.rcode == "REFUSED" else BlocklistAnswer.UNSEEN
    values = lookup.values("A")
    if not values:
        return BlocklistAnswer.CLEAR
    if any(_is_in_networks(v, _refusal_codes(zone)) for v in values):
        return BlocklistAnswer.REFUSED
    return (
        BlocklistAnswer.LISTED
        if all(_is_in_networks(v, (str(LOOPBACK),)) for v in values)
        else BlocklistAnswer.ODD
    )


def assess_trust(test: ListTest) -> BlocklistTrust:
    """Whether a list gives its test entries as it must (RFC 5782, 5)."""
    must, never = classify_answer(test.zone, test.must), classify_answer(test.zone, test.never)
    if never in (BlocklistAnswer.LISTED, BlocklistAnswer.ODD) or must is BlocklistAnswer.ODD:
        return BlocklistTrust.LISTS_ALL
    if BlocklistAnswer.REFUSED in (must, never):
        return BlocklistTrust.REFUSED
    if BlocklistAnswer.UNSEEN in (must, never):
        return BlocklistTrust.UNSEEN
    return BlocklistTrust.SOUND if must is BlocklistAnswer.LISTED else BlocklistTrust.LISTS_NOTHING


def listing_reason(zone: str, lookup: Lookup) -> str:
    """Why something is listed, as a msgid; by the list's own codes."""
    blocklist, values = find_blocklist(zone), lookup.values("A")
    keys: list[str] = []
    for value in values:
        if blocklist and blocklist.codes and value in blocklist.codes:
            keys.append(blocklist.codes[value])
        elif blocklist and blocklist.bits:
            last = int(value.rpartition(".")[2])
            keys += [key for bit, key in blocklist.bits.items() if last & int(bit)]
    return MEANINGS[next((k for k in MEANINGS if k in keys), "listed")]


def _refusal_codes(zone: str) -> tuple[str, ...]:
    blocklist = find_blocklist(zone)
    return (*REFUSALS, *(blocklist.refusals if blocklist else ()))


def _is_in_networks(value: str, networks: Iterable[str]) -> bool:
    try:
        address = ip_address(value)
    except ValueError:
        return False
    return any(
        address in ip_network(n) for n in networks if address.version == ip_network(n).version
    )
