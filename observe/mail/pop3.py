"""POP3 client (RFC 1939, 2449, 2595): greeting, CAPA, TLS, sign-in, STAT."""

from __future__ import annotations

from dataclasses import replace

from facts import Folder, MailboxDialogue
from observe.budget import Budget
from observe.mail.mailbox import MailboxConversation, Security, SignIn, converse
from observe.network import Network
from observe.transport.line_protocol import ProtocolMismatch


async def greet(
    net: Network,
    budget: Budget,
    host: str,
    port: int = 995,
    *,
    ip: str = "",
    security: Security = Security.TLS,
    sign_in: SignIn | None = None,
    timeout: float = 10.0,  # noqa: ASYNC109 - handed on
) -> MailboxDialogue:
    """Connect, read the greeting and capabilities, sign in when asked to, quit."""
    dialogue = MailboxDialogue("pop3", host, ip, port, net.clock.now())

    async def run(conversation: MailboxConversation) -> None:
        await _converse(conversation, security, sign_in)

    return await converse(net, budget, dialogue, run, ip=ip, timeout=timeout)


async def _converse(
    conversation: MailboxConversation, security: Security, sign_in: SignIn | None
) -> None:
    if security is Security.TLS and not await conversation.secure():
        return
    greeting = await conversation.connection.read_line()
    conversation.dialogue = replace(conversation.dialogue, greeting=greeting[:200])
    if not greeting.startswith("+OK"):
        raise ProtocolMismatch("not a POP3 greeting")
    await _read_capabilities(conversation)
    if security is Security.STARTTLS:
        response = await _command(conversation, "STLS")
        if not response.startswith("+OK"):
            conversation.dialogue = replace(conversation.dialogue, refused=response[:200])
            return
        if not await conversation.secure():
            return
    if credentials := conversation.permitted_sign_in(sign_in):
        await _sign_in(conversation, credentials)
    await conversation.connection.send_line("QUIT")


async def _read_capabilities(conversation: MailboxConversation) -> None:
    if not (await _command(conversation, "CAPA")).startswith("+OK"):
        return  # an old server: CAPA is optional
    capabilities = []
    while (line := await conversation.connection.read_line()) != ".":
        capabilities.append(line.upper())
    conversation.dialogue = replace(conversation.dialogue, capabilities=tuple(capabilities))


async def _sign_in(conversation: MailboxConversation, credentials: SignIn) -> None:
    response = await _command(conversation, f"USER {credentials.user}")
    if response.startswith("+OK"):
        response = await _command(conversation, f"PASS {credentials.password}", "PASS …")
    signed_in = response.startswith("+OK")
    conversation.dialogue = replace(
        conversation.dialogue, signed_in=signed_in, refused="" if signed_in else response[:200]
    )
    if signed_in and credentials.read_quota:
        drop_listing = (await _command(conversation, "STAT")).split()[1:3]
        if len(drop_listing) == 2 and all(n.isascii() and n.isdigit() for n in drop_listing):
            inbox = Folder("INBOX", int(drop_listing[0][:18]), int(drop_listing[1][:18]))
            conversation.dialogue = replace(conversation.dialogue, folders=(inbox,))


async def _command(conversation: MailboxConversation, text: str, transcript_text: str = "") -> str:
    if any(c in text for c in "\r\n\0"):
        raise ProtocolMismatch("a line break cannot be sent")
    await conversation.connection.send_line(text, transcript_text)
    response = await conversation.connection.read_line()
    if not response.startswith(("+OK", "-ERR")):
        raise ProtocolMismatch("not a POP3 answer")
    return response
