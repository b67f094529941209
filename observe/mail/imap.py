"""The opening of an IMAP conversation (RFC 9051, 2595): greeting, capabilities, TLS, sign-in, and
what a mailbox tells of its quota and folders (RFC 9208, 5819, 8438). No message is ever read."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

from facts import Folder, MailboxDialogue, Quota
from observe.budget import Budget
from observe.mail.mailbox import MailboxConversation, Security, SignIn, converse
from observe.network import Network
from observe.transport.line_protocol import ProtocolMismatch

MAX_FOLDERS = 200  # kept
MAX_ASKED = 40  # asked for one by one


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

    async def run(speaker: MailboxConversation) -> None:
        await _run(speaker, security, sign_in)

    return await converse(net, budget, seen, run, ip=ip, timeout=timeout)


def quoted(text: str) -> str:
    """A quoted string (RFC 9051, 4.3). Raises NotSpoken for what has no such form."""
    if any(c in text for c in "\r\n\0"):
        raise ProtocolMismatch("a line break cannot be sent")
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


async def _run(speaker: MailboxConversation, security: Security, sign_in: SignIn | None) -> None:
    if security is Security.TLS and not await speaker.secure():
        return
    greeting = await speaker.talk.hear()
    if not greeting.upper().startswith(("* OK", "* PREAUTH")):
        speaker.seen = replace(speaker.seen, greeting=greeting[:200])
        raise ProtocolMismatch("not an IMAP greeting")
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
        if signed and who.look:
            await _look(speaker)
    await speaker.talk.say("a9 LOGOUT")


async def _capabilities(speaker: MailboxConversation) -> None:
    await speaker.talk.say("a1 CAPABILITY")
    found: tuple[str, ...] = ()
    while not (line := await speaker.talk.hear()).startswith("a1 "):
        if line.upper().startswith("* CAPABILITY "):
            found = tuple(line.upper().split()[2:])
    speaker.seen = replace(speaker.seen, capabilities=found)


async def _look(speaker: MailboxConversation) -> None:
    """Quota and folders of the mailbox that was opened; what the server does not know is left out."""
    await _capabilities(speaker)
    known = speaker.seen.capabilities
    if "QUOTA" in known or any(c.startswith("QUOTA=") for c in known):
        _, told = await _listed(speaker, "a4", "GETQUOTAROOT INBOX")
        quotas = tuple(q for line in told for q in quotas_of(line))
        speaker.seen = replace(speaker.seen, quotas=quotas, quota_told=True)
    sized = "STATUS=SIZE" in known or "IMAP4REV2" in known
    asked = "(MESSAGES SIZE)" if sized else "(MESSAGES)"
    if "LIST-STATUS" in known or "IMAP4REV2" in known:
        _, told = await _listed(speaker, "a5", f'LIST "" "*" RETURN (STATUS {asked})')
        found = [f for line in told if (f := folder_of(line)) is not None]
    else:
        found = await _one_by_one(speaker, asked)
    speaker.seen = replace(speaker.seen, folders=tuple(found[:MAX_FOLDERS]))


async def _one_by_one(speaker: MailboxConversation, asked: str) -> list[Folder]:
    _, told = await _listed(speaker, "a5", 'LIST "" "*"')
    names = [name for line in told if (name := _listed_name(line))]
    found = []
    for number, name in enumerate(names[:MAX_ASKED]):
        _, said = await _listed(speaker, f"b{number}", f"STATUS {quoted(name)} {asked}")
        found += [f for line in said if (f := folder_of(line)) is not None]
    return found


_QUOTA = re.compile(r"^\* QUOTA (.+) \(([^()]*)\)$", re.IGNORECASE)
_STATUS = re.compile(r"^\* STATUS (.+) \(([^()]*)\)$", re.IGNORECASE)
_LIST = re.compile(r"^\* LIST \(([^()]*)\) (?:NIL|\"(?:[^\"\\]|\\.)*\") (.+)$", re.IGNORECASE)
_LITERAL = re.compile(r"\{(\d{1,20})\+?\}$")


def quotas_of(line: str) -> tuple[Quota, ...]:
    """The resources of one QUOTA response; () for any other line. STORAGE comes in 1024 octets."""
    found = _QUOTA.match(line.strip())
    if found is None:
        return ()
    words = found[2].split()
    triples = zip(words[::3], words[1::3], words[2::3], strict=False)
    return tuple(
        Quota(_plain(found[1]), name.upper(), *(_octets(name, n) for n in (used, limit)))
        for name, used, limit in triples
        if _number(used) is not None and _number(limit) is not None
    )


def folder_of(line: str) -> Folder | None:
    """The folder of one STATUS response; None for any other line."""
    found = _STATUS.match(line.strip())
    if found is None:
        return None
    words = found[2].upper().split()
    told = dict(zip(words[::2], map(_number, words[1::2]), strict=False))
    return Folder(unfolded(_plain(found[1])), told.get("MESSAGES"), told.get("SIZE"))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _octets(name: str, number: str) -> int:
    return int(number) * (1024 if name.upper() == "STORAGE" else 1)


def _listed_name(line: str) -> str:
    found = _LIST.match(line.strip())
    return "" if found is None or "\\NOSELECT" in found[1].upper() else _plain(found[2])


def _plain(text: str) -> str:
    """A quoted string or an atom as it is meant."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def unfolded(name: str) -> str:
    """A folder's name out of modified UTF-7 (RFC 3501, 5.1.3); as it stands when it is not that."""

    def run(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        coded = found[1].replace(",", "/")
        return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be")

    try:
        return re.sub(r"&([A-Za-z0-9+,]*)-", run, name)
    except ValueError:  # UnicodeDecodeError and binascii.Error are ValueErrors
        return name


async def _listed(speaker: MailboxConversation, tag: str, text: str) -> tuple[str, list[str]]:
    """A command with its untagged answers, literals taken in. A refusal is an empty list."""
    await speaker.talk.say(f"{tag} {text}")
    told: list[str] = []
    while not (line := await _whole(speaker)).startswith(f"{tag} "):
        if not line.startswith(("* ", "+")):
            raise ProtocolMismatch("not an IMAP answer")
        told.append(line)
    status = line.split()[1].upper() if len(line.split()) > 1 else ""
    return status, told if status == "OK" else []


async def _whole(speaker: MailboxConversation) -> str:
    """A line with its literals (RFC 9051, 4.3) written as quoted strings."""
    line = await speaker.talk.hear()
    while found := _LITERAL.search(line):
        literal = await speaker.talk.take(int(found[1]))
        rest = await speaker.talk.hear()
        line = line[: found.start()] + quoted(" ".join(literal.split("\n"))) + rest
    return line


async def _command(
    speaker: MailboxConversation, tag: str, text: str, shown: str = ""
) -> tuple[str, str]:
    """The status of a command and the whole line that told it."""
    await speaker.talk.say(f"{tag} {text}", f"{tag} {shown}" if shown else "")
    while not (line := await speaker.talk.hear()).startswith(f"{tag} "):
        if not line.startswith(("* ", "+")):
            raise ProtocolMismatch("not an IMAP answer")
    return line.split()[1].upper() if len(line.split()) > 1 else "", line
