"""Probe kind "imap": greeting, TLS or STARTTLS, certificate, and a sign-in when asked for."""

from observe.mail.imap import greet
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
    "imap",
    MailboxProbeSettings,
    observer("imap", greet, 143, 993),
    judge,
    redact=redacted,
    measure=measure,
    check_target=check_host_or_port,
)
