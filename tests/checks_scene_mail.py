"""The mail evidence of a scene besides MX: names, ports, set-up, blocklists, mailbox. Sound at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from diagnostics.evidence import mail as keys
from diagnostics.evidence.mail import (
    Blocklists,
    GreetingName,
    Listing,
    ListTest,
    MailboxFacts,
    MailPorts,
    MailSetup,
    ProgramHost,
    ReverseName,
    ReverseNames,
    SetupTarget,
    SignIns,
)
from diagnostics.model import NOT_MEANT, Item, Missing
from facts import Handshake, MailboxDialogue, SmtpDialogue
from standards.dns_types import Lookup, Record, Trouble
from tests.checks_parts import AT, ISSUER, certificate

SENDER, SENDER_NAME = "192.0.9.30", "out.host.example"
PROGRAMS = "imap.host.example"
LIST = "bl.lists.example"
SECURE = {"imap": ("IMAP4REV1", "AUTH=PLAIN"), "pop3": ("USER",)}
Sort = tuple[str, str]  # a zone and what it is asked about


def looked(name: str, type: str, *values: str, **more: object) -> Lookup:
    records = tuple(Record(name, type, 300, v) for v in values)
    fields = {"rcode": "NOERROR" if values else "NXDOMAIN", "answers": records}
    return Lookup(name, type, "resolver", AT, **(fields | more))


def shake(host: str, port: int, **more: object) -> Handshake:
    sound: dict[str, object] = {
        "version": "TLSv1.3",
        "chain": (certificate(host), ISSUER),
        "verified": True,
        "name_matches": True,
    }
    return Handshake(host, "192.0.9.40", port, AT, **(sound | more))


@dataclass
class Post:
    """What a case changes; `items` are the evidence."""

    # names: address → its PTR names; name → its addresses
    sending: dict[str, tuple[str, ...]] = field(default_factory=lambda: {SENDER: (SENDER_NAME,)})
    taking: dict[str, tuple[str, ...]] = field(default_factory=dict)
    leads: dict[str, tuple[str, ...]] = field(default_factory=lambda: {SENDER_NAME: (SENDER,)})
    ptr: Mapping[str, object] = field(default_factory=dict)
    lost: Trouble | None = None  # why forward look-ups failed
    greets: tuple[GreetingName, ...] = ()
    # ports
    hosts: tuple[ProgramHost, ...] = (ProgramHost(PROGRAMS, own=False, addresses=("192.0.9.40",)),)
    ports: dict[tuple[str, int], Mapping[str, object]] = field(default_factory=dict)
    shakes: dict[str, Mapping[str, object]] = field(default_factory=dict)
    # set-up
    targets: tuple[SetupTarget, ...] = ()
    unreadable: tuple[str, ...] = ()
    # blocklists: what the test entries and the subjects answer, by zone and sort
    lists: tuple[Sort, ...] = ((LIST, "ipv4"), (LIST, "domain"))
    must: dict[str, Mapping[str, object]] = field(default_factory=dict)
    never: dict[str, Mapping[str, object]] = field(default_factory=dict)
    listed: dict[Sort, tuple[str, ...]] = field(default_factory=dict)
    silent: dict[Sort, Mapping[str, object]] = field(default_factory=dict)
    # the mailbox
    mailbox: MailboxFacts | None = None
    sign_in: SignIns | None = None

    def items(self, domain: str, missing: Mapping[str, Missing]) -> list[Item[object]]:
        values = {
            keys.REVERSE: self._reverse(),
            keys.PORTS: self._ports(),
            keys.SETUP: self._setup(domain),
            keys.BLOCKLISTS: self._blocklists(domain),
            keys.MAILBOX: self.mailbox,
            keys.SIGN_IN: self.sign_in,
        }
        evidence_items = []
        for key, value in values.items():
            reason = missing.get(key.name)
            if reason or value is None:
                detail = "" if reason else NOT_MEANT
                evidence_items.append(
                    Item(key.name, None, AT, missing=reason or Missing.SKIPPED, detail=detail)
                )
            else:
                evidence_items.append(Item(key.name, value, AT))
        return evidence_items

    def _named(self, address: str, names: tuple[str, ...], host: str = "") -> ReverseName:
        ptr = looked(address, "PTR", *(f"{n}." for n in names), **self.ptr)
        forward = tuple(a for n in names for a in self.leads.get(n, ()))
        return ReverseName(address, ptr, forward, self.lost, host)

    def _reverse(self) -> ReverseNames:
        return ReverseNames(
            tuple(self._named(a, n) for a, n in self.sending.items()),
            tuple(self._named(a, n, "mx.host.example") for a, n in self.taking.items()),
            self.greets,
        )

    def _ports(self) -> MailPorts:
        names = [h.name for h in self.hosts if h.addresses]
        boxes = [
            self._box(kind, name, port)
            for name in names
            for kind, port in (("imap", 993), ("imap", 143), ("pop3", 995), ("pop3", 110))
        ]
        sends = [self._send(name, port) for name in names for port in (465, 587)]
        return MailPorts(self.hosts, tuple(boxes), tuple(sends))

    def _changed(self, host: str, port: int) -> Mapping[str, object]:
        every = self.ports.get((host, 0), {})
        change = {**every, **self.ports.get((host, port), {})}
        return {"greeting": "", "handshake": None, **change} if "trouble" in change else change

    def _box(self, kind: str, host: str, port: int) -> MailboxDialogue:
        sound = {
            "greeting": "ready",
            "capabilities": SECURE[kind],
            "handshake": shake(host, port, **self.shakes.get(host, {})),
        }
        more = sound | dict(self._changed(host, port))
        return MailboxDialogue(kind, host, "192.0.9.40", port, AT, **more)

    def _send(self, host: str, port: int) -> SmtpDialogue:
        sound = {
            "greeting": f"{host} ESMTP",
            "code": 220,
            "connected": True,
            "starttls": port == 587,
            "extensions": ("STARTTLS",),
            "secured": ("AUTH PLAIN LOGIN",),
            "handshake": shake(host, port, **self.shakes.get(host, {})),
        }
        more = sound | dict(self._changed(host, port))
        return SmtpDialogue(host, "192.0.9.40", port, AT, **more)

    def _setup(self, domain: str) -> MailSetup:
        srv = (looked(f"_imaps._tcp.{domain}", "SRV"),)
        return MailSetup(srv, (), self.targets, self.unreadable)

    def _blocklists(self, domain: str) -> Blocklists | None:
        tests = tuple(
            ListTest(
                zone,
                sort,
                replace(looked(f"must.{zone}", "A", "127.0.0.2"), **self.must.get(zone, {})),
                replace(looked(f"never.{zone}", "A"), **self.never.get(zone, {})),
            )
            for zone, sort in self.lists
        )
        subjects = [(sort, a) for a in self.sending for sort in ("ipv6" if ":" in a else "ipv4",)]
        listings = tuple(
            Listing(
                zone,
                sort,
                subject,
                looked(
                    f"{subject}.{zone}", "A", *self.listed.get((zone, subject), ()),
                    **self.silent.get((zone, subject), {}),
                ),
            )
            for zone, listed_sort in self.lists
            for sort, subject in (*subjects, ("domain", domain))
            if sort == listed_sort
        )  # fmt: skip
        return Blocklists(tests, listings) if self.lists else None
