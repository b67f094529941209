"""Functions that the checks of mail share: MX addresses, TXT records, SPF terms. No opinions, no messages."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.checks.mail.mx import has_null_mx, is_provider_host
from diagnostics.checks.readings import unknown_finding
from diagnostics.evidence.keys import EXPECTED, HOSTING, MAIL, SPF
from diagnostics.model import Case, Evidence, Finding, Missing
from facts import Exchange
from standards.dns_types import Record
from standards.spf.correction import VERSION, quote_txt
from standards.urls import is_address

NO_MAIL = f"{VERSION} -all"


def sends_through_provider(evidence: Evidence) -> bool:
    """Whether this provider's servers send the domain's mail: its mailboxes are here."""
    mail, hosting = evidence.get(MAIL), evidence.get(HOSTING)
    if mail is None or has_null_mx(mail) or not mail.hosts:
        return False
    if hosting is not None and hosting.mail_local is not None:
        return hosting.mail_local
    expected = evidence.get(EXPECTED)
    hosts = [h.name for h in mail.hosts if h.name and not is_address(h.name)]
    return bool(expected and hosts) and all(
        is_provider_host(h, expected, mail) for h in hosts if expected
    )


def provider_terms(case: Case) -> tuple[str, ...]:
    """The terms that let the provider's servers send: its include, else its addresses."""
    expected = case.evidence.get(EXPECTED)
    if expected is None:
        return ()
    if expected.spf_include:
        return (f"include:{expected.spf_include}",)
    return tuple(f"ip{6 if ':' in a else 4}:{a}" for a in expected.outgoing[:8])


def txt_records(name: str, text: str) -> tuple[Record, ...]:
    """The TXT record to set, in strings of a length that DNS can hold; () for no text."""
    return (Record(name, "TXT", 3600, quote_txt(text)),) if text else ()


def no_dialogue_finding(check: str, why: str) -> Finding:
    """No mail server was talked to, which is our choice or our limit and tells nothing of them."""
    if why == "no_account":
        return unknown_finding(check, what="mail", missing=Missing.SKIPPED.value, detail=why)
    if why in ("port25", "no_ipv6_here"):
        return unknown_finding(check, what="mail", detail=why)
    return unknown_finding(check, what="mail", missing=Missing.WITHHELD.value)


def is_spf_readable(case: Case) -> bool:
    """Whether the domain has an SPF record that receivers can read, for checks that need SPF."""
    return case.evidence[SPF].tree.is_readable


def are_mail_records_seen(case: Case) -> bool:
    """Whether anybody told the domain's MX records, or that it has none."""
    return any(not x.trouble and x.rcode == "NOERROR" for x in case.evidence[MAIL].mx)


def mx_addresses(case: Case) -> tuple[str, ...]:
    """The addresses of all mail servers of the domain; () unless every one is known."""
    mail = case.evidence.get(MAIL)
    addresses_by_host: Sequence[tuple[str, ...]] = [h.addresses for h in mail.hosts] if mail else ()
    return (
        tuple(dict.fromkeys(a for addresses in addresses_by_host for a in addresses))
        if all(addresses_by_host)
        else ()
    )


def has_valid_certificate(response: Exchange) -> bool:
    """Whether a file came over https with a certificate that is trusted, in date and fits."""
    handshake = response.handshake
    if handshake is None or not handshake.chain:
        return False
    return handshake.is_accepted(response.at)
