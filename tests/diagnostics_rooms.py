"""The diagnosing rooms in a small application, with an engine played by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hosting.model import Resource
from jobs.database_queue import DatabaseSender
from kb.model import Article
from tests.checks_fixtures import GIGABYTE, Scene
from tests.desk_fixtures import ACCOUNT, House
from wizard import api
from wizard.instructions import web as instructions
from wizard.lost_mail import api as lost_api
from wizard.lost_mail import web as lost
from wizard.mailbox_test import web as mailbox
from wizard.mailbox_test.store import CredentialSubmissions
from wizard.mailbox_test.web import MailboxTestPages
from wizard.page_context import WizardParts, no_watch
from wizard.runs.handler import Evaluator, Reports
from wizard.runs.start import RunStarter
from wizard.runs.store import RunStore
from wizard.watches.store import enqueue_verdict
from wizard.web import blueprint

DOMAIN = "cafe.example"
ARTICLE = Article("disk-full", "en", "Make room on your disk", "disk", (), (), "")


@dataclass
class Incident:
    id: str = "i1"
    title: Mapping[str, str] = field(
        default_factory=lambda: {"en": "Storage is slow", "cs": "Úložiště je pomalé"}
    )
    since: None = None
    url: Mapping[str, str] = field(
        default_factory=lambda: {lang: f"/{lang}/incidents/i1" for lang in ("en", "cs")}
    )
    planned: bool = False
    is_outage: bool = True
    servers: tuple[str, ...] = ()


def words(answer):
    """What a reader reads on a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


class Rooms:
    """The house with the diagnosing rooms, and an engine played by hand."""

    watches = None  # where a test watches

    def __init__(self, db, clock, limits=None, demo_domains=()):
        self.house = House(db, clock)
        self.store = RunStore(db, clock, DatabaseSender(), on_finish=enqueue_verdict)
        self.open_incident = None
        self.over = set()  # ids of incidents that have ended
        self.account_lookups = []
        reports = Reports(self.store, Evaluator(clock))
        start = RunStarter(
            self.store, self.house.limiter, self.account_of, limits, demo_domains=demo_domains
        )
        self.parts = WizardParts(
            self.store,
            reports,
            start,
            lambda id_, _lang: (ARTICLE,) if id_.startswith("hosting.disk") else (),
            lambda: self.open_incident,
            watch=self.watches.of_run if self.watches else no_watch,
            mailbox_hosts=("imap.host.example",),
            incident_is_over=lambda id_: id_ in self.over,
        )
        self.mailboxes = CredentialSubmissions(db, clock)
        pages = MailboxTestPages(self.parts, self.mailboxes)
        self.house.app.register_blueprint(mailbox.blueprint(pages))
        self.house.app.register_blueprint(blueprint(self.parts))
        self.house.app.register_blueprint(instructions.blueprint(self.parts))
        self.house.app.register_blueprint(lost.blueprint(self.parts))
        self.house.app.register_blueprint(lost_api.blueprint(self.parts))
        self.house.app.register_blueprint(api.blueprint(self.parts))

    def account_of(self, domain):
        self.account_lookups.append(domain)
        return ACCOUNT if domain == DOMAIN else ""

    def browser(self, name=""):
        return self.house.browser(name)

    def begin(self, browser, target=DOMAIN, symptom="site_down"):
        answer = browser.post("/check", {"target": target, "symptom": symptom})
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def run(self, place):
        return self.store.by_token(place.rsplit("/", 1)[-1])

    def finish(self, place, scene=None):
        """What the engine does, with a scene's evidence."""
        run = self.run(place)
        self.store.claim(run.id)
        for item in (scene or Scene()).evidence().items.values():
            self.store.save_item(run.id, item)
        self.store.finish(run.id)


def full_disk():
    scene = Scene()
    scene.use(Resource.DISK, 10 * GIGABYTE, 10 * GIGABYTE)
    return scene
