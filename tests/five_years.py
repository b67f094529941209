"""A provider's years in a few seconds: what people, probes and programs do, through the stores
that serve them, and the hourly chores, called once a step. A row outlives its time by a step at
most, so what each table may hold follows from how much comes in (`bounds`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import func, select, text

from accounts.api_tokens.model import ApiTokenRole
from accounts.model import Assurance
from context import context
from db.metadata import metadata
from diagnostics.model import Item, Missing, Scope
from facts import Registration
from jobs.model import ClaimLimit, Job
from jobs.queue import enqueue_all
from notify.model import Preferences, SubscriberKind
from room import all_chores
from settings import load
from standards.registration.model import RegistryState
from status.incidents.validation import AnnouncementText
from status.model import Condition, Grade, Observation, Signal, Transition, UptimeDay
from status.probing.heartbeats.signals import HeartbeatSignal
from status.probing.vantages.model import PushedObservation
from status.storage.store import ObservationBatch
from subject import Subject, SubjectKind
from tests.run_places import FIRST
from tests.unit.test_tickets_store import draft
from tickets.model import Note, NoteKind, TicketState
from tickets.store import TicketCommand
from web.rate_limits import Rate
from web.store import SharedBuckets
from wiring.rooms import build

DAY, HOUR, YEAR = timedelta(days=1), timedelta(hours=1), timedelta(days=365)
COMPONENTS = ("web", "mail")
CONFIG = "".join(
    f'[[component]]\nid = "{c}"\nname = "{c}"\n'
    f'[[probe]]\nname = "{c}-http"\nkind = "http"\ncomponent = "{c}"\ntarget = "http://{c}.example/"\n'
    f'[[probe]]\nname = "{c}-job"\nkind = "heartbeat"\ncomponent = "{c}"\n'
    for c in COMPONENTS
)
ELSEWHERE = {"refreshing the list of registries"}  # asks the internet
SHOP = Subject(SubjectKind.DOMAIN, "shop.example", "shop.example", "shop.example")
WORDS = {"en": "We look into it.", "cs": "Díváme se na to."}
EVIDENCE = 20_000  # characters of a self-check


@dataclass
class Provider:
    """A provider who grows no more: each step brings the same again."""

    folder: object
    url: str
    clock: object
    step: timedelta = 5 * DAY
    looks: int = 60  # of each probe in a step, spread evenly
    steps: int = 0
    open_tickets: list = field(default_factory=list)

    def __post_init__(self):
        (self.folder / "jasno.toml").write_text(CONFIG)
        env = {"JASNO_VAR": str(self.folder / "var"), "JASNO_DATABASE_URL": self.url}
        self.ctx = context(load(env=env, cwd=self.folder), self.clock)
        self.rooms = build(self.ctx)
        accounts = self.rooms.accounts.store
        self.mara = accounts.add_person("mara@people.example", "Mara", id="mara")
        status = self.rooms.status
        self.vantage = status.vantages.make_token("brno")
        for component in COMPONENTS:
            status.heartbeats.make_token(f"{component}-job")

    def close(self):
        self.rooms.close()
        self.ctx.db.close()

    def live(self, span):
        """So long, step by step; the chores run at the end of each."""
        for _ in range(span // self.step):
            self.steps += 1
            self._watch()
            self._tell()
            self._check()
            self._support()
            self._subscribe()
            self._sign_in()
            self._work()
            self.clock.advance(self.step)
            for name, chore in all_chores(self.rooms).items():
                if name not in ELSEWHERE:
                    chore()

    # ------------------------------------------------------------------ what comes in
    def _watch(self):
        """Looks of the step to come, with their days; what jobs and vantages send."""
        status, now = self.rooms.status, self.clock.now()
        seen = [
            Observation(
                f"{c}-http", now + n * self.step / self.looks, timedelta(milliseconds=40 + n % 30),
                Signal(Grade.DOWN, "answered 500") if n % 50 == 49 else Signal(Grade.UP, "200 in 0.04 s"),
                fact="x" * 2000 if n % 50 == 49 else "",
            )
            for c in COMPONENTS
            for n in range(self.looks)
        ]  # fmt: skip
        whole = {Condition.OPERATIONAL: 85_800, Condition.MAJOR_OUTAGE: 600}
        dates = [(now + n * DAY).date() for n in range(self.step // DAY)]
        days = {c: tuple(UptimeDay(on, whole) for on in dates) for c in COMPONENTS}
        changed = [
            Transition(c, Condition.OPERATIONAL, Condition.MAJOR_OUTAGE, now) for c in COMPONENTS
        ]
        status.store.write(ObservationBatch(tuple(seen), days, tuple(changed)))
        for component in COMPONENTS:
            for _ in range(4):
                status.heartbeats.receive_by_name(
                    f"{component}-job", HeartbeatSignal(snippet="ok\n")
                )
        look = PushedObservation("web-http", now, 0.04, Grade.UP)
        status.vantages.push("brno", (look,) * 20)

    def _tell(self):
        """An incident in each step, and planned work in each sixth."""
        incidents = self.rooms.status.incidents
        entry = AnnouncementText(WORDS, "investigating", {"web": Condition.DEGRADED_PERFORMANCE})
        incident = incidents.open({"en": "Slow", "cs": "Pomalé"}, entry, "cli")
        self.clock.advance(HOUR)
        incidents.update(incident.id, AnnouncementText(WORDS, "identified"), "cli")
        incidents.resolve(incident.id, WORDS, "cli")
        if self.steps % 6 == 0:
            window = (self.clock.now() + HOUR, self.clock.now() + 2 * HOUR)
            incidents.plan({"en": "Work", "cs": "Práce"}, WORDS, window, ("mail",), "cli")

    def _check(self):
        """Two strangers' self-checks and one of a person, shared and watched; a registry's answer."""
        wizard, now = self.rooms.wizard, self.clock.now()
        for person in ("", "", "mara"):
            run, _ = wizard.runs.create(SHOP, Scope.PUBLIC, "site_down", person=person, place=FIRST)
            wizard.runs.claim(run.id)
            item = Item("known", None, now, missing=Missing.TROUBLE, detail="x" * EVIDENCE)
            wizard.runs.save_item(run.id, item)
            wizard.runs.finish(run.id)
        wizard.runs.share(run.id, timedelta(days=7))
        watch = wizard.watches.begin(run, "mara", "mara@people.example", "en", confirmed=True)
        wizard.watches.stop(watch.id)
        name = f"d{self.steps}.example"
        wizard.registrations.put(Registration(name, RegistryState.REGISTERED, now))

    def _support(self):
        """A ticket with three answers, closed a step later; a check link that is used."""
        tickets, invites = self.rooms.tickets.store, self.rooms.tickets.invites
        for ticket in self.open_tickets:
            closing = TicketCommand(
                "ben", "ticket.closed", state=TicketState.CLOSED, outcome="later"
            )
            tickets.apply(ticket.id, closing)
        ticket, _ = tickets.submit(
            replace(draft(self.clock, self.steps), run=""), priority=1, answer_by=None
        )
        for n in range(3):
            note = Note(f"n{n}", NoteKind.REPLY, "ben", "Thank you. " * 40, self.clock.now())
            tickets.apply(ticket.id, TicketCommand("ben", "ticket.replied", note))
        self.open_tickets = [ticket]
        invite, _ = invites.create(
            ticket.id, "shop.example", "site_down", by="ben", valid=DAY, runs=2
        )
        invites.claim(invite, draft(self.clock).statement)
        self.rooms.tickets.drafts.save({"text": "half-written"})

    def _subscribe(self):
        """One never confirms; an endpoint is switched off; one hears of an incident; one leaves."""
        notify = self.rooms.notify.subscribers
        mail, hook = SubscriberKind.EMAIL, SubscriberKind.WEBHOOK
        for kind, name in ((mail, "silent"), (hook, "broken"), (mail, "guest"), (mail, "leaver")):
            address = f"{name}{self.steps}@x.example"
            where = f"https://x.example/{self.steps}" if kind is hook else address
            notify.subscribe(kind, where, address, Preferences())
        by_name = {s.owner.partition("@")[0]: s for s in notify.all(limit=100_000)}
        broken = by_name[f"broken{self.steps}"]
        notify.confirm(broken.id)
        notify.mark_failed(broken.id, "no answer", last=True)
        leaver = by_name[f"leaver{self.steps}"]
        notify.confirm(leaver.id)
        notify.remove(leaver.id)
        for n in range(5):
            self.rooms.notify.deliveries.mark_sent(f"{self.steps}:{n}", "mail")

    def _sign_in(self):
        """Two sessions, a token that is revoked, the limits of some strangers."""
        accounts, buckets = self.rooms.accounts, SharedBuckets(self.ctx.db)
        for n in range(2):
            accounts.store.open_session(
                self.mara, f"{self.steps}:{n}", method="password", assurance=Assurance.SIGNED_IN
            )
        token, _ = accounts.tokens.add(f"t{self.steps}", ApiTokenRole.READ, "mara")
        accounts.tokens.revoke(token.id, "mara")
        for n in range(5):
            buckets.take(f"check:{self.steps}:{n}", Rate(20, timedelta(minutes=10)))

    def _work(self):
        """All jobs are done, but for one that is given up."""
        queue = self.ctx.jobs
        enqueue_all(self.ctx.db, queue, [Job("desk.gone", "{}", str(self.steps), self.clock.now())])
        kinds = {row.kind for row in queue.counts()}
        limit = ClaimLimit(slots=500, lease=HOUR)
        for claimed in queue.claim(dict.fromkeys(kinds, limit), "engine"):
            if claimed.job.kind == "desk.gone":
                queue.fail(claimed, "there is no desk")
            else:
                queue.complete(claimed)

    # ------------------------------------------------------------------ what is kept
    def counts(self):
        """Rows of each table."""
        with self.ctx.db.read() as conn:
            return {
                t.name: conn.execute(select(func.count()).select_from(t)).scalar_one()
                for t in metadata.sorted_tables
            }

    def sizes(self):
        """Bytes of each table with its indexes (SQLite)."""
        owners = "SELECT name, tbl_name FROM sqlite_master WHERE type IN ('table', 'index')"
        pages = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name"
        with self.ctx.db.read() as conn:
            owner = dict(conn.execute(text(owners)).all())
            sizes = dict.fromkeys(metadata.tables, 0)
            for name, size in conn.execute(text(pages)):
                if owner.get(name) in sizes:
                    sizes[owner[name]] += size
        return sizes
