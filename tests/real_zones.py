"""Hand-made zones on Debian's own servers: NSD for the root, the top and ns1, BIND for ns2.

Each zone has one fault, or none. Signed by ldns-signzone. Ports are free ones of loopback; the zones'
own addresses exist through the `hosts` map only, as at anybody's who looks at a closed network.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

PROGRAMS = ("nsd", "named", "ldns-keygen", "ldns-signzone", "ldns-key2ds")
ROOT, TOP, NS1, NS2 = "31.60.9.1", "31.60.9.2", "31.60.0.1", "31.60.0.2"
SECOND = "ns2.servers.test."
USUAL = f"""
@ NS ns1.servers.test.
@ NS {SECOND}
@ MX 10 mail
@ TXT "v=spf1 mx -all"
@ A 31.60.0.80
www A 31.60.0.80
mail A 31.60.0.25
deep.er A 31.60.0.80
"""
KEYLESS = "12345 13 2 " + "AB" * 32


def program(name: str) -> str:
    """Where a program is; servers live in folders that not everybody's PATH names."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or ""


@dataclass(frozen=True)
class Plan:
    """One zone: its records, how it is signed, what the parent says, and what is to be found."""

    name: str
    findings: tuple[str, ...] = ()
    records: str = USUAL
    algorithm: str = ""  # of the key; unsigned without
    sign: tuple[str, ...] = ()  # further arguments of ldns-signzone
    ds: str = "match"  # "match", "none", "left", "sha1", "both"
    spoil: tuple[str, str] = ("", "")  # (pattern, replacement) in the signed zone
    at_ns2: str = "same"  # "same", "none", "older", "spoilt"
    parent: str = ""  # the parent's own lines instead of the usual delegation
    typed: str = ""  # what is asked for, if not the zone


def _dates(since: int, until: int) -> tuple[str, ...]:
    now = datetime.now(UTC)
    dates = ((now + timedelta(days=d)).strftime("%Y%m%d%H%M%S") for d in (since, until))
    first, last = dates
    return ("-i", first, "-e", last)


FINE = _dates(-3, 25)
EC = "ECDSAP256SHA256"
PLANS = (
    Plan("plain.test", ("dnssec.unsigned.with_no_ds",)),
    Plan("nsec.test", algorithm=EC, sign=FINE),
    Plan("nsec3.test", algorithm=EC, sign=(*FINE, "-n", "-t", "0")),
    Plan("optout.test", algorithm=EC, sign=(*FINE, "-n", "-p", "-t", "0")),
    Plan("rsa.test", algorithm="RSASHA256", sign=FINE),
    Plan("ed.test", algorithm="ED25519", sign=(*FINE, "-n", "-t", "0")),
    Plan("wild.test", algorithm=EC, sign=(*FINE, "-n", "-t", "0"),
         records=USUAL + "*.guests A 31.60.0.80\n"),
    Plan("wildnsec.test", algorithm=EC, sign=FINE, records=USUAL + "* A 31.60.0.80\n"),
    Plan("heavy.test", ("dnssec.nsec3.params",), algorithm=EC,
         sign=(*FINE, "-n", "-t", "10", "-s", "abcd")),
    Plan("ended.test", ("dnssec.signature.expired",), algorithm=EC, sign=_dates(-40, -5)),
    Plan("ahead.test", ("dnssec.signature.expired",), algorithm=EC, sign=_dates(5, 40)),
    Plan("left.test", ("dnssec.ds.without_signed_zone",), ds="left"),
    Plan("other.test", ("dnssec.ds.mismatch",), algorithm=EC, sign=FINE, ds="left"),
    Plan("island.test", ("dnssec.ds.missing",), algorithm=EC, sign=FINE, ds="none"),
    Plan("more.test", ("dnssec.ds.extra",), algorithm=EC, sign=FINE, ds="both"),
    Plan("sha1.test", ("dnssec.algorithm.bad",), algorithm=EC, sign=FINE, ds="sha1"),
    Plan("oldkey.test", ("dnssec.algorithm.bad",), algorithm="RSASHA1_NSEC3", sign=FINE),
    Plan("spoilt.test", ("dnssec.record.invalid",), algorithm=EC, sign=FINE,
         spoil=(r"(?m)^(www\.spoilt\.test\.\s+\d+\s+IN\s+A\s+)31\.60\.0\.80", r"\g<1>31.60.0.81")),
    Plan("half.test", ("dnssec.record.invalid", "dns.records.differ"), algorithm=EC, sign=FINE,
         at_ns2="spoilt",
         spoil=(r"(?m)^(www\.half\.test\.\s+\d+\s+IN\s+A\s+)31\.60\.0\.80", r"\g<1>31.60.0.81")),
    Plan("unproven.test", ("dnssec.signature.invalid",), algorithm=EC, sign=FINE,
         spoil=(r"(?m)^.*\sIN\s+(NSEC|RRSIG\s+NSEC)\s.*$", "")),
    Plan("herald.test", ("dnssec.cds.broken",), algorithm=EC, sign=FINE,
         records=USUAL + f"@ CDS {KEYLESS}\n"),
    Plan("refused.test", ("dns.ns.refused",), at_ns2="none"),
    Plan("older.test", ("dns.soa.serial_differs",), at_ns2="older"),
    Plan("single.test", ("dns.ns.too_few",), records=USUAL.replace(f"@ NS {SECOND}\n", ""),
         parent="{name}. NS ns1.servers.test.\n"),
    Plan("lists.test", ("dns.ns.parent_child_differ", "dns.ns.is_cname", "dns.ns.same_ip"),
         parent="{name}. NS ns1.servers.test.\n{name}. NS alias.servers.test.\n"
                "{name}. NS " + SECOND + "\n"),
    Plan("nobody.test", ("dns.domain.not_found",), parent="; nothing\n"),
    Plan("undelegated.test", ("dns.domain.not_delegated",), parent='{name}. TXT "free"\n'),
    Plan("alias.test", ("dns.domain.is_alias",), parent="{name}. CNAME plain.test.\n"),
    Plan("inner.test", ("dns.ns.not_public_address",),
         records=USUAL.replace(f"@ NS {SECOND}", "@ NS ns9") + "ns9 A 10.1.2.3\n",
         parent="{name}. NS ns1.servers.test.\n{name}. NS ns9.{name}.\nns9.{name}. A 10.1.2.3\n"),
    Plan("glue.test", ("dns.glue.mismatch",),
         records=USUAL.replace(f"@ NS {SECOND}", "@ NS ns9") + f"ns9 A {NS2}\n",
         parent="{name}. NS ns1.servers.test.\n{name}. NS ns9.{name}.\n"
                "ns9.{name}. A 31.60.0.99\n"),
    Plan("twins.test", ("dns.ns.same_ip",),
         records=USUAL.replace(f"@ NS {SECOND}", "@ NS ns9") + f"ns9 A {NS1}\n",
         parent="{name}. NS ns1.servers.test.\n{name}. NS ns9.{name}.\nns9.{name}. A " + NS1 + "\n"),
    Plan("team.nsec.test", algorithm=EC, sign=(*FINE, "-n", "-t", "0")),
    Plan("lost.nsec.test", ("dnssec.ds.without_signed_zone",), ds="left"),
    Plan("free.nsec.test", ("dnssec.unsigned.with_no_ds",), typed="www.free.nsec.test"),
)  # fmt: skip
SERVERS = f"@ NS ns1\n@ NS ns2\nns1 A {NS1}\nns2 A {NS2}\nalias CNAME ns2\n"


class Ground:
    """Writes the zones, starts the servers, and knows the [network] table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys: dict[str, str] = {}
        self.running: list[subprocess.Popen[bytes]] = []
        self.ports: dict[str, int] = {}
        self.anchor = ""

    # -------------------------------------------------------------- zones
    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()

    def key(self, zone: str, algorithm: str) -> str:
        if zone not in self.keys:
            bits = ("-b", "2048") if algorithm.startswith("RSA") else ()
            self.keys[zone] = self.run("ldns-keygen", "-a", algorithm, *bits, "-k", zone)
        return self.keys[zone]

    def ds(self, zone: str, digest: str = "-2") -> str:
        line = self.run("ldns-key2ds", "-n", digest, f"{self.keys[zone]}.key")
        return " ".join(line.split("DS", 1)[1].split())

    def write(self, zone: str, text: str, sign: tuple[str, ...] = (), serial: int = 10) -> Path:
        zone_name = zone.rstrip(".") or "root"
        at = self.folder / f"{zone_name}.zone"
        soa = f"@ SOA ns1.servers.test. hostmaster.servers.test. {serial} 10800 3600 1209600 300\n"
        at.write_text(f"$ORIGIN {zone.rstrip('.')}.\n$TTL 3600\n{soa}{text}\n", "utf-8")
        if zone not in self.keys:
            return at
        self.run("ldns-signzone", *sign, "-f", f"{at.name}.signed", at.name, self.keys[zone])
        return at.with_name(f"{at.name}.signed")

    def child(self, plan: Plan, zone_files: dict[str, dict[str, Path]]) -> str:
        """Write one zone for both servers; what the parent has to say of it."""
        if plan.algorithm:
            self.key(plan.name, plan.algorithm)
        file = self.write(plan.name, plan.records, plan.sign)
        pattern, changed = plan.spoil
        spoilt = file
        if pattern:
            text, times = re.subn(pattern, changed, file.read_text("utf-8"))
            assert times, plan
            spoilt = file.with_name(f"{file.name}.spoilt")
            spoilt.write_text(text, "utf-8")
        zone_files["ns1"][plan.name] = file if plan.at_ns2 == "spoilt" else spoilt
        if plan.at_ns2 == "older":
            copy = self.folder / f"{plan.name}.copy"
            shutil.copy(self.write(plan.name, plan.records, plan.sign, serial=9), copy)
            zone_files["ns2"][plan.name] = copy
            self.write(plan.name, plan.records, plan.sign)
        elif plan.at_ns2 != "none":
            zone_files["ns2"][plan.name] = spoilt
        if plan.parent:
            return plan.parent.format(name=plan.name)
        lines = f"{plan.name}. NS ns1.servers.test.\n{plan.name}. NS {SECOND}\n"
        return lines + "".join(f"{plan.name}. DS {ds}\n" for ds in self._ds_of(plan))

    def _ds_of(self, plan: Plan) -> Iterator[str]:
        if plan.ds in ("left", "both"):
            yield KEYLESS
        if plan.algorithm and plan.ds in ("match", "both"):
            yield self.ds(plan.name)
        if plan.ds == "sha1":
            yield self.ds(plan.name, "-1")

    # -------------------------------------------------------------- servers
    def nsd(self, name: str, zones: dict[str, Path]) -> None:
        port = self.ports[name]
        conf = self.folder / f"{name}.conf"
        listed = "".join(f'zone:\n name: "{z}"\n zonefile: "{p}"\n' for z, p in zones.items())
        conf.write_text(
            f'server:\n ip-address: 127.0.0.1@{port}\n username: ""\n chroot: ""\n'
            f' database: ""\n pidfile: ""\n xfrdfile: ""\n zonelistfile: "{self.folder}/{name}.list"\n'
            f' zonesdir: "{self.folder}"\n server-count: 1\n hide-version: yes\n'
            f"remote-control:\n control-enable: no\n{listed}",
            "utf-8",
        )
        self._start(name, "nsd", "-d", "-c", str(conf))

    def bind(self, name: str, zones: dict[str, Path]) -> None:
        port, conf = self.ports[name], self.folder / f"{name}.conf"
        listed = "".join(
            f'zone "{z}" {{ type primary; file "{p}"; check-names ignore; }};\n'
            for z, p in zones.items()
        )
        conf.write_text(
            f'options {{ directory "{self.folder}"; listen-on port {port} {{ 127.0.0.1; }};\n'
            "listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none;\n"
            "check-integrity no; dnssec-validation no; allow-query { any; }; };\n"
            f"controls {{ }};\n{listed}",
            "utf-8",
        )
        self._start(name, "named", "-g", "-n", "1", "-c", str(conf))

    def _start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running.append(
                subprocess.Popen((program(command[0]), *command[1:]), stdout=log, stderr=log)
            )

    def table(self) -> dict[str, object]:
        """The [network] table of a closed network."""
        where = {NS1: "ns1", NS2: "ns2", TOP: "top"}
        return {
            "root_hints": {"a.root.test": f"127.0.0.1:{self.ports['root']}"},
            "trust_anchor": [self.anchor],
            "closed": True,
            "hosts": {f"{a}:53": f"127.0.0.1:{self.ports[s]}" for a, s in where.items()},
        }


def _port() -> int:
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", tcp.getsockname()[1]))
        return int(tcp.getsockname()[1])


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """All servers with all zones, until the end."""
    at = Ground(folder)
    at.ports = {name: _port() for name in ("root", "top", "ns1", "ns2")}
    zone_files: dict[str, dict[str, Path]] = {"ns1": {}, "ns2": {}}
    at.key(".", EC), at.key("test", EC)
    children = {plan.name: at.child(plan, zone_files) for plan in PLANS if plan.name != "nsec.test"}
    below = "".join(children.pop(name) for name in list(children) if name.endswith(".nsec.test"))
    parent = next(plan for plan in PLANS if plan.name == "nsec.test")
    whole = Plan(parent.name, records=USUAL + below, algorithm=EC, sign=parent.sign)
    children["nsec.test"] = at.child(whole, zone_files)
    servers = at.write("servers.test", SERVERS)
    zone_files["ns1"]["servers.test"] = zone_files["ns2"]["servers.test"] = servers
    glue = f"ns1.servers.test. A {NS1}\nns2.servers.test. A {NS2}\n"
    glue += f"servers.test. NS ns1.servers.test.\nservers.test. NS {SECOND}\n"
    top = at.write("test", "@ NS a.top.\n" + glue + "".join(children.values()), FINE)
    root = f"@ NS a.root.\na.root. A {ROOT}\ntest. NS a.top.\na.top. A {TOP}\n"
    at.anchor = at.ds(".")
    root_file = at.write(".", root + f"test. DS {at.ds('test')}\n", FINE)
    try:
        at.nsd("root", {".": root_file})
        at.nsd("top", {"test": top})
        at.nsd("ns1", zone_files["ns1"])
        at.bind("ns2", zone_files["ns2"])
        _await(at)
        yield at
    finally:
        for process in at.running:
            process.terminate()
        for process in at.running:
            process.wait(20)


def _await(at: Ground) -> None:
    """Until every server takes connections."""
    end = time.monotonic() + 30
    for name, port in at.ports.items():
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                log = (at.folder / f"{name}.log").read_text("utf-8", errors="replace")
                assert time.monotonic() < end, f"{name} did not start: {log[-2000:]}"
                time.sleep(0.05)
