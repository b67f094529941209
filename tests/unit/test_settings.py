"""jasno.toml and the environment: what is accepted, and how a mistake is told."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import get_type_hints
from zoneinfo import available_timezones

import pytest

from hosting.panels import PANELS
from notify.channels import CHANNELS
from settings import SECRETS, SettingsError, load
from settings.example import documented_keys, example, section_type
from settings.near_names import near_name
from settings.reference import reference
from settings.schema import ProbeSection, Settings
from settings.type_words import plain_message
from wiring.kind_words import kind_words

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = (ROOT / "jasno.example.toml").read_text("utf-8")
COMPONENT = '[[component]]\nid = "web1"\nname = "Web"\n'
PROBE = '[[probe]]\nname = "p"\nkind = "http"\ncomponent = "web1"\ntarget = "http://a.example"\n'


def read(tmp_path, text="", env=None):
    if text:
        (tmp_path / "jasno.toml").write_text(text, "utf-8")
    return load(env=env or {}, cwd=tmp_path)


def refused(tmp_path, text="", env=None):
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text, env)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_is_a_configuration_too(tmp_path):
    loaded = read(tmp_path)
    assert loaded.config is None
    assert loaded.database_url == f"sqlite:///{tmp_path}/var/jasno.db"
    assert loaded.bind == ("127.0.0.1", 8000)


def test_a_probe_keeps_the_keys_of_its_kind(tmp_path):
    loaded = read(
        tmp_path, COMPONENT + PROBE + 'interval = "5m"\ntimeout = 3\nstatus = [200, 301]\n'
    )
    (probe,) = loaded.settings.probe
    assert (probe.interval, probe.timeout) == (timedelta(minutes=5), timedelta(seconds=3))
    assert probe.settings == {"status": [200, 301]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[site\n", r"jasno\.toml is not valid TOML: .*line 1"),
        ('[sit]\nname = "x"\n', r'jasno\.toml:1: the top level has no key "sit"; did you mean site\?'),
        ('[site]\nname = "x"\nurll = "http://a"\n', r"jasno\.toml:3: \[site\] has no key \"urll\"; did you mean url\? Allowed: .*status_url"),
        ("[site]\nname = 5\n", r'jasno\.toml:2: "name" in \[site\] is wrong: a text in quotation marks belongs here, not a whole number$'),
        ('[site]\n\nurl = "skyhost.example"\n', r'jasno\.toml:3: "url" in \[site\] is wrong'),
        ("[server]\nworkers = 0\n", r'jasno\.toml:2: "workers" in \[server\] is wrong: a whole number of 1 or more belongs here'),
        ('[server]\nbind = "8000"\n', r'jasno\.toml:2: "bind" in \[server\] is \'8000\'; allowed is address:port'),
        ('[server]\nbind = "[::]:²"\n', r'"bind" in \[server\] is \'\[::\]:²\'; allowed is address:port'),
        (COMPONENT + COMPONENT, r'jasno\.toml:5: \[\[component\]\] "web1" is there twice'),
        (COMPONENT + 'servrs = ["a"]\n', r'jasno\.toml:4: \[\[component\]\] number 1 has no key "servrs"; did you mean servers\?'),
        (COMPONENT + 'policy = "aut"\n', r'jasno\.toml:4: "policy" in \[\[component\]\] number 1 is wrong: .*aut.*; allowed: auto, draft, manual'),
        (COMPONENT + 'depends_on = ["web2"]\n', r'jasno\.toml:4: "web1" cannot depend on "web2"; did you mean web1'),
        ('[[component]]\nname = "x"\n', r'jasno\.toml:1: .*number 1 lacks the key "id"'),
        (COMPONENT + PROBE.replace("web1", "wbe1"), r'jasno\.toml:7: \[\[probe\]\] "p" names the component "wbe1", which is not there; did you mean web1'),
        (COMPONENT + PROBE + PROBE, r'jasno\.toml:10: \[\[probe\]\] "p" is there twice'),
        (COMPONENT + PROBE + 'interval = "fast"\n', r'jasno\.toml:9: "interval" in \[\[probe\]\] number 1 is \'fast\'; allowed is a positive duration'),
        (COMPONENT + PROBE + "interval = 0\n", "positive duration"),
        (COMPONENT + PROBE + "interval = true\n", "positive duration"),
        ('[severity]\n"mail.mx.elsewhere" = "awful"\n', r"jasno\.toml:1: .*awful.*allowed: critical, error"),
        ("[policy]\nactions = { configure = 9 }\n", r"jasno\.toml:2: .*a whole number of at most 3 belongs here"),
        ('[site]\nlanguages = "cs"\n', r'jasno\.toml:2: "languages" in \[site\] is wrong: a list in square brackets belongs here, not a text'),
        (COMPONENT + 'charts = "yes"\n', r'"charts" in .* is wrong: true or false belongs here, not a text'),
        ('[component]\nid = "web1"\n', r"jasno\.toml:1: \[component\] is wrong: write \[\[component\]\], once for each$"),
        ('site = "x"\n', r'jasno\.toml:1: "site" is wrong: a table of keys and values belongs here, not a text'),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_name_place_and_remedy(tmp_path, text, message):
    assert re.search(message, refused(tmp_path, text)), refused(tmp_path, text)


def test_a_key_that_is_there_and_wrong_is_not_said_to_be_lacking(tmp_path):
    text = '[[component]]\nid = "Web server!"\nname = 5\n[[channel]]\nid = "A B"\n'
    allowed = 'allowed are small letters, digits, "-" and "_", at most 63'
    instead = "a text in quotation marks belongs here, not a whole number"
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert str(caught.value).splitlines() == [
        f'jasno.toml:2: "id" in [[component]] number 1 is wrong: {allowed}',
        f'jasno.toml:3: "name" in [[component]] number 1 is wrong: {instead}',
        'jasno.toml:4: [[channel]] number 1 lacks the key "url"',
        f'jasno.toml:5: "id" in [[channel]] number 1 is wrong: {allowed}',
    ]


@pytest.mark.parametrize(
    ("name", "names", "near"),
    [
        ("Mars/Base", available_timezones(), ""),
        ("Europe/Praha", available_timezones(), "Europe/Prague"),
        ("prague", ["Europe/Prague", "UTC"], "Europe/Prague"),
        ("utc", available_timezones(), "UTC"),
        ("cz", ["cs", "en", "sk"], "cs"),
        ("xy", ["cs", "en", "sk"], ""),
        ("password", ["kind", "notify"], ""),
    ],
)
def test_only_a_near_name_is_suggested(name, names, near):
    assert near_name(name, names) == near


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        ("Expected `array`, got `object`", "a list in square brackets belongs here, not a table of keys and values"),
        ("Expected `int | null`, got `str`", "a whole number belongs here, not a text in quotation marks"),
        ("Expected `float` <= 1.0", "a number of at most 1.0 belongs here"),
        ("Expected `str` of length >= 3 - at `$.url`", '"url": a text in quotation marks of 3 or more characters belongs here'),
        ("Expected `str`, got `int` - at `$.secrets[...]`", '"secrets": a text in quotation marks belongs here, not a whole number'),
        ("Invalid enum value 'x'", "Invalid enum value 'x'"),
        ("Expected `Duration`, got `int`", "Expected `Duration`, got `int`"),
    ],
)  # fmt: skip
def test_types_are_told_in_plain_words(message, plain):
    assert plain_message(message) == plain


def test_a_file_that_is_named_must_be_there(tmp_path):
    assert refused(tmp_path, env={"JASNO_CONFIG": "other.toml"}) == (
        "JASNO_CONFIG names other.toml, and there is no such file"
    )
    with pytest.raises(SettingsError, match=r"--config names x\.toml"):
        load("x.toml", env={}, cwd=tmp_path)


def test_a_folder_in_the_place_of_the_file_is_called_one(tmp_path):
    with pytest.raises(SettingsError, match=r"--config names \., and that is a folder"):
        load(".", env={}, cwd=tmp_path)


def test_the_mark_that_editors_write_before_a_text_is_no_mistake(tmp_path):
    assert read(tmp_path, '\ufeff[site]\nname = "Skyhost"\n').settings.site.name == "Skyhost"


def test_a_file_of_rubbish_is_refused(tmp_path):
    (tmp_path / "jasno.toml").write_bytes(b"\xff\xfe\0")
    assert "cannot be read" in refused(tmp_path)


def test_the_environment_wins_and_speaks_toml_for_what_is_not_text(tmp_path):
    env = {
        "JASNO_SITE_NAME": "Nebe",
        "JASNO_SITE_STATUS_URL": "https://status.nebe.example",
        "JASNO_SERVER_WORKERS": "2",
        "JASNO_PROVIDER_NAMESERVERS": "ns1.nebe.example, ns2.nebe.example",
        "JASNO_NETWORK_HOSTS": '{ "a.example" = "127.0.0.1:1" }',
        "JASNO_NETWORK_CLOSED": "true",
        "JASNO_COMPONENT": '[{ id = "web1", name = "Web" }]',
        "JASNO_PORT": "9000",
        "JASNO_VAR": str(tmp_path / "data"),
    }
    loaded = read(tmp_path, '[site]\nname = "Skyhost"\n', env)
    settings = loaded.settings
    assert (settings.site.name, settings.site.status_url) == ("Nebe", "https://status.nebe.example")
    assert (settings.server.workers, settings.network.closed) == (2, True)
    assert settings.provider.nameservers == ("ns1.nebe.example", "ns2.nebe.example")
    assert settings.network.hosts == {"a.example": "127.0.0.1:1"}
    assert (settings.component[0].id, loaded.bind) == ("web1", ("127.0.0.1", 9000))
    assert loaded.var == tmp_path / "data"


@pytest.mark.parametrize(
    ("env", "message"),
    [
        (
            {"JASNO_SITE_NMAE": "x"},
            "JASNO_SITE_NMAE, which is no setting; did you mean JASNO_SITE_NAME",
        ),
        ({"JASNO_SERVER_WORKERS": "many"}, "JASNO_SERVER_WORKERS is not a TOML value: 'many'"),
        ({"JASNO_SERVER_WORKERS": "0"}, 'JASNO_SERVER_WORKERS: "workers"'),
        (
            {"JASNO_PANEL_TOKEN_FILE": "/no/such/file"},
            "JASNO_PANEL_TOKEN_FILE: /no/such/file cannot be read",
        ),
        (
            {"JASNO_SECRET_KEY_FILE": "/dev/null"},
            "JASNO_SECRET_KEY_FILE: /dev/null is empty",
        ),
        ({"JASNO_SITE_NAME_FILE": "/etc/hostname"}, "which is no setting"),
        ({"JASNO_PORT": "http"}, "allowed is address:port"),
        ({"JASNO_PORT": "99999"}, "allowed is address:port"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(tmp_path, env, message):
    assert message in refused(tmp_path, env=env)


def test_a_secret_may_lie_in_a_file(tmp_path):
    (tmp_path / "token").write_text("hunter2\n")
    loaded = read(tmp_path, env={"JASNO_PANEL_TOKEN_FILE": str(tmp_path / "token")})
    assert loaded.settings.panel.token == "hunter2"


@pytest.mark.parametrize(
    "hints",
    ['{ "a.root" = "127.0.0.1:53" }', '["127.0.0.1:53"]', '[["a.root", "127.0.0.1:53"]]'],
)
def test_root_hints_have_three_forms(tmp_path, hints):
    read(tmp_path, f"[network]\nroot_hints = {hints}\n")


# ------------------------------------------------------------------ the example and the reference
def test_the_example_is_a_configuration(tmp_path):
    read(tmp_path, EXAMPLE)


def test_every_default_in_the_example_may_be_switched_on(tmp_path):
    bare = re.sub(r'(?m)^#(?=\[|"|[a-z0-9_]+ = )', "", EXAMPLE).replace(
        'depends_on = ["network"]', ""
    )
    read(tmp_path, bare)


def test_the_example_is_written_from_the_schema():
    assert example(kind_words()) == EXAMPLE, "renew it: python docs/generate.py"


def test_every_key_has_words_and_stands_in_the_example():
    entries = {(entry.section, entry.key): entry.words for entry in documented_keys(kind_words())}
    for name, kind in get_type_hints(Settings, include_extras=True).items():
        section = section_type(kind)
        if section is None:
            assert entries.get((name, "")) or entries.get(("", name)), name
        else:
            keys = set(get_type_hints(section)) - (
                {"settings"} if section is ProbeSection else set()
            )
            assert [key for key in keys if not entries.get((name, key))] == [], name


def test_the_words_of_a_kind_name_each_adapter():
    for section, adapters in (("panel", PANELS), ("mail", CHANNELS)):
        (words,) = [
            e.words
            for e in documented_keys(kind_words())
            if (e.section, e.key) == (section, "kind")
        ]
        assert [kind.name for kind in adapters if f'"{kind.name}"' not in " ".join(words)] == []
    assert "{kinds}" not in EXAMPLE


def test_the_example_shows_each_default_that_it_has_no_other_value_for():
    assert "# Its port.\n#port = 587\n" in EXAMPLE
    assert '# When to give up.\n#timeout = "10s"\n' in EXAMPLE
    assert '# The same for outages.\n#outage_within = "none"\n' in EXAMPLE
    assert '#[severity]\n#"mail.mx.elsewhere" = "notice"\n' in EXAMPLE


def test_a_key_of_a_section_that_may_come_as_a_file_is_a_secret_by_its_type():
    assert {"secret_key", "database.url", "status.ping_key", "vantage.token"} < SECRETS
    assert not {"mail.username", "database", "site.url"} & SECRETS


def test_the_reference_has_each_key_with_its_default_meaning_and_variable():
    rows = reference(kind_words()).splitlines()
    for entry in documented_keys(kind_words()):
        if entry.section and entry.key:
            words = " ".join(entry.words)
            assert any(r.startswith(f"| `{entry.key}`") and f"| {words} |" in r for r in rows), (
                entry
            )
    assert "| `port` | `587` | Its port. | `JASNO_MAIL_PORT` |" in rows
    assert "| `password`* | empty | The password. | `JASNO_MAIL_PASSWORD` |" in rows
    assert any(row.startswith("`secret_key`* (`JASNO_SECRET_KEY`): ") for row in rows)
    assert any(row.startswith("`var` (`JASNO_VAR`): ") for row in rows)
