"""Every letter that a room asks for is one that the handler can write, and no job holds a word of
it: neither an address nor a text. Jobs of earlier releases, which held all of it, still run."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import insert, select

from accounts.model import StaffRole
from clock import ManualClock
from context import context
from db.schema_status import first_start
from db.tables.jobs import jobs
from diagnostics.model import Scope
from jobs.model import ClaimLimit, Job
from messages import SEND_EMAIL, read_payload
from notify.model import Preferences, SubscriberKind
from room import all_emails
from settings import load
from status.incidents.corrections import Wording
from status.incidents.incident_automation import REMINDER, ReminderPayload
from status.incidents.incident_editing import AnnouncementText
from subject import parse_subject
from tests.run_places import FIRST
from tickets.model import AuthenticationSnapshot, Draft, TicketOutcome, TicketState
from wiring.engine import engine_parts
from wiring.rooms import build
from wizard.watches.model import WatchState

ANSWER = "the answer only Mara may read"
SETTINGS = """
[site]
url = "https://portal.example"
[status]
remind_to = ["olu@house.example"]
[desk]
notify = ["olu@house.example"]
[[component]]
id = "web"
name = "Web"
"""
# As 0.1.0 wrote them.
OLD_PAYLOADS = {
    "invite": '{"key":"invite:LINK","to":"mara@people.example","subject":"Please check",'
    '"text":"Open [[invite:LINK]]\\n"}',
    "watch": '{"key":"watch:1:well","to":"mara@people.example","subject":"Well again",'
    '"text":"See [[watch:0123456789abcdef01234567]]\\n"}',
    "vera": '{"key":"news:1","to":"vera@people.example","subject":"Incident: Disk",'
    '"text":"Stop: [[subscription:leave]]\\n","subscriber":"VERA","leave":""}',
    "gone": '{"key":"news:2","to":"zed@people.example","subject":"Incident: Disk",'
    '"text":"x","subscriber":"gone","leave":""}',
}
LEASE = {"lease": timedelta(minutes=1), "slots": 50}


class Portal:
    """The real handlers over the real stores; letters land in the outbox folder."""

    def __init__(self, folder):
        (folder / "jasno.toml").write_text(SETTINGS)
        ctx = context(load(env={}, cwd=folder), ManualClock())
        first_start(ctx.loaded.database_url, ctx.var, ctx.clock)
        self.engine, self.parts = engine_parts(ctx), build(ctx)
        people = self.parts.accounts.store
        self.mara = people.add_person("mara@people.example", "Mara", lang="cs")
        self.ben = people.add_person("ben@house.example", "Ben", staff=StaffRole.AGENT)

    def close(self):
        for close in self.engine.closing:
            close()
        self.parts.ctx.db.close()

    def run_jobs(self, *kinds):
        """Run what is due of these kinds, once."""
        for claimed in self.parts.ctx.jobs.claim({k: ClaimLimit(**LEASE) for k in kinds}, "test"):
            self.engine.handlers[claimed.job.kind].run(claimed.job)
            self.parts.ctx.jobs.complete(claimed)

    def queued_payloads(self):
        """The payloads of letters that were asked for."""
        query = select(jobs.c.payload).where(jobs.c.kind == SEND_EMAIL).order_by(jobs.c.id)
        with self.parts.ctx.db.read() as conn:
            return list(conn.execute(query).scalars())

    def jobs(self):
        """The keys and payloads of all jobs, of every kind."""
        with self.parts.ctx.db.read() as conn:
            rows = conn.execute(select(jobs.c.kind, jobs.c.key, jobs.c.payload)).all()
        return [" ".join(row) for row in rows]

    def sent(self):
        """The letters in the outbox."""
        folder = self.parts.ctx.var / "outbox"
        read = (path.read_bytes() for path in sorted(folder.glob("*.eml")))
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in read]

    def ticket(self):
        now = self.parts.ctx.clock.now()
        snapshot = AuthenticationSnapshot("Mara", self.mara.email, "owner", "password", 2, now)
        draft = Draft(
            fingerprint="f", person=self.mara.id, account="", service="shop.example",
            category="web", department="web", priority="high", subject="It fails", text="Help",
            statement=snapshot, lang="cs",
        )  # fmt: skip
        return self.parts.tickets.store.submit(draft, priority=1, answer_by=None)[0]

    def silent_incident_and_draft(self):
        """An incident without news for four hours, and a draft; operators are to be reminded."""
        status, now = self.parts.status, self.parts.ctx.clock.now
        news = AnnouncementText({"en": "a"})
        self.incident = status.incidents.open({"en": "Slow disk"}, news, self.ben.id)
        self.draft = status.incidents.open({"en": "Draft disk"}, news, self.ben.id, draft=True)
        self.parts.ctx.clock.advance(timedelta(hours=4))
        for reminder in (
            ReminderPayload(self.incident.id, 14_400.0, well=False),
            ReminderPayload(self.draft.id, 0.0, well=False, draft=True),
        ):
            payload = msgspec.json.encode(reminder).decode()
            status.store.enqueue_all([Job(REMINDER, payload, f"r:{reminder.incident}", now())])

    def reminders(self):
        """The subjects of the reminders in the outbox."""
        words = ("No news", "A draft waits")
        return [
            s for s in (str(letter["Subject"]) for letter in self.sent()) if s.startswith(words)
        ]

    def run_of(self, domain):
        return self.parts.wizard.runs.create(
            parse_subject(domain), Scope.PUBLIC, "site_down", place=FIRST
        )[0]


@pytest.fixture
def portal(tmp_path):
    new_portal = Portal(tmp_path)
    yield new_portal
    new_portal.close()


def ask_for_everything(portal):
    """Each letter that any room sends, asked for the way that room does."""
    parts, mara, ben = portal.parts, portal.mara, portal.ben
    portal.silent_incident_and_draft()
    ticket = portal.ticket()
    parts.tickets.service.reply(ticket, ben, ANSWER, "k1")
    span = timedelta(days=1)
    parts.tickets.service.invite(
        ticket, ben, subject="shop.example", symptom="site_down", valid=span, runs=1, message=ANSWER
    )
    for n, ended_as in enumerate((None, WatchState.RECOVERED, WatchState.GAVE_UP)):
        run = portal.run_of(f"shop{n}.example")
        parts.wizard.runs.finish(run.id)
        watch = parts.wizard.watches.begin(
            run, mara.id, mara.email, "cs", confirmed=ended_as is not None
        )
        if ended_as is not None:
            look = portal.run_of(f"shop{n}.example")
            with parts.ctx.db.write() as conn:
                parts.wizard.watches.record_look(conn, watch, look.id)
            parts.wizard.runs.finish(look.id)
            parts.wizard.watches.end(parts.wizard.watches.by_id(watch.id), ended_as)
    store = parts.notify.subscribers
    everything = Preferences(lang="cs")
    store.subscribe(SubscriberKind.EMAIL, "vera@people.example", "vera@people.example", everything)
    hook = "https://hooks.example/status"
    store.subscribe(SubscriberKind.WEBHOOK, hook, "tomas@people.example", everything)
    for subscriber in store.all():
        store.confirm(subscriber.id)
    hooked = next(s for s in store.all() if s.kind is SubscriberKind.WEBHOOK)
    store.mark_failed(hooked.id, "HTTP 500", last=True)
    store.notify_choice_gone(next(s.id for s in store.all() if s.id != hooked.id))
    store.subscribe(SubscriberKind.EMAIL, "vera@people.example", "vera@people.example", everything)
    portal.run_jobs("status.changed", REMINDER, "ticket.open")


async def test_every_letter_that_is_asked_for_is_written_and_no_job_holds_it(portal):
    ask_for_everything(portal)
    payloads = portal.queued_payloads()
    readers = ("@people.example", "@house.example", ANSWER, "Mara", "disk")
    assert [job for job in portal.jobs() if any(word in job for word in readers)] == []
    assert {read_payload(payload).about for payload in payloads} == set(all_emails(portal.parts))
    portal.run_jobs(SEND_EMAIL)
    letters = portal.sent()
    assert len(letters) == len(payloads)
    assert {str(letter["To"]) for letter in letters} == {
        "mara@people.example", "vera@people.example", "tomas@people.example", "olu@house.example",
    }  # fmt: skip
    texts = [letter.get_content() for letter in letters]
    assert not [text for text in texts if "[[" in text or "{" in text]
    assert sum(ANSWER in text for text in texts) == 2
    arrivals = [text for text in texts if "It fails" in text and "/desk/tickets/" in text]
    receipts = [text for text in texts if "k nám dorazil a odpověď přijde e-mailem" in text]
    assert (len(arrivals), len(receipts)) == (1, 1)
    (draft,) = [text for text in texts if "Draft disk" in text]
    assert "until somebody publishes it" in draft
    assert f"/ops/incidents/{portal.draft.id}" in draft
    portal.run_jobs(SEND_EMAIL)
    assert len(portal.sent()) == len(payloads)


async def test_what_is_gone_when_a_letter_would_leave_is_not_written(portal):
    ask_for_everything(portal)
    parts = portal.parts
    for subscriber in parts.notify.subscribers.all():
        parts.notify.subscribers.remove(subscriber.id)
    parts.ctx.clock.advance(timedelta(days=100))
    parts.wizard.watches.forget(parts.ctx.clock.now())
    parts.tickets.service.close(
        parts.tickets.store.queue(TicketState)[0], portal.ben, TicketOutcome.LATER, "c"
    )
    parts.ctx.clock.advance(timedelta(days=1))
    parts.tickets.store.forget_closed(parts.ctx.clock.now())
    portal.run_jobs(SEND_EMAIL)
    assert {str(letter["To"]) for letter in portal.sent()} == {"olu@house.example"}


async def test_a_reminder_tells_the_headline_of_when_it_leaves(portal):
    portal.silent_incident_and_draft()
    portal.run_jobs("status.changed", REMINDER)
    for incident in (portal.incident, portal.draft):
        portal.parts.status.incidents.correct(
            incident.id, Wording({"en": "Put right"}), portal.ben.id
        )
    portal.run_jobs(SEND_EMAIL)
    assert sorted(portal.reminders()) == [
        "A draft waits for you: Put right",
        "No news for 4 hours: Put right",
    ]


@pytest.mark.parametrize("at", ["when it is due", "when the letter leaves"])
async def test_nobody_is_reminded_of_what_was_dealt_with_meanwhile(portal, at):
    portal.silent_incident_and_draft()
    incidents, by = portal.parts.status.incidents, portal.ben.id
    if at == "when the letter leaves":
        portal.run_jobs("status.changed", REMINDER)
    incidents.discard(portal.draft.id, by)
    incidents.update(portal.incident.id, AnnouncementText({"en": "Nearly there"}), by)
    portal.run_jobs("status.changed", REMINDER)
    portal.run_jobs(SEND_EMAIL)
    assert portal.reminders() == []


async def test_a_reminder_that_the_release_before_put_in_is_read(portal):
    portal.silent_incident_and_draft()
    old = '{"incident":"%s","title":"Disk","silent":0.0,"well":false,"draft":true}'
    job = Job(REMINDER, old % portal.draft.id, "old", portal.parts.ctx.clock.now())
    with portal.parts.ctx.db.write() as conn:
        conn.execute(jobs.delete())
    portal.parts.status.store.enqueue_all([job])
    portal.run_jobs(REMINDER)
    portal.run_jobs(SEND_EMAIL)
    assert portal.reminders() == ["A draft waits for you: Draft disk"]


async def test_letters_that_the_release_before_put_in_still_leave(portal):
    """Rows as 0.1.0 wrote them: the whole letter in the payload, links as marks."""
    parts, now = portal.parts, portal.parts.ctx.clock.now()
    store = parts.notify.subscribers
    store.subscribe(
        SubscriberKind.EMAIL, "vera@people.example", "vera@people.example", Preferences()
    )
    (vera,) = store.all()
    link, _ = parts.tickets.invites.create(
        portal.ticket().id, "shop.example", "site_down", by="ben", valid=timedelta(days=1), runs=1
    )
    with parts.ctx.db.write() as conn:
        conn.execute(jobs.delete())
        for key, old in OLD_PAYLOADS.items():
            payload = old.replace("LINK", link.id).replace("VERA", vera.id)
            row = {"kind": SEND_EMAIL, "key": key, "payload": payload, "run_after": now}
            conn.execute(insert(jobs).values(**row, state="waiting"))
    portal.run_jobs(SEND_EMAIL)
    letters = {str(letter["Subject"]): letter for letter in portal.sent()}
    assert len(letters) == 3
    site = "https://portal.example"
    check = letters["Please check"].get_content()
    assert check.strip() == f"Open {site}/invite/{parts.tickets.invites.token(link.id)}"
    watch = letters["Well again"].get_content()
    assert (
        watch.strip()
        == f"See {site}/watch/{parts.wizard.watches.token('0123456789abcdef01234567')}"
    )
    leave = parts.notify.subscribers.links.unsubscribe_url(vera.id)
    assert leave in letters["Incident: Disk"].get_content()
    assert letters["Incident: Disk"]["List-Unsubscribe"] == f"<{leave}>"
