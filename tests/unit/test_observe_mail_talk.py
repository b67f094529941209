"""Mail servers that are patient, honest, broken or hostile: bounded, and a plain fact each time."""

import asyncio
import base64
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clock import SystemClock
from facts import Folder, Quota
from lab.certificates import Cert, CertificateAuthority
from observe.budget import Budget
from observe.mail import imap, pop3, smtp
from observe.mail.mailbox import NOT_AUTHENTICATED, NOT_ENCRYPTED, Security, SignIn
from standards.dns_types import Trouble
from tests.observe_servers import net, tcp

HOST = "mail.polaris.example"
SECRET = 'hunter2 \\ "quoted" ž'
WHO = SignIn("mara@orchard.example", SECRET, require_authentic=True, read_quota=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return CertificateAuthority(tmp_path_factory.mktemp("ca"), datetime.now(UTC))


def here(authority, port):
    bundle = str(authority.bundle)
    return net(ca_bundle=bundle, hosts={HOST: f"127.0.0.1:{port}"})


async def met(authority, greet, talk, *, tls=None, wait=5.0, budget=None, port=0, **how):
    """What is seen of a server that talks so."""
    async with tcp(talk, tls=tls) as there:
        return await greet(
            here(authority, there), budget or Budget(SystemClock()), HOST, port or 2525,
            ip="31.53.25.25", timeout=wait, **how,
        )  # fmt: skip


def smtp_server(context, *, auth="AUTH PLAIN LOGIN", reply=b"235 welcome\r\n", heard=None):
    """A submission port: EHLO, STARTTLS, AUTH."""

    async def talk(reader, writer):
        writer.write(b"220 mail.polaris.example ESMTP\r\n")
        private = False
        while line := (await reader.readline()).decode().strip():
            if heard is not None:
                heard.append((private, line))
            match line.split()[0].upper():
                case "EHLO":
                    more = f"250-{auth}\r\n" if private and auth else "250-STARTTLS\r\n"
                    writer.write(f"250-hello\r\n{more}250 SIZE 1000\r\n".encode())
                case "STARTTLS":
                    writer.write(b"220 go\r\n")
                    await writer.drain()
                    await writer.start_tls(context)
                    private = True
                case "AUTH" if line.upper() == "AUTH LOGIN":
                    for prompt in (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"):
                        writer.write(prompt)
                        heard.append((private, (await reader.readline()).decode().strip()))
                    writer.write(reply)
                case "AUTH":
                    writer.write(reply)
                case "QUIT":
                    return
            await writer.drain()

    return talk


# ------------------------------------------------------------------ SMTP
async def test_what_is_offered_after_tls_is_kept_apart(authority):
    seen = await met(authority, smtp.greet, smtp_server(authority.context((HOST,))))
    assert (seen.extensions, seen.secured) == (
        ("STARTTLS", "SIZE 1000"),
        ("AUTH PLAIN LOGIN", "SIZE 1000"),
    )
    assert seen.methods == ("PLAIN", "LOGIN")
    assert seen.signed_in is None
    assert (seen.connected, seen.trouble) == (True, None)


@pytest.mark.parametrize(("auth", "says"), [("AUTH PLAIN", 1), ("AUTH LOGIN", 3)])
async def test_a_sign_in_goes_over_tls_only(authority, auth, says):
    heard = []
    talk = smtp_server(authority.context((HOST,)), auth=auth, heard=heard)
    seen = await met(authority, smtp.greet, talk, sign_in=WHO)
    assert seen.signed_in is True
    private = [line for safe, line in heard if safe and "EHLO" not in line and line != "QUIT"]
    assert len(private) == says
    credentials = b"".join(
        base64.b64decode(line.split()[-1]) for line in private if line != "AUTH LOGIN"
    )
    assert SECRET.encode() in credentials
    assert SECRET not in repr(seen)


async def test_a_refusal_is_kept_word_for_word(authority):
    talk = smtp_server(
        authority.context((HOST,)), reply=b"535-5.7.8 Error:\r\n535 5.7.8 no such pair\r\n"
    )
    seen = await met(authority, smtp.greet, talk, sign_in=WHO)
    assert (seen.signed_in, seen.refused) == (False, "535 5.7.8 Error: 5.7.8 no such pair")


@pytest.mark.parametrize("sort", [Cert.SELF_SIGNED, Cert.EXPIRED, Cert.UNTRUSTED])
async def test_no_password_goes_to_a_server_that_proves_nothing(authority, sort):
    heard = []
    talk = smtp_server(authority.context((HOST,), sort), heard=heard)
    seen = await met(authority, smtp.greet, talk, sign_in=WHO)
    assert (seen.signed_in, seen.refused) == (None, NOT_AUTHENTICATED)
    assert not [line for _, line in heard if "AUTH" in line]


async def test_a_server_that_hides_starttls_gets_no_password(authority):
    """The stripping attack: AUTH is offered in the clear, STARTTLS is not."""
    heard = []

    async def talk(reader, writer):
        writer.write(b"220 hi\r\n")
        while line := (await reader.readline()).decode().strip():
            heard.append(line)
            writer.write(b"250-hi\r\n250 AUTH PLAIN\r\n")

    seen = await met(authority, smtp.greet, talk, sign_in=WHO)
    assert (seen.signed_in, seen.refused) == (None, NOT_ENCRYPTED)
    assert not [line for line in heard if line.startswith("AUTH")]


async def test_plain_text_sent_ahead_of_tls_is_dropped(authority):
    """CVE-2011-0411: what an attacker puts behind “220 go” must not count as said over TLS."""
    context = authority.context((HOST,))

    async def talk(reader, writer):
        writer.write(b"220 mx\r\n")
        await reader.readline()
        writer.write(b"250-mx\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n250-forged\r\n250 AUTH PLAIN\r\n")
        await writer.drain()
        await writer.start_tls(context)
        await reader.readline()
        writer.write(b"250-true\r\n250 SIZE 7\r\n")
        await reader.readline()

    seen = await met(authority, smtp.greet, talk)
    assert (seen.secured, seen.methods) == (("SIZE 7",), ())


@pytest.mark.parametrize("greet", [imap.greet, pop3.greet])
async def test_plain_text_sent_ahead_of_tls_is_dropped_for_mailboxes_too(authority, greet):
    context = authority.context((HOST,))
    imapped = greet is imap.greet

    async def talk(reader, writer):
        writer.write(b"* OK hi\r\n" if imapped else b"+OK hi\r\n")
        await reader.readline()
        reply = b"* CAPABILITY STARTTLS\r\na1 OK\r\n" if imapped else b"+OK\r\nSTLS\r\n.\r\n"
        writer.write(reply)
        await reader.readline()
        forged = b"a2 OK go\r\n* CAPABILITY FORGED\r\na1 OK\r\na3 OK signed in\r\n"
        writer.write(forged if imapped else b"+OK go\r\n+OK forged\r\n+OK forged\r\n")
        await writer.drain()
        await writer.start_tls(context)
        await asyncio.sleep(30)

    seen = await met(authority, greet, talk, security=Security.STARTTLS, sign_in=WHO, wait=1.0)
    assert "FORGED" not in seen.capabilities
    assert seen.signed_in is None
    assert seen.trouble is Trouble.TIMEOUT


# ------------------------------------------------------------------ patience and limits
async def test_a_late_greeting_tells_how_long_it_took(authority):
    async def talk(reader, writer):
        await asyncio.sleep(0.4)
        writer.write(b"220 mx\r\n")
        await reader.readline()

    seen = await met(authority, smtp.greet, talk)
    assert seen.code == 220
    assert seen.waited >= timedelta(seconds=0.35)


async def test_a_greeting_that_never_comes_is_a_connection_nonetheless(authority):
    async def talk(reader, writer):
        await asyncio.sleep(60)

    seen = await met(authority, smtp.greet, talk, wait=0.4)
    assert (seen.connected, seen.code, seen.trouble) == (True, 0, Trouble.TIMEOUT)
    assert seen.waited >= timedelta(seconds=0.3)


async def trickle(writer, *, every=b"220-", pause=0.01):
    with contextlib.suppress(OSError):
        while True:
            writer.write(every)
            await writer.drain()
            await asyncio.sleep(pause)


FLOOD = b"x" * 65536


@pytest.mark.parametrize("greet", [smtp.greet, imap.greet, pop3.greet])
@pytest.mark.parametrize(
    ("every", "pause"), [(b"2", 0.05), (b"220-more\r\n", 0), (FLOOD, 0), (b"* OK\r\n", 0)]
)
async def test_floods_and_trickles_end_in_time(authority, greet, every, pause):
    async def talk(reader, writer):
        await trickle(writer, every=every, pause=pause)

    how = {} if greet is smtp.greet else {"security": Security.NONE}
    seen = await met(authority, greet, talk, wait=0.25, **how)
    assert seen.trouble in (Trouble.TIMEOUT, Trouble.PROTOCOL)
    assert len(repr(seen)) < 60_000


async def test_a_gigantic_ehlo_is_no_smtp(authority):
    async def talk(reader, writer):
        writer.write(b"220 mx\r\n")
        await reader.readline()
        await trickle(writer, every=b"250-X" + b"y" * 1000 + b"\r\n", pause=0)

    seen = await met(authority, smtp.greet, talk, wait=3)
    assert (seen.code, seen.trouble) == (220, Trouble.PROTOCOL)


@pytest.mark.parametrize(
    "claim", ["{1073741824}", "{99999999999999999999}", "{2001}", "{999999999999999999999999}"]
)
async def test_a_literal_of_gigabytes_is_not_waited_for(authority, claim):
    context = authority.context((HOST,))
    budget = Budget(SystemClock(), bytes=1_000_000)

    async def talk(reader, writer):
        writer.write(b"* OK hi\r\n")
        while line := (await reader.readline()).decode():
            tag = line.split()[0]
            if tag == "a5":
                writer.write(f'* LIST () "/" {claim}\r\n'.encode())
                await trickle(writer, every=FLOOD, pause=0)
            reply = "* CAPABILITY IMAP4rev1\r\n" if tag == "a1" else ""
            writer.write(f"{reply}{tag} OK done\r\n".encode())

    seen = await met(authority, imap.greet, talk, tls=context, sign_in=WHO, budget=budget)
    assert (seen.signed_in, seen.trouble) == (True, Trouble.PROTOCOL)
    assert seen.folders == ()


async def test_endless_folders_end(authority):
    context = authority.context((HOST,))

    async def talk(reader, writer):
        writer.write(b"* OK hi\r\n")
        while line := (await reader.readline()).decode():
            tag = line.split()[0]
            if tag == "a5":
                await trickle(writer, every=b'* STATUS "x" (MESSAGES 1 SIZE 2)\r\n', pause=0)
            reply = "* CAPABILITY IMAP4rev1 LIST-STATUS STATUS=SIZE\r\n" if tag == "a1" else ""
            writer.write(f"{reply}{tag} OK done\r\n".encode())

    seen = await met(authority, imap.greet, talk, tls=context, sign_in=WHO)
    assert (seen.signed_in, seen.trouble) == (True, Trouble.PROTOCOL)


# ------------------------------------------------------------------ a mailbox that is looked into
def imap_server(replies, heard=None):
    """Answers each tagged command with what `said` has for it."""

    async def talk(reader, writer):
        writer.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        while line := (await reader.readline()).decode().strip():
            tag, _, command = line.partition(" ")
            if heard is not None:
                heard.append(command)
            reply = next((v for k, v in replies.items() if command.startswith(k)), "")
            writer.write(f"{reply}{'' if reply.endswith(' NO') else f'{tag} OK done'}\r\n".encode())

    return talk


async def test_quota_and_folders_are_told(authority):
    replies = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1 QUOTA LIST-STATUS STATUS=SIZE\r\n",
        "GETQUOTAROOT": '* QUOTAROOT INBOX "User quota"\r\n'
        '* QUOTA "User quota" (STORAGE 900 1000 MESSAGE 40 100)\r\n',
        "LIST": '* LIST (\\HasNoChildren) "." INBOX\r\n'
        "* STATUS INBOX (MESSAGES 40 SIZE 921600)\r\n"
        '* STATUS "Odeslan&AOE-" (MESSAGES 2 SIZE 0)\r\n',
    }
    heard = []
    seen = await met(
        authority,
        imap.greet,
        imap_server(replies, heard),
        tls=authority.context((HOST,)),
        sign_in=WHO,
    )
    assert seen.signed_in is True
    assert seen.quotas == (
        Quota("User quota", "STORAGE", 900 * 1024, 1000 * 1024),
        Quota("User quota", "MESSAGE", 40, 100),
    )
    assert seen.folders == (Folder("INBOX", 40, 921600), Folder("Odeslaná", 2, 0))
    assert SECRET not in repr(seen)
    assert "SELECT" not in " ".join(heard)
    assert "FETCH" not in " ".join(heard)


async def test_an_old_server_is_asked_folder_by_folder(authority):
    replies = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1\r\n",
        "LIST": '* LIST () "/" INBOX\r\n* LIST (\\Noselect) "/" up\r\n* LIST () "/" {5}\r\nŽž!\r\n',
        'STATUS "INBOX"': "* STATUS INBOX (MESSAGES 7)\r\n",
        'STATUS "Žž!"': "* STATUS {5}\r\nŽž! (MESSAGES 1)\r\n",
    }
    seen = await met(
        authority, imap.greet, imap_server(replies), tls=authority.context((HOST,)), sign_in=WHO
    )
    assert seen.folders == (Folder("INBOX", 7, None), Folder("Žž!", 1, None))
    assert not seen.quota_told


async def test_pop3_counts_what_is_there(authority):
    async def talk(reader, writer):
        writer.write(b"+OK hi\r\n")
        while line := (await reader.readline()).decode():
            reply = {"CAPA": "+OK\r\nUSER\r\n.", "STAT": "+OK 3 4711"}.get(line.strip(), "+OK")
            writer.write(f"{reply}\r\n".encode())

    seen = await met(authority, pop3.greet, talk, tls=authority.context((HOST,)), sign_in=WHO)
    assert seen.folders == (Folder("INBOX", 3, 4711),)
    assert SECRET not in repr(seen)


# ------------------------------------------------------------------ any text at all
@given(st.text(max_size=200))
def test_any_line_is_read_or_left(line):
    imap.parse_quota_response(f"* QUOTA {line}")
    imap.parse_status_response(f"* STATUS {line}")
    imap.decode_modified_utf7(line)


@pytest.mark.parametrize(
    ("coded", "name"),
    [
        ("INBOX", "INBOX"), ("&-", "&"), ("Odeslan&AOk-", "Odeslané"), ("&AOk", "&AOk"),
        ("&AA-", "&AA-"), ("A&2D3eAA-", "A😀"),
    ],
)  # fmt: skip
def test_names_of_folders(coded, name):
    assert imap.decode_modified_utf7(coded) == name
