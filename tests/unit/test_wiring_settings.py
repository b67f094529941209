"""What settings mean for the rooms: each wrong value is told with what is allowed."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from clock import ManualClock
from context import context
from settings import SettingsError, load
from wiring.rooms import build

ROOT = Path(__file__).resolve().parent.parent.parent


def built(tmp_path, text=""):
    (tmp_path / "jasno.toml").write_text(text)
    return build(context(load(env={}, cwd=tmp_path), ManualClock()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[panel]\nkind = "htp"\n', r'\[panel\] kind is "htp"; did you mean http\? Allowed: cpanel, directadmin, froxlor, hestia, http, none'),
        ('[panel]\nkind = "cpanel"\nurl = "https://p.example"\ntoken = "hunter2"\n', r"^jasno\.toml:1: \[panel\] user: [^2]*$"),
        ('[panel]\nkind = "cpanel"\nurl = "https://p.example"\nuser = "root"\n', r"^jasno\.toml:1: \[panel\] token: it is empty"),
        ('[panel]\nkind = "cpanel"\nurl = "panel"\nuser = "root"\ntoken = "x"\n', r"^jasno\.toml:3: \[panel\] url: "),
        ('[database]\nurl = "mysql://root:hunter2@db/x"\n', r"^jasno\.toml:2: \[database\] url: it is no address such as [^2]*$"),
        ('[database]\nurl = "postgresql://a:b@c:port/x"\n', r"^jasno\.toml:2: \[database\] url"),
        ('[desk]\nkind = "zendesk"\n', r'\[desk\] kind is "zendesk".* Allowed: local, quiet'),
        ('[mail]\nkind = "smpt"\n', r"did you mean smtp"),
        ('[site]\nlanguages = ["cz"]\n', r'languages is "cz"; did you mean cs'),
        ('[site]\ntime_zone = "Europe/Praha"\n', r'time_zone is "Europe/Praha"; did you mean Europe/Prague\? Allowed'),
        ('[network]\nresolvers = ["dns.example"]\n', r"^jasno\.toml:2: \[network\] resolvers: 'dns\.example'"),
        ('[server]\ntrusted_proxies = ["proxy"]\n', r"trusted_proxies.*proxy"),
        ('[[department]]\nid = "a"\nguaranteed = "whenever"\n', r'\[\[department\]\] "a".*whenever'),
        ('[[department]]\nid = "a"\nzone = "Mars/Olympus"\n', r'\[\[department\]\] "a"'),
        ("[policy]\nactions = { restor = 1 }\n", r"did you mean restore"),
        ('[[component]]\nid = "a"\nname = "A"\n[[probe]]\nname = "p"\nkind = "htp"\ncomponent = "a"\ntarget = "x"\n', r'"p" kind is "htp"; did you mean http'),
        ('[[component]]\nid = "a"\nname = "A"\n[[probe]]\nname = "p"\nkind = "http"\ncomponent = "a"\ntarget = "http://x.example"\nstats = [200]\n', r'"p".*stats'),
    ],
)  # fmt: skip
def test_a_wrong_configuration_is_told(tmp_path, text, message):
    with pytest.raises(SettingsError) as caught:
        built(tmp_path, text).check()
    assert re.search(message, str(caught.value)), caught.value


def test_the_example_builds_every_part(tmp_path):
    rooms = built(tmp_path, (ROOT / "jasno.example.toml").read_text("utf-8"))
    rooms.check()
    assert rooms.status.components[0].id == "web1"
    assert rooms.status.probes[0].interval == timedelta(seconds=60)
    assert rooms.tickets.departments[0].id == "support"


def test_a_department_keeps_its_hours_and_promise(tmp_path):
    text = """
[[department]]
id = "support"
name = "Support"
guaranteed = "Mon-Fri 08:00-16:00"
within = "none"
outage_within = "30m"
"""
    (support,) = built(tmp_path, text).tickets.departments
    assert support.within is None
    assert support.outage_within == timedelta(minutes=30)
    assert sorted(support.hours.guaranteed) == [0, 1, 2, 3, 4]
    assert support.hours.available == support.hours.guaranteed


def test_the_web_knows_its_names(tmp_path):
    rooms = built(tmp_path, '[site]\nurl = "https://a.example"\nstatus_url = "https://s.example"\n')
    assert {"a.example", "s.example", "localhost", "127.0.0.1"} <= rooms.foundation.hosts()
