"""What IMAP and POP3 clients share: connection, TLS policy, sign-in policy, time-outs.

Returns a MailboxDialogue. A password is sent only over TLS unless the caller allows otherwise, and
is never part of the fact.
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
from observe.transport.dial import DialFailure, GuardedConnection, connect
from observe.transport.line_protocol import LineConnection

MAX_LINES = 500  # a mailbox with very many folders


class Security(StrEnum):
    """When TLS begins."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


NOT_ENCRYPTED = "not tried: the line is not private"
NOT_AUTHENTICATED = "not tried: the server's certificate does not prove who it is"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Credentials. Not part of any fact. `allow_cleartext` permits them without TLS;
    `require_authentic` demands a certificate that is trusted, in its validity and for the host;
    `read_quota` also reads the quota and folders (IMAP) or the size (POP3)."""

    user: str
    password: str
    allow_cleartext: bool = False
    require_authentic: bool = False
    read_quota: bool = False

    def __repr__(self) -> str:
        return f"SignIn({self.user!r})"

    def reason_withheld(self, handshake: Handshake | None) -> str:
        """Why the credentials must not be sent on this connection, or ""."""
        is_encrypted = handshake is not None and handshake.trouble is None
        if not is_encrypted and not self.allow_cleartext:
            return NOT_ENCRYPTED
        return NOT_AUTHENTICATED if self.require_authentic and not is_authentic(handshake) else ""


def is_authentic(handshake: Handshake | None) -> bool:
    """Whether a handshake authenticates the server: trusted, right name, within its validity."""
    if handshake is None or handshake.trouble is not None or not handshake.chain:
        return False
    return handshake.verified and handshake.is_accepted(handshake.at)


class MailboxConversation:
    """One conversation; the protocol's client adds to `dialogue`."""

    def __init__(self, connection: LineConnection, dialogue: MailboxDialogue) -> None:
        self.connection = connection
        self.dialogue = dialogue

    async def secure(self) -> bool:
        """Start TLS; True when the connection is now encrypted."""
        dialogue = self.dialogue
        handshake = await self.connection.secure(dialogue.host, dialogue.ip, dialogue.port)
        self.dialogue = replace(dialogue, handshake=handshake)
        return handshake.trouble is None

    def permitted_sign_in(self, credentials: SignIn | None) -> SignIn | None:
        """The credentials if they may be sent here; otherwise None, with the reason in `refused`."""
        if credentials is None:
            return None
        if not (reason := credentials.reason_withheld(self.dialogue.handshake)):
            return credentials
        self.dialogue = replace(self.dialogue, refused=reason)
        return None


async def converse(
    net: Network,
    budget: Budget,
    dialogue: MailboxDialogue,
    run: Callable[[MailboxConversation], Awaitable[None]],
    *,
    ip: str,
    timeout: float,  # noqa: ASYNC109 - the total; what was heard before stays
) -> MailboxDialogue:
    """Connect and run the protocol's client; failures are recorded in the fact."""
    start = net.clock.monotonic()
    opened = await connect(net, budget, dialogue.host, dialogue.port, ip=ip, timeout=timeout)
    if isinstance(opened, DialFailure):
        return replace(
            dialogue,
            ip=opened.ip,
            resolve=opened.resolve,
            connect=opened.connect,
            elapsed=duration(start, net.clock.monotonic()),
            trouble=opened.trouble,
            detail=opened.detail,
        )
    connection: GuardedConnection = opened.connection
    connected = replace(dialogue, ip=opened.ip, resolve=opened.resolve, connect=opened.connect)
    conversation = MailboxConversation(
        LineConnection(net, budget, connection, MAX_LINES), connected
    )
    try:
        async with asyncio.timeout(budget.within(timeout)):
            await run(conversation)
    except (OSError, EOFError, ValueError, OverBudget) as error:
        trouble = budget.classify_timeout(failures.trouble(error))
        conversation.dialogue = replace(
            conversation.dialogue, trouble=trouble, detail=failures.reason(error)
        )
    finally:
        connection.close()
    return replace(
        conversation.dialogue,
        lines=tuple(conversation.connection.transcript),
        elapsed=duration(start, net.clock.monotonic()),
    )
