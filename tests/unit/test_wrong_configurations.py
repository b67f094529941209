"""What could only go wrong in public is refused when the configuration is read, all of it at once."""

from __future__ import annotations

import json

import pytest

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
        ('[network]\nca_bundle = "/nope/ca.pem"\n', "[network] ca_bundle cannot be read"),
        ('[network]\ndnsbl = ["not a name!"]\n', '"not a name!" is no host'),
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
        f"jasno.toml:{n}:" for n in (2, 7, 3, 5, 8, 13)
    ]
    values = mistakes(tmp_path, SITE + PARTS + '[mail]\nsender = ""\n[status]\nremind_to = ["x"]\n')
    assert len(values) == 2
    rooms = mistakes(
        tmp_path,
        SITE + PARTS + probe("http", "x") + probe("dns", "a.example", type="XX").replace('"p"', '"q"')
        + '[panel]\nkind = "cpnel"\n[desk]\nkind = "locl"\n',
    )  # fmt: skip
    assert len(rooms) == 4
