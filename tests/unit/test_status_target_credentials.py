"""No password stands in a target, which is published; what only looks like one may."""

import pytest

from commands.main import main
from settings import SettingsError
from status.probing.configuration import CREDENTIALS_IN_TARGET, checked_probe
from tests.status_fixtures import probe


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("http", "http://user:s3cret@shop.example/"),
        ("http", "https://user:s3@cret@shop.example:8443/a"),
        ("http", "https://s3cret@shop.example"),
        ("http", "HTTP://user:s3cret@shop.example?x=1"),
        ("http", " https:\\\\user:s3cret@shop.example/"),
        ("tcp", "user:s3cret@shop.example:25"),
        ("imap", "mara:s3cret@mail.example:993"),
    ],
)
def test_a_password_in_a_target_stops_the_start_and_is_not_repeated(kind, target):
    with pytest.raises(SettingsError, match="no user name or password") as refusal:
        checked_probe(probe("shop", kind=kind, target=target))
    assert "s3" not in str(refusal.value)


@pytest.mark.parametrize(
    "target",
    [
        "https://shop.example/@mara",
        "https://shop.example?mail=mara@shop.example",
        "https://shop.example/#a@b",
    ],
)
def test_an_at_sign_behind_the_host_is_no_password(target):
    assert checked_probe(probe("shop", target=target)).target == target


def test_the_refusal_reaches_the_terminal_whole(tmp_path, capsys):
    config = tmp_path / "jasno.toml"
    config.write_text(
        '[[component]]\nid = "web"\nname = "Web"\n[[probe]]\nname = "shop"\nkind = "http"\n'
        'component = "web"\ntarget = "http://user:s3cret@shop.example/"\n'
    )
    assert main(["config", "check", "--config", str(config)]) == 2
    assert capsys.readouterr().err == (
        f'jasno.toml:8: [[probe]] "shop": target: {CREDENTIALS_IN_TARGET}\n'
    )
