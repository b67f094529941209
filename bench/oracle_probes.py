"""Our probes beside Debian's prometheus-blackbox-exporter and monitoring-plugins on the same servers.

Three observers, one lab: verdicts and, for pages, how long each phase took. The exporter and the
plugins are given the servers' loopback ports; our probes find the same ports through the lab's map.

    python -m bench.oracle_probes        prints the table of bench/README.md
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import lab
from bench import blackbox
from lab.answer import error, page, redirect
from lab.certificates import Cert
from lab.running import Running
from lab.world import Domain, LabNameserver, LabSite, MailServer, WebServer
from observe.network import Network
from status.model import Grade, Probe
from status.probing.observe import ProbeResult, run_probe

PLUGINS = Path("/usr/lib/nagios/plugins")
DELAY = timedelta(milliseconds=20)
NAMES = ("good", "broken", "moved", "expired", "foreign", "hangs", "gone", "slow")
# What they see otherwise, and why; bench/README.md tells it.
EXPLAINED = {
    "mail server without STARTTLS": "check_smtp only warns",
    "https foreign": "check_http does not compare names unless asked to with --verify-host",
}
PHASES = ("connect", "tls", "processing", "transfer")
HTTPS = {"good": Cert.GOOD, "expired": Cert.EXPIRED, "foreign": Cert.WRONG_NAME}
ANSWERS = {
    "broken": error(500, "Oops"),
    "moved": redirect("http://good.example/"),
    "slow": page("Slow", "We are here.", wait=timedelta(seconds=1)),
}
ADDRESS = {name: f"31.60.1.{n}" for n, name in enumerate(NAMES, 1)}
WORLD = lab.World(
    domains=tuple(
        Domain(name=f"{name}.example", records=(f"@ A {ADDRESS[name]}",)) for name in NAMES
    ),
    nameservers=(LabNameserver(name="ns1.dns-lab.example", addresses=("31.50.0.1",)),),
    web_servers=tuple(
        WebServer(name=f"{n}.servers.example", addresses=(ADDRESS[n],)) for n in NAMES
    ),
    sites=tuple(
        LabSite(
            names=(f"{n}.example",),
            server=f"{n}.servers.example",
            http=ANSWERS.get(n, page("Welcome", "We are here.")),
            certificate=HTTPS.get(n, Cert.GOOD),
        )
        for n in NAMES
    ),
    mail_servers=(
        MailServer(name="mx1.example", addresses=("31.70.1.1",)),
        MailServer(name="mx2.example", addresses=("31.70.1.2",), starttls=False),
    ),
)


@dataclass(frozen=True)
class Case:
    """One thing to look at. `place` is the address:port whose loopback port the others are given."""

    name: str
    kind: str
    target: str
    place: str
    module: Mapping[str, object]
    plugin: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    path: str = ""  # before and after the endpoint, for the exporter: "http://{}/"


@dataclass(frozen=True)
class Row:
    """What the three said: up or not; the plugin may be None where there is none for it."""

    case: Case
    ours: Grade
    reason: str
    exporter: bool
    plugin: int | None
    phases: tuple[tuple[str, float, float], ...] = ()  # name, our ms, the exporter's ms

    @property
    def agree(self) -> bool:
        up = self.ours in (Grade.UP, Grade.DEGRADED)
        return up is self.exporter and (self.plugin is None or up is (self.plugin < 2))


def web(name: str, *, tls: bool = False, **settings: object) -> Case:
    """A page: what it is called tells what is wrong with it."""
    scheme, port = ("https", 443) if tls else ("http", 80)
    host = f"{name}.example"
    http_module: dict[str, object] = {
        "preferred_ip_protocol": "ip4",
        "headers": {"Host": host},
        "follow_redirects": False,
        "valid_status_codes": settings.get("status", list(range(200, 400))),
    }
    if text := settings.get("contains"):
        http_module["fail_if_body_not_matches_regexp"] = [text]
    plugin = ["check_http", "-H", host, "-I", "{ip}", "-p", "{port}", "-t", "4"]
    if text:
        plugin += ["-s", str(text)]
    if tls:
        http_module["tls_config"] = {"ca_file": "{ca}", "server_name": host}
        plugin += ["--sni", "-S"]
        if name == "expired":
            plugin += ["-C", "1"]
    label = f"{scheme} {name}" + (f", wants {text!r}" if text else "")
    return Case(
        label, "http", f"{scheme}://{host}/", f"{ADDRESS[name]}:{port}",
        {"prober": "http", "timeout": "3s", "http": http_module}, tuple(plugin), settings, f"{scheme}://{{}}/",
    )  # fmt: skip


def smtp(number: int) -> Case:
    """STARTTLS is asked for."""
    steps = [
        {"expect": "^220 "},
        {"send": "EHLO probe"},
        {"expect": "^250.STARTTLS"},
        {"send": "STARTTLS"},
        {"expect": "^220"},
        {"starttls": True},
    ]
    name = f"mx{number}.example"
    tls = {"ca_file": "{ca}", "server_name": name}
    module = {"prober": "tcp", "timeout": "3s", "tcp": {"query_response": steps, "tls_config": tls}}
    plugin = ("check_smtp", "-H", "{ip}", "-p", "{port}", "-S", "-t", "4")
    place = f"31.70.1.{number}"
    label = "mail server with STARTTLS" if number == 1 else "mail server without STARTTLS"
    return Case(label, "smtp", f"{place}:25", place + ":25", module, plugin, {"trust": False})


def dns(name: str, label: str) -> Case:
    """Asked of the name server itself."""
    module = {
        "prober": "dns",
        "timeout": "3s",
        "dns": {
            "query_name": name,
            "query_type": "A",
            "preferred_ip_protocol": "ip4",
            "recursion_desired": False,
            "validate_answer_rrs": {"fail_if_none_matches_regexp": [".*"]},
        },
    }
    return Case(label, "dns", name, "31.50.0.1:53", module, (), {"server": "31.50.0.1"})


def tcp(name: str, label: str) -> Case:
    module = {"prober": "tcp", "timeout": "3s"}
    plugin = ("check_tcp", "-H", "{ip}", "-p", "{port}", "-t", "4")
    place = f"{ADDRESS[name]}:80"
    return Case(label, "tcp", place, place, module, plugin)


CASES = (
    web("good"),
    web("good", contains="We are here"),
    web("good", contains="We are away"),
    web("slow"),
    web("broken"),
    web("moved"),
    web("hangs"),
    web("gone"),
    web("good", tls=True),
    web("expired", tls=True),
    web("foreign", tls=True),
    tcp("good", "open port"),
    tcp("hangs", "port that accepts, then hangs"),
    smtp(1),
    smtp(2),
    dns("good.example", "name that exists"),
    dns("nothing.good.example", "name that does not"),
)


def endpoint(running: Running, case: Case) -> str:
    hosts = running.network["hosts"]
    assert isinstance(hosts, dict)
    return str(hosts[case.place])


def filled(value: object, ca: str) -> object:
    if isinstance(value, dict):
        return {k: filled(v, ca) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, ca) for v in value]
    return value.replace("{ca}", ca) if isinstance(value, str) else value


def plugin(case: Case, place: str) -> int | None:
    """Its exit status: 0 fine, 1 warning, 2 critical."""
    if not case.plugin:
        return None
    ip, _, port = place.rpartition(":")
    command = [part.format(ip=ip, port=port) for part in case.plugin]
    ran = subprocess.run(
        [str(PLUGINS / command[0]), *command[1:]], capture_output=True, check=False, timeout=20
    )
    return ran.returncode


def ours(running: Running, case: Case) -> ProbeResult:
    net = Network.from_table(running.network, clock=running.clock)
    target_probe = Probe(
        "p", case.kind, "c", case.target, timedelta(minutes=1), timedelta(seconds=3),
        settings=dict(case.settings),
    )  # fmt: skip
    return asyncio.run(run_probe(net, target_probe, net.clock.now()))


def phases(mine: ProbeResult, theirs: Mapping[str, float]) -> Iterator[tuple[str, float, float]]:
    name = "probe_http_duration_seconds"
    figures = {f.labels: f.value for f in mine.metrics if f.name == name}
    for phase in PHASES:
        other = theirs.get(f'{name}{{phase="{phase}"}}')
        if other is not None and figures:
            yield phase, 1000 * figures[(("phase", phase),)], 1000 * other


def compare() -> tuple[Row, ...]:
    """Have all three look at everything."""
    rows = []
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(lab.running(WORLD, delay=DELAY))
        modules = [filled(dict(case.module), running.ca_bundle) for case in CASES]
        base = stack.enter_context(blackbox.exporter(modules))
        running.fault("hangs", "hang")
        running.fault("gone", "down")
        for number, case in enumerate(CASES):
            place = endpoint(running, case)
            theirs = blackbox.ask(base, number, case.path.format(place) if case.path else place)
            mine = ours(running, case)
            signal = mine.observation.signal
            timed = list(phases(mine, theirs)) if signal.grade is Grade.UP else []
            for _ in range(2 if timed else 0):  # a busy machine is in nobody's favour
                again = blackbox.ask(base, number, case.path.format(place))
                pairs = zip(timed, phases(ours(running, case), again), strict=True)
                timed = [(n, min(a, c), min(b, d)) for (n, a, b), (_, c, d) in pairs]
            rows.append(
                Row(
                    case,
                    signal.grade,
                    signal.reason,
                    theirs["probe_success"] == 1,
                    plugin(case, place),
                    tuple(timed),
                )
            )
    return tuple(rows)


def missing() -> str:
    """What is not installed, or ""."""
    if not shutil.which(blackbox.PROGRAM):
        return blackbox.PROGRAM
    return "" if (PLUGINS / "check_http").exists() else "monitoring-plugins-standard"


def main() -> None:
    if needed := missing():
        raise SystemExit(f"not run: bench.oracle_probes needs {needed}")
    print("| looked at | Jasno | blackbox | plugin | phases: ours / blackbox, ms |")
    print("| --- | --- | --- | --- | --- |")
    for row in compare():
        verdict = {None: "–", 0: "ok", 1: "warning", 2: "critical", 3: "unknown"}[row.plugin]
        times = ", ".join(f"{n} {a:.1f}/{b:.1f}" for n, a, b in row.phases)
        up = "up" if row.exporter else "down"
        mark = "" if row.agree else " **≠**"
        print(f"| {row.case.name} | {row.ours}: {row.reason} | {up} | {verdict}{mark} | {times} |")


if __name__ == "__main__":
    main()
