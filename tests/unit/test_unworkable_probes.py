"""Probes that cannot work where they look from: an operator's fault, never a customer's outage."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from clock import ManualClock, SystemClock
from context import context
from engine import heartbeat_file, readiness
from settings import load
from status.model import Grade, Observation, Signal
from status.monitoring.metrics import MetricsExposition
from status.probing.cli import probe_all
from status.probing.configuration import named_by_no_probe
from status.probing.observe import ProbeResult, cannot_work, run_probe
from status.probing.probe_kind import InternalFacts, PushedSignal
from tests.observe_servers import issue, net, server_context, tcp
from tests.process_fixtures import free_port
from tests.status_fixtures import AT, probe
from wiring.rooms import build


def closed_port(**more):
    target = f"127.0.0.1:{free_port()}"
    return probe("web-tcp", kind="tcp", target=target, timeout=timedelta(seconds=2), **more)


async def idle(reader, writer):
    await reader.read()


async def test_a_bundle_that_is_gone_blames_nobody(tmp_path):
    bundle = tmp_path / "ca.pem"
    broken = net(ca_bundle=str(bundle))
    leaf = issue("shop.example", names=["localhost"], start=SystemClock().now())
    async with tcp(idle, tls=server_context(tmp_path, leaf)) as port:
        target = f"localhost:{port}"
        gone = await run_probe(broken, probe("cert", kind="tls", target=target), AT)
    assert gone.observation.signal.grade is Grade.UNKNOWN
    assert cannot_work(gone.observation.signal)
    assert not gone.observation.reliable


async def test_a_bundle_that_is_gone_hides_no_outage(tmp_path):
    broken = net(ca_bundle=str(tmp_path / "ca.pem"))
    closed = await run_probe(broken, closed_port(), AT)
    assert closed.observation.signal.grade is Grade.DOWN
    failed = InternalFacts({"job": PushedSignal(AT, "down", "exit code 3")})
    job = probe("job", kind="heartbeat", target="")
    failure = await run_probe(broken, job, AT, internal=failed)
    assert failure.observation.signal == Signal(Grade.DOWN, "exit code 3")


async def test_a_target_we_may_not_reach_is_told_until_we_may():
    guarded = closed_port()
    refused = await run_probe(replace(net(), allow=()), guarded, AT)
    assert cannot_work(refused.observation.signal)
    exposition = MetricsExposition({guarded.name: guarded})
    exposition.record_result(refused)
    assert exposition.unworkable().startswith("web-tcp from local: blocked")
    fine = Observation(guarded.name, AT, timedelta(), Signal(Grade.UP, "connected"))
    exposition.record_result(ProbeResult(replace(fine, vantage="local")))
    assert exposition.unworkable() == ""


def test_readiness_tells_of_them_apart_from_the_engine(tmp_path):
    clock = ManualClock()
    troubles = {heartbeat_file.PROBES: "web-ping from local: pinging is not available here"}
    beat = heartbeat_file.EngineHeartbeat(clock.now(), os.getpid(), clock.now(), 0.0, troubles)
    heartbeat_file.write(tmp_path, beat)
    assert readiness.engines_message(tmp_path, clock.now()) == ""
    assert readiness.probes_message(tmp_path) == troubles[heartbeat_file.PROBES]


def test_metrics_tell_of_engines_of_every_role(tmp_path):
    clock = ManualClock()
    for name, troubles in (
        ("", {heartbeat_file.PROBES: "no pinging"}),
        ("deliver-diagnose", {"queue": "stands", "mail": ""}),
    ):
        beat = heartbeat_file.EngineHeartbeat(
            clock.now(), os.getpid(), clock.now(), 1500.0, troubles
        )
        heartbeat_file.write(tmp_path, beat, name)
    few, at = (("roles", "deliver,diagnose"),), clock.now().timestamp()
    assert [(s.name.removeprefix("jasno_engine_"), s.labels, s.value) for s in heartbeat_file.samples(tmp_path)] == [
        ("late_seconds", (), 1.5),
        ("heartbeat_timestamp_seconds", (), at),
        ("troubles", (), 0),
        ("heartbeat_timestamp_seconds", few, at),
        ("troubles", few, 1),
    ]  # fmt: skip
    assert heartbeat_file.samples(tmp_path / "none") == ()


def test_a_vantage_that_nobody_knows_is_named(tmp_path, sqlite_url):
    (tmp_path / "jasno.toml").write_text(
        f'[database]\nurl = "{sqlite_url}"\n[[component]]\nid = "web"\nname = "Web"\n'
        '[[probe]]\nname = "p"\nkind = "tcp"\ncomponent = "web"\ntarget = "a.example:80"\n'
        'vantages = ["local", "prague"]\n'
    )
    rooms = build(context(load(env={}, cwd=tmp_path), SystemClock()))
    check = rooms.status.checks()["vantages"]
    assert check() == (
        "no vantage prague is known here: app.py vantage token prague, or take it out of the probes"
    )
    rooms.status.vantages.make_token("prague")
    assert check() == ""
    rooms.close()
    rooms.ctx.db.close()


def test_a_vantage_that_no_probe_names_may_be_mistyped():
    named = replace(closed_port(), vantages=("local", "prague"))
    everywhere = replace(closed_port(), vantages=())
    text = "no probe names the vantage prauge; did you mean prague?"
    assert named_by_no_probe((everywhere, named), "prauge") == text
    assert named_by_no_probe((everywhere, named), "prague") == ""
    assert named_by_no_probe((everywhere,), "prauge") == "", "it looks at all of them"


@pytest.mark.parametrize("is_open", [True, False])
def test_every_probe_can_be_tried_at_once(capsys, is_open):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        there = replace(closed_port(), target=f"127.0.0.1:{listening.getsockname()[1]}")
        other = there if is_open else closed_port()
        status = probe_all((there, replace(other, name="other")), net())
    lines = capsys.readouterr().out.splitlines()
    assert status == (0 if is_open else 1)
    assert sorted(line.split("\t")[:2] for line in lines) == [
        ["other", "up" if is_open else "down"],
        ["web-tcp", "up"],
    ]
