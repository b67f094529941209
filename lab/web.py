"""The web servers of a world: which site a name gets, with which certificate, on which port."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from typing import Protocol

from lab.answer import Answer
from lab.certificates import Cert, CertificateAuthority
from lab.http import HttpListener, LabRequest
from lab.net import ClosedPort, Link, Listener, RequestLog
from lab.world import LabSite, Port443, WebServer


class Startable(Protocol):
    """Something with a port."""

    @property
    def endpoint(self) -> str:
        """Its address on loopback, as "ip:port"."""
        ...

    async def start(self) -> None:
        """Open it."""
        ...

    async def stop(self) -> None:
        """Close it and every conversation on it."""
        ...


class Host:
    """One machine's choice of site by name."""

    def __init__(
        self, machine: WebServer, sites: tuple[LabSite, ...], authority: CertificateAuthority
    ) -> None:
        self.machine = machine
        self.authority = authority
        self._sites = {name: s for s in sites if s.server == machine.name for name in s.names}

    def respond(self, request: LabRequest) -> Answer:
        """The answer for one request."""
        site = self._sites.get(request.host)
        if site is None:
            return self.machine.default
        fitting = [(p, a) for p, a in site.paths if request.path.startswith(p)]
        if fitting:
            return max(fitting, key=lambda pair: len(pair[0]))[1]
        return site.https if request.scheme == "https" and site.https else site.http

    def context(self) -> ssl.SSLContext:
        """A TLS context that picks the certificate by SNI, lazily; unknown names get the machine's own."""
        default = (self.machine.name,), self.machine.certificate
        own = self.authority.context(*default, shared=False)

        def pick(
            connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext
        ) -> None:
            site = self._sites.get(name or "")
            if site is not None and site.certificate is not Cert.WRONG_NAME:
                connection.context = self.authority.context(site.names, site.certificate)

        own.sni_callback = pick
        if self.machine.port443 in (Port443.OLD, Port443.BOTH):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                own.minimum_version = ssl.TLSVersion.TLSv1
                if self.machine.port443 is Port443.OLD:
                    own.maximum_version = ssl.TLSVersion.TLSv1_1
        return own


def ports(
    machine: WebServer,
    sites: tuple[LabSite, ...],
    authority: CertificateAuthority,
    link: Link,
    diary: RequestLog[LabRequest],
) -> dict[int, Startable]:
    """The listeners of one machine, by the port they stand for."""
    host = Host(machine, sites, authority)
    plain = HttpListener(machine.name, host.respond, link, diary)
    opened: dict[int, Startable] = {80: plain if machine.port80 else ClosedPort()}
    match machine.port443:
        case Port443.TLS | Port443.OLD | Port443.BOTH:
            opened[443] = HttpListener(machine.name, host.respond, link, diary, tls=host.context())
        case Port443.PLAIN:
            opened[443] = HttpListener(machine.name, host.respond, link, diary, scheme="https")
        case Port443.GARBAGE:
            opened[443] = Listener(_babble)
        case Port443.CLOSED:
            opened[443] = ClosedPort()
        case Port443.ABSENT:
            pass
    return opened


async def _babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes that look like nothing."""
    await reader.read(1)
    writer.write(b"\x16\x03\x03\xff\xff\x99\x98\x97" * 8)
    await writer.drain()
