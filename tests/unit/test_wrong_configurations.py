"""What could only go wrong in public is refused when the configuration is read, all of it at once."""

from __future__ import annotations

import json
import re

import pytest

from commands.main import main
from context import context
from settings import SettingsError, load
from wiring.rooms import build

SITE = '[site]\nname = "Skyhost"\n'
PARTS = '[[component]]\nid = "web"\nname = "Web"\n[[component]]\nid = "mail"\nname = "Mail"\n'


def probe(kind: str, target: str, **more: str) -> str:
    rows = {"name": "p", "kind": kind, "component": "web", "target": target, **more}
    return "[[probe]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in rows.items())


def mistakes(folder, text: str) -> list[str]:
    (folder / "jasno.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as refused:
        build(context(load(env={}, cwd=folder))).check()
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (probe("http", "www.example.com/"), 'target "www.example.com/" needs http:// or https:// before it'),
        (probe("http", "htps://www.example.com/"), 'begins with "htps"; did you mean https?'),
        (probe("http", "https://www..example.com/"), '"www..example.com" is no host'),
        (probe("http", "http://31.53.0.256/"), '"31.53.0.256" is no IP address'),
        (probe("http", "http://a.example/", contain="x"), 'has no key "contain"; did you mean contains?'),
        (probe("tcp", "31.53.0.256:80"), '"31.53.0.256" is no IP address'),
        (probe("http", "https://*/"), '"*" stands for many hosts; allowed is one'),
        (probe("http", "example.org::443"), "before it, such as https://www.example.com/"),
        (probe("http", "2001:db8::1"), "before it, such as https://[2001:db8::1]"),
        (probe("http", "http://2001:db8::1/"), "stands in brackets, such as http://[2001:db8::1]/"),
        (probe("tcp", "example.org::443"), "is no host with a port, such as example.org:443"),
        (probe("tcp", "2001:db8::1:443"), "needs a port, such as [2001:db8::1]:443"),
        (probe("ping", "a.example:443"), "is no host; allowed is a name or an IP address, without a port"),
        ('[[component]]\nid = "rtl"\nname = "\u202e"\n', '"name" in [[component]] number 3: is made of characters that nobody sees (U+202E)'),
        ('[[component]]\nid = "gap"\nname = "Gap"\ngroup = " \u200b"\n', '"group" in [[component]] number 3: is made of characters that nobody sees (U+0020 U+200B)'),
        (probe("http", "https://127.0x1/"), "a number that is no plain address"),
        (probe("http", "https://a.example/" + "x" * 5000), "a text in quotation marks of at most 2000 characters belongs here"),
        (probe("http", "https://a.example:99999/"), "cannot be read"),
        (probe("http", "https://[::1/"), "cannot be read"),
        (probe("tcp", "a.example"), "needs a port, such as a.example:443"),
        (probe("tcp", "a.example:"), "needs a port, such as a.example:443"),
        (probe("tcp", "2001:db8::1"), "needs a port, such as [2001:db8::1]:443"),
        (probe("ping", "*.example"), '"*.example" stands for many hosts'),
        (probe("tls", "https://a.example"), "is no host with a port"),
        (probe("ping", "31.53.0.256"), '"31.53.0.256" is no IP address'),
        (probe("domain", "http://a.example", interval="2h"), "is no host"),
        (probe("domain", "a.example", interval="5s"), "interval is shorter than 1h"),
        (probe("http", "https://a.example/", interval="0.5s"), "interval is shorter than 1s"),
        (probe("dns", "a.example", type="AAAAA"), '"AAAAA" is no record type'),
        (probe("dns", "a.example", server="ns1.a.example"), "a name server is asked by its address"),
        ('[network]\nca_bundle = "/nope/ca.pem"\n', "jasno.toml:10: [network] ca_bundle: /nope/ca.pem cannot be read: No such file or directory"),
        ('[network]\ndnsbl = ["not a name!"]\n', '"not a name!" is no host'),
        ('[vantage]\nmail_references = ["mx.seznam,cz"]\n', '"mx.seznam,cz" is no host'),
        ('[provider]\naddresses = ["31.53.0.256"]\n', '"31.53.0.256" is no IP address'),
        ('[provider]\nmail_hosts = ["mx 1"]\n', 'jasno.toml:10: "mail_hosts" in [provider]: "mx 1" is no host'),
        ('[mail]\nsender = ""\n', 'jasno.toml:10: "sender" in [mail]: "" is no e-mail address'),
        ('[status]\nremind_to = ["olu"]\n', '"olu" is no e-mail address'),
        ('[[template]]\nid = "t"\ntext = { en = "x {part:list}" }\n', '"{part:list}"; did you mean {parts:list}?'),
        ('[[department]]\nid = "d"\nzone = "Europe/Prag"\n', 'zone is "Europe/Prag"; did you mean Europe/Prague?'),
        ('[vantage]\nreferences = ["ftp://x"]\n', "an address that begins with http:// or https://"),
        ('[[component]]\nname = "X"\n', 'jasno.toml:9: [[component]] number 3 lacks the key "id"'),
    ],
)  # fmt: skip
def test_it_is_refused_with_the_culprit_and_what_is_allowed(tmp_path, more, message):
    (mistake,) = mistakes(tmp_path, SITE + PARTS + more)
    assert message in mistake


def test_a_colour_and_its_key_are_ones_we_know(tmp_path):
    (wrong,) = mistakes(tmp_path, SITE + 'brand = { colour = "greenish" }\n')
    assert wrong == (
        'jasno.toml:3: "colour" in [site]: "greenish" is no colour; allowed is one such as #0b6e4f'
    )
    (wrong,) = mistakes(tmp_path, SITE + 'brand = { color = "#0b6e4f" }\n')
    assert wrong == (
        'jasno.toml:3: "brand" in [site] has no key "color"; did you mean colour? Allowed: colour, logo'
    )


def test_a_circle_of_dependencies_is_told_with_its_members(tmp_path):
    circle = PARTS.replace('"Web"\n', '"Web"\ndepends_on = ["mail"]\n')
    circle = circle.replace('"Mail"\n', '"Mail"\ndepends_on = ["web"]\n')
    (wrong,) = mistakes(tmp_path, circle)
    assert wrong == "jasno.toml:4: these depend on each other in a circle: web, mail, web"


def test_a_long_chain_of_dependencies_is_read(tmp_path):
    parts = [
        f'[[component]]\nid = "c{n}"\nname = "C{n}"\ndepends_on = ["c{(n + 1) % 1500}"]\n'
        for n in range(1500)
    ]
    (wrong,) = mistakes(tmp_path, SITE + "".join(parts))
    assert wrong.count(", ") == 1500
    parts[-1] = '[[component]]\nid = "c1499"\nname = "C"\n'
    (tmp_path / "jasno.toml").write_text(SITE + "".join(parts), "utf-8")
    assert load(env={}, cwd=tmp_path).settings.component[0].depends_on == ("c1",)


def test_every_mistake_is_told_at_once(tmp_path):
    keys = mistakes(
        tmp_path,
        '[site]\nnaem = "x"\nname = 5\n[server]\nworkers = 0\n[mail]\nsnder = "x"\n'
        '[[component]]\nname = "A"\n[[component]]\nid = "b"\nname = "B"\npolicy = "aut"\n',
    )
    assert [line.partition(" ")[0] for line in keys] == [
        f"jasno.toml:{n}:" for n in (2, 3, 5, 7, 8, 13)
    ]
    values = mistakes(tmp_path, SITE + PARTS + '[mail]\nsender = ""\n[status]\nremind_to = ["x"]\n')
    assert len(values) == 2
    rooms = mistakes(
        tmp_path,
        SITE + PARTS + probe("http", "x") + probe("dns", "a.example", type="XX").replace('"p"', '"q"')
        + '[panel]\nkind = "cpnel"\n[desk]\nkind = "locl"\n',
    )  # fmt: skip
    assert len(rooms) == 4


ALL_KINDS = """[site]
nmae = "x"
languages = ["cz"]
time_zone = "Europe/Praha"
[server]
bind = "8000"
trusted_proxies = ["proxy"]
[panel]
kind = "cpanel"
url = "panel"
user = ""
[network]
resolvers = ["dns.example"]
allow = ["x"]
[mail]
port = "x"
kind = "smpt"
[[component]]
id = "web"
name = "Web"
names = { cz = "Web" }
depends_on = ["wbe"]
[[component]]
id = "Bad Id"
name = 5
[[probe]]
name = "p"
kind = "http"
component = "wb"
target = "x"
intervall = "60s"
status = "x"
interval = 0.2
agree = 3
secrets = { a = { file = "/nope/a" }, b = { env = "NO_SUCH" } }
[[probe]]
name = "job"
kind = "heartbeat"
component = "web"
every = "often"
[[probe]]
kind = "tcp"
component = "web"
target = "x"
[[channel]]
id = "c"
url = "nonsense"
hears = ["x"]
components = ["wbe"]
[[channel]]
id = "c"
url = "json://host.example"
[[department]]
id = "d"
zone = "X/Y"
guaranteed = "never"
[[template]]
id = "t"
text = { xx = "{nope}" }
[mirror]
command = ["x"]
[policy]
actions = { restor = 1 }
"""


def printed_mistakes(
    folder, capsys, monkeypatch, text: str, command=("config", "check"), **env: str
) -> list[str]:
    """What the command line says of a configuration."""
    (folder / "jasno.toml").write_text(text, "utf-8")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert main([*command, "--config", str(folder / "jasno.toml")]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return str(printed.err).splitlines()


@pytest.mark.parametrize("command", [("config", "check"), ("run",), ("probe", "p")])
def test_no_kind_of_mistake_hides_another(tmp_path, capsys, monkeypatch, command):
    lines = printed_mistakes(tmp_path, capsys, monkeypatch, ALL_KINDS, command)
    numbers = [re.match(r"jasno\.toml:(\d+): ", line) for line in lines]
    assert all(numbers), lines
    assert [int(number[1]) for number in numbers if number] == [
        *(2, 3, 4, 6, 7, 8, 10, 11, 13, 14, 16, 17, 21, 22, 24, 25),
        *(29, 30, 31, 32, 33, 34, 35, 35, 40, 41, 44, 47, 48, 49, 51, 55, 56, 59, 59, 61, 63),
    ], lines
    assert not [line for line in lines if "unnamed" in line]


def test_a_mistake_of_the_environment_names_its_variable_among_all_others(
    tmp_path, capsys, monkeypatch
):
    env = {
        "JASNO_PANEL_TOKEN_FILE": "/nope/token",
        "JASNO_SITE_NMAE": "x",
        "JASNO_DESK_KIND": "locl",
        "JASNO_SITE_LANGUAGES": "cz",
        "JASNO_PORT": "http",
    }
    text = '[panel]\nkind = "cpanel"\nurl = "https://a.example"\nuser = "root"\n[mail]\nkind = "smpt"\n'
    lines = printed_mistakes(tmp_path, capsys, monkeypatch, text, **env)
    assert lines[:2] == [
        "JASNO_PANEL_TOKEN_FILE: /nope/token cannot be read: No such file or directory",
        "the environment has JASNO_SITE_NMAE, which is no setting; did you mean JASNO_SITE_NAME?",
    ]
    assert sorted(lines[2:5]) == [
        'JASNO_DESK_KIND: [desk] kind is "locl"; did you mean local? Allowed: local, quiet',
        "JASNO_PORT: \"bind\" in [server] is '127.0.0.1:http'; allowed is address:port",
        'JASNO_SITE_LANGUAGES: [site] languages is "cz"; did you mean cs? Allowed: cs, en',
    ]
    assert lines[5:] == [
        'jasno.toml:6: [mail] kind is "smpt"; did you mean smtp? Allowed: outbox, smtp'
    ]


def test_a_key_of_every_probe_is_the_nearest_name_too(tmp_path):
    (wrong,) = mistakes(tmp_path, SITE + PARTS + probe("tcp", "a.example:80", intervall="60s"))
    assert wrong.startswith(
        'jasno.toml:14: [[probe]] "p": has no key "intervall"; did you mean interval? Allowed'
    )


@pytest.mark.parametrize(
    ("kind", "key", "instead"),
    [
        ("heartbeat", "interval", "; did you mean every?"),
        ("heartbeat", "timeout", "; did you mean grace?"),
        *(("manual", key, "") for key in ("target", "vantages", "agree", "interval")),
        *(("group", key, "") for key in ("target", "fail_after", "recover_after", "timeout")),
    ],
)
def test_a_key_that_means_nothing_to_its_kind_is_warned_of(tmp_path, capsys, kind, key, instead):
    values = {"target": '"x"', "vantages": '["local"]', "interval": '"1d"', "timeout": '"9s"'}
    own = {"group": 'of = ["mail"]\n'}.get(kind, "")
    text = SITE + PARTS + f'[[probe]]\nname = "p"\nkind = "{kind}"\ncomponent = "web"\n{own}'
    config = tmp_path / "jasno.toml"
    config.write_text(f"{text}{key} = {values.get(key, '1')}\n", "utf-8")
    assert main(["config", "check", "--config", str(config)]) == 0
    line = len(text.splitlines()) + 1
    assert capsys.readouterr().err == (
        f'jasno.toml:{line}: [[probe]] "p" {key} means nothing to a {kind} probe{instead}\n'
    )
    config.write_text(text, "utf-8")
    assert main(["config", "check", "--config", str(config)]) == 0
    assert capsys.readouterr().err == ""


def test_what_is_allowed_is_named_once_and_an_empty_text_in_plain_words(tmp_path):
    again = '[[component]]\nid = "mail"\nname = ""\n'
    text = SITE + PARTS + again + probe("manual", "").replace('"web"', '"wed"')
    lines = mistakes(tmp_path, text)
    assert [line for line in lines if line.endswith("; did you mean web? Allowed: mail, web")], (
        lines
    )
    assert [
        line for line in lines if "a text in quotation marks that is not empty belongs here" in line
    ]
