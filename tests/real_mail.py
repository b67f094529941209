"""Debian's Postfix and Dovecot on free loopback ports, from configurations of our own.

No service manager: both run in the foreground as children and are ended by their own process group.
Everything lives in one folder below /tmp, which their users may enter.
"""

from __future__ import annotations

import contextlib
import imaplib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lab.certificates import CertificateAuthority
from observe.network import Network

NAME = "mail.real.test"
PASSWORD = "Ztracená varta 42"
USERS = {
    "mara@real.test": "",
    "full@real.test": "userdb_quota_rule=*:storage=4k",
    "shut@real.test": "nologin=y reason=Account\\ is\\ disabled",
    "sender@real.test": "",
}
DOVECOT = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/dovecot.log
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{pem}
ssl_key = <{pem}
disable_plaintext_auth = yes
mail_location = maildir:~/Maildir
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
mail_plugins = quota
mail_max_userip_connections = 2
auth_mechanisms = plain login
auth_failure_delay = 0
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {home}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail/%u
}}
userdb {{
  driver = passwd-file
  args = {home}/users
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage=1M
}}
protocol imap {{
  mail_plugins = quota imap_quota
}}
protocol lmtp {{
  mail_plugins = quota
  postmaster_address = postmaster@real.test
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""
POSTFIX = """
compatibility_level = 3.6
queue_directory = {home}/spool
data_directory = {home}/lib
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {name}
mydestination =
local_recipient_maps =
alias_maps =
relay_domains = far.test
mynetworks = 127.0.0.0/8
default_transport = error:no mail leaves this test
relay_transport = error:no mail leaves this test
transport_maps = inline:{{ {{real.test = lmtp:inet:127.0.0.1:{lmtp}}}, {{far.test = smtp:[127.0.0.1]:{far}}}, {{other.test = smtp:[127.0.0.1]:{far}}} }}
lmtp_host_lookup = native
smtp_host_lookup = native
disable_dns_lookups = yes
maximal_queue_lifetime = 0
bounce_queue_lifetime = 1h
minimal_backoff_time = 1s
smtpd_tls_cert_file = {pem}
smtpd_tls_key_file = {pem}
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_security_options = noanonymous
smtpd_peername_lookup = no
smtpd_client_connection_rate_limit = 0
"""
MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
127.0.0.1:{far} inet n - n - - smtpd
  -o myhostname=mx.far.test
  -o mynetworks=
  -o smtpd_relay_restrictions=reject_unauth_destination
  -o {{ smtpd_recipient_restrictions = check_recipient_access inline:{{ {{grey@far.test = 450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/far.test}}, {{gone@far.test = 550 5.1.1 User unknown in virtual mailbox table}} }} }}
  -o message_size_limit=20000
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
PORTS = ("imap", "imaps", "pop3", "pop3s", "lmtp", "auth", "smtp", "submission", "smtps", "far")


@dataclass
class Mail:
    """A running pair of servers."""

    home: Path
    authority: CertificateAuthority
    ports: dict[str, int]
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def network(self) -> Network:
        """A network on which NAME is this pair, at the usual port numbers."""
        usual = {143: "imap", 993: "imaps", 110: "pop3", 995: "pop3s"}
        usual |= {25: "smtp", 465: "smtps", 587: "submission"}
        hosts = {f"31.0.0.25:{n}": f"127.0.0.1:{self.ports[k]}" for n, k in usual.items()}
        table = {"closed": True, "hosts": hosts, "ca_bundle": str(self.authority.bundle)}
        return Network.from_table(table)

    def box(self, user: str) -> imaplib.IMAP4_SSL:
        """A mailbox as a mail program opens it."""
        tls = ssl.create_default_context(cafile=str(self.authority.bundle))
        tls.check_hostname = False
        opened = imaplib.IMAP4_SSL("127.0.0.1", self.ports["imaps"], ssl_context=tls, timeout=20)
        opened._encoding = "utf-8"
        opened.login(user, PASSWORD)
        return opened

    def log_tail(self) -> str:
        """What both wrote down, for a test that fails."""
        logs = (self.home / name for name in ("dovecot.log", "postfix.log"))
        return "\n".join(p.read_text("utf-8", "replace")[-3000:] for p in logs if p.exists())


def missing() -> str:
    """What is not here, "" when all is."""
    if os.geteuid() != 0:
        return "root"
    absent = [t for t in ("postfix", "dovecot") if not shutil.which(t, path="/usr/sbin:/sbin")]
    parts = ("/usr/lib/dovecot/imap", "/usr/lib/dovecot/pop3", "/usr/lib/dovecot/lmtp")
    return ", ".join(absent + [p for p in parts if not Path(p).exists()])


@contextlib.contextmanager
def running() -> Iterator[Mail]:
    """Both servers, ready to be spoken to."""
    home = Path(tempfile.mkdtemp(prefix="jasno-mail-"))
    home.chmod(0o755)
    authority = CertificateAuthority(home, datetime.now(UTC))
    authority.context((NAME,))
    mail = Mail(home, authority, dict(zip(PORTS, _free(len(PORTS)), strict=True)))
    try:
        _configure(mail)
        _start(mail, "dovecot", "/usr/sbin/dovecot", "-F", "-c", str(home / "dovecot.conf"))
        _start(mail, "postfix", "/usr/sbin/postfix", "-c", str(home / "etc"), "start-fg")
        for name in PORTS:
            wait(lambda name=name: _open(mail.ports[name]), mail, f"port {name}")
        yield mail
    finally:
        for child in mail.children:
            _end(child)
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((home / "spool/pid/master.pid").read_text()), signal.SIGKILL)
        shutil.rmtree(home, ignore_errors=True)


def _free(count: int) -> list[int]:
    """Ports that were free a moment ago, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for item in sockets:
        item.bind(("127.0.0.1", 0))
    ports = [item.getsockname()[1] for item in sockets]
    for item in sockets:
        item.close()
    return ports


def _configure(mail: Mail) -> None:
    home = mail.home
    for name in ("run", "mail", "etc", "spool", "lib"):
        (home / name).mkdir()
    (home / "mail").chmod(0o777)
    shutil.chown(home / "lib", "postfix", "postfix")
    pem = home / "leaf-1.pem"
    pem.chmod(0o644)
    values = {"home": home, "pem": pem, "name": NAME, **mail.ports}
    rows = [f"{user}:{{PLAIN}}{PASSWORD}::::::{extra}" for user, extra in USERS.items()]
    (home / "users").write_text("\n".join(rows) + "\n", "utf-8")
    (home / "users").chmod(0o644)
    (home / "dovecot.conf").write_text(DOVECOT.format(**values))
    (home / "etc/main.cf").write_text(POSTFIX.format(**values))
    (home / "etc/master.cf").write_text(MASTER.format(**values))


def _start(mail: Mail, name: str, *words: str) -> None:
    with (mail.home / f"{name}.log").open("ab") as log:
        child = subprocess.Popen(list(words), stdout=log, stderr=log, start_new_session=True)
    mail.children.append(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)
            return


def _open(port: int) -> bool:
    with socket.socket() as touched:
        touched.settimeout(2)
        return touched.connect_ex(("127.0.0.1", port)) == 0


def wait(true: Callable[[], object], mail: Mail, what: str, seconds: float = 40) -> object:
    """Wait for something true, or tell what the servers said."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := true():
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds:g} s\n{mail.said()}")
