"""The real application as wiring builds it, with the cast, a ticket, a link and a private run in it,
and the words of somebody who hates us."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from accounts.model import ContactRole, StaffRole
from accounts.passwords import Passwords
from accounts.room import AccountsRoom
from clock import ManualClock
from context import context
from diagnostics.model import Scope
from hosting.model import Account
from hosting.sync import StoredAccount
from settings import load
from subject import parse_subject
from tests.checks_fixtures import Scene
from tests.desk_fixtures import FAST
from tests.run_places import FIRST
from wiring.rooms import build
from wiring.web import create_app

SECRET = "clear-sky-tests"
ACCOUNT, DOMAIN = "A-1", "cafe.example"
BASE = "http://localhost"
MARK = "zq9x"
CONFIG = """
[site]
name = "Sunny Hosting"
url = "http://localhost"
[[component]]
id = "web1"
name = "Web hosting 1"
[[probe]]
name = "web1-tcp"
kind = "tcp"
component = "web1"
target = "192.0.9.4:80"
[[department]]
id = "support"
name = "Support"
[network]
closed = true
"""
PUBLIC = {"/api/openapi.json"}  # the same for everybody, and may be kept
NASTY = (
    "",
    " \t\r\n ",
    "x" * 3_000,
    "é" * 9_000,
    "\u202egnp.exe\u2066",
    "\u200b\u200d\ufeff\U000e0001",
    "\x01\x02\x08\x1b[31m\x7f\x85",
    "a" + "\u0300" * 800,
    "\ufffe\uffff",
    f"<script>alert('{MARK}')</script>",
    f"\"><img src=x onerror=alert('{MARK}')>",
    f"'><svg/onload=alert('{MARK}')>",
    "{{7*7}}{%raw%}${7*7}#{7*7}<%=7*7%>",
    "{0.__class__}{domain}{x:said}{}",
    "%s%n%d%(x)s",
    "' OR '1'='1' --",
    "'; DROP TABLE accounts_people; --",
    "a\r\nSet-Cookie: evil=1\r\n\r\n<h1>",
    "a%0d%0aSet-Cookie:%20evil=1",
    "../../../../etc/passwd",
    "javascript:alert(1)",
    "//evil.example/",
    "/\\evil.example",
    "https://evil.example/",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]:80/",
    "http://[",
    "2130706433",
    "xn--",
    "xn--80ak6aa92e.com",
    "аррӏе.com",
    ".".join(["a" * 63] * 5) + ".com",
    "-1",
    "9" * 40,
    "1" * 5000,
    "1e999",
    "NaN",
    "null",
    "٣",
    "²",
    "0001-01-01T00:00+14:00",
    "9999-12-31T23:59-14:00",
    "2026-01-15T12:00+23:59",
)
FIELDS = {
    "/sign-in": ("email", "password", "next"),
    "/check": ("target", "symptom"),
    "/tickets/new": (
        *(
            "run",
            "category",
            "service",
            "account",
            "text",
            "work",
            "backup",
            "filled",
            "go",
            "kept",
        ),
        *("fact_url", "fact_mailbox", "fact_domain", "fact_when", "fact_error"),
    ),
    "/tickets/<id>": ("text", "key"),
    "/desk": ("q", "category", "state", "show", "department"),
    "/desk/caller": ("service", "code"),
    "/desk/tickets/<id>/reply": ("text", "go", "key"),
    "/desk/tickets/<id>/close": ("outcome", "key"),
    "/desk/tickets/<id>/hand-over": ("key",),
    "/desk/tickets/<id>/invite": ("subject", "symptom", "message", "days", "runs"),
    "/desk/tickets/<id>/check": ("subject", "symptom"),
    "/r/<token>/share": ("days",),
    "/r/<token>/answers": ("since", "error", "where"),
    "/invite/<token>": ("consent",),
    "/kb/search": ("q",),
    "/kb/search.json": ("q",),
    "/ops/incidents/new": (
        *(
            "title-cs",
            "title-en",
            "text-cs",
            "text-en",
            "state",
            "on-web1",
            "on-<b>",
            "parts",
            "go",
        ),
    ),
    "/ops/incidents/<id>": ("text-cs", "text-en", "state", "on-web1", "parts", "go"),
    "/ops/maintenance/new": (
        *("title-cs", "title-en", "text-cs", "text-en", "parts", "starts_at", "ends_at", "go"),
    ),
    "/ops/components/<id>": ("condition", "hours", "reason"),
}


class Fort:
    """The house on a database; `ids` fills the places in its routes with things that exist."""

    def __init__(self, folder, database, url=BASE, config=CONFIG):
        (folder / "jasno.toml").write_text(config.replace(BASE, url))
        env = {"JASNO_VAR": str(folder / "var"), "JASNO_DATABASE_URL": database}
        self.url = url
        self.clock = ManualClock()
        ctx = context(load(env=env, cwd=folder), self.clock)
        self.slowed = []  # how long tries to sign in were slowed down, in seconds
        accounts = AccountsRoom(ctx, Passwords(FAST), self.slowed.append)
        self.rooms = build(ctx, accounts=accounts)
        self.app = create_app(self.rooms)
        self._people()
        self.rooms.hosting.store.keep(
            StoredAccount(Account(ACCOUNT, "Mara's café", (DOMAIN,)), (), {})
        )
        self._browsers = {}
        self.run, self.run_token = self.private_run()
        _, self.share = self.rooms.wizard.runs.share(self.run.id, timedelta(days=7))
        self.ticket = self._ticket()
        self.invite = self._invite()
        self.incident = self._incident()

    def _people(self):
        accounts, hashed = self.rooms.accounts.store, self.rooms.accounts.passwords.hash(SECRET)
        staff = {"ben": StaffRole.AGENT, "olu": StaffRole.OPERATOR}
        roles = {
            "mara": ContactRole.OWNER,
            "tomas": ContactRole.TECHNICAL,
            "vera": ContactRole.BILLING,
        }
        for name in ("mara", "tomas", "vera", "ben", "olu", "zed"):
            address = f"{name}@people.example"
            accounts.add_person(
                address, name.title(), password=hashed, staff=staff.get(name), id=name
            )
            if name in roles:
                accounts.set_contact(name, ACCOUNT, roles[name])

    def private_run(self, *, over=True):
        """A finished run of Mara's in contact scope, hosting facts and all, and its token."""
        subject = parse_subject(f"https://{DOMAIN}/private?key=hush-hush")
        run, token = self.rooms.wizard.runs.create(
            subject, Scope.CONTACT, "site_down", account=ACCOUNT, person="mara", place=FIRST
        )
        self.rooms.wizard.runs.claim(run.id)
        for item in Scene().evidence().items.values():
            self.rooms.wizard.runs.save_item(run.id, item)
        if over:
            self.rooms.wizard.runs.finish(run.id)
        return self.rooms.wizard.runs.by_id(run.id), token

    def _ticket(self):
        form = {
            "go": "new",
            "filled": "1",
            "run": self.run_token,
            "category": "web",
            "service": DOMAIN,
            "account": ACCOUNT,
            "text": "The oven is cold since yesterday",
        }
        answer = self.browser("mara").post("/tickets/new", form)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].split("/")[-1].split("?")[0]

    def _invite(self):
        form = {"subject": DOMAIN, "symptom": "site_down", "message": "Please look", "runs": "50"}
        answer = self.browser("ben").post(
            f"/desk/tickets/{self.ticket}/invite", form, follow_redirects=True
        )
        return re.search(r"/invite/([\w-]{20,})", answer.text)[1]

    def _incident(self):
        form = {"title-en": "Storm", "text-en": "We look.", "state": "investigating"}
        answer = self.browser("olu").post("/ops/incidents/new", form)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].split("/")[-1]

    def fill(self, rule):
        """A route with existing things in its places."""
        value = self.incident if rule.startswith("/ops/incidents") else self.ticket
        if rule.startswith("/desk/runs"):
            value = self.run.id
        token = self.invite if rule.startswith("/invite") else self.run_token
        filled = rule.replace("/ops/components/<id>", "/ops/components/web1")
        filled = filled.replace("<id>", value).replace("<token>", token)
        filled = re.sub(r"<int[^>]*>", "1", filled).replace("<slug>", "disk-full")
        filled = filled.replace("<uuid:token>", "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278")
        return re.sub(r"<[^>]+>", "s1", filled)

    def routes(self):
        """(method, rule) of everything the application answers."""
        rules = sorted(self.app.url_map.iter_rules(), key=lambda r: r.rule)
        return [(m, r.rule) for r in rules for m in sorted(r.methods & {"GET", "POST"})]

    def browser(self, name=""):
        """The one browser of somebody; signed in when a name is given, again when it is late."""
        kept_browser = self._browsers.setdefault(name, Browser(self))
        if name and (
            kept_browser.since is None or self.clock.now() - kept_browser.since > timedelta(hours=6)
        ):
            kept_browser.sign_in(name)
        return kept_browser

    def close(self):
        self.rooms.close()
        self.rooms.ctx.db.close()


@contextmanager
def fort_in(folder: Path, template: Path, config: str = CONFIG) -> Iterator[Fort]:
    """A fort on its own copy of an empty database."""
    shutil.copy(template, folder / "jasno.db")
    fort = Fort(folder, f"sqlite:///{folder}/jasno.db", config=config)
    yield fort
    fort.close()


class Browser:
    """A client of the whole application, middleware included, that knows its form token."""

    def __init__(self, fort):
        self.fort = fort
        self.client = fort.app.test_client()
        self.csrf = re.search(r'name="csrf" value="(\w+)"', self.get("/sign-in").text)[1]

        self.since = None

    def sign_in(self, name):
        answer = self.post("/sign-in", {"email": f"{name}@people.example", "password": SECRET})
        assert answer.status_code == 303, answer.text
        self.since = self.fort.clock.now()

    def get(self, path, **more):
        return self.client.get(path, base_url=self.fort.url, **more)

    def post(self, path, data=None, **more):
        """A form with its token; time passes, so that limits are not what refuses it."""
        self.fort.clock.advance(timedelta(minutes=2))
        form = {"csrf": self.csrf, **(data or {})}
        return self.client.post(path, data=form, base_url=self.fort.url, **more)


def harms(answer) -> list[str]:
    """What is wrong with an answer, whatever was asked."""
    text, headers = answer.get_data(as_text=True), answer.headers
    kind = headers.get("Content-Type", "")
    harms_seen = []
    if answer.status_code >= 500:
        harms_seen.append(f"status {answer.status_code}")
    if "Traceback" in text or "sqlalchemy" in text.lower():
        harms_seen.append("shows its inside")
    if "html" in kind and re.search(rf"<(script|img|svg)[^>]*>?[^<]*{MARK}", text):
        harms_seen.append("markup got through")
    if "html" in kind and "49${" in text:
        harms_seen.append("template got through")
    if "evil" in headers.get("Set-Cookie", ""):
        harms_seen.append("header got through")
    to = headers.get("Location", "")
    if to and (not to.startswith("/") or to[1:2] in ("/", "\\")):
        harms_seen.append(f"sends away to {to[:60]}")
    if "default-src 'none'" not in headers.get("Content-Security-Policy", ""):
        harms_seen.append("no CSP")
    if headers.get("X-Content-Type-Options") != "nosniff":
        harms_seen.append("sniffing")
    if headers.get("Cache-Control") != "no-store" and answer.request.path not in PUBLIC:
        harms_seen.append(f"cache {headers.get('Cache-Control')}")
    return harms_seen
