"""WHOIS answers in each registry's own form (RFC 3912 only says: a line in, text out).

Pure texts; the forms follow what the registries print today.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lab.world import Manner


@dataclass(frozen=True, slots=True)
class Entry:
    """One registered name with its dates made out."""

    name: str
    created: datetime | None
    expires: datetime | None
    epp: tuple[str, ...]
    registrar: str
    nameservers: tuple[str, ...]
    signed: bool
    published: bool = True  # is it in the registry's zone
    manner: Manner = Manner.NORMAL


def cz(entry: Entry) -> str:
    """CZ.NIC: dd.mm.yyyy, the name servers in an nsset of their own."""
    status = "paid and in zone" if entry.published else "expired"
    lines = [
        "%  (c) CZ.NIC, z.s.p.o.",
        "%",
        "% Intended use of supplied data and information: see www.nic.cz",
        "",
        f"domain:       {entry.name}",
        "registrant:   LAB-HOLDER",
        "nsset:        LAB-NSSET",
        *(["keyset:       LAB-KEYSET"] if entry.signed else []),
        f"registrar:    REG-{entry.registrar.split()[0].upper()}",
        f"status:       {status}",
    ]
    if entry.created:
        lines.append(f"registered:   {entry.created:%d.%m.%Y %H:%M:%S}")
    if entry.expires:
        lines.append(f"expire:       {entry.expires:%d.%m.%Y}")
    lines += ["", "nsset:        LAB-NSSET"]
    lines += [f"nserver:      {server}" for server in entry.nameservers]
    return _text(lines)


def sk(entry: Entry) -> str:
    """SK-NIC: ISO dates, EPP states, aligned labels."""
    lines = [
        f"Domain:                       {entry.name}",
        "Registrant:                   LAB-0001",
    ]
    if entry.created:
        lines.append(f"Created:                      {entry.created:%Y-%m-%d}")
    if entry.expires:
        lines.append(f"Valid Until:                  {entry.expires:%Y-%m-%d}")
    lines += [f"Nameserver:                   {server}" for server in entry.nameservers]
    lines.append(f"EPP Status:                   {', '.join(entry.epp)}")
    lines += ["", f"Registrar:                    {entry.registrar}"]
    return _text(lines)


def pl(entry: Entry) -> str:
    """NASK: yyyy.mm.dd hh:mm:ss; the renewal date while active, and a trap below it."""
    servers = "\n                       ".join(f"{s}." for s in entry.nameservers) or "no"
    label = "renewal date:" if "pendingDelete" not in entry.epp else "expiration date:"
    lines = [
        "",
        f"DOMAIN NAME:           {entry.name}",
        "registrant type:       organization",
        f"nameservers:           {servers}",
    ]
    if entry.created:
        lines.append(f"created:               {entry.created:%Y.%m.%d %H:%M:%S}")
        lines.append(f"last modified:         {entry.created:%Y.%m.%d %H:%M:%S}")
    when = f"{entry.expires:%Y.%m.%d %H:%M:%S}" if entry.expires else "not defined"
    lines.append(f"{label:<23}{when}")
    if entry.created:
        trap = entry.created + timedelta(days=3650)
        lines += ["", f"option created:        {entry.created:%Y.%m.%d %H:%M:%S}"]
        lines.append(f"option expiration date:       {trap:%Y.%m.%d %H:%M:%S}")
    lines += ["", f"dnssec:                {'Signed' if entry.signed else 'Unsigned'}", ""]
    lines += ["", "REGISTRAR:", entry.registrar, "Laboratorní 1", "Polska/Poland"]
    return _text(lines)


def hr(entry: Entry) -> str:
    """CARNET: labels in the style of the generic registries."""
    lines = [f"Domain Name: {entry.name}", "Registrar WHOIS Server: whois.dns.hr"]
    if entry.created:
        lines.append(f"Creation Date: {entry.created:%Y-%m-%dT%H:%M:%SZ}")
    if entry.expires:
        stamp = f"{entry.expires:%Y-%m-%dT%H:%M:%SZ}"
        lines.append(f"Registrar Registration Expiration Date: {stamp}")
    lines.append(f"Registrar: {entry.registrar}")
    lines += [f"Name Server: {server}" for server in entry.nameservers]
    return _text(lines)


def eu(entry: Entry) -> str:
    """EURid: neither dates nor states."""
    lines = [
        "% The WHOIS service offered by EURid and the access to the records",
        "% in the EURid WHOIS database are provided for information purposes only.",
        "",
        f"Domain: {entry.name}",
        "Script: LATIN",
        "",
        "Registrant:",
        "        NOT DISCLOSED!",
        "        Visit www.eurid.eu for the web-based WHOIS.",
        "",
        "Registrar:",
        f"        Name: {entry.registrar}",
        "        Website: https://registrar-lab.example",
        "",
        "Name servers:",
    ]
    lines += [f"        {server}" for server in entry.nameservers]
    lines += ["", "Please visit www.eurid.eu for more info."]
    return _text(lines)


def com(entry: Entry) -> str:
    """Verisign: the thin registry's form, indented, upper-case names."""
    lines = [f"Domain Name: {entry.name.upper()}", "Registry Domain ID: 1_DOMAIN_COM-VRSN"]
    if entry.created:
        lines.append(f"Updated Date: {entry.created:%Y-%m-%dT%H:%M:%SZ}")
        lines.append(f"Creation Date: {entry.created:%Y-%m-%dT%H:%M:%SZ}")
    if entry.expires:
        lines.append(f"Registry Expiry Date: {entry.expires:%Y-%m-%dT%H:%M:%SZ}")
    lines.append(f"Registrar: {entry.registrar}")
    lines += [f"Domain Status: {s} https://icann.org/epp#{s}" for s in entry.epp]
    lines += [f"Name Server: {server.upper()}" for server in entry.nameservers]
    lines.append(f"DNSSEC: {'signedDelegation' if entry.signed else 'unsigned'}")
    return _text([f"   {line}" for line in lines])


def absent(top: str, name: str) -> str:
    """What each registry says of a name that nobody has."""
    return ABSENT.get(top, "No match for {name}.").format(name=name.upper()) + "\r\n"


def busy(top: str) -> str:
    """What each registry says to somebody who asks too often."""
    return BUSY.get(top, "Your connection limit exceeded. Please slow down and try again later.")


def _text(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"


FORMS: dict[str, Callable[[Entry], str]] = {
    "cz": cz,
    "sk": sk,
    "pl": pl,
    "hr": hr,
    "eu": eu,
    "com": com,
}
ABSENT = {
    "cz": "%ERROR:101: no entries found\r\n%\r\n% No entries found.",
    "sk": "Domain not found.",
    "pl": "No information available about domain name {name} in the Registry NASK database.",
    "hr": "%ERROR: no entries found",
    "eu": "Domain: {name}\r\nStatus: AVAILABLE",
    "com": 'No match for domain "{name}".',
}
BUSY = {
    "cz": "%ERROR:201: access denied\r\n% Your connection limit exceeded.",
    "pl": "request limit exceeded for 127.0.0.1",
    "eu": "-- EXCEEDED: Your query limit is exceeded. Please try again later.",
}
