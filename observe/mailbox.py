"""How IMAP and POP3 servers are looked at: the frame of a conversation that both share.

Yields a MailboxDialogue. A password goes only over TLS unless the caller says otherwise, and is
never part of the fact.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from facts import NO_TIME, Handshake, Trouble
from observe import failures
from observe.budget import Budget, OverBudget
from observe.datagram import duration
from observe.dial import Connection, Failure, connect
from observe.network import Network
from observe.talk import Line, Talk


class Security(StrEnum):
    """When TLS begins."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signs in. Not part of any fact. `in_clear` allows it without TLS."""

    user: str
    password: str
    in_clear: bool = False

    def __repr__(self) -> str:
        return f"SignIn({self.user!r})"


@dataclass(frozen=True, slots=True)
class MailboxDialogue:
    """The opening of an IMAP or POP3 conversation. `signed_in` is None when nobody tried."""

    protocol: str
    host: str
    ip: str
    port: int
    at: datetime
    greeting: str = ""
    capabilities: tuple[str, ...] = ()
    handshake: Handshake | None = None
    signed_in: bool | None = None
    refused: str = ""  # what the server answered to STARTTLS or to the sign-in
    lines: tuple[Line, ...] = ()
    resolve: timedelta = NO_TIME
    connect: timedelta = NO_TIME
    elapsed: timedelta = NO_TIME
    trouble: Trouble | None = None
    detail: str = ""


class Speaker:
    """One conversation; the protocol's own part adds to `seen`."""

    def __init__(self, talk: Talk, seen: MailboxDialogue) -> None:
        self.talk = talk
        self.seen = seen

    async def secure(self) -> bool:
        """Shake hands; True when the line is now private."""
        seen = self.seen
        shaken = await self.talk.secure(seen.host, seen.ip, seen.port)
        self.seen = replace(seen, handshake=shaken)
        return shaken.trouble is None

    def may_sign_in(self, who: SignIn | None) -> SignIn | None:
        """Who may be named here: nobody when the line is not private."""
        if who is None:
            return None
        private = self.seen.handshake is not None and self.seen.handshake.trouble is None
        if private or who.in_clear:
            return who
        self.seen = replace(self.seen, refused="not tried: the line is not private")
        return None


async def converse(
    net: Network,
    budget: Budget,
    seen: MailboxDialogue,
    run: Callable[[Speaker], Awaitable[None]],
    *,
    ip: str,
    timeout: float,  # noqa: ASYNC109 - the total; what was heard before stays
) -> MailboxDialogue:
    """Connect and let `run` speak; whatever goes wrong is told in the fact."""
    start = net.clock.monotonic()
    opened = await connect(net, budget, seen.host, seen.port, ip=ip, timeout=timeout)
    if isinstance(opened, Failure):
        return replace(
            seen,
            ip=opened.ip,
            resolve=opened.resolve,
            connect=opened.connect,
            elapsed=duration(start, net.clock.monotonic()),
            trouble=opened.trouble,
            detail=opened.detail,
        )
    line: Connection = opened.connection
    begun = replace(seen, ip=opened.ip, resolve=opened.resolve, connect=opened.connect)
    speaker = Speaker(Talk(net, budget, line), begun)
    try:
        async with asyncio.timeout(budget.within(timeout)):
            await run(speaker)
    except (OSError, EOFError, ValueError, OverBudget) as error:
        trouble = budget.blame(failures.trouble(error))
        speaker.seen = replace(speaker.seen, trouble=trouble, detail=failures.reason(error))
    finally:
        line.close()
    return replace(
        speaker.seen,
        lines=tuple(speaker.talk.transcript),
        elapsed=duration(start, net.clock.monotonic()),
    )
