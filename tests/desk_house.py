"""The house with tickets, check links, the desk and /me; jobs are run by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec

from accounts.policy import POLICY
from diagnostics.model import RunRef
from jobs import queue
from jobs.model import Job
from portal.support import Support
from tests.desk_fixtures import FakeDiagnoses, FakeHosting, House, judged, run_of
from tickets.calendar import Hours, week
from tickets.desks.local import LocalDesk
from tickets.routing import Department

TECHNICAL = Department(
    "technical", {"en": "Technical support", "cs": "Technická podpora"}, ("web", "mail", "domain")
)
OFFICE = Department(
    "office",
    {"en": "Accounting"},
    ("billing",),
    Hours("Europe/Prague", week("Mon-Fri 08:00-16:30"), week("Mon-Fri 08:00-16:30"), "CZ"),
    within=None,
)
ANYTHING = Department("support", {"en": "Customer support"})


@dataclass
class DeskHouse(House):
    """The house with tickets, check links, the desk and /me, and jobs run by hand."""

    def __post_init__(self):
        super().__post_init__()
        self.diagnoses = FakeDiagnoses()
        self.hosting = FakeHosting()
        self.synced = []
        self.channel = Remembering()
        self.support = Support(
            db=self.db,
            clock=self.clock,
            secret=b"k" * 32,
            url="http://portal.example",
            accounts=self.accounts,
            hosting=self.hosting,
            diagnoses=self.diagnoses.seam(),
            departments=(TECHNICAL, OFFICE, ANYTHING),
            rules=POLICY,
            wake=lambda: None,
            sync=self.synced.append,
        )
        self.tickets, self.invites = self.support.tickets, self.support.invites
        self.work = self.support.work
        for room in self.support.blueprints():
            self.app.register_blueprint(room)
        self.handlers = self.support.handlers(LocalDesk(self.tickets), self.channel)

    def run_jobs(self):
        """Run every job that is due, as the engine does; the kinds that ran."""
        ran = []
        for kind, handler in self.handlers.items():
            with self.db.write() as conn:
                claims = queue.claim(
                    conn,
                    kind,
                    now=self.clock.now(),
                    lease=timedelta(minutes=1),
                    owner="test",
                    limit=50,
                )
            for claim in claims:
                handler.run(claim.job)
                ran.append(kind)
                with self.db.write() as conn:
                    queue.complete(conn, claim, self.clock.now())
        return ran

    def finished(self, run, *findings):
        """The engine ends a run and its news arrives."""
        self.diagnoses.finish(run, *findings)
        payload = msgspec.json.encode(RunRef(run)).decode()
        self.handlers["diagnosis.finished"].run(
            Job("diagnosis.finished", payload, run, self.clock.now())
        )

    def ticket_of(self, name="mara", *findings, **fields):
        """A ticket opened through the form; its id."""
        _, token = run_of(self.diagnoses, *(findings or (judged("web.redirect.loop"),)))
        answer = self.browser(name).post(
            "/tickets/new",
            {
                "go": "new",
                "filled": "1",
                "run": token,
                "category": "web",
                "service": "shop.example",
                "text": "Visitors see an error since yesterday",
                **fields,
            },
        )
        assert answer.status_code == 303, answer.text
        self.run_jobs()
        return answer.location.split("/")[-1].split("?")[0]


class Remembering:
    """A channel that keeps letters in a list."""

    name = "remembering"

    def __init__(self):
        self.letters = []

    def send(self, letter):
        self.letters.append(letter)

    def ping(self):
        pass
