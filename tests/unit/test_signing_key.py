"""The key that signs links and forms: made once, whole or not at all, and never believed short."""

from __future__ import annotations

import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands.main import main
from commands.processes import checked_rooms
from context import context
from settings import SettingsError, load, restore_secret_key, secret_key
from wiring.rooms import build

ROOT = Path(__file__).resolve().parent.parent.parent
ROUNDS = 40
ASK_TOGETHER = f"""
import sys, time
from pathlib import Path
from settings import load, secret_key
places = [load(env={{}}, cwd=Path(sys.argv[1]) / str(n)) for n in range(2 * {ROUNDS})]
def without_hard_links(event, args):
    if event == "os.link":
        raise PermissionError(1, "this folder knows no hard links")
start = float(sys.argv[2])
for number, loaded in enumerate(places):
    if number == {ROUNDS}:
        sys.addaudithook(without_hard_links)
    while time.time() < start + number * 0.01:
        pass
    print(secret_key(loaded).decode(), flush=True)
"""
ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from settings import SettingsError, load, secret_key
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
try:
    secret_key(load(env={}, cwd=Path(sys.argv[1])))
except SettingsError:
    sys.exit(3)
"""


def read(tmp_path, **env):
    return load(env=env, cwd=tmp_path)


def rooms(loaded):
    return build(context(loaded))


def python(code, *args):
    return subprocess.Popen(
        [sys.executable, "-c", code, *args], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_it_is_made_once_and_for_us_alone(tmp_path):
    key = secret_key(read(tmp_path))
    assert len(key) == 64
    assert secret_key(read(tmp_path)) == key
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret_key"]
    assert secret_key(read(tmp_path, JASNO_SECRET_KEY="mine" * 8)) == b"mine" * 8


def test_processes_that_start_at_once_get_the_same_whole_key_with_and_without_hard_links(tmp_path):
    start = str(time.time() + 2)
    askers = [python(ASK_TOGETHER, str(tmp_path), start) for _ in range(4)]
    answers = [asker.communicate(timeout=60)[0].split() for asker in askers]
    assert all(len(keys) == 2 * ROUNDS for keys in answers)
    assert {len(key) for keys in answers for key in keys} == {64}
    for keys in zip(*answers, strict=True):
        assert len(set(keys)) == 1


def test_a_full_disk_leaves_no_key_behind(tmp_path):
    asker = python(ON_A_FULL_DISK, str(tmp_path))
    asker.communicate(timeout=60)
    assert asker.returncode == 3
    assert list((tmp_path / "var").iterdir()) == []
    assert len(secret_key(read(tmp_path))) == 64


@pytest.mark.parametrize("text", ["", "\n", "a" * 31, "a" * 31 + "\n", "é" * 40])
def test_a_key_that_is_too_short_or_no_text_is_refused_before_anything_starts(tmp_path, text):
    loaded = read(tmp_path)
    loaded.var.mkdir()
    (loaded.var / "secret_key").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="secret key"):
        secret_key(loaded)
    with pytest.raises(SettingsError, match="secret key"):
        checked_rooms(loaded)
    (loaded.var / "secret_key").write_text("a" * 32, "utf-8")
    assert secret_key(loaded) == b"a" * 32


def test_it_is_there_before_other_processes_start(tmp_path):
    loaded = read(tmp_path)
    checked_rooms(loaded).close()
    assert len((loaded.var / "secret_key").read_text()) == 64


def test_a_blank_key_in_the_settings_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="blank"):
        secret_key(read(tmp_path, JASNO_SECRET_KEY="  "))


@pytest.mark.parametrize("key", ["abc", "a" * 31, "abc" + 40 * " ", "\u010d" * 15])
def test_a_short_key_in_the_settings_is_refused_by_the_start_and_the_check_alike(tmp_path, key):
    loaded = read(tmp_path, JASNO_SECRET_KEY=key)
    readings = (
        lambda: secret_key(loaded),
        lambda: checked_rooms(loaded),
        lambda: rooms(loaded).check(),
    )
    for ask in readings:
        with pytest.raises(SettingsError, match=r'"secret_key" has .* bytes, fewer than 32'):
            ask()
    assert secret_key(read(tmp_path, JASNO_SECRET_KEY="\u010d" * 16)) == ("\u010d" * 16).encode()


def test_config_check_says_what_the_start_would_and_makes_no_key(tmp_path, capsys):
    config = tmp_path / "jasno.toml"
    config.write_text(f'var = "{tmp_path}/var"\n')
    assert main(["config", "check", "--config", str(config)]) == 0
    assert not (tmp_path / "var").exists()
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret_key").write_text("short")
    assert main(["config", "check", "--config", str(config)]) == 2
    assert "has 5 bytes, fewer than 32" in capsys.readouterr().err
    config.write_text('secret_key = "abc"\n')
    assert main(["config", "check", "--config", str(config)]) == 2
    assert capsys.readouterr().err.startswith(
        'jasno.toml:1: "secret_key" has 3 bytes, fewer than 32: anybody'
    )


@pytest.mark.parametrize("check", [secret_key, lambda loaded: rooms(loaded).check()])
def test_a_folder_that_cannot_hold_the_key_is_told_by_the_start_and_the_check_alike(
    tmp_path, check
):
    (tmp_path / "file").write_text("in the way")
    loaded = read(tmp_path, JASNO_VAR=str(tmp_path / "file" / "var"))
    with pytest.raises(
        SettingsError, match=r"the secret key .*/file/var/secret_key cannot be made"
    ):
        check(loaded)


def test_a_backup_gives_its_key_back_unless_it_is_too_short(tmp_path):
    loaded = read(tmp_path)
    secret_key(loaded)
    assert not restore_secret_key(loaded, "a" * 31)
    assert restore_secret_key(loaded, "a" * 64)
    assert secret_key(loaded) == b"a" * 64
    assert stat.S_IMODE((loaded.var / "secret_key").stat().st_mode) == 0o600
