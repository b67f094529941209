"""The shipped systemd units and the command beside them, as systemd and a shell read them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands.main import parser
from exit_status import CANNOT
from tests.front_server import DEPLOY, unit
from tests.process_fixtures import APP, ROOT, environment
from wiring.engine import parse_roles

UNITS = ("jasno.service", "jasno-web.service", "jasno-engine@.service")
ROLES = "diagnose,deliver"


def systemd(not_run, name: str) -> str:
    program = shutil.which(name)
    if not program:
        not_run("the units", f"systemd's {name}")
    return program or ""


def output_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_systemd_finds_nothing_wrong(not_run, tmp_path):
    program = systemd(not_run, "systemd-analyze")
    for name in UNITS:
        text = (DEPLOY / name).read_text("utf-8")
        text = text.replace("/opt/jasno/.venv/bin/python", sys.executable)
        (tmp_path / name).write_text(text.replace("/opt/jasno", str(ROOT)))
    units = [str(tmp_path / name.replace("@", "@watch")) for name in UNITS]
    checked = subprocess.run(
        [program, "verify", *units], capture_output=True, text=True, check=False
    )
    ours = [line for line in checked.stderr.splitlines() if "jasno" in line]
    assert (checked.returncode, ours) == (0, [])


def test_an_engine_of_two_roles_gets_both_names(not_run):
    program = systemd(not_run, "systemd-escape")
    escaped = output_of(program, ROLES)
    plain = output_of(program, "--unescape", escaped)
    assert escaped != ROLES  # systemd writes commas otherwise
    start = unit("jasno-engine@.service")["ExecStart"]
    words = start.replace("%i", escaped).replace("%I", plain).split()
    assert parse_roles(words[-1]) == parse_roles(ROLES)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_a_command_that_exists(name):
    words = unit(name)["ExecStart"].split()
    args = parser().parse_args(words[2:])
    assert args.command in {"run", "web", "engine"}
    assert Path(words[1]).name == "app.py"


def test_the_units_differ_in_what_they_start_alone():
    sections = [unit(name) for name in UNITS]
    for section in sections:
        del section["ExecStart"]
    assert sections[0] == sections[1] == sections[2]


def test_the_command_runs_with_the_units_environment(tmp_path):
    """The configuration of the units, from a shell that does not know it; its mistake is named."""
    config = tmp_path / "jasno.toml"
    config.write_text('[site]\nnaem = "Skyhost"\n')
    text = (DEPLOY / "environment").read_text("utf-8")
    text = text.replace("/etc/jasno/jasno.toml", str(config))
    (tmp_path / "environment").write_text(text.replace("/var/lib/jasno", str(tmp_path / "var")))
    script = (DEPLOY / "jasno").read_text("utf-8")
    script = script.replace("/opt/jasno/.venv/bin/python", sys.executable)
    script = script.replace("/opt/jasno", str(ROOT)).replace(
        "= jasno ]", f"= {output_of('id', '-un')} ]"
    )
    (tmp_path / "jasno").write_text(script.replace("/etc/jasno", str(tmp_path)))
    checked = subprocess.run(
        ["sh", str(tmp_path / "jasno"), "config", "check"],
        cwd="/", env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == CANNOT
    assert checked.stderr.startswith("jasno.toml:2: [site] has no key")


def test_what_breaks_is_started_again_and_what_cannot_start_is_not(tmp_path):
    (tmp_path / "jasno.toml").write_text('[site]\nname = "Skyhost"\n')
    env = environment(tmp_path / "var", JASNO_CONFIG=str(tmp_path / "jasno.toml"))

    limited = ["sh", "-c", f"ulimit -n 8; {sys.executable} {APP} engine"]
    broken = subprocess.run(limited, env=env, capture_output=True, check=False)
    assert int(unit()["RestartPreventExitStatus"]) == CANNOT
    assert broken.returncode not in {0, CANNOT}
