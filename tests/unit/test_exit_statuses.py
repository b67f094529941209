"""Commands end with 2 when they could not do what was asked, and say why in a line or two."""

from __future__ import annotations

import re

import pytest

from commands.main import main

CONFIG = """[database]
url = "sqlite:///{folder}/jasno.db"
[[component]]
id = "web"
name = "Web"
[[probe]]
name = "job"
kind = "heartbeat"
component = "web"
[network]
closed = true
"""
NEEDS_THE_DATABASE = (
    ("incident", "list"),
    ("maintenance", "list"),
    ("override", "list"),
    ("announce", "list"),
    ("sla",),
    ("sla", "--doubtful"),
    ("token", "list"),
    ("token", "add", "shop"),
    ("subscriber", "list"),
    ("channel", "test", "nothing"),
    ("audit",),
    ("health", "--retry", "1"),
    ("user", "list"),
    ("user", "add", "ben@host.example", "Ben"),
    ("user", "passwd", "ben@host.example"),
    ("heartbeat", "list"),
    ("heartbeat", "token", "job"),
    ("vantage", "list"),
    ("vantage", "token", "brno"),
    ("db", "documents"),
    ("backup", "{folder}/out"),
)
CANNOT_BE_DONE = (
    ("incident", "update", "nothing", "--text", "x"),
    ("incident", "approve", "nothing"),
    ("incident", "open", "--title", "x", "--text", "x", "--on", "nothing=major_outage"),
    ("maintenance", "finish", "nothing"),
    ("override", "set", "nothing", "operational"),
    ("announce", "withdraw", "nothing"),
    ("sla", "2026-13"),
    ("token", "revoke", "nothing"),
    ("token", "add", " "),
    ("subscriber", "remove", "nothing"),
    ("channel", "test", "nothing"),
    ("health", "--retry", "1"),
    ("user", "add", "nobody", "Ben"),
    ("user", "add", "ben@host.example", ""),
    ("user", "passwd", "nobody@host.example"),
    ("user", "remove", "nobody@host.example"),
    ("user", "contact", "nobody@host.example", "A1", "owner"),
    ("heartbeat", "token", "nothing"),
    ("heartbeat", "drop", "job"),
    ("vantage", "token", "bad name"),
    ("vantage", "token", ""),
    ("vantage", "drop", "nothing"),
    ("vantage",),
    ("probe", "nothing"),
    ("publish", "{folder}/out"),
    ("engine", "--roles", "x"),
    ("kb", "check", "--articles", "{folder}/nothing"),
    ("kb", "search", "mail", "--articles", "{folder}/nothing"),
    ("judge", "{folder}/nothing"),
    ("explain", "{folder}/nothing"),
    ("instructions", "{folder}/nothing", "--domain", "shop.example"),
    ("import", "gatus", "{folder}/nothing"),
    ("restore", "{folder}/nothing"),
    ("backup", "{folder}/nothing/out"),
    ("spf", "1.2.3", "a@shop.example", "mx.shop.example"),
    ("registration", "no domain"),
    ("diagnose", "no domain"),
    ("diagnose", "shop.example", "--symptom", "nothing"),
    ("diagnose", "shop.example"),  # the network is closed
    ("registries", "--refresh"),
    ("incident", "list", "--zone", "X/Y"),
)

# Their words go to the standard error of when they were imported; other tests read them.
OTHER_STREAMS = ("diagnose", "registration", "explain", "spf")


@pytest.fixture
def run(tmp_path):
    config = tmp_path / "jasno.toml"
    config.write_text(f'var = "{tmp_path}/var"\n' + CONFIG.format(folder=tmp_path))

    def run(argv):
        return main([*(text.format(folder=tmp_path) for text in argv), "--config", str(config)])

    return run


def is_plain(text: str) -> bool:
    return bool(text.strip()) and "Traceback" not in text and not re.search(r"\bErrno\b", text)


@pytest.mark.parametrize(
    "argv",
    [("judge",), ("instructions", "--domain", "shop.example"), ("import", "gatus")],
    ids=" ".join,
)
def test_a_file_that_cannot_be_read_is_told_in_the_same_words_everywhere(
    run, capsys, argv, tmp_path
):
    assert run((*argv, "{folder}/nothing")) == 2
    assert (
        capsys.readouterr().err == f"{tmp_path}/nothing cannot be read: No such file or directory\n"
    )


def test_a_configuration_of_one_service_has_one(run, capsys):
    assert run(("config", "check")) == 0
    assert " components: 1, probes: 1, articles: " in capsys.readouterr().out


@pytest.mark.parametrize("argv", NEEDS_THE_DATABASE, ids=" ".join)
def test_without_a_database_nothing_that_needs_it_can_be_done(run, capsys, argv):
    assert run(argv) == 2
    printed = capsys.readouterr()
    assert (printed.out, is_plain(printed.err)) == ("", True), printed.err
    assert "Password" not in printed.err


@pytest.mark.parametrize("argv", CANNOT_BE_DONE, ids=" ".join)
def test_what_cannot_be_done_ends_with_two_and_says_why(run, capsys, argv):
    assert run(("db", "upgrade")) == 0
    capsys.readouterr()
    assert run(argv) == 2
    if argv[0] not in OTHER_STREAMS:
        assert is_plain(capsys.readouterr().err)


@pytest.mark.parametrize(
    "argv", [argv for argv in (*NEEDS_THE_DATABASE, *CANNOT_BE_DONE) if argv[0] != "explain"],
    ids=" ".join,
)  # fmt: skip
def test_a_configuration_that_is_not_there_is_told(tmp_path, capsys, argv):
    missing = str(tmp_path / "no.toml")
    assert main([*argv, "--config", missing]) == 2
    assert capsys.readouterr().err


def test_one_is_not_counted_as_several(tmp_path, capsys):
    (tmp_path / "topic").mkdir()
    (tmp_path / "topic" / "en.md").write_text("no front matter")
    assert main(["kb", "check", "--articles", str(tmp_path)]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "problems: 1; articles: 0"
    (tmp_path / "topic" / "en.md").write_text(
        "---\ntitle: Mail\nlang: en\ntopic: topic\nfindings: []\n---\nA.\n"
    )
    assert main(["kb", "check", "--articles", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "all is well; articles: 1, topics: 1\n"


@pytest.mark.parametrize(
    "command", ["run", "web", "engine", "diagnose", "incident", "sla", "user", "health", "spf"]
)
def test_a_wrong_option_is_two(command):
    with pytest.raises(SystemExit) as ended:
        main([command, "--no-such-option"])
    assert ended.value.code == 2
