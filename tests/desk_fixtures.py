"""The cast, their stores and a small application for the tests of accounts, tickets and portal."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher
from flask import Flask, request

from accounts import web as accounts_web
from accounts.hashing_queue import HashingQueue
from accounts.model import ContactRole, Person, StaffRole
from accounts.passwords import Passwords
from accounts.sign_in_limits import SignInLimits, slow_sign_in_queue
from accounts.store import AccountStore
from db.engine import Database
from diagnostics.model import (
    Assessment,
    Evidence,
    Finding,
    FindingStatus,
    Report,
    Run,
    RunState,
    Scope,
    Severity,
)
from hosting import model as hosting
from kb.owners import Owner
from render.templates import TemplateRenderer, environment
from subject import Subject, SubjectKind
from tests.people_rows import add_run
from tickets.kept_drafts.store import KeptDrafts
from tickets.reports import Diagnoses, NotASubject
from web.install import install
from web.rate_limits import Limiter
from web.site import FormKeeper, Plumbing, Site
from wizard.reports.report import ReportHeadline, ReportLine
from wizard.runs.access import View, view_for

SECRET = "correct horse battery"
ACCOUNT = "A100"
FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WHEN = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@dataclass
class Cast:
    """Everybody, by name."""

    mara: Person
    tomas: Person
    vera: Person
    ben: Person
    olu: Person
    zed: Person


def cast(store: AccountStore, passwords: Passwords) -> Cast:
    stored = passwords.hash(SECRET)

    def person(name, staff=None, role=None):
        new_person = store.add_person(
            f"{name.lower()}@people.example", name, password=stored, staff=staff, id=name.lower()
        )
        if role:
            store.set_contact(new_person.id, ACCOUNT, role)
        return store.person(new_person.id)

    return Cast(
        mara=person("Mara", role=ContactRole.OWNER),
        tomas=person("Tomas", role=ContactRole.TECHNICAL),
        vera=person("Vera", role=ContactRole.BILLING),
        ben=person("Ben", StaffRole.AGENT),
        olu=person("Olu", StaffRole.OPERATOR),
        zed=person("Zed"),
    )


@dataclass
class House:
    """An application made of the given blueprints, and one browser for everybody in the cast."""

    db: object
    clock: object
    site: Site = field(default_factory=lambda: Site(name="Sunny Hosting"))
    turns: HashingQueue = field(default_factory=HashingQueue)
    slow_line: HashingQueue = field(default_factory=slow_sign_in_queue)

    def __post_init__(self):
        self.accounts = AccountStore(self.db, self.clock)
        self.passwords = Passwords(FAST, self.turns)
        self.cast = cast(self.accounts, self.passwords)
        self.app = Flask("house", static_folder=None, root_path=str(Path(__file__).parent))
        self.limiter = Limiter(self.clock)
        self.slowed = []  # how long tries to sign in were slowed down, in seconds
        secret = b"s" * 32
        limits = SignInLimits(self.accounts, secret, self.slowed.append, self.slow_line)
        drafts = KeptDrafts(self.db, self.clock)
        keeper = FormKeeper(drafts.save, drafts.load, drafts.drop_step)
        plumbing = Plumbing(
            site=self.site,
            pages=TemplateRenderer(environment(zone=self.site.time_zone)),
            secret=secret,
            clock=self.clock,
            limiter=self.limiter,
            visitor=accounts_web.visitor_of(self.accounts),
            form_keeper=accounts_web.keeper_of(keeper, limits),
        )
        install(self.app, plumbing)
        self.app.register_blueprint(accounts_web.blueprint(self.accounts, self.passwords, limits))

    def browser(self, name: str = "") -> Browser:
        """A browser; signed in when a name is given."""
        browser = Browser(self.app.test_client())
        if name:
            answer = browser.post(
                "/sign-in", {"email": f"{name}@people.example", "password": SECRET}
            )
            assert answer.status_code == 303, answer.text
        return browser


class Browser:
    """A client that fills in the form token the way a page does."""

    def __init__(self, client):
        self.client = client
        self.client.set_cookie("asker", "asker")  # every browser of a test is the runs' own
        self._token = ""

    def get(self, path, **kw):
        answer = self.client.get(path, **kw)
        self._remember(answer)
        return answer

    def post(self, path, data=None, **kw):
        if not self._token:
            self.get("/sign-in?next=/me")
        answer = self.client.post(path, data={"csrf": self._token, **(data or {})}, **kw)
        self._remember(answer)
        return answer

    def _remember(self, answer):
        if answer.mimetype == "text/html":
            match = re.search(r'name="csrf" value="([0-9a-f]+)"', answer.text)
            self._token = match[1] if match else self._token


def subject(text="shop.example") -> Subject:
    if not re.fullmatch(r"(\w[\w-]*\.)+\w+", text):
        raise NotASubject("We found no domain in your text.")
    return Subject(SubjectKind.DOMAIN, text, text, text)


TITLES = {
    "domain.registration.expired": "The domain has expired",
    "web.redirect.loop": "The site redirects in a circle",
    "quota.disk.full": "The disk is full",
}


def judged(id: str, status=FindingStatus.FAIL, severity=Severity.ERROR) -> Assessment:
    check = id.rsplit(".", 1)[0]
    return Assessment(Finding(id), check, status, severity, Owner.CUSTOMER)


@dataclass
class FakeDiagnoses:
    """A small real implementation of the diagnostics seam: runs in a dict, and in `db` for the
    rows that refer to them; no network."""

    db: Database | None = None
    runs: dict[str, Run] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)

    def start(self, text, symptom, visitor, *, invite="", fresh=False):
        person = visitor.person
        owned = text in FACTS.account.domains
        scope, account = Scope.PUBLIC, ""
        if person and person.is_staff():
            scope, account = Scope.STAFF, ACCOUNT if owned else ""
        elif person and owned and person.role_on(ACCOUNT):
            scope, account = Scope.CONTACT, ACCOUNT
        return self.make(
            text, scope, symptom, account=account, person=person.id if person else "",
            invite=invite, fresh=fresh,
        )  # fmt: skip

    def make(self, text, scope, symptom, **kw):
        number = len(self.runs) + 1
        token = f"token-{number}"
        run = Run(
            id=f"r{number}",
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            subject=subject(text),
            scope=scope,
            symptom=symptom,
            state=RunState.QUEUED,
            created_at=WHEN,
            **kw,
        )
        self.runs[run.id] = run
        self.tokens[token] = run.id
        if self.db is not None:
            add_run(self.db, run)
        return run, token

    def may_see(self, run):
        view = view_for(accounts_web.who(), run, request.cookies.get("asker", ""))
        return view is not View.PUBLIC

    def finish(self, id, *findings):
        run = dataclasses.replace(
            self.runs[id], state=RunState.DONE, finished_at=WHEN + timedelta(seconds=5)
        )
        self.runs[id] = run
        self.reports[id] = Report(run, Evidence(), tuple(findings), True)

    def by_token(self, token):
        return self.runs.get(self.tokens.get(token, ""))

    def by_id(self, id):
        return self.runs.get(id)

    def report(self, run):
        return self.reports.get(run.id)

    def lines_of(self, report, lang, *, since=None):
        return tuple(
            ReportLine(
                id=j.finding.id,
                check=j.check,
                status=j.status,
                severity=j.severity,
                owner=j.owner,
                who="You",
                title=TITLES.get(j.finding.id, j.finding.id),
                seen="We saw it.",
                why="It hurts.",
                steps=("Do this.",),
                records=(),
                articles=(),
                evidence=(),
                args={},
                mark=since.mark(j) if since else "",
            )
            for j in report.findings
        )

    def headline(self, report, lang):
        first = next(report.failing(), None)
        if first is None:
            return ReportHeadline("run.all_clear", "All is well", FindingStatus.PASS)
        return ReportHeadline(first.finding.id, TITLES[first.finding.id], first.status, first.owner)

    def seam(self) -> Diagnoses:
        return Diagnoses(
            by_token=self.by_token,
            by_id=self.by_id,
            may_see=self.may_see,
            report_for_reader=self.report,
            report=self.report,
            start=self.start,
            recognise=subject,
            report_lines=self.lines_of,
            headline=self.headline,
            symptoms=(("site_down", "The site does not open"), ("mail_not_arriving", "No mail")),
        )


def run_of(diagnoses: FakeDiagnoses, *findings, text="shop.example", scope=Scope.PUBLIC, **kw):
    """A finished run: (id, token)."""
    run, token = diagnoses.make(text, scope, "site_down", session="asker", **kw)
    diagnoses.finish(run.id, *findings)
    return run.id, token


FACTS = hosting.HostingFacts(
    account=hosting.Account(ACCOUNT, "Mara's Shop", ("shop.example",)),
    services=(
        hosting.HostedService(
            "S1", hosting.ServiceKind.DOMAIN, "shop.example", expires=date(2026, 2, 1)
        ),
        hosting.HostedService("S2", hosting.ServiceKind.PROJECT, "Shop project", server="web7"),
    ),
    usage=(
        hosting.Usage(hosting.Resource.DISK, int(9.6 * 2**30), 10 * 2**30, "bytes", WHEN, "lab"),
    ),
    limits=(hosting.ResourceLimit("memory", 4, WHEN - timedelta(days=1), WHEN),),
    redirects=(hosting.Redirect("shop.example", "https://www.shop.example/"),),
    sites=(hosting.HostedSite("shop.example", "/www/shop"),),
    as_of=WHEN - timedelta(minutes=20),
)


class FakeHosting:
    """The stored panel facts of one account; counts who asked."""

    def __init__(self):
        self.calls = []
        self.facts = {"shop.example": FACTS}

    def account(self, id):
        self.calls.append(id)
        return FACTS.account if id == ACCOUNT else None

    def account_of(self, domain):
        self.calls.append(domain)
        return FACTS.account if domain in FACTS.account.domains else None

    def services(self, account):
        self.calls.append(account)
        return FACTS.services if account == ACCOUNT else ()

    def facts_by_domain(self, account):
        self.calls.append(account)
        return self.facts if account == ACCOUNT else {}
