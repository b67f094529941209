"""The syntax of SPF records (RFC 7208, 4.6 and 12): parsed to terms, or the first error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from standards.spf.macros import MacroError, check_macros

QUALIFIERS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
MECHANISMS = ("all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists")
_MECHANISM = re.compile(r"([-+~?]?)([A-Za-z][A-Za-z0-9\-_.]*)([:/].*)?\Z", re.DOTALL)
_MODIFIER = re.compile(r"\A([A-Za-z][A-Za-z0-9\-_.]*)=(.*)\Z", re.DOTALL)
_CIDR = re.compile(r"(?:/(0|[1-9][0-9]{0,2}))?(?://(0|[1-9][0-9]{0,2}))?\Z")
_TOP_LABEL = re.compile(
    r"\.(?:[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])\.?\Z"
)
_MACRO_END = re.compile(r"%\{[^}]*\}\Z")


class SyntaxFault(Exception):
    """The record is malformed, a permerror. `term` is the malformed term, `reason` says why."""

    def __init__(self, term: str, reason: str) -> None:
        super().__init__(f"{term}: {reason}")
        self.term, self.reason = term, reason


@dataclass(frozen=True, slots=True)
class Term:
    """One directive: its text, the result of a match (pass, fail, softfail, neutral), its parts.

    `domain` is the domain-spec with macros, "" for the current domain; `cidr4`, `cidr6` prefix
    lengths; `address` for ip4 and ip6.
    """

    text: str
    result: str
    name: str
    domain: str = ""
    cidr4: int = 32
    cidr6: int = 128
    address: IPv4Address | IPv6Address | None = None


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """A valid record: its directives in order, and the targets of its modifiers ("" without)."""

    text: str
    terms: tuple[Term, ...]
    redirect: str = ""
    exp: str = ""


def is_spf(text: str) -> bool:
    """Whether a TXT value is an SPF version 1 record, valid or not (4.5)."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def parse_spf(text: str) -> SpfRecord:
    """Parse a record that begins with “v=spf1”. Raises SyntaxFault at the first malformed term."""
    terms: list[Term] = []
    modifiers: dict[str, str] = {}
    for word in (w for w in text[6:].split(" ") if w):
        if modifier := _MODIFIER.match(word):
            _parse_modifier(word, modifier[1].lower(), modifier[2], modifiers)
        else:
            terms.append(_parse_mechanism(word))
    return SpfRecord(text, tuple(terms), modifiers.get("redirect", ""), modifiers.get("exp", ""))


def _parse_modifier(word: str, name: str, value: str, modifiers: dict[str, str]) -> None:
    if name in ("redirect", "exp"):
        if name in modifiers:
            raise SyntaxFault(word, "given twice")
        modifiers[name] = _parse_domain_spec(word, value)
        return
    try:
        check_macros(value)
    except MacroError as error:
        raise SyntaxFault(word, str(error)) from error


def _parse_domain_spec(word: str, text: str) -> str:
    try:
        check_macros(text)
    except MacroError as error:
        raise SyntaxFault(word, str(error)) from error
    if not _MACRO_END.search(text) and not _TOP_LABEL.search(text):
        raise SyntaxFault(word, "no domain name")
    return text


def _parse_mechanism(word: str) -> Term:
    match = _MECHANISM.match(word)
    if not match or match[2].lower() not in MECHANISMS:
        raise SyntaxFault(word, "unknown mechanism")
    result = QUALIFIERS[match[1] or "+"]
    name, argument = match[2].lower(), match[3] or ""
    if name == "all":
        if argument:
            raise SyntaxFault(word, "takes no argument")
        return Term(word, result, name)
    if name in ("ip4", "ip6"):
        return _parse_ip_mechanism(word, result, name, argument)
    if name in ("include", "exists"):
        if not argument.startswith(":"):
            raise SyntaxFault(word, "needs a domain name")
        return Term(word, result, name, _parse_domain_spec(word, argument[1:]))
    return _parse_host_mechanism(word, result, name, argument)


def _parse_host_mechanism(word: str, result: str, name: str, argument: str) -> Term:
    domain, cidr = argument, ""
    if name != "ptr":
        slash = re.search(r"(/[0-9/]*)\Z", argument)
        if slash:
            domain, cidr = argument[: slash.start()], slash[1]
    if domain and not domain.startswith(":"):
        raise SyntaxFault(word, "malformed argument")
    spec = _parse_domain_spec(word, domain[1:]) if domain else ""
    cidr4, cidr6 = _parse_prefix_lengths(word, cidr)
    return Term(word, result, name, spec, cidr4, cidr6)


def _parse_prefix_lengths(word: str, cidr: str) -> tuple[int, int]:
    match = _CIDR.match(cidr)
    if not match:
        raise SyntaxFault(word, "malformed prefix length")
    cidr4 = int(match[1]) if match[1] else 32
    cidr6 = int(match[2]) if match[2] else 128
    if cidr4 > 32 or cidr6 > 128:
        raise SyntaxFault(word, "prefix length out of range")
    return cidr4, cidr6


def _parse_ip_mechanism(word: str, result: str, name: str, argument: str) -> Term:
    if not argument.startswith(":"):
        raise SyntaxFault(word, "needs an address")
    text, slash, length = argument[1:].partition("/")
    if slash and not re.fullmatch(r"0|[1-9][0-9]{0,2}", length):
        raise SyntaxFault(word, "malformed prefix length")
    try:
        address = IPv4Address(text) if name == "ip4" else IPv6Address(text)
    except AddressValueError as error:
        raise SyntaxFault(word, "not an address") from error
    bits = int(length) if slash else address.max_prefixlen
    if bits > address.max_prefixlen or "%" in text:
        raise SyntaxFault(word, "prefix length out of range")
    return Term(
        word,
        result,
        name,
        cidr4=bits if name == "ip4" else 32,
        cidr6=bits if name == "ip6" else 128,
        address=address,
    )
