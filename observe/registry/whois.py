"""WHOIS client (RFC 3912): one query line, the raw answer back. standards/registration/whois.py parses it.

The answer is taken up to a size and a time limit.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from facts import Registration
from observe import failures
from observe.budget import Budget, OverBudget
from observe.network import Network, NetworkError, endpoint
from observe.reading_threads import in_reading_thread
from observe.registry.rdap import with_answer
from observe.registry_table import RegistryServer
from observe.transport.dial import DialFailure, connect
from standards import text as texts
from standards.dns_types import Trouble
from standards.registration import whois
from standards.registration.model import RegistryState

TIMEOUT = 5.0
MAX_BODY = 65536


async def ask(
    net: Network, budget: Budget, blank: Registration, server: RegistryServer
) -> Registration:
    """Query a server about a domain; an answer cut off by the time limit is discarded."""
    pending = replace(blank, source="whois", server=server.address)
    response = await query_text(net, budget, server, blank.domain)
    if isinstance(response, DialFailure):
        return replace(pending, trouble=response.trouble, detail=response.detail)
    if not response.strip():
        return replace(pending, trouble=Trouble.PROTOCOL, detail="an empty answer")
    tld = blank.domain.rpartition(".")[2]
    answer = await in_reading_thread(whois.parse_whois, response, tld, blank.domain)
    if answer.state is RegistryState.UNKNOWN:
        return replace(pending, trouble=Trouble.PROTOCOL, detail="an answer we cannot read")
    return with_answer(pending, answer)


async def query_text(
    net: Network, budget: Budget, server: RegistryServer, query: str
) -> str | DialFailure:
    """Send a query and return the whole answer, up to MAX_BODY bytes."""
    try:
        host, port = endpoint(server.address, 43)
        async with asyncio.timeout(budget.within(TIMEOUT)):
            return await _exchange(net, budget, server, host, port=port, query=query)
    except (OSError, EOFError, OverBudget, NetworkError) as error:
        trouble = budget.classify_timeout(failures.trouble(error))
        return DialFailure(trouble or Trouble.PROTOCOL, failures.reason(error))


async def _exchange(
    net: Network, budget: Budget, server: RegistryServer, host: str, *, port: int, query: str
) -> str | DialFailure:
    opened = await connect(net, budget, host, port, operator=server.operator)
    if isinstance(opened, DialFailure):
        return opened
    connection = opened.connection
    try:
        await connection.write(server.question.format(domain=query).encode("ascii") + b"\r\n")
        received = bytearray()
        while len(received) < MAX_BODY and (chunk := await connection.read()):
            received += chunk
            if not budget.spend_bytes(len(chunk)):
                raise OverBudget
    finally:
        connection.close()
    return texts.decode_undeclared(bytes(received[:MAX_BODY]))
