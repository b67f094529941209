"""One document of every stored kind, as this release writes it.

`python -m tests.golden_documents` writes those that are not there yet to tests/golden/<version>/, when a
kind is new and beside a release; what stands there is never changed again. Tests read every one
of them with today's code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from diagnostics.evidence.keys import KEYS
from diagnostics.evidence.mail import MAILBOX, SIGN_IN, MailboxFacts, SignIns
from diagnostics.model import Item, RunRef
from facts import MailboxDialogue, Registration
from hosting.model import (
    Account,
    FirewallLockout,
    HostedService,
    HostedSite,
    HostingFacts,
    Mailbox,
    MailboxState,
    PanelContact,
    Redirect,
    Resource,
    ResourceLimit,
    ServiceKind,
    ServiceState,
    SigningKey,
    Usage,
)
from hosting.store import ACCOUNTS, FACTS, SERVICES, SyncPayload
from messages import EmailRef, OutgoingEmail
from notify.model import ChannelRef, VerificationPayload, WebhookRef
from standards.registration.model import RegistryState
from status.events import ChangeKind, StatusChanged
from status.incidents.incident_automation import ReminderPayload
from status.model import (
    Component,
    ComponentStatus,
    Condition,
    Grade,
    Impact,
    Incident,
    IncidentState,
    Maintenance,
    OccurrenceChange,
    Snapshot,
    Update,
    UptimeDay,
)
from status.monitoring.state_file import STATES, StateFile
from status.probing.vantages.model import PushedObservation
from status.probing.vantages.store import PUSHES
from status.sla.store import METHODS
from status.state.damping import DampingSample, DebouncedState
from status.state.uptime import Planned, UptimeMethod
from status.storage.rows import NOTES, SHIFTS
from subject import Subject, SubjectKind
from tests.checks_fixtures import Scene
from tests.planted_evidence import Planter
from tickets.kept_drafts.store import FORMS
from tickets.model import AuthenticationSnapshot, Draft
from tickets.store import DRAFTS, STATEMENTS, AddNote, OpenTicket
from web.publication_format import EncodedBody, Publication, PublishedEntry, encode
from wizard.registrations.store import REGISTRATIONS
from wizard.reports import stored_evidence
from wizard.runs.store import SUBJECTS
from wizard.watches.model import FinishedLookRef, WatchRef

FOLDER = Path(__file__).parent / "golden"
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANGE = StatusChanged(ChangeKind.INCIDENT_OPENED, "i1", AT, ("web",), "u1")
# What a job of each kind carries. The type must be the one that the kind's handler names.
PAYLOADS: Mapping[str, object] = {
    "channel.send": ChannelRef("oncall", "k1", msgspec.json.encode(CHANGE).decode()),
    "diagnosis.finished": RunRef("r1"),
    "diagnosis.further": RunRef("r1"),
    "diagnosis.known": RunRef("r1"),
    "diagnosis.run": RunRef("r1"),
    "diagnosis.watch": WatchRef("w1", 2),
    "diagnosis.watched": FinishedLookRef("w1", "r1"),
    "hook.send": WebhookRef("s1", "k1", msgspec.json.encode(CHANGE).decode()),
    "hook.verify": VerificationPayload("s1"),
    "hosting.sync": SyncPayload("A1"),
    "mail.send": EmailRef("k1", "ticket.reply", {"ticket": "t1", "note": "n1"}),
    "status.changed": CHANGE,
    "status.reminder": ReminderPayload("i1", 3600.0, well=True),
    "ticket.note": AddNote("t1", "n1"),
    "ticket.open": OpenTicket("t1"),
}
LETTER = "payload.mail.send.json"  # the whole letter, as jobs held it before they named it only


def hosting() -> Iterator[tuple[str, bytes]]:
    """What the panel said of one account."""
    account = Account(
        "A1", "Mara", ("shop.example",), (PanelContact("mara@shop.example", "Mara", "owner"),)
    )
    service = HostedService(
        *("s1", ServiceKind.PROJECT, "shop", ServiceState.SUSPENDED, date(2026, 3, 1)),
        server="web1",
        reason="unpaid",
    )
    facts = HostingFacts(
        account,
        (service,),
        (Usage(Resource.DISK, 5, 10, "bytes", AT, "panel"),),
        (ResourceLimit("cpu", 3, AT - HOUR, AT),),
        (Redirect("shop.example/old", "https://shop.example/new", 302),),
        (HostedSite("shop.example", "/www", ("192.0.9.4",), "web1", "/www2", "8.3"),),
        AT,
        mail_local=True,
        dkim=(SigningKey("s1", "v=DKIM1; p=AA"),),
    )
    yield "hosting.account.json", ACCOUNTS.encode(account)
    yield "hosting.services.json", SERVICES.encode((service,))
    yield "hosting.facts.json", FACTS.encode(facts)


def tickets() -> Iterator[tuple[str, bytes]]:
    """A ticket about to be opened, and a form kept while its writer signs in."""
    who = AuthenticationSnapshot("Mara", "mara@shop.example", "owner", "password", 2, AT)
    draft = Draft(
        *("f1", "p1", "A1", "s1", "mail", "support", "high", "Mail bounces", "Since noon"),
        who,
        "cs",
        {"since": "noon"},
        {"look_inside": True},
        "r1",
        "https://host.example/r/x",
        ("mail.mx.none",),
    )
    yield "tickets.draft.json", DRAFTS.encode(draft)
    yield "tickets.form.json", FORMS.encode({"subject": "Pošta", "schema": "2"})


def columns() -> Iterator[tuple[str, bytes]]:
    """What rows hold in columns of their own."""
    subject = Subject(
        *(SubjectKind.URL, "https://www.shop.example/a", "www.shop.example", "shop.example"),
        url="https://www.shop.example/a",
        mailbox="mara@shop.example",
        caution="lookalike",
        above="example",
    )
    who = AuthenticationSnapshot("Mara", "mara@shop.example", "owner", "password", 2, AT)
    shift = OccurrenceChange(AT, AT + HOUR, 2, cancelled=True)
    note = Update("u1", "verifying", AT, {"en": "Looks well"}, {"web": Condition.OPERATIONAL})
    look = PushedObservation("web-http", AT, 0.2, Grade.DOWN, "timeout", fact="x")
    yield "diagnostics.subject.json", SUBJECTS.encode(subject)
    yield "tickets.statement.json", STATEMENTS.encode(who)
    yield "status.maintenance_shifts.json", SHIFTS.encode({"m1:2026-01-15": shift})
    yield "status.maintenance_notes.json", NOTES.encode({"m1:2026-01-15": (note,)})
    yield "status.uptime_method.json", METHODS.encode(UptimeMethod(0.3, 0.1, Planned.UP))
    yield "status.push.json", PUSHES.encode((look,))


def evidence() -> Iterator[tuple[str, bytes]]:
    """One item of every key."""
    scene = Scene()
    scene.symptom, scene.answers = "instructions", {"records": "shop CNAME shops.builder.net"}
    items = dict(scene.evidence().items)
    mailbox = Mailbox("mara@cafe.example", MailboxState.ACTIVE, AT, 5, 10, ("a@b.example",))
    lockout = FirewallLockout("198.51.100.7", True, AT, "imap", "too many", AT - HOUR, AT + HOUR)
    dialogue = MailboxDialogue("imap", "mail.host.example", "192.0.9.4", 993, AT, signed_in=True)
    values = {
        MAILBOX: MailboxFacts(mailbox, lockout),
        SIGN_IN: SignIns("mara@cafe.example", dialogue),
    }
    for key, value in values.items():
        items[key.name] = Item(key.name, value, AT, HOUR)
    for key in KEYS:  # what a healthy scene lacks has a value in every field
        if key.name not in items:
            items[key.name] = Item(key.name, Planter().value(key.type, key.name), AT, HOUR)
    for name in sorted(items):
        yield f"diagnostics.evidence.{name}.json", stored_evidence.encode(items[name])


def published() -> Iterator[tuple[str, bytes]]:
    """What the engine keeps in files, and a registry's answer."""
    update = Update("u1", "identified", AT, {"en": "Disk"}, {"web": Condition.MAJOR_OUTAGE})
    incident = Incident(
        *("i1", {"en": "Disk"}, IncidentState.IDENTIFIED, Impact.CRITICAL, AT, (update,)),
        components=("web",),
    )
    work = Maintenance("m1", {"en": "Disk"}, {"en": "x"}, AT, AT + HOUR, ("web",), AT)
    days = (UptimeDay(AT.date(), {Condition.OPERATIONAL: 86_000, Condition.NO_DATA: 400}),)
    status = ComponentStatus(Component("web", "Web"), Condition.MAJOR_OUTAGE, AT, days)
    snapshot = Snapshot(AT, AT, (status,), (incident,), (work,))
    state = DebouncedState(Grade.DOWN, AT, (DampingSample(AT, Grade.DOWN),), (AT,), AT, "timeout")
    kept = StateFile(snapshot, {"web-http": state}, {"web-http": {"prague": state}})
    page = PublishedEntry("text/html", "t1", EncodedBody(b"<p>", b"br", b"gz"), None, "cs")
    yield "status.state_file.json", STATES.encode(kept)
    yield "publication.bin", encode(Publication(AT, AT, AT + HOUR, ("cs",), {"/cs/": page}))
    answer = Registration(
        *("shop.example", RegistryState.REGISTERED, AT, "rdap"), expires=date(2027, 1, 1)
    )
    yield "diagnostics.registration.json", REGISTRATIONS.encode(answer)


def payloads() -> Iterator[tuple[str, bytes]]:
    """What jobs carry."""
    for kind, value in PAYLOADS.items():
        yield payload_file(kind), msgspec.json.encode(value)
    letter = OutgoingEmail("k1", "mara@shop.example", "Subject", "Text")
    yield LETTER, msgspec.json.encode(letter)


def payload_file(kind: str) -> str:
    """Where the payload of a kind is kept."""
    return "payload.mail.send.ref.json" if kind == "mail.send" else f"payload.{kind}.json"


def payload_type(file: str) -> type[object]:
    """The type of the payload that is kept in a file."""
    if file == LETTER:
        return OutgoingEmail
    return next(type(value) for kind, value in PAYLOADS.items() if payload_file(kind) == file)


def documents() -> dict[str, bytes]:
    """File name → content, of every kind there is."""
    parts = (hosting(), tickets(), columns(), evidence(), published(), payloads())
    return {name: content for part in parts for name, content in part}


def write(version: str) -> int:
    """Write those of a release that are not there yet; how many."""
    folder = FOLDER / version
    folder.mkdir(parents=True, exist_ok=True)
    fresh = {n: body for n, body in documents().items() if not (folder / n).exists()}
    for name, content in fresh.items():
        pretty = msgspec.json.format(content) if name.endswith(".json") else content
        (folder / name).write_bytes(pretty)
    return len(fresh)


def current_version() -> str:
    """The release that this checkout is, or will be."""
    project = (FOLDER.parents[1] / "pyproject.toml").read_text("utf-8")
    return str(tomllib.loads(project)["project"]["version"])


if __name__ == "__main__":
    print(f"{write(current_version())} documents")
