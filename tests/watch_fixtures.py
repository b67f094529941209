"""Watching until fixed with an engine played by hand: the clock is moved, scenes stand for the world."""

from __future__ import annotations

import msgspec

from accounts.model import Contact, ContactRole, Person
from diagnostics.model import Scope
from hosting.model import Resource
from jobs.database_queue import DatabaseQueue, DatabaseSender
from jobs.model import Handler, Job
from jobs.worker import Worker
from messages import OutgoingEmail, read_payload
from tests.checks_fixtures import AT, GIGABYTE, Scene
from tests.checks_parts import certificate
from tests.draining import drain as drain_worker
from tests.people_rows import add_people
from tests.run_places import FIRST
from web.site import Site
from wizard.runs.handler import Evaluator, Reports
from wizard.runs.store import RunStore
from wizard.watches.outgoing_emails import WatchEmails
from wizard.watches.recheck import WatchRechecker, handlers
from wizard.watches.store import WatchStore, enqueue_verdict

MARA = Person("mara", "mara@people.example", "Mara", contacts=(Contact("A100", ContactRole.OWNER),))
SECRET = b"s" * 32


def healthy() -> Scene:
    return Scene()


def full() -> Scene:
    """What only the account's people may know of."""
    scene = Scene()
    scene.use(Resource.DISK, 10 * GIGABYTE, 10 * GIGABYTE)
    return scene


def expired() -> Scene:
    """What anybody sees."""
    scene = Scene()
    scene.certified(certificate("cafe.example", "www.cafe.example", until=AT))
    return scene


class House:
    """The stores, the engine's side of watching, and a world that answers with `scene()`."""

    def __init__(self, db, clock, scene=full):
        self.db, self.clock, self.scene = db, clock, scene
        add_people(db, "mara")
        self.runs = RunStore(db, clock, DatabaseSender(), on_finish=enqueue_verdict)
        self.reports = Reports(self.runs, Evaluator(clock))
        self.watches = WatchStore(db, clock, SECRET, DatabaseSender())
        self.people = {"mara": MARA}
        self.looking = WatchRechecker(self.watches, self.reports, self.people.get, clock)
        self.emails = WatchEmails(
            self.watches.by_id, self.reports, Site("Sunny", "https://sunny.example")
        )
        self.letters: list[OutgoingEmail] = []
        self.twice = False

    def run(self, scope=Scope.CONTACT):
        """A finished run of what is wrong now."""
        new_run, _ = self.runs.create(
            self.scene().subject(),
            scope,
            "something_else",
            account="A100" if scope is Scope.CONTACT else "",
            person="mara",
            place=FIRST,
        )
        self._examine(new_run.id)
        return self.runs.by_id(new_run.id)

    def watch(self, run=None, *, confirmed=True, lang="en"):
        return self.watches.begin(run or self.run(), "mara", MARA.email, lang, confirmed=confirmed)

    def _examine(self, id_):
        if self.runs.claim(id_) is None:
            return
        for item in self.scene().evidence().items.values():
            self.runs.save_item(id_, item)
        self.runs.finish(id_)

    def worker(self, name="one"):
        def run(job: Job) -> None:
            self._examine(msgspec.json.decode(job.payload)["run"])

        def send(job: Job) -> None:
            ref = read_payload(job.payload)
            self.letters.append(self.emails.renderers()[ref.about](ref))

        def nothing(job: Job) -> None:
            del job

        every = {
            **handlers(self.looking),
            "diagnosis.run": Handler(run, blocking=True),
            "diagnosis.known": Handler(run, blocking=True),
            "diagnosis.finished": Handler(nothing, blocking=True),
            "mail.send": Handler(send, blocking=True),
        }
        if self.twice:
            every = {k: Handler(_twice(h.run), blocking=True) for k, h in every.items()}
        return Worker(DatabaseQueue(self.db), every, self.clock, name)

    async def drain(self, name="one"):
        """Everything that is due now."""
        worker = self.worker(name)
        try:
            await drain_worker(worker)
        finally:
            worker.close()

    async def pass_(self, span, step):
        """Time goes by in steps, and the engine works in each."""
        end = self.clock.now() + span
        while self.clock.now() < end:
            self.clock.advance(step)
            await self.drain()

    def kinds(self):
        """The letters sent, by the end of their keys."""
        return [letter.key.rpartition(":")[2] for letter in self.letters]


def _twice(run):
    """A job whose worker died between its effect and its end is run again."""

    def both(job: Job) -> None:
        run(job)
        run(job)

    return both
