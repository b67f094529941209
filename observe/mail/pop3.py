"""The opening of a POP3 conversation (RFC 1939, 2449, 2595): greeting, CAPA, TLS, sign-in."""

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
    """Connect, hear the greeting, ask for capabilities, sign in when asked to, leave."""
    seen = MailboxDialogue("pop3", host, ip, port, net.clock.now())

    async def run(speaker: MailboxConversation) -> None:
        await _run(speaker, security, sign_in)

    return await converse(net, budget, seen, run, ip=ip, timeout=timeout)


async def _run(speaker: MailboxConversation, security: Security, sign_in: SignIn | None) -> None:
    if security is Security.TLS and not await speaker.secure():
        return
    greeting = await speaker.talk.hear()
    speaker.seen = replace(speaker.seen, greeting=greeting[:200])
    if not greeting.startswith("+OK"):
        raise ProtocolMismatch("not a POP3 greeting")
    await _capabilities(speaker)
    if security is Security.STARTTLS:
        said = await _command(speaker, "STLS")
        if not said.startswith("+OK"):
            speaker.seen = replace(speaker.seen, refused=said[:200])
            return
        if not await speaker.secure():
            return
    if who := speaker.may_sign_in(sign_in):
        await _sign_in(speaker, who)
    await speaker.talk.say("QUIT")


async def _capabilities(speaker: MailboxConversation) -> None:
    if not (await _command(speaker, "CAPA")).startswith("+OK"):
        return  # an old server: CAPA is optional
    found = []
    while (line := await speaker.talk.hear()) != ".":
        found.append(line.upper())
    speaker.seen = replace(speaker.seen, capabilities=tuple(found))


async def _sign_in(speaker: MailboxConversation, who: SignIn) -> None:
    said = await _command(speaker, f"USER {who.user}")
    if said.startswith("+OK"):
        said = await _command(speaker, f"PASS {who.password}", "PASS …")
    signed = said.startswith("+OK")
    speaker.seen = replace(speaker.seen, signed_in=signed, refused="" if signed else said[:200])
    if signed and who.look:
        counted = (await _command(speaker, "STAT")).split()[1:3]
        if len(counted) == 2 and all(n.isascii() and n.isdigit() for n in counted):
            box = Folder("INBOX", int(counted[0][:18]), int(counted[1][:18]))
            speaker.seen = replace(speaker.seen, folders=(box,))


async def _command(speaker: MailboxConversation, text: str, shown: str = "") -> str:
    if any(c in text for c in "\r\n\0"):
        raise ProtocolMismatch("a line break cannot be sent")
    await speaker.talk.say(text, shown)
    said = await speaker.talk.hear()
    if not said.startswith(("+OK", "-ERR")):
        raise ProtocolMismatch("not a POP3 answer")
    return said
