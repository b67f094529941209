"""Pure functions that several checks share: names, addresses, majority answers, HTTP responses.

No opinions and no messages; a judgement belongs into its check.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network

from diagnostics.evidence.keys import DELEGATION, SERVERS, Records
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Finding
from diagnostics.visibility import has_page_shown
from facts import Delegated, Delegation, Exchange, RedirectChain
from standards.dns_types import Lookup, Record, Trouble
from subject import Subject, SubjectKind

# Trouble that is ours or tells nothing about the other side.
OUR_LIMITS = (Trouble.BLOCKED, Trouble.OVERBUDGET)
SILENT_TROUBLES = (Trouble.TIMEOUT, Trouble.REFUSED, Trouble.RESET, Trouble.UNREACHABLE)


def full_delegation(case: Case) -> Delegation:
    """The delegation with the word of the slow servers too, where it was waited for."""
    facts = case.evidence.get(SERVERS)
    return (facts.whole if facts else None) or case.evidence[DELEGATION]


# Special-purpose networks (RFC 6890 and IANA's registry) that this Python does not know yet.
_SPECIAL = tuple(map(ip_network, ("3fff::/20", "5f00::/16", "fec0::/10", "100:0:0:1::/64")))


def unknown_finding(check: str, **args: str) -> Finding:
    """The check looked and could not tell: reported as not known, never as a fault."""
    return Finding(f"{check}.unknown", args)


def normalise_name(name: str) -> str:
    """A name as we compare it: lower case, without the trailing dot."""
    return name.strip().rstrip(".").lower()


def target_name(value: str) -> str:
    """The name a record points to: the last field of an MX, NS or CNAME value."""
    fields = value.split()
    return normalise_name(fields[-1]) if fields else ""


def is_within(name: str, domain: str) -> bool:
    """Whether a name is the domain itself or lies below it."""
    return name == domain or name.endswith("." + domain)


def is_public(address: str) -> bool:
    """Whether the whole world can reach an address; texts that are no address are not judged."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return True
    special = any(parsed in network for network in _SPECIAL if network.version == parsed.version)
    return parsed.is_global and not parsed.is_multicast and not special


def address_records(name: str, addresses: Iterable[str], ttl: int = 3600) -> tuple[Record, ...]:
    """The exact A and AAAA records for a name."""
    return tuple(Record(name, "AAAA" if ":" in a else "A", ttl, a) for a in addresses)


def web_names(subject: Subject) -> tuple[str, ...]:
    """The web names this subject is about: the apex and www, or just the deeper name typed."""
    if subject.above:
        return (subject.host,)
    pair = (subject.domain, f"www.{subject.domain}")
    if subject.kind is SubjectKind.MAILBOX or subject.host in pair:
        return pair
    return (subject.host,)


def answering_server(lookup: Lookup) -> str:
    """The name of the server that answered, or its address."""
    return lookup.server_name or lookup.server


def authoritative_answers(records: Records, name: str, type: str) -> tuple[Lookup, ...]:
    """The answers given with authority (aa); all of them when no server claims it.

    A lame server's empty referral is no statement about the zone.
    """
    answered = records.answered(name, type)
    return tuple(x for x in answered if "aa" in x.flags) or answered


def majority_values(records: Records, name: str, type: str) -> tuple[str, ...] | None:
    """The values most servers give, sorted; () when they say there are none.

    None when nobody has answered, so nothing is known. One stale secondary is outvoted; equal camps
    are taken together, for it is another check's matter to say who of them is wrong.
    """
    answered = authoritative_answers(records, name, type)
    if not answered:
        return None
    votes = Counter(tuple(sorted(set(x.values(type)))) for x in answered)
    most = max(votes.values())
    return tuple(sorted({v for values, count in votes.items() if count == most for v in values}))


def alias_target(records: Records, name: str) -> str:
    """What a name is an alias of (CNAME), or ""."""
    for queried in ("CNAME", "A", "AAAA"):
        records_found = (r for x in records.answered(name, queried) for r in x.answers)
        targets = {
            target_name(r.value)
            for r in records_found
            if r.type == "CNAME" and normalise_name(r.name) == name
        }
        if targets:
            return min(targets)  # servers that differ are another check's matter; order is nobody's
    return ""


def web_addresses(records: Records, name: str) -> tuple[str, ...] | None:
    """A and AAAA of a name as most servers give them; None when nothing is known of the A."""
    v4 = majority_values(records, name, "A")
    return None if v4 is None else v4 + (majority_values(records, name, "AAAA") or ())


def is_missing_everywhere(records: Records, name: str) -> bool:
    """Whether servers answered, and none of them has any address or alias for the name."""
    if not records.answered(name, "A"):
        return False
    types = ("A", "AAAA", "CNAME")
    return not any(records.values(name, t) for t in types) and not alias_target(records, name)


def zone_serials(delegation: Delegation) -> dict[str, int]:
    """The version of the zone at each server that speaks with authority."""
    serials_by_server: dict[str, int] = {}
    for answer in delegation.soa:
        if answer.trouble or "aa" not in answer.flags:
            continue
        for value in answer.values("SOA"):
            fields = value.split()
            if len(fields) >= 3 and fields[2].isdecimal():
                serials_by_server[answering_server(answer)] = int(fields[2])
    return serials_by_server


def newest_serial(versions: Iterable[int]) -> int:
    """The newest of some serials, which count in a circle (RFC 1982); 0 without any."""
    newest: int | None = None
    for serial in versions:
        if newest is None or 0 < (serial - newest) % 2**32 < 2**31:
            newest = serial
    return newest or 0


def has_dns_answer(delegation: Delegation) -> bool:
    """Whether anybody at all answered our DNS questions: our own line works."""
    return any(not x.trouble for x in (*delegation.trail, *delegation.soa, *delegation.ns))


def has_response(exchange: Exchange) -> bool:
    """Whether an HTTP answer came."""
    return exchange.trouble is None and exchange.status > 0


def hsts_policy(response: Exchange) -> tuple[int, bool] | None:
    """HSTS as told over https: for how many seconds, and whether for subdomains too (RFC 6797)."""
    value = response.header("strict-transport-security").lower()
    if not value or not response.url.startswith("https:"):
        return None
    parts = [part.strip() for part in value.split(";")]
    ages = [p[8:].strip(' "') for p in parts if p.startswith("max-age=")]
    if not ages or not ages[0].isdecimal() or len(ages[0]) >= 12:
        return None
    return int(ages[0]), "includesubdomains" in parts


def has_any_response(chains: Iterable[RedirectChain]) -> bool:
    """Whether any HTTP answer came on any of these walks."""
    return any(has_response(hop) for chain in chains for hop in chain.hops)


def is_delegated(case: Case) -> bool:
    """Whether the domain leads to name servers; without any there is nothing to say of them."""
    return full_delegation(case).outcome is Delegated.YES


def is_site_seen(case: Case) -> bool:
    """Whether the site gave any HTTP answer, for checks that need WEB."""
    return has_any_response(case.evidence[WEB].chains)


def is_page_shown(case: Case) -> bool:
    """Whether any walk ended at an ordinary page (2xx), for checks that need WEB."""
    return has_page_shown(case.evidence)


# Findings of redirects that end at no page.
BROKEN_REDIRECTS = (
    "web.redirect.loop",
    "web.redirect.too_many",
    "web.redirect.wrong_host",
    "web.site.leads_nowhere",
)
# What the website shows or does instead of its page. A slow site shows it.
_INSTEAD_OF_A_PAGE = (
    *("refused", "unreachable", "broken_answer", "server_error", "gateway_error", "unavailable"),
    *("limit_reached", "traffic_exceeded", "storage_full", "forbidden", "page_missing", "password"),
    *("misdirected", "request_too_large", "legal", "refuses_request", "odd_status", "cdn_refuses"),
    *("checks_blocked", "origin_error", "origin_certificate", "origin_name", "origin_slow"),
    *("database_error", "program_error", "htaccess_error", "maintenance", "parked"),
    *("https_on_port80", "suspended_page", "default_page"),
)
# Findings beside which no page of the site was seen as it should be.
NO_ORDINARY_PAGE = (
    *(f"web.site.{fault}" for fault in _INSTEAD_OF_A_PAGE),
    *BROKEN_REDIRECTS,
    "dns.ns.parked",
)

# Bounded, so that a page made to be slow to read is not.
_HEADING_TAGS = re.compile(r"<(title|h1)[^>]{0,200}>(.{0,500}?)</\1", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<[^<>]{0,200}>")


def headings(html: str) -> list[str]:
    """The title and the first-level headings of a page, as plain text."""
    return list(_heading_texts(html[:20_000]))


@lru_cache(maxsize=32)  # several checks read the same pages, and some pages are slow to read
def _heading_texts(html: str) -> tuple[str, ...]:
    matches = _HEADING_TAGS.findall(html)
    return tuple(
        " ".join(_TAGS.sub(" ", text).split())[:120] for _, text in matches if text.strip()
    )
