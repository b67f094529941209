"""RDAP client (RFC 7480, 9082): one query, read as a Registration.

Redirects are followed a limited number of times, each address guarded.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from facts import Exchange, RedirectChain, Registration
from observe.budget import Budget
from observe.http.http_client import follow_redirects
from observe.network import Network
from observe.reading_threads import in_reading_thread
from observe.registry_table import RegistryServer
from standards.dns_types import Trouble
from standards.registration import rdap, whois
from standards.registration.model import RegistryState

TIMEOUT = 6.0
MAX_BODY = 512_000
MAX_REFERRALS = 4
MAX_RETRY = timedelta(days=1)
ACCEPT = (("accept", "application/rdap+json, application/json"),)


async def ask(
    net: Network, budget: Budget, blank: Registration, server: RegistryServer
) -> Registration:
    """GET <base>/domain/<name>; a server address that is a domain URL already is used as it is."""
    base = server.address.rstrip("/")
    url = base if "/domain/" in base else f"{base}/domain/{blank.domain}"
    pending = replace(blank, source="rdap", server=server.address)
    chain = await follow_redirects(
        net,
        budget,
        url,
        max_hops=MAX_REFERRALS,
        headers=ACCEPT,
        max_body=MAX_BODY,
        timeout=TIMEOUT,
        operator=server.operator,
    )
    return await in_reading_thread(read_chain, pending, chain)


def read_chain(pending: Registration, chain: RedirectChain) -> Registration:  # noqa: PLR0911 - a ladder
    """A redirect chain as a Registration. No I/O."""
    last = chain.last
    if chain.outcome in ("loop", "too_many", "bad_target"):
        return replace(pending, trouble=Trouble.PROTOCOL, detail="referrals without end")
    if last.trouble or not _is_trusted(last, pending.asked_at):
        detail = last.detail or "the registry's certificate is not valid"
        return replace(pending, trouble=last.trouble or Trouble.TLS, detail=detail)
    if last.truncated:
        return replace(pending, trouble=Trouble.PROTOCOL, detail="an answer without end")
    retry_delay = parse_retry_after(last.header("retry-after"), pending.asked_at)
    if last.status == 429 or (last.status == 503 and retry_delay):
        return replace(pending, state=RegistryState.THROTTLED, retry_after=retry_delay)
    absent_state = _state_of_404(last) if last.status == 404 else None
    if absent_state and absent_state is not RegistryState.UNKNOWN:
        return replace(pending, state=absent_state)
    try:
        answer = rdap.parse_rdap(last.excerpt if last.status == 200 else "", pending.domain)
    except rdap.NotRdap as error:
        return replace(pending, trouble=Trouble.PROTOCOL, detail=f"HTTP {last.status}, {error}")
    return with_answer(pending, answer)


def parse_retry_after(text: str, now: datetime) -> timedelta | None:
    """Parse Retry-After in seconds or as a date (RFC 9110, 10.2.3); a day at most, None if invalid."""
    text = text.strip()[:64]
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), MAX_RETRY.total_seconds()))
    try:
        retry_at = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    retry_at = retry_at if retry_at.tzinfo else retry_at.replace(tzinfo=UTC)
    return min(max(retry_at - now, timedelta(0)), MAX_RETRY)


def _state_of_404(exchange: Exchange) -> RegistryState | None:
    """The state of a name by a 404 response; None for a web server's own error page."""
    content_type = exchange.header("content-type").lower()
    if "html" in content_type:
        return None
    body = exchange.excerpt.lstrip("\ufeff").strip()
    is_rdap = (
        "rdap" in content_type or '"rdapConformance"' in body
    )  # not a gateway's JSON before the server
    is_empty = not body or (is_rdap and body[:1] == "{")
    return rdap.state_of_not_found(body) or (RegistryState.AVAILABLE if is_empty else None)


def _is_trusted(exchange: Exchange, now: datetime) -> bool:
    """Whether a response is trusted: plain http was the operator's choice, TLS must be valid."""
    handshake = exchange.handshake
    if handshake is None:
        return True
    in_validity = (
        bool(handshake.chain)
        and handshake.chain[0].not_before <= now <= handshake.chain[0].not_after
    )
    return handshake.verified and handshake.name_matches and in_validity


def with_answer(registration: Registration, answer: whois.WhoisAnswer) -> Registration:
    """The Registration with the values of a parsed answer."""
    return replace(
        registration,
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
