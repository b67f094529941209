"""Probe kind "pop3": greeting, TLS or STLS, certificate, and a sign-in when asked for."""

from observe.mail.pop3 import greet
from status.probing.kinds.mailbox import (
    MailboxProbeSettings,
    judge,
    measure,
    observer,
    redacted,
)
from status.probing.probe_kind import active_kind
from status.probing.targets import check_host_or_port

KIND = active_kind(
    "pop3",
    MailboxProbeSettings,
    observer("pop3", greet, 110, 995),
    judge,
    redact=redacted,
    measure=measure,
    check_target=check_host_or_port,
)
