"""IMAP and POP3 as mail programs meet them: greeting, capabilities, TLS, sign-in, quota, folders.

No letter is kept; RFC 9051, 9208 and 1939 as far as a look needs them.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator

from lab.net import Link, Port, reset
from lab.world import LabMailbox, MailServer

LINE_LIMIT = 2000
CAPABILITIES = "IMAP4rev1 SASL-IR"
SIGNED_IN_CAPABILITIES = "IMAP4rev1 QUOTA QUOTA=RES-STORAGE LIST-STATUS STATUS=SIZE"


class BoxListener(Port):
    """One port of one machine: "imap" or "pop3", with TLS from the start or STARTTLS."""

    def __init__(
        self, protocol: str, machine: MailServer, tls: ssl.SSLContext, link: Link, *, implicit: bool
    ) -> None:
        self.protocol = protocol
        self.machine = machine
        self.tls = tls
        self.link = link
        self.implicit = implicit
        super().__init__(tls if implicit else None)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.link.mail_connections.append(f"{self.machine.name} {self.protocol}")
        fault = self.link.switches.of(self.machine.name)
        if fault == "down":
            reset(writer)
            return
        if fault == "hang":
            await asyncio.sleep(3600)
        talk = _Imap if self.protocol == "imap" else _Pop3
        await talk(self, reader, writer).run()


class _MailboxSession:
    def __init__(
        self, port: BoxListener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.port = port
        self.reader = reader
        self.writer = writer
        self.private = port.implicit
        self.mailbox: LabMailbox | None = None

    async def send(self, *lines: str) -> None:
        await asyncio.sleep(self.port.link.wait(self.port.machine.name).total_seconds())
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self.writer.drain()

    async def read_line(self) -> str:
        return (await self.reader.readline())[:LINE_LIMIT].decode("utf-8", "replace").strip()

    async def upgrade(self) -> None:
        await self.writer.start_tls(self.port.tls)
        self.private = True

    def sign_in(self, user: str, password: str) -> str:
        """ "" or why not, in IMAP's words."""
        candidate = next((b for b in self.port.machine.mailboxes if b.address == user), None)
        if candidate is not None and candidate.refusal[0]:
            return candidate.refusal[0]
        if candidate is None or candidate.password != password:
            return "[AUTHENTICATIONFAILED] Authentication failed."
        self.mailbox = candidate
        return ""


class _Imap(_MailboxSession):
    async def run(self) -> None:
        await self.send(f"* OK [CAPABILITY {CAPABILITIES}] {self.port.machine.name} ready.")
        while line := await self.read_line():
            tag, _, command = line.partition(" ")
            verb, _, rest = command.partition(" ")
            match verb.upper():
                case "STARTTLS" if self.port.machine.starttls and not self.private:
                    await self.send(f"{tag} OK go ahead")
                    await self.upgrade()
                case "LOGIN":
                    await self.send(f"{tag} {self.login(rest)}")
                case "LOGOUT":
                    await self.send("* BYE", f"{tag} OK bye")
                    return
                case word if (
                    answers := tuple(self.untagged_answers(word, rest))
                ) or word == "NOOP":
                    await self.send(*answers, f"{tag} OK done")
                case _:
                    await self.send(f"{tag} BAD unknown command")

    def login(self, rest: str) -> str:
        user, password = _quoted(rest)
        if not self.private and self.port.machine.starttls:
            return "NO [PRIVACYREQUIRED] Plaintext authentication disallowed."
        why = self.sign_in(user, password)
        return f"NO {why}" if why else "OK signed in"

    def untagged_answers(self, verb: str, rest: str) -> Iterator[str]:
        """The untagged answers to a command."""
        mailbox = self.mailbox
        if verb == "CAPABILITY":
            offer = (
                "" if self.private or not self.port.machine.starttls else " STARTTLS LOGINDISABLED"
            )
            yield f"* CAPABILITY {SIGNED_IN_CAPABILITIES if mailbox else CAPABILITIES + offer}"
        elif verb == "GETQUOTAROOT" and mailbox:
            yield '* QUOTAROOT INBOX "User quota"'
            yield f'* QUOTA "User quota" (STORAGE {mailbox.used // 1024} {mailbox.limit // 1024})'
        elif verb == "LIST" and mailbox:
            for name, messages, size in mailbox.folders:
                yield f'* LIST () "/" "{name}"'
                if "STATUS" in rest:
                    yield f'* STATUS "{name}" (MESSAGES {messages} SIZE {size})'


class _Pop3(_MailboxSession):
    async def run(self) -> None:
        user = ""
        await self.send(f"+OK {self.port.machine.name} ready.")
        while line := await self.read_line():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "CAPA":
                    offer = ["STLS"] if self.port.machine.starttls and not self.private else []
                    await self.send("+OK", "USER", *offer, ".")
                case "STLS" if self.port.machine.starttls and not self.private:
                    await self.send("+OK")
                    await self.upgrade()
                case "USER":
                    user = rest
                    await self.send("+OK")
                case "PASS":
                    why = self.sign_in(user, rest)
                    await self.send(f"-ERR {why}" if why else "+OK")
                case "STAT" if self.mailbox:
                    counts = [f[1:] for f in self.mailbox.folders if f[0] == "INBOX"] or [(0, 0)]
                    await self.send("+OK {} {}".format(*counts[0]))
                case "QUIT":
                    await self.send("+OK")
                    return
                case _:
                    await self.send("-ERR unknown command")


def _quoted(rest: str) -> tuple[str, str]:
    """The two quoted strings of a LOGIN."""
    parts: list[str] = []
    text = ""
    inside = skip = False
    for sign in rest:
        if skip:
            text, skip = text + sign, False
        elif sign == "\\":
            skip = True
        elif sign == '"':
            if inside:
                parts.append(text)
            inside, text = not inside, ""
        elif inside:
            text += sign
    return (parts[0], parts[1]) if len(parts) == 2 else ("", "")
