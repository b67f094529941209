"""What settings mean for the rooms: each wrong value is told with what is allowed."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from clock import ManualClock
from jobs.model import Handler
from settings import SettingsError, load
from wiring.background import engine_parts, merged
from wiring.services import services

ROOT = Path(__file__).resolve().parent.parent.parent


def built(tmp_path, text=""):
    (tmp_path / "jasno.toml").write_text(text)
    return services(load(env={}, cwd=tmp_path), ManualClock())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[panel]\nkind = "htp"\n', r'\[panel\] kind is "htp"; did you mean http\? Allowed: cpanel, directadmin, froxlor, hestia, http, none'),
        ('[panel]\nkind = "cpanel"\nurl = "https://p.example"\ntoken = "hunter2"\n', r"^\[panel\] user: [^2]*$"),
        ('[panel]\nkind = "cpanel"\nurl = "https://p.example"\nuser = "root"\n', r"^\[panel\] the token is empty"),
        ('[panel]\nkind = "cpanel"\nurl = "panel"\nuser = "root"\ntoken = "x"\n', r"^\[panel\] url: "),
        ('[database]\nurl = "mysql://root:hunter2@db/x"\n', r"^\[database\] url: it is no address such as [^2]*$"),
        ('[database]\nurl = "postgresql://a:b@c:port/x"\n', r"^\[database\] url"),
        ('[desk]\nkind = "zendesk"\n', r'\[desk\] kind is "zendesk".* Allowed: local, quiet'),
        ('[mail]\nkind = "smpt"\n', r"did you mean smtp"),
        ('[site]\nlanguages = ["cz"]\n', r'languages is "cz"; did you mean cs'),
        ('[site]\ntime_zone = "Europe/Praha"\n', r'time_zone is "Europe/Praha"; did you mean Europe/Prague\? Allowed'),
        ('[network]\nresolvers = ["dns.example"]\n', r"network\.resolvers"),
        ('[server]\ntrusted_proxies = ["proxy"]\n', r"trusted_proxies.*proxy"),
        ('[[department]]\nid = "a"\nguaranteed = "whenever"\n', r'\[\[department\]\] "a".*whenever'),
        ('[[department]]\nid = "a"\nzone = "Mars/Olympus"\n', r'\[\[department\]\] "a"'),
        ("[policy]\nactions = { restor = 1 }\n", r"did you mean restore"),
        ('[[component]]\nid = "a"\nname = "A"\n[[probe]]\nname = "p"\nkind = "htp"\ncomponent = "a"\ntarget = "x"\n', r'"p" kind is "htp"; did you mean http'),
        ('[[component]]\nid = "a"\nname = "A"\n[[probe]]\nname = "p"\nkind = "http"\ncomponent = "a"\ntarget = "http://x.example"\nstats = [200]\n', r'"p".*stats'),
    ],
)  # fmt: skip
def test_a_wrong_configuration_is_told(tmp_path, text, said):
    with pytest.raises(SettingsError) as caught:
        built(tmp_path, text).check()
    assert re.search(said, str(caught.value)), caught.value


def test_the_example_builds_every_part(tmp_path):
    parts = built(tmp_path, (ROOT / "jasno.example.toml").read_text("utf-8"))
    parts.check()
    assert parts.components[0].id == "web1"
    assert parts.probes[0].interval == timedelta(seconds=60)
    assert parts.departments[0].id == "support"


def test_a_department_keeps_its_hours_and_promise(tmp_path):
    text = """
[[department]]
id = "support"
name = "Support"
guaranteed = "Mon-Fri 08:00-16:00"
within = "none"
outage_within = "30m"
"""
    (support,) = built(tmp_path, text).departments
    assert support.within is None
    assert support.outage_within == timedelta(minutes=30)
    assert sorted(support.hours.guaranteed) == [0, 1, 2, 3, 4]
    assert support.hours.available == support.hours.guaranteed


def test_a_kind_of_job_has_one_handler():
    one = {"mail.send": Handler(lambda job: None)}
    with pytest.raises(SettingsError, match="two handlers"):
        merged(one, one)


KINDS = {
    "channel.send",
    "hook.send",
    "hook.verify",
    "diagnosis.run",
    "diagnosis.watch",
    "diagnosis.watched",
    "diagnosis.finished",
    "hosting.sync",
    "mail.send",
    "status.changed",
    "status.publish",
    "status.reminder",
    "ticket.note",
    "ticket.open",
}


def test_every_kind_of_job_has_a_handler(tmp_path):
    parts = engine_parts(built(tmp_path))
    assert set(parts.handlers) == KINDS
    for close in parts.closing:
        close()


def test_every_kind_that_is_put_in_is_known():
    """Kinds are constants that end in a room's words; each enqueue names one of them."""
    found = set()
    for path in (ROOT / "messages.py", *ROOT.glob("*/**/*.py")):
        if not path.relative_to(ROOT).parts[0].startswith((".", "tests", "bench")):
            text = path.read_text("utf-8")
            found |= set(re.findall(r'^[A-Z_]+ = "([a-z]+\.[a-z]+)"', text, re.MULTILINE))
    assert found >= KINDS


def test_the_web_knows_its_names(tmp_path):
    parts = built(tmp_path, '[site]\nurl = "https://a.example"\nstatus_url = "https://s.example"\n')
    assert {"a.example", "s.example", "localhost", "127.0.0.1"} <= parts.hosts()
