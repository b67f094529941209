"""Mail servers on ports 25, 465 and 587: greeting, EHLO, STARTTLS, and letters for their own domains (RFC 5321)."""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass

from lab.net import Link, Port, RequestLog, reset
from lab.world import MailServer, Manner

LINE_LIMIT = 2000
OPENINGS = {Manner.REFUSES: "554 {name} no service here", Manner.BUSY: "421 {name} try again later"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that a mail server of the lab took."""

    server: str
    sender: str
    recipients: tuple[str, ...]
    content: str


class SmtpListener(Port):
    """Port 25 of one machine."""

    def __init__(
        self,
        machine: MailServer,
        tls: ssl.SSLContext,
        link: Link,
        letters: RequestLog[Letter],
        *,
        implicit: bool = False,
        programs: bool = False,
    ) -> None:
        """`programs`: a port for mail programs, which wants a sign-in; `implicit`: TLS first."""
        self.implicit = implicit
        self.programs = programs
        self.machine = machine
        self.tls = tls
        self.link = link
        self.letters = letters
        super().__init__(tls if implicit else None)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        machine = self.machine
        kind = "submission" if self.programs else "smtp"
        self.link.mail_connections.append(f"{machine.name} {kind}")
        fault = self.link.switches.of(machine.name)
        if fault == "down":
            reset(writer)
            return
        if fault == "hang" or machine.manner is Manner.SILENT:
            await asyncio.sleep(3600)
        await asyncio.sleep(machine.wait.total_seconds())
        talk = _SmtpSession(self, reader, writer)
        if machine.manner is Manner.GARBAGE:
            writer.write(b"\x00\xff\xfe220?\x80\r\n\x00")
            await writer.drain()
            return
        manner = Manner.BUSY if fault == "error" else machine.manner
        if manner in OPENINGS:
            await talk.reply(OPENINGS[manner].format(name=machine.name))
            return
        await talk.reply(f"220 {machine.says or machine.name} {machine.greeting}")
        while await talk.step():
            pass


class _SmtpSession:
    """One conversation after the greeting."""

    def __init__(
        self, port: SmtpListener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.port = port
        self.reader = reader
        self.writer = writer
        self.sender = ""
        self.recipients: list[str] = []
        self.encrypted = port.implicit

    async def reply(self, *lines: str) -> None:
        """One reply; several lines are joined as RFC 5321, 4.2.1 wants."""
        await asyncio.sleep(self.port.link.wait(self.port.machine.name).total_seconds())
        marked = [f"{line[:3]}-{line[4:]}" for line in lines[:-1]] + [lines[-1]]
        self.writer.write("".join(f"{line}\r\n" for line in marked).encode())
        await self.writer.drain()

    async def step(self) -> bool:
        """Take one command; False when the conversation is over."""
        line = (await self.reader.readline())[:LINE_LIMIT].decode("latin-1").strip()
        if not line:
            return False
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO":
                await self._ehlo()
            case "STARTTLS" if self.port.machine.starttls and not self.encrypted:
                await self.reply("220 ready for TLS")
                if self.port.machine.tls_breaks:
                    return False
                await self.writer.start_tls(self.port.tls)
                self.encrypted = True
            case "AUTH" if self.port.programs:
                await self._sign_in(rest)
            case "MAIL":
                self.sender, self.recipients = _path(rest), []
                await self.reply("250 ok")
            case "RCPT":
                await self._recipient(_path(rest))
            case "DATA" if self.recipients:
                await self._data()
            case "HELO" | "RSET" | "NOOP":
                await self.reply("250 ok")
            case "QUIT":
                await self.reply("221 bye")
                return False
            case _:
                await self.reply("502 not implemented")
        return True

    async def _ehlo(self) -> None:
        offered = ["250 PIPELINING", "250 SIZE 52428800", "250 8BITMIME"]
        if self.port.machine.starttls and not self.encrypted:
            offered.append("250 STARTTLS")
        if self.port.programs and (self.encrypted or not self.port.machine.starttls):
            offered.append("250 AUTH PLAIN LOGIN")
        await self.reply(f"250 {self.port.machine.name}", *offered)

    async def _sign_in(self, rest: str) -> None:
        """AUTH PLAIN with its answer at once (RFC 4954)."""
        method, _, coded = rest.partition(" ")
        try:
            _, user, password = base64.b64decode(coded).decode().split("\0")
        except ValueError:
            await self.reply("501 5.5.2 cannot decode that")
            return
        mailbox = next((b for b in self.port.machine.mailboxes if b.address == user), None)
        if mailbox is not None and mailbox.refusal[1]:
            await self.reply(mailbox.refusal[1])
        elif method.upper() != "PLAIN" or mailbox is None or mailbox.password != password:
            await self.reply("535 5.7.8 Error: authentication failed")
        else:
            await self.reply("235 2.7.0 welcome")

    async def _recipient(self, recipient: str) -> None:
        if recipient.rpartition("@")[2].lower() not in self.port.machine.accepts:
            await self.reply("550 5.7.1 relaying denied")
            return
        self.recipients.append(recipient)
        await self.reply("250 ok")

    async def _data(self) -> None:
        await self.reply("354 go on")
        content = (await self.reader.readuntil(b"\r\n.\r\n"))[:-5].decode("utf-8", "replace")
        name = self.port.machine.name
        self.port.letters.append(Letter(name, self.sender, tuple(self.recipients), content))
        await self.reply("250 taken")


def _path(rest: str) -> str:
    """The address in "FROM:<a@b> SIZE=1"."""
    return rest.partition("<")[2].partition(">")[0]
