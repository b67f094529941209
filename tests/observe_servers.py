"""Tiny servers on loopback for the tests of observe: each speaks what a test tells it to."""

import asyncio
import datetime as dt
import ssl
import struct
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from observe.network import Network


def net(**table):
    """A network that may dial loopback; other keys as in `[network]`."""
    clock = table.pop("clock", None)
    return Network.from_table({"allow": ["127.0.0.0/8"], **table}, clock=clock)


@asynccontextmanager
async def tcp(talk, *, tls=None, host="127.0.0.1"):
    """A TCP server; `talk(reader, writer)` runs for each connection. Yields the port."""
    tasks = set()

    async def run(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            await talk(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the client left, or the test is over
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(run, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def http(pages):
    """`pages(path, headers) -> bytes` (a whole answer) as a TCP talk."""

    async def talk(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
        writer.write(pages(first.split(" ")[1], headers))
        await writer.drain()
        writer.write_eof() if writer.can_write_eof() else None
        await asyncio.sleep(0.05)

    return talk


def answer(body=b"", status="200 OK", **headers):
    """A whole HTTP answer."""
    if isinstance(body, str):
        body = body.encode()
    headers.setdefault("content_length", len(body))
    lines = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def redirect(location, **headers):
    return answer(status="302 Found", location=location, **headers)


# ------------------------------------------------------------------ DNS
@dataclass
class Dns:
    """A DNS server that answers from `zone`, a dict (name, type) → [values], with AA set."""

    zone: dict = field(default_factory=dict)
    respond: object = None  # respond(query, transport) -> bytes | None replaces the zone
    queries: list = field(default_factory=list)
    port: int = 0

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def reply(self, query):
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name
        message = dns.message.make_response(query)
        message.flags |= dns.flags.AA
        values = self.zone.get((name, kind))
        if values:
            message.answer.append(dns.rrset.from_text(f"{name}.", 300, "IN", kind, *values))
        elif not any(zone_name == name for zone_name, _ in self.zone):
            message.set_rcode(3)
        return message

    def wire(self, data, transport):
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        self.queries.append((name, question.rdtype.name, transport))
        if self.respond:
            return self.respond(query, transport)
        return self.reply(query).to_wire()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server):
        self.server = server

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        wire = self.server.wire(data, "udp")
        for part in wire if isinstance(wire, list) else [wire]:
            if part is not None:
                self.transport.sendto(part, addr)


@asynccontextmanager
async def serve_dns(server):
    """Run a Dns server on UDP and TCP of one port."""

    async def talk(reader, writer):
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        wire = server.wire(await reader.readexactly(size), "tcp")
        if wire is not None:
            writer.write(struct.pack("!H", len(wire)) + wire)
            await writer.drain()
            await asyncio.sleep(0.05)

    async with tcp(talk) as port:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Udp(server), local_addr=("127.0.0.1", port)
        )
        server.port = port
        try:
            yield server
        finally:
            transport.close()


# ------------------------------------------------------------------ certificates
@dataclass
class Issued:
    """A certificate with its key."""

    cert: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM)


def issue(name, *, by=None, ca=False, names=(), start, days=30, usage=True, key=None):
    """A certificate issued by another (or by itself); with `key` another one for the same key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.cert.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
    )
    if ca:
        builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
    elif usage:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(purpose, critical=False)
    if names:
        san = x509.SubjectAlternativeName(
            [n if isinstance(n, x509.GeneralName) else x509.DNSName(n) for n in names]
        )
        builder = builder.add_extension(san, critical=False)
    return Issued(builder.sign(by.key if by else key, hashes.SHA256()), key)


def server_context(folder, leaf, *chain):
    """A TLS server context that shows the leaf and the chain given."""
    key = leaf.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / f"{leaf.cert.serial_number}.pem"
    path.write_bytes(key + leaf.pem + b"".join(c.pem for c in chain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
