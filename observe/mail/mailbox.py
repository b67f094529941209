"""How IMAP and POP3 servers are looked at: the frame of a conversation that both share.

Yields a MailboxDialogue. A password goes only over TLS unless the caller says otherwise, and is
never part of the fact.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from facts import Handshake, MailboxDialogue
from observe import failures
from observe.budget import Budget, OverBudget
from observe.dns.exchange import duration
from observe.network import Network
from observe.transport.dial import Connection, DialFailure, connect
from observe.transport.line_protocol import LineConnection

MAX_LINES = 500  # a mailbox with very many folders


class Security(StrEnum):
    """When TLS begins."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


NOT_PRIVATE = "not tried: the line is not private"
NOT_PROVEN = "not tried: the server's certificate does not prove who it is"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signs in. Not part of any fact. `in_clear` allows it without TLS; `proven` demands a
    certificate that is trusted, valid today and for the very host; `look` also asks for the
    quota and the folders (IMAP)."""

    user: str
    password: str
    in_clear: bool = False
    proven: bool = False
    look: bool = False

    def __repr__(self) -> str:
        return f"SignIn({self.user!r})"

    def withheld(self, shaken: Handshake | None) -> str:
        """Why nobody may be named on this line, "" when one may."""
        private = shaken is not None and shaken.trouble is None
        if not private and not self.in_clear:
            return NOT_PRIVATE
        return NOT_PROVEN if self.proven and not proven(shaken) else ""


def proven(shaken: Handshake | None) -> bool:
    """Whether a handshake shows that the server is who it says it is."""
    if shaken is None or shaken.trouble is not None or not shaken.chain:
        return False
    leaf = shaken.chain[0]
    dated = leaf.not_before <= shaken.at <= leaf.not_after
    return shaken.verified and shaken.name_matches and dated


class MailboxConversation:
    """One conversation; the protocol's own part adds to `seen`."""

    def __init__(self, talk: LineConnection, seen: MailboxDialogue) -> None:
        self.talk = talk
        self.seen = seen

    async def secure(self) -> bool:
        """Shake hands; True when the line is now private."""
        seen = self.seen
        shaken = await self.talk.secure(seen.host, seen.ip, seen.port)
        self.seen = replace(seen, handshake=shaken)
        return shaken.trouble is None

    def may_sign_in(self, who: SignIn | None) -> SignIn | None:
        """Who may be named here: nobody when the line is not safe for it."""
        if who is None:
            return None
        if not (why := who.withheld(self.seen.handshake)):
            return who
        self.seen = replace(self.seen, refused=why)
        return None


async def converse(
    net: Network,
    budget: Budget,
    seen: MailboxDialogue,
    run: Callable[[MailboxConversation], Awaitable[None]],
    *,
    ip: str,
    timeout: float,  # noqa: ASYNC109 - the total; what was heard before stays
) -> MailboxDialogue:
    """Connect and let `run` speak; whatever goes wrong is told in the fact."""
    start = net.clock.monotonic()
    opened = await connect(net, budget, seen.host, seen.port, ip=ip, timeout=timeout)
    if isinstance(opened, DialFailure):
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
    speaker = MailboxConversation(LineConnection(net, budget, line, MAX_LINES), begun)
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
