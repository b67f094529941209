"""`app.py demo`: the demo company, with the lab's world as its configuration, its people and its past.

Reached only by the demo command. What runs afterwards is the ordinary web and engine.
"""

from __future__ import annotations

import asyncio
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import lab
from accounts.model import ContactRole, StaffRole
from accounts.room import AccountsRoom
from clock import ManualClock
from hosting.sync import sync
from lab.company import NAME, OLU, PEOPLE, WATCHED
from lab.demo import ACCOUNTS, DEMO_DOMAINS, PROVIDER, WORLD
from settings.toml_text import toml_line
from status.incidents.incident_editing import AnnouncementText, IncidentEditor
from status.model import Condition, Grade, Observation, Signal, UptimeDay
from status.storage.store import ObservationBatch
from wiring.rooms import Rooms

PASSWORD = "clear-sky-demo"  # noqa: S105 - printed at every start, loopback only
CONFIG = "jasno.toml"
PATIENT: dict[str, object] = {"interval": "15s", "timeout": "10s", "slow_after": 8.0}
"""Of every probe, so that a machine that is busy shows nothing in trouble."""
EXTRA_PROBE_KEYS: dict[str, dict[str, object]] = {
    "webmail": {"slow_after": 1.0, "fail_after": 1}  # its page waits for longer than that
}
JOINED = timedelta(days=90)  # ago


CZECH = {  # what services and their groups are called, word by word
    "Website": "Web firmy",
    "Hosting panel": "Správa hostingu",
    "Web server": "Webový server",
    "Name server": "Jmenný server",
    "Customer services": "Pro zákazníky",
    "Web hosting": "Webhosting",
    "Domains": "Domény",
}


@contextmanager
def laboratory() -> Iterator[lab.Running]:
    """The miniature internet, in a thread of this process."""
    with lab.running(WORLD) as running:
        yield running


def demo_domains() -> list[str]:
    """All domains of the miniature internet, those with a story first."""
    named = [row.name for row in DEMO_DOMAINS]
    return list(dict.fromkeys([*named, *(domain.name for domain in WORLD.domains)]))


def write(running: lab.Running, var: Path, port: int) -> Path:
    """The configuration that makes an ordinary Jasno live in the lab."""
    tables: list[tuple[str, dict[str, object]]] = [
        ("[site]", {"name": NAME, "url": f"http://127.0.0.1:{port}", "time_zone": "Europe/Prague"}),
        ("[server]", {"bind": f"127.0.0.1:{port}"}),
        ("[status]", {"charts": True}),
        ("[provider]", dict(PROVIDER)),
        ("[panel]", {"kind": "http", "url": running.panel_url, "token": running.panel_token}),
        ("[network]", {**running.network, "demo_domains": demo_domains()}),
        ("[vantage]", {"name": "demo", "ipv6": True}),
    ]
    tables += [("[[department]]", row) for row in DEPARTMENTS]
    for watched in WATCHED:
        row: dict[str, object] = {
            "id": watched.id,
            "name": watched.name,
            "group": watched.group,
            "servers": list(watched.servers),
            "names": {"cs": in_czech(watched.name)},
            "group_names": {"cs": in_czech(watched.group)},
        }
        tables.append(("[[component]]", row))
        probe: dict[str, object] = {
            "name": f"{watched.id}-{watched.kind}",
            "kind": watched.kind,
        }
        probe |= {
            "component": watched.id,
            "target": watched.target,
            **PATIENT,
        }
        if watched.question:
            name, _, type_ = watched.question.partition(" ")
            probe |= {"target": name, "type": type_, "server": watched.target}
        tables.append(("[[probe]]", probe | EXTRA_PROBE_KEYS.get(watched.id, {})))
    lines = ["# Written by the demo at each start.", toml_line("var", str(var.absolute())), ""]
    for head, values in tables:
        lines += [head, *(toml_line(k, v) for k, v in values.items()), ""]
    var.mkdir(parents=True, exist_ok=True)
    path = var / CONFIG
    path.write_text("\n".join(lines), "utf-8")
    path.chmod(0o600)
    return path.absolute()


def in_czech(name: str) -> str:
    """What Czech readers call a service or a group; a number or a host name behind it stays."""
    kind, _, which = name.rpartition(" ")
    return CZECH.get(name) or (f"{CZECH[kind]} {which}" if kind in CZECH else name)


DEPARTMENTS: tuple[dict[str, object], ...] = (
    {
        "id": "support",
        "name": "Customer support",
        "names": {"cs": "Zákaznická podpora", "en": "Customer support"},
        "zone": "Europe/Prague",
        "guaranteed": "Mon-Fri 08:00-17:00",
        "available": "Mon-Sun 07:00-22:00",
        "country": "CZ",
        "within": "8h",
        "outage_within": "1h",
    },
    {
        "id": "billing",
        "name": "Billing",
        "names": {"cs": "Fakturace", "en": "Billing"},
        "categories": ["billing"],
        "zone": "Europe/Prague",
        "guaranteed": "Mon-Fri 09:00-16:00",
        "country": "CZ",
        "within": "16h",
    },
)


# ------------------------------------------------------------------ people and the past
def seed(rooms: Rooms) -> None:
    """People who can sign in, ninety days behind us, an incident that is over, work to come. What
    people did is written down in the order in which it happened."""
    now = rooms.ctx.clock.now()
    clock = ManualClock(now - JOINED)
    past = replace(rooms.ctx, database=rooms.ctx.db, clock=clock)
    people = _people(replace(rooms.accounts, ctx=past), clock)
    rooms.status.store.write(ObservationBatch(days=_days(rooms, now.date())))
    incidents, operator = replace(rooms.status, ctx=past).incidents, people[OLU.email]
    clock.at = datetime.combine(now.date() - timedelta(days=9), time(13, 5), UTC)
    _incident(incidents, operator, clock)
    clock.at = now - timedelta(days=1)
    _planned_work(incidents, operator, now.date())
    _response_times(rooms)


def _people(accounts: AccountsRoom, clock: ManualClock) -> dict[str, str]:
    """The cast, a minute after each other; their addresses → their ids."""
    hashed = accounts.passwords.hash(PASSWORD)
    people = {}
    for cast in PEOPLE:
        staff = StaffRole(cast.role) if cast.role != "customer" else None
        person = accounts.store.add_person(cast.email, cast.name, password=hashed, staff=staff)
        people[cast.email] = person.id
        clock.advance(timedelta(minutes=1))
    for account in ACCOUNTS:
        for contact in account.contacts:
            accounts.store.set_contact(people[contact.email], account.id, ContactRole(contact.role))
            clock.advance(timedelta(minutes=1))
    return people


def _days(rooms: Rooms, today: date) -> dict[str, tuple[UptimeDay, ...]]:
    return {
        c.id: tuple(_day(today, n, c.id) for n in range(90, 0, -1)) for c in rooms.status.components
    }


def _incident(incidents: IncidentEditor, operator: str, clock: ManualClock) -> None:
    """An outage of three quarters of an hour."""
    title = {"en": "Web server 13 does not answer", "cs": "Webový server 13 neodpovídá"}
    down = {"web13": Condition.MAJOR_OUTAGE}
    update_text = {
        "en": "Web sites on web server 13 do not open. We are looking for the cause.",
        "cs": "Weby na serveru 13 se neotevírají. Hledáme příčinu.",
    }
    begin = AnnouncementText(update_text, "investigating", down)
    incident = incidents.open(title, begin, operator)
    clock.advance(timedelta(minutes=14))
    update_text = {
        "en": "A power supply has failed. It is being replaced; data are safe.",
        "cs": "Selhal napájecí zdroj. Vyměňujeme ho, data jsou v pořádku.",
    }
    incidents.update(incident.id, AnnouncementText(update_text, "identified", down), operator)
    clock.advance(timedelta(minutes=33))
    update_text = {
        "en": "The server is back. We are sorry, and we have ordered a second supply.",
        "cs": "Server znovu běží. Omlouváme se a objednali jsme druhý zdroj.",
    }
    incidents.resolve(incident.id, update_text, operator)


def _response_times(rooms: Rooms) -> None:
    """Looks of ninety days, sparse but for the last one, counted as those of the engine are."""
    now = rooms.ctx.clock.now()
    moments = [now - timedelta(hours=h) for h in (*range(24, 168, 2), *range(168, 2160, 6))]
    moments += [now - timedelta(minutes=m) for m in range(1, 24 * 60, 10)]
    probes = [name for measured in rooms.status.measured for name in measured.probes]
    for number, probe in enumerate(probes):
        usual = 700 if probe.startswith("webmail") else 12 + 4 * number
        looks = tuple(_look(probe, at, usual) for at in moments)
        rooms.status.store.write(ObservationBatch(looks))
        rooms.status.timeseries.roll_up(probe)


def _look(probe: str, at: datetime, usual: int) -> Observation:
    """A good answer: slower at noon than at night, now and then twice as slow."""
    busy = 1 + 0.3 * math.sin(math.tau * (at.hour + at.minute / 60 - 6) / 24)
    scatter = 0.85 + zlib.crc32(f"{probe} {at:%j %H:%M}".encode()) % 1000 / 2500
    slow = 2 if scatter > 1.22 else 1
    elapsed = timedelta(milliseconds=usual * busy * scatter * slow)
    return Observation(probe, at, elapsed, Signal(Grade.UP), vantage="demo")


def _day(today: date, days_ago: int, component: str) -> UptimeDay:
    on, whole = today - timedelta(days=days_ago), 86_400
    if component == "web13" and days_ago == 9:
        down = 47 * 60
        return UptimeDay(on, {Condition.OPERATIONAL: whole - down, Condition.MAJOR_OUTAGE: down})
    if component == "webmail" and on.toordinal() % 17 == 0:
        slow = 3 * 3600
        return UptimeDay(
            on, {Condition.OPERATIONAL: whole - slow, Condition.DEGRADED_PERFORMANCE: slow}
        )
    return UptimeDay(on, {Condition.OPERATIONAL: whole})


def _planned_work(incidents: IncidentEditor, operator: str, today: date) -> None:
    night = datetime.combine(today + timedelta(days=5), time(22, 0), UTC)
    title = {"en": "New software on web server 14", "cs": "Nový software na webovém serveru 14"}
    text = {
        "en": "Web sites on web server 14 will be away for up to ten minutes within this window.",
        "cs": "Weby na serveru 14 budou během tohoto okna nejvýše deset minut nedostupné.",
    }
    window = (night, night + timedelta(hours=2))
    incidents.plan(title, text, window, ("web14",), operator)


async def look_once(rooms: Rooms) -> None:
    """What the panel says of every account, and a first look of every probe, stored and published:
    the first page tells something, and the first check knows whose domain it is. No engine may run
    meanwhile."""
    panel, store = rooms.hosting.panel, rooms.hosting.store
    for account in ACCOUNTS:
        await asyncio.to_thread(sync, panel, store, account.id)
    monitor = rooms.status.unfenced_monitor()
    await monitor.start()
    now = rooms.ctx.clock.now()
    await asyncio.gather(*(monitor.tick(p.name, now) for p in rooms.status.probes_here))
    await monitor.run_cycle()


def welcome(port: str, seconds: float, config: Path) -> str:
    """What the demo prints when its first page is there."""
    width = max(len(p.email) for p in PEOPLE)
    roles = {"agent": "support agent", "operator": "operator"}
    people = [
        f"  {p.email:<{width}}  {p.name}, "
        + (f"{p.contact} contact of {p.account}" if p.contact else roles.get(p.role, "a stranger"))
        for p in PEOPLE
    ]
    width = max(len(d.name) for d in DEMO_DOMAINS)
    domains = [f"  {d.name:<{width}}  {d.story}" for d in DEMO_DOMAINS[:12]]
    return "\n".join(
        (
            "",
            f"{NAME} is at http://127.0.0.1:{port}  (first page after {seconds:.1f} s)",
            f"Sign in at /sign-in, password for everybody: {PASSWORD}",
            *people,
            f"Domains to try at /check, or with: app.py diagnose DOMAIN --config {config}",
            *domains,
            "Ctrl-C stops.",
        )
    )
