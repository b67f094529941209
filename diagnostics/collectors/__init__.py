"""All collectors: a file each; they use observe/ and have no opinion. Listed in COLLECTORS."""

from __future__ import annotations

from typing import Any

from diagnostics.collectors import standpoint
from diagnostics.collectors.dns import (
    delegation,
    dnssec,
    instructed_records,
    name_servers,
    records,
    resolver_caches,
)
from diagnostics.collectors.domain import registration
from diagnostics.collectors.hosting import account, expectations, mailbox, open_incident, sign_in
from diagnostics.collectors.mail import (
    autoconfiguration,
    blocklists,
    client_ports,
    host_names,
    servers,
)
from diagnostics.collectors.mail_authentication import bimi, dane, dkim, dmarc, mta_sts, spf
from diagnostics.collectors.model import Collector
from diagnostics.collectors.web import certificates, site

COLLECTORS: tuple[Collector[Any], ...] = (
    open_incident.COLLECTOR,
    standpoint.COLLECTOR,
    delegation.COLLECTOR,
    registration.COLLECTOR,
    records.COLLECTOR,
    dnssec.COLLECTOR,
    name_servers.COLLECTOR,
    resolver_caches.COLLECTOR,
    site.COLLECTOR,
    certificates.COLLECTOR,
    servers.COLLECTOR,
    host_names.COLLECTOR,
    client_ports.COLLECTOR,
    autoconfiguration.COLLECTOR,
    blocklists.COLLECTOR,
    spf.COLLECTOR,
    dkim.COLLECTOR,
    dmarc.COLLECTOR,
    mta_sts.COLLECTOR,
    dane.COLLECTOR,
    bimi.COLLECTOR,
    mailbox.COLLECTOR,
    sign_in.COLLECTOR,
    account.COLLECTOR,
    expectations.COLLECTOR,
    instructed_records.COLLECTOR,
)
