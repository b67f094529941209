"""IMAP client (RFC 9051, 2595): greeting, capabilities, TLS, sign-in, quota and folder sizes.

Quotas and sizes by RFC 9208, 5819 and 8438. No message is ever read.
"""

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
MAX_STATUS_COMMANDS = 40  # asked for one by one


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
    """Connect, read the greeting and capabilities, sign in when asked to, log out."""
    dialogue = MailboxDialogue("imap", host, ip, port, net.clock.now())

    async def run(conversation: MailboxConversation) -> None:
        await _converse(conversation, security, sign_in)

    return await converse(net, budget, dialogue, run, ip=ip, timeout=timeout)


def quote_string(text: str) -> str:
    """A quoted string (RFC 9051, 4.3). Raises ProtocolMismatch for text with line breaks."""
    if any(c in text for c in "\r\n\0"):
        raise ProtocolMismatch("a line break cannot be sent")
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


async def _converse(
    conversation: MailboxConversation, security: Security, sign_in: SignIn | None
) -> None:
    if security is Security.TLS and not await conversation.secure():
        return
    greeting = await conversation.connection.read_line()
    if not greeting.upper().startswith(("* OK", "* PREAUTH")):
        conversation.dialogue = replace(conversation.dialogue, greeting=greeting[:200])
        raise ProtocolMismatch("not an IMAP greeting")
    conversation.dialogue = replace(conversation.dialogue, greeting=greeting[2:200])
    await _read_capabilities(conversation)
    if security is Security.STARTTLS:
        status, response = await _command(conversation, "a2", "STARTTLS")
        if status != "OK":
            conversation.dialogue = replace(conversation.dialogue, refused=response[:200])
            return
        if not await conversation.secure():
            return
        await _read_capabilities(conversation)
    if credentials := conversation.permitted_sign_in(sign_in):
        login = f"LOGIN {quote_string(credentials.user)} {quote_string(credentials.password)}"
        status, response = await _command(
            conversation, "a3", login, f"LOGIN {quote_string(credentials.user)} …"
        )
        signed_in = status == "OK"
        conversation.dialogue = replace(
            conversation.dialogue, signed_in=signed_in, refused="" if signed_in else response[:200]
        )
        if signed_in and credentials.read_quota:
            await _read_quota_and_folders(conversation)
    await conversation.connection.send_line("a9 LOGOUT")


async def _read_capabilities(conversation: MailboxConversation) -> None:
    await conversation.connection.send_line("a1 CAPABILITY")
    capabilities: tuple[str, ...] = ()
    while not (line := await conversation.connection.read_line()).startswith("a1 "):
        if line.upper().startswith("* CAPABILITY "):
            capabilities = tuple(line.upper().split()[2:])
    conversation.dialogue = replace(conversation.dialogue, capabilities=capabilities)


async def _read_quota_and_folders(conversation: MailboxConversation) -> None:
    """Read the quota and folders of the mailbox, as far as the server's capabilities allow."""
    await _read_capabilities(conversation)
    capabilities = conversation.dialogue.capabilities
    if "QUOTA" in capabilities or any(c.startswith("QUOTA=") for c in capabilities):
        _, responses = await _untagged(conversation, "a4", "GETQUOTAROOT INBOX")
        quotas = tuple(q for line in responses for q in parse_quota_response(line))
        conversation.dialogue = replace(conversation.dialogue, quotas=quotas, quota_told=True)
    has_size = "STATUS=SIZE" in capabilities or "IMAP4REV2" in capabilities
    status_items = "(MESSAGES SIZE)" if has_size else "(MESSAGES)"
    if "LIST-STATUS" in capabilities or "IMAP4REV2" in capabilities:
        _, responses = await _untagged(
            conversation, "a5", f'LIST "" "*" RETURN (STATUS {status_items})'
        )
        folders = [f for line in responses if (f := parse_status_response(line)) is not None]
    else:
        folders = await _status_one_by_one(conversation, status_items)
    conversation.dialogue = replace(conversation.dialogue, folders=tuple(folders[:MAX_FOLDERS]))


async def _status_one_by_one(conversation: MailboxConversation, status_items: str) -> list[Folder]:
    _, responses = await _untagged(conversation, "a5", 'LIST "" "*"')
    names = [name for line in responses if (name := _parse_list_name(line))]
    folders = []
    for number, name in enumerate(names[:MAX_STATUS_COMMANDS]):
        _, status_responses = await _untagged(
            conversation, f"b{number}", f"STATUS {quote_string(name)} {status_items}"
        )
        folders += [
            f for line in status_responses if (f := parse_status_response(line)) is not None
        ]
    return folders


_QUOTA = re.compile(r"^\* QUOTA (.+) \(([^()]*)\)$", re.IGNORECASE)
_STATUS = re.compile(r"^\* STATUS (.+) \(([^()]*)\)$", re.IGNORECASE)
_LIST = re.compile(r"^\* LIST \(([^()]*)\) (?:NIL|\"(?:[^\"\\]|\\.)*\") (.+)$", re.IGNORECASE)
_LITERAL = re.compile(r"\{(\d{1,20})\+?\}$")


def parse_quota_response(line: str) -> tuple[Quota, ...]:
    """The resources of a QUOTA response; () for any other line. STORAGE is in units of 1024 octets."""
    match = _QUOTA.match(line.strip())
    if match is None:
        return ()
    words = match[2].split()
    triples = zip(words[::3], words[1::3], words[2::3], strict=False)
    return tuple(
        Quota(_unquote(match[1]), name.upper(), *(_octets(name, n) for n in (used, limit)))
        for name, used, limit in triples
        if _number(used) is not None and _number(limit) is not None
    )


def parse_status_response(line: str) -> Folder | None:
    """The folder of a STATUS response; None for any other line."""
    match = _STATUS.match(line.strip())
    if match is None:
        return None
    words = match[2].upper().split()
    items = dict(zip(words[::2], map(_number, words[1::2]), strict=False))
    return Folder(
        decode_modified_utf7(_unquote(match[1])), items.get("MESSAGES"), items.get("SIZE")
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _octets(name: str, number: str) -> int:
    return int(number) * (1024 if name.upper() == "STORAGE" else 1)


def _parse_list_name(line: str) -> str:
    match = _LIST.match(line.strip())
    return "" if match is None or "\\NOSELECT" in match[1].upper() else _unquote(match[2])


def _unquote(text: str) -> str:
    """The text of a quoted string or an atom."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def decode_modified_utf7(name: str) -> str:
    """Decode a folder's name from modified UTF-7 (RFC 3501, 5.1.3); unchanged when malformed."""

    def decode_run(match: re.Match[str]) -> str:
        if not match[1]:
            return "&"
        coded = match[1].replace(",", "/")
        return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be")

    try:
        return re.sub(r"&([A-Za-z0-9+,]*)-", decode_run, name)
    except ValueError:  # UnicodeDecodeError and binascii.Error are ValueErrors
        return name


async def _untagged(
    conversation: MailboxConversation, tag: str, text: str
) -> tuple[str, list[str]]:
    """Send a command; its status and untagged responses with literals. () unless OK."""
    await conversation.connection.send_line(f"{tag} {text}")
    responses: list[str] = []
    while not (line := await _line_with_literals(conversation)).startswith(f"{tag} "):
        if not line.startswith(("* ", "+")):
            raise ProtocolMismatch("not an IMAP answer")
        responses.append(line)
    status = line.split()[1].upper() if len(line.split()) > 1 else ""
    return status, responses if status == "OK" else []


async def _line_with_literals(conversation: MailboxConversation) -> str:
    """Read a line with its literals (RFC 9051, 4.3) replaced by quoted strings."""
    line = await conversation.connection.read_line()
    while match := _LITERAL.search(line):
        literal = await conversation.connection.read_exactly(int(match[1]))
        after_literal = await conversation.connection.read_line()
        line = line[: match.start()] + quote_string(" ".join(literal.split("\n"))) + after_literal
    return line


async def _command(
    conversation: MailboxConversation, tag: str, text: str, transcript_text: str = ""
) -> tuple[str, str]:
    """Send a command; its status and the whole tagged response."""
    await conversation.connection.send_line(
        f"{tag} {text}", f"{tag} {transcript_text}" if transcript_text else ""
    )
    while not (line := await conversation.connection.read_line()).startswith(f"{tag} "):
        if not line.startswith(("* ", "+")):
            raise ProtocolMismatch("not an IMAP answer")
    return line.split()[1].upper() if len(line.split()) > 1 else "", line
