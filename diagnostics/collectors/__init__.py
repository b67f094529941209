"""Collectors: one file each; they look through observe/ and have no opinion. Listed in COLLECTORS."""

from __future__ import annotations

from typing import Any

from diagnostics.collector import Collector
from diagnostics.collectors import (
    blocklists,
    caches,
    delegation,
    dnssec,
    expected,
    hosting,
    instructed,
    known,
    mail,
    mail_names,
    mail_ports,
    mail_setup,
    records,
    registration,
    servers,
    standpoint,
    tls,
    web,
)

COLLECTORS: tuple[Collector[Any], ...] = (
    known.COLLECTOR,
    standpoint.COLLECTOR,
    delegation.COLLECTOR,
    registration.COLLECTOR,
    records.COLLECTOR,
    dnssec.COLLECTOR,
    servers.COLLECTOR,
    caches.COLLECTOR,
    web.COLLECTOR,
    tls.COLLECTOR,
    mail.COLLECTOR,
    mail_names.COLLECTOR,
    mail_ports.COLLECTOR,
    mail_setup.COLLECTOR,
    blocklists.COLLECTOR,
    hosting.COLLECTOR,
    expected.COLLECTOR,
    instructed.COLLECTOR,
)
