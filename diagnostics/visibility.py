"""Whether a report may call a domain healthy or faulty: did the run see anything of it, or was it blind?

Pure. What a blind run did not find is no fault of the domain, and what it found no fault with is
not in order either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from diagnostics.evidence.keys import (
    DELEGATION,
    EXPECTED,
    HOSTING,
    INSTRUCTED,
    KNOWN_INCIDENT,
    MAIL,
    RECORDS,
    REGISTRATION,
    STANDPOINT,
)
from diagnostics.evidence.mail import MAILBOX, PORTS, SIGN_IN
from diagnostics.evidence.web import WEB
from diagnostics.model import Evidence, Finding, Missing
from standards.dns_types import Lookup, Trouble

# What is known without looking at the domain from outside: from the panel, the registry, ourselves.
WITHOUT_LOOKING = frozenset(
    key.name
    for key in (
        KNOWN_INCIDENT,
        STANDPOINT,
        HOSTING,
        EXPECTED,
        REGISTRATION,
        MAILBOX,
        SIGN_IN,
        INSTRUCTED,
    )
)

ANSWERS = ("NOERROR", "NXDOMAIN")  # the others say that a server could not or would not answer

# Why a collector had nobody to ask: what a blind run believes of the domain, and does not know.
NOBODY_TO_ASK = ("not_delegated", "no_server_address", "delegation_unknown", "no_address")


def own_fault(evidence: Evidence) -> str:
    """What of our own does not work, as the `detail` of a finding: "cut_off", "resolvers_silent"
    or ""."""
    standpoint = evidence.get(STANDPOINT)
    if standpoint is None:
        return ""
    return "cut_off" if standpoint.cut_off else "" if standpoint.resolving else "resolvers_silent"


def blindness(evidence: Evidence) -> Mapping[str, str] | None:
    """Why nothing was seen from outside, as arguments of an `.unknown` finding; None when
    something was.

    Blind is who could not walk to the domain and met no name, address or answer of it elsewhere.
    That a resolver knows of nothing is then no knowledge, for it may know of nothing at all.
    """
    walk = evidence.missing(DELEGATION)
    detail = own_fault(evidence)
    is_walk_lost = walk is not None and walk.missing in (Missing.TROUBLE, Missing.LATE)
    if not (is_walk_lost or detail) or _has_seen_anything(evidence):
        return None
    trouble = walk.trouble.value if walk is not None and walk.trouble else ""
    return {"what": DELEGATION.name, "trouble": trouble, "detail": detail}


def _has_seen_anything(evidence: Evidence) -> bool:
    if DELEGATION in evidence:
        return True
    web, mail = evidence.get(WEB), evidence.get(MAIL)
    records = evidence.get(RECORDS)
    lookups = (*(records.lookups if records else ()), *(mail.mx if mail else ()))
    return any(x.answers for x in lookups) or (
        web is not None and any(hop.ip for chain in web.chains for hop in chain.hops)
    )


def has_site_answered(evidence: Evidence) -> bool:
    """Whether the website gave any HTTP answer."""
    web = evidence.get(WEB)
    return web is not None and any(hop.status for chain in web.chains for hop in chain.hops)


def has_page_shown(evidence: Evidence) -> bool:
    """Whether the website showed an ordinary page: any walk to it arrived, and at a 2xx."""
    web = evidence.get(WEB)
    return web is not None and any(
        chain.outcome == "arrived" and chain.last.trouble is None and 200 <= chain.last.status < 300
        for chain in web.chains
        if chain.hops
    )


def has_mail_answered(evidence: Evidence) -> bool:
    """Whether any server spoke that mail goes to or is read at."""
    mail, ports = evidence.get(MAIL), evidence.get(PORTS)
    if mail is not None and any(h.dialogue is not None and h.dialogue.code for h in mail.hosts):
        return True
    return ports is not None and (
        any(x.trouble is None for x in ports.boxes)
        or any(x.trouble is None for x in ports.submissions)
    )


def is_unseen(finding: Finding) -> bool:
    """Whether an `.unknown` finding says that a look at the domain came to nothing."""
    args = finding.args
    if not args.get("what") or args["what"] in WITHOUT_LOOKING or args.get("detail") == "broken":
        return False
    is_skipped = args.get("missing") == Missing.SKIPPED and args.get("detail") in NOBODY_TO_ASK
    return is_skipped or args.get("missing") == Missing.TROUBLE


def rests_on_looking(finding: Finding) -> bool:
    """Whether a finding says anything that only a look at the domain could tell."""
    return bool(finding.evidence) and WITHOUT_LOOKING.isdisjoint(finding.evidence)


def silent_keys(evidence: Evidence) -> Mapping[str, Trouble]:
    """The evidence in which every look failed, with what it met."""
    troubles = {name: common_trouble(item.value) for name, item in evidence.items.items()}
    return {name: trouble for name, trouble in troubles.items() if trouble is not None}


def common_trouble(value: object) -> Trouble | None:
    """The first trouble of a value in which every look failed; None where one came to anything,
    and where there is none."""
    troubles = tuple(_look_troubles(value))
    return None if None in troubles else next(iter(troubles), None)


def _look_troubles(value: object) -> Iterator[Trouble | None]:
    """What became of each look inside a value; of a look made of looks only those count."""
    if isinstance(value, Lookup):
        yield value.trouble or (None if value.rcode in ANSWERS else Trouble.SERVFAIL)
    elif isinstance(value, tuple):
        for part in value:
            yield from _look_troubles(part)
    elif is_dataclass(value):
        inner = [t for f in fields(value) for t in _look_troubles(getattr(value, f.name))]
        yield from inner or ([value.trouble] if hasattr(value, "trouble") else [])
