"""The opening of an IMAP conversation (RFC 9051, 2595): greeting, capabilities, TLS, sign-in."""

from __future__ import annotations

from dataclasses import replace

from observe.budget import Budget
from observe.mailbox import MailboxDialogue, Security, SignIn, Speaker, converse
from observe.network import Network
from observe.talk import NotSpoken


async def greet(
    net: Network,
    budget: Budget,
    host: str,
    port: int = 993,
    *,
    ip: str = "",
    security: Security = Security.TLS,
    sign_in: SignIn | None = None,
    timeout: float = 10.0,  # noqa: ASYNC109 - handed on
) -> MailboxDialogue:
    """Connect, hear the greeting, ask for capabilities, sign in when asked to, leave."""
    seen = MailboxDialogue("imap", host, ip, port, net.clock.now())

    async def run(speaker: Speaker) -> None:
        await _run(speaker, security, sign_in)

    return await converse(net, budget, seen, run, ip=ip, timeout=timeout)


def quoted(text: str) -> str:
    """A quoted string (RFC 9051, 4.3). Raises NotSpoken for what has no such form."""
    if any(c in text for c in "\r\n\0"):
        raise NotSpoken("a line break cannot be sent")
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


async def _run(speaker: Speaker, security: Security, sign_in: SignIn | None) -> None:
    if security is Security.TLS and not await speaker.secure():
        return
    greeting = await speaker.talk.hear()
    if not greeting.upper().startswith(("* OK", "* PREAUTH")):
        speaker.seen = replace(speaker.seen, greeting=greeting[:200])
        raise NotSpoken("not an IMAP greeting")
    speaker.seen = replace(speaker.seen, greeting=greeting[2:200])
    await _capabilities(speaker)
    if security is Security.STARTTLS:
        status, said = await _command(speaker, "a2", "STARTTLS")
        if status != "OK":
            speaker.seen = replace(speaker.seen, refused=said[:200])
            return
        if not await speaker.secure():
            return
        await _capabilities(speaker)
    if who := speaker.may_sign_in(sign_in):
        login = f"LOGIN {quoted(who.user)} {quoted(who.password)}"
        status, said = await _command(speaker, "a3", login, f"LOGIN {quoted(who.user)} …")
        signed = status == "OK"
        speaker.seen = replace(speaker.seen, signed_in=signed, refused="" if signed else said[:200])
    await speaker.talk.say("a9 LOGOUT")


async def _capabilities(speaker: Speaker) -> None:
    await speaker.talk.say("a1 CAPABILITY")
    found: tuple[str, ...] = ()
    while not (line := await speaker.talk.hear()).startswith("a1 "):
        if line.upper().startswith("* CAPABILITY "):
            found = tuple(line.upper().split()[2:])
    speaker.seen = replace(speaker.seen, capabilities=found)


async def _command(speaker: Speaker, tag: str, text: str, shown: str = "") -> tuple[str, str]:
    """The status of a command and the whole line that told it."""
    await speaker.talk.say(f"{tag} {text}", f"{tag} {shown}" if shown else "")
    while not (line := await speaker.talk.hear()).startswith(f"{tag} "):
        if not line.startswith(("* ", "+")):
            raise NotSpoken("not an IMAP answer")
    return line.split()[1].upper() if len(line.split()) > 1 else "", line
