"""One question to an RDAP server (RFC 7480, 9082), read as a Registration.

A registry that redirects is followed, a bounded number of times, each address vetted anew.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from facts import Exchange, RedirectChain, Registration
from observe.budget import Budget
from observe.http.http_client import follow
from observe.network import Network
from observe.registry_table import RegistryServer
from standards.dns_types import Trouble
from standards.registration import rdap, whois
from standards.registration.model import RegistryState

WAIT = 6.0
MAX_BODY = 512_000
MAX_REFERRALS = 4
MAX_RETRY = timedelta(days=1)
ACCEPT = (("accept", "application/rdap+json, application/json"),)


async def ask(
    net: Network, budget: Budget, nothing: Registration, server: RegistryServer
) -> Registration:
    """GET <base>/domain/<name>; a place that names a domain already is asked as it is."""
    base = server.place.rstrip("/")
    url = base if "/domain/" in base else f"{base}/domain/{nothing.domain}"
    seen = replace(nothing, source="rdap", server=server.place)
    chain = await follow(
        net,
        budget,
        url,
        max_hops=MAX_REFERRALS,
        headers=ACCEPT,
        max_body=MAX_BODY,
        timeout=WAIT,
        operator=server.operator,
    )
    return read(seen, chain)


def read(seen: Registration, chain: RedirectChain) -> Registration:  # noqa: PLR0911 - a ladder
    """The walk along redirects as a Registration. Pure."""
    last = chain.last
    if chain.outcome in ("loop", "too_many", "bad_target"):
        return replace(seen, trouble=Trouble.PROTOCOL, detail="referrals without end")
    if last.trouble or not _trusted(last, seen.asked_at):
        detail = last.detail or "the registry's certificate is not valid"
        return replace(seen, trouble=last.trouble or Trouble.TLS, detail=detail)
    if last.truncated:
        return replace(seen, trouble=Trouble.PROTOCOL, detail="an answer without end")
    wanted = retry_after(last.header("retry-after"), seen.asked_at)
    if last.status == 429 or (last.status == 503 and wanted):
        return replace(seen, state=RegistryState.THROTTLED, retry_after=wanted)
    absent = _absence(last) if last.status == 404 else None
    if absent and absent is not RegistryState.UNKNOWN:
        return replace(seen, state=absent)
    try:
        answer = rdap.parse_rdap(last.excerpt if last.status == 200 else "", seen.domain)
    except rdap.NotRdap as wrong:
        return replace(seen, trouble=Trouble.PROTOCOL, detail=f"HTTP {last.status}, {wrong}")
    return filled(seen, answer)


def retry_after(text: str, now: datetime) -> timedelta | None:
    """Retry-After in seconds or as a date (RFC 9110, 10.2.3), a day at most. Pure."""
    text = text.strip()[:64]
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), MAX_RETRY.total_seconds()))
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max(when - now, timedelta(0)), MAX_RETRY)


def _absence(exchange: Exchange) -> RegistryState | None:
    """What this 404 says of the name; a web server's own page says nothing about it."""
    kind = exchange.header("content-type").lower()
    if "html" in kind:
        return None
    body = exchange.excerpt.lstrip("\ufeff").strip()
    own = "rdap" in kind or '"rdapConformance"' in body  # not a gateway's JSON before the server
    empty = not body or (own and body[:1] == "{")
    return rdap.state_of_not_found(body) or (RegistryState.AVAILABLE if empty else None)


def _trusted(exchange: Exchange, now: datetime) -> bool:
    """A plain answer is trusted because the operator wrote http; a TLS one must be valid."""
    shaken = exchange.handshake
    if shaken is None:
        return True
    fresh = bool(shaken.chain) and shaken.chain[0].not_before <= now <= shaken.chain[0].not_after
    return shaken.verified and shaken.name_matches and fresh


def filled(seen: Registration, answer: whois.WhoisAnswer) -> Registration:
    """The Registration with what the answer says."""
    return replace(
        seen,
        state=answer.state,
        expires=answer.expires,
        created=answer.created,
        epp=answer.epp,
        registrar=answer.registrar,
        nameservers=answer.nameservers,
        signed=answer.signed,
        raw=answer.raw,
        registrar_expires=answer.registrar_expires,
        referral=answer.referral,
    )
