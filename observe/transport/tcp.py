"""Does a port answer, and does it say what it should? Yields a Touch or a Dialogue."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from facts import DialogueLine, Handshake
from observe import failures
from observe.budget import Budget, OverBudget
from observe.dns.exchange import duration
from observe.network import Network
from observe.transport.dial import DialFailure, connect
from observe.transport.line_protocol import LineConnection
from standards.dns_types import NO_TIME, Trouble


@dataclass(frozen=True, slots=True)
class PortProbe:
    """What happened at a port. `ip` is the address before any mapping.

    `lines` is the dialogue, if there was one; `unmet` is the expression no line matched.
    """

    host: str
    port: int
    at: datetime
    ip: str = ""
    resolve: timedelta = NO_TIME
    connect: timedelta = NO_TIME
    lines: tuple[DialogueLine, ...] = ()
    unmet: str = ""
    handshake: Handshake | None = None
    dialogue: timedelta = NO_TIME
    trouble: Trouble | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DialogueStep:
    """One step of a dialogue: read lines until one matches `expect`, then send, then TLS.

    `send` may use the groups of the expression as \\1 or \\g<name>.
    """

    expect: str = ""
    send: str = ""
    starttls: bool = False


async def touch(
    net: Network,
    budget: Budget,
    host: str,
    port: int,
    *,
    ip: str = "",
    steps: Sequence[DialogueStep] = (),
    tls: bool = False,
    timeout: float = 5.0,  # noqa: ASYNC109 - split between addresses; of the dialogue
) -> PortProbe:
    """Open a connection, hold the dialogue, close it. `tls` shakes hands first."""
    seen = PortProbe(host, port, net.clock.now())
    opened = await connect(net, budget, host, port, ip=ip, timeout=timeout)
    seen = replace(seen, ip=opened.ip, resolve=opened.resolve, connect=opened.connect)
    if isinstance(opened, DialFailure):
        return replace(seen, trouble=opened.trouble, detail=opened.detail)
    talk = _Dialogue(LineConnection(net, budget, opened.connection), seen)
    start = net.clock.monotonic()
    try:
        async with asyncio.timeout(budget.within(timeout)):
            await talk.run(steps, tls=tls)
    except (OSError, EOFError, ValueError, OverBudget) as error:
        trouble = budget.blame(failures.trouble(error))
        talk.seen = replace(talk.seen, trouble=trouble, detail=failures.reason(error))
    finally:
        opened.connection.close()
    spent = duration(start, net.clock.monotonic()) if steps or tls else NO_TIME
    return replace(talk.seen, lines=tuple(talk.talk.transcript), dialogue=spent)


class _Dialogue:
    def __init__(self, talk: LineConnection, seen: PortProbe) -> None:
        self.talk = talk
        self.seen = seen

    async def run(self, steps: Sequence[DialogueStep], *, tls: bool) -> None:
        if tls and not await self._secure():
            return
        for step in steps:
            found = await self._heard(step.expect) if step.expect else None
            if step.send:
                await self.talk.say(found.expand(step.send) if found else step.send)
            if step.starttls and not await self._secure():
                return

    async def _heard(self, expect: str) -> re.Match[str]:
        self.seen = replace(self.seen, unmet=expect)
        while True:
            if found := re.search(expect, await self.talk.hear()):
                self.seen = replace(self.seen, unmet="")
                return found

    async def _secure(self) -> bool:
        shaken = await self.talk.secure(self.seen.host, self.seen.ip, self.seen.port)
        self.seen = replace(self.seen, handshake=shaken)
        return shaken.trouble is None
