"""Registries: RDAP over HTTP (RFC 9082, 9083) and WHOIS on port 43 (RFC 3912)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from lab.account import JsonRow
from lab.answer import Answer, Flow, redirect
from lab.http import LabRequest
from lab.net import Link, Port, RequestLog, reset
from lab.whois import FORMS, Entry, absent, busy, com
from lab.world import Domain, Ds, Manner, Signing, World
from standards.registration.registry_time_zones import registry_today

# How RDAP spells EPP states (RFC 8056).
RDAP_STATUS = {
    "ok": "active",
    "clientHold": "client hold",
    "serverHold": "server hold",
    "redemptionPeriod": "redemption period",
    "pendingDelete": "pending delete",
    "pendingTransfer": "pending transfer",
    "autoRenewPeriod": "auto renew period",
    "clientTransferProhibited": "client transfer prohibited",
    "serverTransferProhibited": "server transfer prohibited",
}
JSON_TYPE = (("Content-Type", "application/rdap+json"),)
FLOWS = {
    Manner.SILENT: Flow.HANG,
    Manner.GARBAGE: Flow.GARBAGE,
    Manner.REFUSES: Flow.RESET,
    Manner.ENDLESS: Flow.ENDLESS,
    Manner.TRICKLE: Flow.TRICKLE,
}
MEGABYTES = 4


@dataclass(frozen=True, slots=True)
class ReceivedRegistryQuestion:
    """One question a registry received."""

    registry: str  # the top-level domain
    protocol: str  # rdap or whois
    name: str


class Registry:
    """What all registries of a world know."""

    def __init__(self, world: World, now: datetime) -> None:
        entries = (_entry(d, now) for d in world.domains if d.registered is not None)
        self.entries = {e.name: e for e in entries}
        self.manners = dict(world.registries)
        self.questions: RequestLog[ReceivedRegistryQuestion] = RequestLog()

    def lookup(self, top: str, name: str, protocol: str) -> tuple[Entry | None, Manner]:
        """The entry of a name, and how the registry is disposed."""
        self.questions.append(ReceivedRegistryQuestion(top, protocol, name))
        entry = self.entries.get(name) if name.endswith(f".{top}") else None
        manner = entry.manner if entry else Manner.NORMAL
        return entry, self.manners.get(top, manner)

    def rdap(self, request: LabRequest) -> Answer:  # noqa: PLR0911 - one for each mood
        """GET /<tld>/domain/<name>."""
        parts = request.path.strip("/").lower().split("/")
        if len(parts) != 3 or parts[1] != "domain":
            return _problem(400, "Bad Request")
        entry, manner = self.lookup(parts[0], parts[2], "rdap")
        if manner is Manner.BUSY:
            return _problem(429, "Too Many Requests", (("Retry-After", "60"),))
        if manner is Manner.GARBAGE:
            return Answer(
                body='{"objectClassName": "domain", "events": [{"eventAc', headers=JSON_TYPE
            )
        if manner is Manner.LOOPS:
            return redirect(f"{request.path}?again", 302)
        if manner in FLOWS:
            return Answer(flow=FLOWS[manner], headers=JSON_TYPE)
        if entry is None:
            return _problem(404, "Not Found")
        body = document(entry)
        if manner is Manner.HUGE:
            body["notices"] = [{"title": "x" * 1000}] * 1000 * MEGABYTES
        if manner is Manner.RESERVED:
            body |= {"status": ["reserved"], "events": []}
        return Answer(body=json.dumps(body), headers=JSON_TYPE)


def _entry(domain: Domain, now: datetime) -> Entry:
    registration = domain.registered
    if registration is None:
        raise ValueError(domain.name)
    signed = domain.ds is Ds.LEFT_BEHIND or (
        domain.signing is not Signing.NO and domain.ds is Ds.MATCHING
    )
    return Entry(
        domain.name,
        now + registration.created if registration.created is not None else None,
        _noon(domain.name, now, registration.expires),
        registration.epp,
        registration.registrar,
        domain.delegated_to if registration.nameservers is None else registration.nameservers,
        signed,
        bool(domain.delegated_to),
        registration.manner,
    )


def _noon(domain: str, now: datetime, ahead: timedelta | None) -> datetime | None:
    """Noon of a day counted from today at the registry: that day in every zone of ours."""
    if ahead is None:
        return None
    return datetime.combine(registry_today(domain, now) + ahead, time(12), UTC)


def document(entry: Entry) -> JsonRow:
    """A domain object (RFC 9083, 5.3)."""
    dates = (("registration", entry.created), ("expiration", entry.expires))
    events: list[JsonRow] = [
        {"eventAction": action, "eventDate": f"{when:%Y-%m-%dT%H:%M:%SZ}"}
        for action, when in dates
        if when is not None
    ]
    registrar: JsonRow = {
        "objectClassName": "entity",
        "handle": "REG-LAB",
        "roles": ["registrar"],
        "vcardArray": [
            "vcard",
            [["version", {}, "text", "4.0"], ["fn", {}, "text", entry.registrar]],
        ],
    }
    return {
        "objectClassName": "domain",
        "rdapConformance": ["rdap_level_0"],
        "handle": entry.name.upper(),
        "ldhName": entry.name,
        "status": [RDAP_STATUS.get(s, s) for s in entry.epp],
        "events": events,
        "entities": [registrar],
        "nameservers": [{"objectClassName": "nameserver", "ldhName": s} for s in entry.nameservers],
        "secureDNS": {"delegationSigned": entry.signed},
    }


def _problem(status: int, title: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    body = json.dumps({"errorCode": status, "title": title, "description": [title]})
    return Answer(status=status, body=body, headers=JSON_TYPE + headers)


class WhoisListener(Port):
    """Port 43 of one registry."""

    def __init__(self, top: str, registry: Registry, link: Link) -> None:
        self.top = top
        self.registry = registry
        self.link = link
        super().__init__()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readline()).decode("utf-8", "replace").strip().lower()
        name = line.rsplit(" ", 1)[-1]
        entry, manner = self.registry.lookup(self.top, name, "whois")
        await asyncio.sleep(self.link.wait(f"whois.{self.top}").total_seconds())
        if manner is Manner.REFUSES:
            reset(writer)
            return
        if manner is Manner.SILENT:
            await asyncio.sleep(3600)
        while manner is Manner.ENDLESS:
            writer.write(b"remarks:      more\r\n" * 200)
            await writer.drain()
        if manner is Manner.TRICKLE:
            for byte in _whois(self.top, name, entry, Manner.NORMAL):
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(1)
        writer.write(_whois(self.top, name, entry, manner))
        await writer.drain()


def _whois(top: str, name: str, entry: Entry | None, manner: Manner) -> bytes:
    if manner is Manner.BUSY:
        return f"{busy(top)}\r\n".encode()
    if manner is Manner.GARBAGE:
        return b"\xff\xfe\x00\x00<script>alert(1)</script>\x1b[31m" + bytes(range(256))
    if entry is None:
        return absent(top, name).encode()
    if manner is Manner.RESERVED:
        return b"Reserved by Registry\r\n"
    return FORMS.get(top, com)(entry).encode()
