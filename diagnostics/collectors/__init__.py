"""Collectors: one file each; they look through observe/ and have no opinion. Listed in COLLECTORS."""

from __future__ import annotations

from typing import Any

from diagnostics.collector import Collector
from diagnostics.collectors import (
    bimi,
    blocklists,
    caches,
    dane,
    delegation,
    dkim,
    dmarc,
    dnssec,
    expected,
    hosting,
    instructed,
    known,
    mail,
    mail_names,
    mail_ports,
    mail_setup,
    mailbox,
    records,
    registration,
    servers,
    sign_in,
    spf,
    standpoint,
    sts,
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
    spf.COLLECTOR,
    dkim.COLLECTOR,
    dmarc.COLLECTOR,
    sts.COLLECTOR,
    dane.COLLECTOR,
    bimi.COLLECTOR,
    mailbox.COLLECTOR,
    sign_in.COLLECTOR,
    hosting.COLLECTOR,
    expected.COLLECTOR,
    instructed.COLLECTOR,
)
