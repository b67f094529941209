"""The opening of an SMTP conversation as a fact (RFC 5321, 3207, 4954); no mail is ever sent, and
no recipient is ever named."""

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
from observe.transport.dial import Connection, DialFailure, connect
from standards import text as texts
from standards.dns_types import Trouble

MAX_LINE = 2048
MAX_LINES = 60
CONNECT_WAIT = 6.0  # a tarpit takes the connection at once and is late with its words
HELO = "self-check.invalid"
NO_METHOD = "not tried: no way to sign in is offered"


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
    """Connect, hear the greeting, say EHLO, try STARTTLS, sign in when asked to, and leave.

    `implicit`: TLS comes first.

    Some servers keep strangers waiting for their greeting on purpose; `timeout` is that patience.
    """
    seen = SmtpDialogue(host, ip, port, net.clock.now())
    if port == 25 and not net.vantage.port25:
        return replace(seen, trouble=Trouble.UNREACHABLE, detail="port 25 is closed to us here")
    start = net.clock.monotonic()
    opened = await connect(net, budget, host, port, ip=ip, timeout=min(timeout, CONNECT_WAIT))
    if isinstance(opened, DialFailure):
        return replace(seen, ip=opened.ip, trouble=opened.trouble, detail=opened.detail)
    talk = _Talk(net, budget, opened.connection, replace(seen, ip=opened.ip, connected=True))
    try:
        async with asyncio.timeout(budget.within(timeout)):
            await talk.run(sign_in, implicit=implicit)
    except (OSError, EOFError, ValueError, OverBudget) as error:
        talk.fail(failures.trouble(error), failures.reason(error))
    finally:
        opened.connection.close()
    return replace(talk.seen, elapsed=duration(start, net.clock.monotonic()))


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _said(reply: SmtpReply) -> str:
    return f"{reply.code} {' '.join(reply.lines)}"[:300]


def reply_of(lines: list[str]) -> SmtpReply | None:
    """A complete reply from its lines, or None while more must come. Raises NotSmtp."""
    if not lines:
        return None
    last = lines[-1]
    if not (last[:3].isascii() and last[:3].isdigit()) or last[3:4] not in ("", " ", "-"):
        raise NotSmtp("not an SMTP reply")
    if last[3:4] == "-":
        return None
    return SmtpReply(int(last[:3]), tuple(line[4:] for line in lines))


class _Talk:
    def __init__(self, net: Network, budget: Budget, line: Connection, seen: SmtpDialogue) -> None:
        self._net = net
        self._budget = budget
        self._line = line
        self._buffer = b""
        self.seen = seen

    def fail(self, trouble: Trouble, detail: str) -> None:
        self.seen = replace(self.seen, trouble=self._budget.blame(trouble), detail=detail)

    async def run(self, sign_in: SignIn | None, *, implicit: bool) -> None:
        if implicit:
            await self._secure()
            if self.seen.handshake is None or self.seen.handshake.trouble is not None:
                return
        began = self._net.clock.monotonic()
        try:
            greeting = await self._reply()
        finally:
            waited = duration(began, self._net.clock.monotonic())
            self.seen = replace(self.seen, waited=waited)
        self.seen = replace(
            self.seen, greeting=" ".join(greeting.lines)[:MAX_LINE], code=greeting.code
        )
        if greeting.code == 220:
            await self._extensions()
            if sign_in is not None:
                await self._sign_in(sign_in)
        if self.seen.handshake is None or self.seen.handshake.trouble is None:
            await self._line.write(b"QUIT\r\n")

    async def _extensions(self) -> None:
        hello = await self._command(f"EHLO {HELO}")
        if hello.code != 250:
            return
        extensions = tuple(line.upper() for line in hello.lines[1:])
        offered = "STARTTLS" in extensions
        self.seen = replace(self.seen, extensions=extensions, starttls=offered)
        if offered and self.seen.handshake is None:
            await self._upgrade()

    async def _upgrade(self) -> None:
        """STARTTLS, and the extensions anew: what was said before it counts no more (RFC 3207)."""
        answer = await self._command("STARTTLS")
        if answer.code != 220:
            self.seen = replace(self.seen, refused=_said(answer))
            return
        await self._secure()
        if self.seen.handshake is not None and self.seen.handshake.trouble is None:
            hello = await self._command(f"EHLO {HELO}")
            if hello.code == 250:
                self.seen = replace(self.seen, secured=tuple(x.upper() for x in hello.lines[1:]))

    async def _sign_in(self, who: SignIn) -> None:
        """AUTH PLAIN, or LOGIN where that is all there is (RFC 4954)."""
        if why := who.withheld(self.seen.handshake):
            self.seen = replace(self.seen, refused=why)
            return
        methods = self.seen.methods
        if "PLAIN" in methods:
            answer = await self._command("AUTH PLAIN " + _coded(f"\0{who.user}\0{who.password}"))
        elif "LOGIN" in methods:
            answer = await self._command("AUTH LOGIN")
            for part in (who.user, who.password):
                if answer.code == 334:
                    answer = await self._command(_coded(part))
        else:
            self.seen = replace(self.seen, refused=NO_METHOD)
            return
        signed = answer.code == 235
        self.seen = replace(self.seen, signed_in=signed, refused="" if signed else _said(answer))

    async def _secure(self) -> None:
        self._buffer = b""  # plain text sent ahead of the handshake is not part of it (RFC 3207, 6)
        shaken = await tls.secure(
            self._net,
            self._budget,
            self._line,
            host=self.seen.host,
            ip=self.seen.ip,
            port=self.seen.port,
            wait=5.0,
            offer=tls.TlsOffer.MAIL,
        )
        self.seen = replace(self.seen, handshake=shaken)

    async def _command(self, line: str) -> SmtpReply:
        await self._line.write(line.encode("ascii") + b"\r\n")
        return await self._reply()

    async def _reply(self) -> SmtpReply:
        lines: list[str] = []
        while len(lines) < MAX_LINES:
            lines.append(await self._next_line())
            reply = reply_of(lines)
            if reply is not None:
                return reply
        raise NotSmtp("a reply without end")

    async def _next_line(self) -> str:
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE:
                raise NotSmtp("a line without end")
            received = await self._line.read(MAX_LINE)
            if not received:
                raise EOFError
            if not self._budget.spend_bytes(len(received)):
                raise OverBudget
            self._buffer += received
        line, _, self._buffer = self._buffer.partition(b"\n")
        return texts.decode_text(line.rstrip(b"\r"))
