"""A Gatus' YAML as components and probes that our own settings take, and what is left to do."""

from __future__ import annotations

import json

import pytest

from commands.main import main
from importers.configuration import identifier, to_toml
from importers.gatus import endpoints as gatus
from importers.source import UnreadableSource
from settings import load
from status.probing.configuration import configured_probes
from status.probing.kinds import check

YAML = """
ui: {title: "Our services"}
alerting: {slack: {webhook-url: "${SLACK}"}}
endpoints:
  - name: Website
    group: Web
    url: "https://www.hosting.example/health"
    interval: 1m30s
    headers: {Accept: application/json}
    client: {insecure: true, timeout: 5s, dns-resolver: "udp://192.0.2.1:53"}
    alerts: [{type: slack, failure-threshold: 5, success-threshold: 3}]
    conditions:
      - "[STATUS] == any(200, 204)"
      - "[RESPONSE_TIME] < 500"
      - "[BODY].status == UP"
      - "len([BODY].nodes) > 2"
      - "has([BODY].errors) == false"
      - "[CERTIFICATE_EXPIRATION] > 50h"
      - "[DOMAIN_EXPIRATION] > 720h"
      - "[BODY].a == [BODY].b"
  - name: Website
    group: Web
    url: http://www.hosting.example/
    client: {ignore-redirect: true}
    conditions: ["[BODY] == pat(*welcome*)", "[BODY] != pat(*stack trace*)"]
  - name: "Name server"
    url: "192.0.2.53"
    dns: {query-name: "hosting.example.", query-type: MX}
    conditions: ["[DNS_RCODE] == NOERROR", "[BODY] == mx1.hosting.example.", "[BODY] == any(mx1, mx2)"]
  - {name: Mail, url: "starttls://mail.hosting.example:587", conditions: ["[CONNECTED] == true"]}
  - {name: Base, url: "tcp://db.hosting.example:5432", interval: 24h, conditions: []}
  - {name: Edge, url: "icmp://edge.hosting.example", conditions: ["[IP] == 192.0.2.1"]}
  - {name: Chat, url: "wss://chat.hosting.example/", conditions: ["[CONNECTED] == true"]}
  - {name: Old, url: "http://old.hosting.example/", enabled: false}
external-endpoints:
  - {name: Nightly backup, group: Jobs, token: secret, heartbeat: {interval: 25h}}
  - {name: Žluťoučký kůň, token: secret}
suites: [{name: shop, endpoints: []}]
"""


LAUGHS = "a0: &a0 x\n" + "\n".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]" for n in range(1, 10))
MERGES = "a0: &a0 {k: v}\n" + "\n".join(
    f"a{n}: &a{n} {{<<: [{f'*a{n - 1}, ' * 9}]}}" for n in range(1, 10)
)


@pytest.fixture(scope="module")
def brought():
    return gatus.read({"gatus.yaml": YAML})


def test_probes_that_our_settings_take(brought, tmp_path):
    (tmp_path / "jasno.toml").write_text(to_toml(brought, "Gatus"))
    loaded = load(env={}, cwd=tmp_path).settings
    probes = {p.name: p for p in configured_probes(loaded)}
    assert [(c.id, c.group) for c in loaded.component][:2] == [
        ("web-website", "Web"), ("web-website-2", "Web"),
    ]  # fmt: skip
    kinds_and_targets = {name: (p.kind, p.target) for name, p in probes.items()}
    assert kinds_and_targets == {
        "web-website": ("http", "https://www.hosting.example/health"),
        "web-website-2": ("http", "http://www.hosting.example/"),
        "name-server": ("dns", "hosting.example"),
        "mail": ("smtp", "mail.hosting.example:587"),
        "base": ("tcp", "db.hosting.example:5432"),
        "edge": ("ping", "edge.hosting.example"),
        "jobs-nightly-backup": ("heartbeat", ""),
        "zlutoucky-kun": ("manual", ""),
    }
    site = probes["web-website"]
    assert (site.interval.total_seconds(), site.timeout.total_seconds()) == (90, 5)
    assert (site.fail_after, site.recover_after) == (5, 3)
    assert site.settings == {
        "headers": {"Accept": "application/json"},
        "follow": True,
        "trust": False,
        "status": [200, 204],
        "slow_after": 0.5,
        "json": ['status == "UP"', "len(nodes) > 2"],
        "certificate_days_down": 3,
    }
    assert probes["web-website-2"].settings == {
        "follow": False, "contains": "welcome", "lacks": "stack trace", "status": ["100-599"],
    }  # fmt: skip
    assert probes["name-server"].settings == {
        "type": "MX", "server": "192.0.2.53", "expect": ["mx1.hosting.example."],
    }  # fmt: skip
    assert probes["base"].interval.days == 1
    assert probes["jobs-nightly-backup"].settings == {"every": "25h"}


def test_what_could_not_be_brought_is_told(brought):
    assert [str(leftover) for leftover in brought.leftovers] == [
        "gatus.yaml: alerting: operators hear by [[channel]] (docs/notify.md)",
        "gatus.yaml: suites: steps that carry values on are not brought",
        "gatus.yaml: ui: name and brand stand in [site]",
        "gatus.yaml: endpoints 1, Web/Website: client.dns-resolver is not read",
        "gatus.yaml: endpoints 1, Web/Website: has([BODY].errors) == false: has no match here",
        'gatus.yaml: endpoints 1, Web/Website: [DOMAIN_EXPIRATION] > 720h: a domain has a probe of its own here: kind = "domain", days_down = …',
        "gatus.yaml: endpoints 1, Web/Website: [BODY].a == [BODY].b: compares two values, or many at once",
        "gatus.yaml: endpoints 1, Web/Website: slower is degraded here, where Gatus has it down",
        "gatus.yaml: endpoints 3, Name server: [BODY] == any(mx1, mx2): any of several values: here all that are named must be there",
        "gatus.yaml: endpoints 6, Edge: [IP] == 192.0.2.1: has no match here",
        "gatus.yaml: endpoints 7, Chat: not brought: url: nothing here looks at wss://",
        "gatus.yaml: endpoints 8, Old: not brought: enabled: it is switched off",
        "gatus.yaml: external-endpoints 1, Jobs/Nightly backup: give the job its new address: app.py heartbeat token NAME",
        "gatus.yaml: external-endpoints 2, Žluťoučký kůň: its word is sent with app.py heartbeat say, or by the API",
    ]


@pytest.mark.parametrize(
    ("condition", "settings"),
    [
        ("[STATUS] == 200", {"status": [200]}),
        ("[STATUS] < 300", {"status": ["100-299"]}),
        ("[STATUS] >= 500", {"status": ["500-599"]}),
        ("[STATUS] != 404", {"status": ["100-403", "405-599"]}),
        ("[BODY] == pong", {"matches": r"\A\s*pong\s*\Z"}),
        ("[BODY] == pat(v?.*)", {"matches": r"\Av[\s\S]\.[\s\S]*\Z"}),
        ("[BODY].name == pat(john*)", {"json": [r"name ~ (?s)^john[\s\S]*$"]}),
        ("[BODY].id == any(1, 2)", {"json": ["id ~ ^(?:1|2)$"]}),
        ("[BODY].data[0].id == 1", {"json": ["data[0].id == 1"]}),
        ("[BODY][0].id == 1", {"json": ["[0].id == 1"]}),
        ('[BODY].say == he said "so"', {"json": [r'say == "he said \"so\""']}),
        ("has([BODY].data) == true", {"json": ["data"]}),
        ("[CERTIFICATE_EXPIRATION] > 48h", {"certificate_days_down": 2}),
        ("[STATUS] == zweihundert", {}),
        ("nonsense", {}),
    ],
)
def test_each_condition(condition, settings):
    endpoint = {"name": "a", "url": "https://a.example/", "conditions": [condition]}
    (probe,) = gatus.read({"gatus.yaml": f"endpoints: [{json.dumps(endpoint)}]"}).probes
    check(probe.kind, {k: v for k, v in probe.values.items() if k != "interval"})
    if "status" not in settings:
        settings = {**settings, "status": ["100-599"]}
    assert probe.values == {"follow": True, **settings}


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "no keys"), ("- a", "no keys"), ("a: [", "no YAML"), ("a: 1", "no endpoints"),
     ("[" * 3000, "no YAML"), ("endpoints: []", "no endpoints"), ("a: &a [*a]", "aliases"),
     ("a: " + "x" * 5_000_000, "longer than 5 MB"), (LAUGHS, "more than 500000 values"), (MERGES, "more than 500000 values")],
)  # fmt: skip
def test_what_is_no_configuration_of_gatus(text, reason):
    with pytest.raises(UnreadableSource, match=reason):
        gatus.read({"gatus.yaml": text})


def test_odd_endpoints_are_told_and_never_end_it():
    odd = [
        {}, {"name": "a"}, {"name": "b", "url": 7}, {"name": "c", "url": "http://c/", "interval": "x"},
        {"name": "d", "url": "http://d/", "conditions": 7, "client": 7, "alerts": 7, "headers": 7},
        {"name": "\x7f\x00", "url": "http://[bad/", "dns": 7},
    ]  # fmt: skip
    result = gatus.read({"gatus.yaml": f"endpoints: {json.dumps(odd)}"})
    assert [p.name for p in result.probes] == ["d"]
    assert [str(leftover) for leftover in result.leftovers] == [
        "gatus.yaml: endpoints 1: not brought: it has no name",
        "gatus.yaml: endpoints 2, a: not brought: url: nothing here looks at an address like://",
        "gatus.yaml: endpoints 3, b: not brought: url: nothing here looks at an address like://",
        'gatus.yaml: endpoints 4, c: not brought: interval: "x" is no duration',
        "gatus.yaml: endpoints 5, d: headers: not brought, it is without keys",
        "gatus.yaml: endpoints 5, d: client: not brought, it is without keys",
        "gatus.yaml: endpoints 5, d: conditions: not brought, it is no list",
        "gatus.yaml: endpoints 5, d: alerts: not brought, it is no list",
        r"gatus.yaml: endpoints 6, \x7f: not brought: url: 'http://[bad/' is no address",
    ]


def test_what_is_no_entry_is_told():
    result = gatus.read(
        {
            "a.yaml": "endpoints: 7",
            "b.yaml": "endpoints: [7, {name: a, url: 'tcp://a.example:1'}, x]",
        }
    )
    assert [p.name for p in result.probes] == ["a"]
    assert [str(leftover) for leftover in result.leftovers] == [
        "a.yaml: endpoints: not brought: it is no list",
        "b.yaml: endpoints 1: not brought: it has no keys",
        "b.yaml: endpoints 3: not brought: it has no keys",
    ]


def test_a_key_that_is_none_of_gatus_is_told():
    text = "endpoint: []\nendpoints: [{name: a, url: 'tcp://a.example:1', conditons: ['[CONNECTED] == true']}]"
    result = gatus.read({"a.yaml": text})
    assert [str(leftover) for leftover in result.leftovers] == [
        "a.yaml: endpoint: not brought: it is no key of Gatus",
        "a.yaml: endpoints 1, a: conditons: not brought, it is no key of Gatus",
    ]


def test_one_file_that_is_none_of_gatus_is_named(tmp_path, capsys):
    (tmp_path / "a.yaml").write_text(YAML)
    for text, reason in (("a: [", "this is no YAML"), ("error: Not found", "no endpoints in it")):
        (tmp_path / "b.yaml").write_text(text)
        assert main(["import", "gatus", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"{tmp_path / 'b.yaml'}: ")
        assert reason in err


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        (
            {"name": "\u202e", "url": "http://a.example/"},
            "its name is made of characters that nobody sees",
        ),
        ({"name": "a", "url": "http://*.a.example/"}, '"*.a.example" stands for many hosts'),
        ({"name": "a", "url": "tcp://a.example"}, "needs a port, such as a.example:443"),
        (
            {"name": "a", "url": "http://a.example/", "interval": "10ms"},
            "interval is shorter than 1s",
        ),
        ({"name": "a", "url": "http://a.example/" + "x" * 3000}, "at most 2000 characters"),
        (
            {"name": "a", "url": "https://u:p@a.example/"},
            "no user name or password may stand before",
        ),
    ],
)
def test_what_the_configuration_would_refuse_is_not_brought(endpoint, reason):
    result = gatus.read({"gatus.yaml": f"endpoints: [{json.dumps(endpoint)}]"})
    assert not result.probes
    assert reason in str(result.leftovers[0])


def test_conditions_of_one_kind_agree_or_are_told():
    conditions = [
        "[STATUS] >= 200", "[STATUS] < 300", "[STATUS] == 404", "[RESPONSE_TIME] < 500",
        "[RESPONSE_TIME] < 300", "[CERTIFICATE_EXPIRATION] > 48h", "[CERTIFICATE_EXPIRATION] > 72h",
    ]  # fmt: skip
    endpoint = {"name": "a", "url": "https://a.example/", "conditions": conditions}
    result = gatus.read({"gatus.yaml": f"endpoints: [{json.dumps(endpoint)}]"})
    assert result.probes[0].values == {
        "follow": True, "status": ["200-299"], "slow_after": 0.5, "certificate_days_down": 2,
    }  # fmt: skip
    assert [leftover.text for leftover in result.leftovers] == [
        "[STATUS] == 404: no status is left by it and the conditions before it",
        "[RESPONSE_TIME] < 300: `slow_after` is taken by another condition",
        "[CERTIFICATE_EXPIRATION] > 72h: `certificate_days_down` is taken by another condition",
        "slower is degraded here, where Gatus has it down",
    ]


def test_ids_are_unlike():
    assert identifier("Web / Mail", ()) == "web-mail"
    assert identifier("Web / Mail", ("web-mail", "web-mail-2")) == "web-mail-3"
    assert identifier("日本", ()) == "service"
    assert len(identifier("x" * 500, ("x" * 59,))) <= 63


def test_the_command_prints_the_configuration_and_tells_the_rest(tmp_path, capsys):
    (tmp_path / "gatus.yaml").write_text(YAML)
    assert main(["import", "gatus", str(tmp_path / "gatus.yaml")]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("# Brought from Gatus.")
    assert "probes brought: 8; to look at: 14" in err
    assert main(["import", "gatus", str(tmp_path / "none.yaml")]) == 2
