"""SMTP client (RFC 5321, 3207, 4954): greeting, EHLO, STARTTLS, AUTH. No mail is sent, no recipient named."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, replace

from facts import SmtpDialogue
from observe import failures
from observe.budget import Budget, OverBudget
from observe.dns.exchange import duration
from observe.mail.mailbox import SignIn
from observe.network import Network
from observe.transport import tls
from observe.transport.dial import DialFailure, GuardedConnection, connect
from standards import text as texts
from standards.dns_types import Trouble

MAX_LINE = 2048
MAX_LINES = 60
CONNECT_TIMEOUT = 6.0  # a tarpit takes the connection at once and is late with its words
HELO_NAME = "self-check.invalid"
NO_AUTH_METHOD = "not tried: no way to sign in is offered"


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """A whole reply: its code and its lines without the code."""

    code: int
    lines: tuple[str, ...]


class NotSmtp(ValueError):
    """The bytes are no SMTP reply."""


async def greet(
    net: Network,
    budget: Budget,
    host: str,
    port: int = 25,
    *,
    ip: str = "",
    timeout: float = 10.0,  # noqa: ASYNC109 - the total; what was heard before stays
    implicit: bool = False,
    sign_in: SignIn | None = None,
) -> SmtpDialogue:
    """Connect, read the greeting, send EHLO, try STARTTLS, sign in when asked to, and quit.

    `implicit`: TLS from the start (RFC 8314). `timeout` bounds the whole conversation; some servers
    delay their greeting on purpose (tarpits).
    """
    dialogue = SmtpDialogue(host, ip, port, net.clock.now())
    if port == 25 and not net.vantage.port25:
        return replace(dialogue, trouble=Trouble.UNREACHABLE, detail="port 25 is closed to us here")
    start = net.clock.monotonic()
    opened = await connect(net, budget, host, port, ip=ip, timeout=min(timeout, CONNECT_TIMEOUT))
    if isinstance(opened, DialFailure):
        return replace(dialogue, ip=opened.ip, trouble=opened.trouble, detail=opened.detail)
    conversation = _SmtpConversation(
        net, budget, opened.connection, replace(dialogue, ip=opened.ip, connected=True)
    )
    try:
        async with asyncio.timeout(budget.within(timeout)):
            await conversation.run(sign_in, implicit=implicit)
    except (OSError, EOFError, ValueError, OverBudget) as error:
        conversation.fail(failures.trouble(error), failures.reason(error))
    finally:
        opened.connection.close()
    return replace(conversation.dialogue, elapsed=duration(start, net.clock.monotonic()))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _reply_text(reply: SmtpReply) -> str:
    return f"{reply.code} {' '.join(reply.lines)}"[:300]


def parse_reply(lines: list[str]) -> SmtpReply | None:
    """Parse a reply from its lines; None while it is incomplete. Raises NotSmtp."""
    if not lines:
        return None
    last = lines[-1]
    if not (last[:3].isascii() and last[:3].isdigit()) or last[3:4] not in ("", " ", "-"):
        raise NotSmtp("not an SMTP reply")
    if last[3:4] == "-":
        return None
    return SmtpReply(int(last[:3]), tuple(line[4:] for line in lines))


class _SmtpConversation:
    def __init__(
        self, net: Network, budget: Budget, connection: GuardedConnection, dialogue: SmtpDialogue
    ) -> None:
        self._net = net
        self._budget = budget
        self._connection = connection
        self._buffer = b""
        self.dialogue = dialogue

    def fail(self, trouble: Trouble, detail: str) -> None:
        self.dialogue = replace(
            self.dialogue, trouble=self._budget.classify_timeout(trouble), detail=detail
        )

    async def run(self, sign_in: SignIn | None, *, implicit: bool) -> None:
        if implicit:
            await self._secure()
            if self.dialogue.handshake is None or self.dialogue.handshake.trouble is not None:
                return
        start = self._net.clock.monotonic()
        try:
            greeting = await self._read_reply()
        finally:
            waited = duration(start, self._net.clock.monotonic())
            self.dialogue = replace(self.dialogue, waited=waited)
        self.dialogue = replace(
            self.dialogue, greeting=" ".join(greeting.lines)[:MAX_LINE], code=greeting.code
        )
        if greeting.code == 220:
            await self._say_ehlo()
            if sign_in is not None:
                await self._sign_in(sign_in)
        if self.dialogue.handshake is None or self.dialogue.handshake.trouble is None:
            await self._connection.write(b"QUIT\r\n")

    async def _say_ehlo(self) -> None:
        ehlo = await self._command(f"EHLO {HELO_NAME}")
        if ehlo.code != 250:
            return
        extensions = tuple(line.upper() for line in ehlo.lines[1:])
        offered = "STARTTLS" in extensions
        self.dialogue = replace(self.dialogue, extensions=extensions, starttls=offered)
        if offered and self.dialogue.handshake is None:
            await self._starttls()

    async def _starttls(self) -> None:
        """STARTTLS, and EHLO again: earlier extensions are discarded (RFC 3207, 4.2)."""
        reply = await self._command("STARTTLS")
        if reply.code != 220:
            self.dialogue = replace(self.dialogue, refused=_reply_text(reply))
            return
        await self._secure()
        if self.dialogue.handshake is not None and self.dialogue.handshake.trouble is None:
            ehlo = await self._command(f"EHLO {HELO_NAME}")
            if ehlo.code == 250:
                self.dialogue = replace(
                    self.dialogue, secured=tuple(line.upper() for line in ehlo.lines[1:])
                )

    async def _sign_in(self, credentials: SignIn) -> None:
        """AUTH PLAIN, or LOGIN where that is all there is (RFC 4954)."""
        if reason := credentials.reason_withheld(self.dialogue.handshake):
            self.dialogue = replace(self.dialogue, refused=reason)
            return
        methods = self.dialogue.methods
        if "PLAIN" in methods:
            reply = await self._command(
                "AUTH PLAIN " + _base64(f"\0{credentials.user}\0{credentials.password}")
            )
        elif "LOGIN" in methods:
            reply = await self._command("AUTH LOGIN")
            for part in (credentials.user, credentials.password):
                if reply.code == 334:
                    reply = await self._command(_base64(part))
        else:
            self.dialogue = replace(self.dialogue, refused=NO_AUTH_METHOD)
            return
        signed_in = reply.code == 235
        self.dialogue = replace(
            self.dialogue, signed_in=signed_in, refused="" if signed_in else _reply_text(reply)
        )

    async def _secure(self) -> None:
        self._buffer = b""  # plain text sent ahead of the handshake is not part of it (RFC 3207, 6)
        handshake = await tls.start_tls(
            self._net,
            self._budget,
            self._connection,
            host=self.dialogue.host,
            ip=self.dialogue.ip,
            port=self.dialogue.port,
            wait=5.0,
            offer=tls.TlsOffer.MAIL,
        )
        self.dialogue = replace(self.dialogue, handshake=handshake)

    async def _command(self, line: str) -> SmtpReply:
        await self._connection.write(line.encode("ascii") + b"\r\n")
        return await self._read_reply()

    async def _read_reply(self) -> SmtpReply:
        lines: list[str] = []
        while len(lines) < MAX_LINES:
            lines.append(await self._read_line())
            reply = parse_reply(lines)
            if reply is not None:
                return reply
        raise NotSmtp("a reply without end")

    async def _read_line(self) -> str:
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE:
                raise NotSmtp("a line without end")
            received = await self._connection.read(MAX_LINE)
            if not received:
                raise EOFError
            if not self._budget.spend_bytes(len(received)):
                raise OverBudget
            self._buffer += received
        line, _, self._buffer = self._buffer.partition(b"\n")
        return texts.decode_text(line.rstrip(b"\r"))
