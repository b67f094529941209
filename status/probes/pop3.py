"""Probe kind "pop3": greeting, TLS or STLS, certificate, and a sign-in when asked for."""

from observe.mail.pop3 import greet
from status.probes.kind import kind
from status.probes.mailbox import Settings, judge, measure, observer

KIND = kind("pop3", Settings, observer("pop3", greet, 110, 995), judge, measure=measure)
