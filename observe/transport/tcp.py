"""TCP port probes: connect, and optionally TLS and a scripted dialogue."""

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
    """The outcome of a probe. `ip` is the address before any mapping.

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


async def probe_port(
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
    """Connect, run the dialogue, close. `tls`: start with a TLS handshake."""
    probe = PortProbe(host, port, net.clock.now())
    opened = await connect(net, budget, host, port, ip=ip, timeout=timeout)
    probe = replace(probe, ip=opened.ip, resolve=opened.resolve, connect=opened.connect)
    if isinstance(opened, DialFailure):
        return replace(probe, trouble=opened.trouble, detail=opened.detail)
    dialogue = _Dialogue(LineConnection(net, budget, opened.connection), probe)
    start = net.clock.monotonic()
    try:
        async with asyncio.timeout(budget.within(timeout)):
            await dialogue.run(steps, tls=tls)
    except (OSError, EOFError, ValueError, OverBudget) as error:
        trouble = budget.classify_timeout(failures.trouble(error))
        dialogue.probe = replace(dialogue.probe, trouble=trouble, detail=failures.reason(error))
    finally:
        opened.connection.close()
    dialogue_time = duration(start, net.clock.monotonic()) if steps or tls else NO_TIME
    return replace(
        dialogue.probe, lines=tuple(dialogue.connection.transcript), dialogue=dialogue_time
    )


class _Dialogue:
    def __init__(self, connection: LineConnection, probe: PortProbe) -> None:
        self.connection = connection
        self.probe = probe

    async def run(self, steps: Sequence[DialogueStep], *, tls: bool) -> None:
        if tls and not await self._secure():
            return
        for step in steps:
            match = await self._read_until(step.expect) if step.expect else None
            if step.send:
                await self.connection.send_line(match.expand(step.send) if match else step.send)
            if step.starttls and not await self._secure():
                return

    async def _read_until(self, expect: str) -> re.Match[str]:
        self.probe = replace(self.probe, unmet=expect)
        while True:
            if match := re.search(expect, await self.connection.read_line()):
                self.probe = replace(self.probe, unmet="")
                return match

    async def _secure(self) -> bool:
        handshake = await self.connection.secure(self.probe.host, self.probe.ip, self.probe.port)
        self.probe = replace(self.probe, handshake=handshake)
        return handshake.trouble is None
