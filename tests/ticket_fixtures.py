"""The house with tickets, check links, the desk and /me; jobs are run by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from diagnostics.model import RunRef
from jobs.database_queue import DatabaseQueue, DatabaseSender
from jobs.model import ClaimLimit, Job
from notify import email_delivery as post
from notify.store import Deliveries
from portal import desk, me
from tests.desk_fixtures import FakeDiagnoses, FakeHosting, House, judged, run_of
from tickets import web as tickets_web
from tickets.departments.opening_hours import OpeningHours, parse_week
from tickets.departments.routing import Department
from tickets.desks import desk_delivery
from tickets.desks.local import LocalDesk
from tickets.drafting import web as new_ticket_page
from tickets.drafting.web import NewTicketPages
from tickets.emails.outgoing_emails import TicketEmails
from tickets.invites import finished_runs
from tickets.invites import web as invites_web
from tickets.invites.store import InviteStore
from tickets.invites.web import InvitePages
from tickets.kept_drafts.store import KeptDrafts
from tickets.service import TicketService
from tickets.store import TicketStore
from tickets.web import TicketPages
from web.site import Site

TECHNICAL = Department(
    "technical", {"en": "Technical support", "cs": "Technická podpora"}, ("web", "mail", "domain")
)
OFFICE = Department(
    "office",
    {"en": "Accounting"},
    ("billing",),
    OpeningHours(
        "Europe/Prague", parse_week("Mon-Fri 08:00-16:30"), parse_week("Mon-Fri 08:00-16:30"), "CZ"
    ),
    within=None,
)
ANYTHING = Department("support", {"en": "Customer support"})


@dataclass
class DeskHouse(House):
    """The house with tickets, check links, the desk and /me, and jobs run by hand."""

    def __post_init__(self):
        super().__post_init__()
        self.diagnoses = FakeDiagnoses(self.db)
        self.hosting = FakeHosting()
        self.synced = []
        self.channel = Remembering()
        self.deliveries = Deliveries(self.db, self.clock)
        self.tickets = TicketStore(self.db, self.clock, DatabaseSender())
        self.invites = InviteStore(self.db, self.clock, b"k" * 32)
        seam, teams = self.diagnoses.seam(), (TECHNICAL, OFFICE, ANYTHING)
        people, kept = self.accounts, self.tickets
        url = "http://portal.example"
        self.work = TicketService(kept, self.invites, people, seam, self.clock)
        drafts = KeptDrafts(self.db, self.clock)
        form = NewTicketPages(kept, drafts, self.hosting, seam, teams)
        pages = TicketPages(kept, people, seam, self.invites, teams)
        link = InvitePages(self.invites, kept, people, self.hosting, seam)
        for room in (
            new_ticket_page.blueprint(form),
            tickets_web.blueprint(pages),
            invites_web.blueprint(link),
            me.blueprint(me.MePages(people, kept, self.hosting, self.synced.append)),
            desk.blueprint(
                desk.DeskPages(
                    self.work,
                    people,
                    self.hosting,
                    seam,
                    teams,
                    refusals=self.deliveries.refusals,
                )
            ),
        ):
            self.app.register_blueprint(room)
        self.handlers = {
            **desk_delivery.handlers(LocalDesk(kept), kept, lambda _ticket: ()),
            **finished_runs.handlers(finished_runs.FinishedRuns(kept, self.invites, seam)),
            **post.handlers(
                self.channel,
                self.deliveries,
                TicketEmails(
                    kept, self.invites, people, Site(url=url, time_zone="Europe/Prague"), (), "en"
                ).renderers(),
                lambda email: replace(email, text=self.invites.with_links(email.text, url)),
            ),
        }

    def run_jobs(self):
        """Run every job that is due, as the engine does; the kinds that ran."""
        ran, queue = [], DatabaseQueue(self.db)
        for kind, handler in self.handlers.items():
            claims = queue.claim({kind: ClaimLimit(timedelta(minutes=1), 50)}, "test")
            for claim in claims:
                handler.run(claim.job)
                ran.append(kind)
                queue.complete(claim)
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
        self.error = None  # what it answers instead

    def send(self, letter):
        if self.error:
            raise self.error
        self.letters.append(letter)

    def ping(self):
        pass
