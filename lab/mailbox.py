"""IMAP and POP3 as mail programs meet them: greeting, capabilities, TLS, sign-in, quota, folders.

No letter is kept; RFC 9051, 9208 and 1939 as far as a look needs them.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator

from lab.net import Link, Port, reset
from lab.world import Mailbox, MailServer

LINE_LIMIT = 2000
BEFORE = "IMAP4rev1 SASL-IR"
AFTER = "IMAP4rev1 QUOTA QUOTA=RES-STORAGE LIST-STATUS STATUS=SIZE"


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
        self.link.met.append(f"{self.machine.name} {self.protocol}")
        fault = self.link.switches.of(self.machine.name)
        if fault == "down":
            reset(writer)
            return
        if fault == "hang":
            await asyncio.sleep(3600)
        talk = _Imap if self.protocol == "imap" else _Pop3
        await talk(self, reader, writer).run()


class _Talk:
    def __init__(
        self, port: BoxListener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.port = port
        self.reader = reader
        self.writer = writer
        self.private = port.implicit
        self.box: Mailbox | None = None

    async def say(self, *lines: str) -> None:
        await asyncio.sleep(self.port.link.wait(self.port.machine.name).total_seconds())
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self.writer.drain()

    async def heard(self) -> str:
        return (await self.reader.readline())[:LINE_LIMIT].decode("utf-8", "replace").strip()

    async def upgrade(self) -> None:
        await self.writer.start_tls(self.port.tls)
        self.private = True

    def sign_in(self, user: str, password: str) -> str:
        """ "" or why not, in IMAP's words."""
        found = next((b for b in self.port.machine.mailboxes if b.address == user), None)
        if found is not None and found.refusal[0]:
            return found.refusal[0]
        if found is None or found.password != password:
            return "[AUTHENTICATIONFAILED] Authentication failed."
        self.box = found
        return ""


class _Imap(_Talk):
    async def run(self) -> None:
        await self.say(f"* OK [CAPABILITY {BEFORE}] {self.port.machine.name} ready.")
        while line := await self.heard():
            tag, _, command = line.partition(" ")
            verb, _, rest = command.partition(" ")
            match verb.upper():
                case "STARTTLS" if self.port.machine.starttls and not self.private:
                    await self.say(f"{tag} OK go ahead")
                    await self.upgrade()
                case "LOGIN":
                    await self.say(f"{tag} {self.login(rest)}")
                case "LOGOUT":
                    await self.say("* BYE", f"{tag} OK bye")
                    return
                case word if (told := tuple(self.told(word, rest))) or word == "NOOP":
                    await self.say(*told, f"{tag} OK done")
                case _:
                    await self.say(f"{tag} BAD unknown command")

    def login(self, rest: str) -> str:
        user, password = _quoted(rest)
        if not self.private and self.port.machine.starttls:
            return "NO [PRIVACYREQUIRED] Plaintext authentication disallowed."
        why = self.sign_in(user, password)
        return f"NO {why}" if why else "OK signed in"

    def told(self, verb: str, rest: str) -> Iterator[str]:
        """The untagged answers to a command."""
        box = self.box
        if verb == "CAPABILITY":
            offer = (
                "" if self.private or not self.port.machine.starttls else " STARTTLS LOGINDISABLED"
            )
            yield f"* CAPABILITY {AFTER if box else BEFORE + offer}"
        elif verb == "GETQUOTAROOT" and box:
            yield '* QUOTAROOT INBOX "User quota"'
            yield f'* QUOTA "User quota" (STORAGE {box.used // 1024} {box.limit // 1024})'
        elif verb == "LIST" and box:
            for name, messages, size in box.folders:
                yield f'* LIST () "/" "{name}"'
                if "STATUS" in rest:
                    yield f'* STATUS "{name}" (MESSAGES {messages} SIZE {size})'


class _Pop3(_Talk):
    async def run(self) -> None:
        user = ""
        await self.say(f"+OK {self.port.machine.name} ready.")
        while line := await self.heard():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "CAPA":
                    offer = ["STLS"] if self.port.machine.starttls and not self.private else []
                    await self.say("+OK", "USER", *offer, ".")
                case "STLS" if self.port.machine.starttls and not self.private:
                    await self.say("+OK")
                    await self.upgrade()
                case "USER":
                    user = rest
                    await self.say("+OK")
                case "PASS":
                    why = self.sign_in(user, rest)
                    await self.say(f"-ERR {why}" if why else "+OK")
                case "STAT" if self.box:
                    counts = [f[1:] for f in self.box.folders if f[0] == "INBOX"] or [(0, 0)]
                    await self.say("+OK {} {}".format(*counts[0]))
                case "QUIT":
                    await self.say("+OK")
                    return
                case _:
                    await self.say("-ERR unknown command")


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
