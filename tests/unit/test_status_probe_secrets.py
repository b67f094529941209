"""Secrets of probes: from the settings, the environment or a file, and told by name when missing."""

from __future__ import annotations

import msgspec
import pytest

from commands.main import main
from settings import SettingsError, load
from status.probing.configuration import configured_probes

CONFIG = """
[[component]]
id = "shop"
name = "Shop"
[[probe]]
name = "orders"
kind = "http"
component = "shop"
target = "https://shop.example/"
secrets = {secrets}
steps = [{{ form = {{ password = "{{password}}" }} }}]
[[probe]]
name = "wrong"
kind = "http"
component = "shop"
target = "{target}"
"""


def probes(tmp_path, secrets, target="https://shop.example/"):
    (tmp_path / "jasno.toml").write_text(CONFIG.format(secrets=secrets, target=target))
    return configured_probes(load(env={}, cwd=tmp_path).settings)


def test_a_secret_comes_from_a_file_a_variable_or_the_settings(tmp_path, monkeypatch):
    place = tmp_path / "password"
    place.write_text("from a file\n")
    monkeypatch.setenv("SHOP_PASSWORD", "from a variable")
    for given, value in (
        (f'{{ file = "{place}" }}', "from a file"),
        ('{ env = "SHOP_PASSWORD" }', "from a variable"),
        ('"as it is"', "as it is"),
    ):
        orders, _ = probes(tmp_path, f"{{ password = {given} }}")
        assert orders.settings["secrets"] == {"password": value}
        assert msgspec.json.decode(msgspec.json.encode(orders.settings))["secrets"] == {
            "password": value
        }


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ('{ file = "/nowhere/password" }', "/nowhere/password cannot be read"),
        ('{ env = "NO_SUCH_VARIABLE_HERE" }', "the environment has no NO_SUCH_VARIABLE_HERE"),
        ('{ fiel = "/a" }', 'is neither text, { env = "NAME" } nor { file = "/path" }'),
        ('{ env = "A", file = "/a" }', "is neither text"),
        ("[]", "a text in quotation marks belongs here, not a list in square brackets"),
        ('""', "secrets password: empty"),
    ],
)
def test_a_secret_that_is_not_there_is_told_with_the_other_mistakes(tmp_path, given, fault):
    with pytest.raises(SettingsError) as refused:
        probes(tmp_path, f"{{ password = {given} }}", target="ftp://shop.example/")
    assert fault in str(refused.value)
    assert '[[probe]] "orders"' in str(refused.value)
    assert '[[probe]] "wrong"' in str(refused.value)


@pytest.mark.parametrize(
    ("secrets", "target", "complaint"),
    [
        ('{ password = "" }', "https://shop.example/", "secrets password: empty"),
        (
            '{ token = { file = "/nowhere/at_all" } }',
            "https://shop.example/",
            "secrets token: /nowhere/at_all cannot be read: No such file",
        ),
        (
            '{ password = "long enough" }',
            "https://shop.example:s3cret@x/",
            "a target is published, so no user name or password may stand before its host",
        ),
    ],
)
def test_complaints_about_secrets_are_printed_whole(tmp_path, capsys, secrets, target, complaint):
    (tmp_path / "jasno.toml").write_text(CONFIG.format(secrets=secrets, target=target))
    assert main(["config", "check", "--config", str(tmp_path / "jasno.toml")]) == 2
    printed = capsys.readouterr().err
    assert complaint in printed
    assert "s3cret" not in printed


def test_a_wrong_source_of_a_value_named_token_is_printed_whole(tmp_path, capsys):
    text = CONFIG.format(secrets='{ password = "long enough" }', target="https://shop.example/")
    steps = 'steps = [{ save = { token = "jsn x" } }, '
    (tmp_path / "jasno.toml").write_text(text.replace("steps = [", steps))
    assert main(["config", "check", "--config", str(tmp_path / "jasno.toml")]) == 2
    assert "save token: 'jsn x' is no source such as \"json data.token\"" in capsys.readouterr().err
