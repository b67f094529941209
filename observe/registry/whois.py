"""One question to a WHOIS server (RFC 3912): a line in, text out, until it closes or we stop."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from facts import Registration
from observe import failures
from observe.budget import Budget, OverBudget
from observe.network import Network, NetworkError, endpoint
from observe.registry.rdap import filled
from observe.registry_table import RegistryServer
from observe.transport.dial import DialFailure, connect
from standards import text as texts
from standards.dns_types import Trouble
from standards.registration import whois
from standards.registration.model import RegistryState

WAIT = 5.0
MAX_BODY = 65536


async def ask(
    net: Network, budget: Budget, nothing: Registration, server: RegistryServer
) -> Registration:
    """The server's answer about the domain; what it had said when time ran out is not read."""
    seen = replace(nothing, source="whois", server=server.place)
    said = await text(net, budget, server, nothing.domain)
    if isinstance(said, DialFailure):
        return replace(seen, trouble=said.trouble, detail=said.detail)
    if not said.strip():
        return replace(seen, trouble=Trouble.PROTOCOL, detail="an empty answer")
    answer = whois.parse_whois(said, nothing.domain.rpartition(".")[2], nothing.domain)
    if answer.state is RegistryState.UNKNOWN:
        return replace(seen, trouble=Trouble.PROTOCOL, detail="an answer we cannot read")
    return filled(seen, answer)


async def text(
    net: Network, budget: Budget, server: RegistryServer, asked: str
) -> str | DialFailure:
    """One question and the whole answer, up to MAX_BODY bytes."""
    try:
        host, port = endpoint(server.place, 43)
        async with asyncio.timeout(budget.within(WAIT)):
            return await _talk(net, budget, server, host, port=port, asked=asked)
    except (OSError, EOFError, OverBudget, NetworkError) as error:
        trouble = budget.blame(failures.trouble(error))
        return DialFailure(trouble or Trouble.PROTOCOL, failures.reason(error))


async def _talk(
    net: Network, budget: Budget, server: RegistryServer, host: str, *, port: int, asked: str
) -> str | DialFailure:
    opened = await connect(net, budget, host, port, operator=server.operator)
    if isinstance(opened, DialFailure):
        return opened
    line = opened.connection
    try:
        await line.write(server.question.format(domain=asked).encode("ascii") + b"\r\n")
        received = bytearray()
        while len(received) < MAX_BODY and (chunk := await line.read()):
            received += chunk
            if not budget.spend_bytes(len(chunk)):
                raise OverBudget
    finally:
        line.close()
    return texts.decode_undeclared(bytes(received[:MAX_BODY]))
