"""Probe kind "imap": greeting, TLS or STARTTLS, certificate, and a sign-in when asked for."""

from observe.mail.imap import greet
from status.probes.kind import kind
from status.probes.mailbox import Settings, judge, measure, observer

KIND = kind("imap", Settings, observer("imap", greet, 143, 993), judge, measure=measure)
