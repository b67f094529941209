"""Pure judgements over evidence, one file for each group. No sockets, clock, settings or locale.

CHECKS is the catalogue in reading order: what explains most comes first.
"""

from __future__ import annotations

from diagnostics.checks import (
    dns_address,
    dns_alias,
    dns_domain,
    dns_parent,
    dns_pointing,
    dns_servers,
    dns_zone,
    dnssec,
    expiry,
    incident,
    limits,
    mail_delivery,
    mail_mx,
    quota,
    services,
    tls_certificate,
    web_pages,
    web_panel,
    web_redirect,
    web_site,
)
from diagnostics.model import Check, Message

CHECKS: tuple[Check, ...] = (
    incident.CHECK,
    expiry.REGISTERED,
    expiry.EXPIRY,
    services.REGISTRAR,
    dns_domain.EXISTS,
    dns_domain.DELEGATED,
    dns_servers.CHECK,
    dns_parent.PROVIDER,
    dns_parent.SET,
    dnssec.DS,
    dnssec.SIGNATURE,
    dns_alias.ALIAS,
    dns_address.HOST,
    dns_address.ADDRESS,
    dns_pointing.CHECK,
    dns_zone.RECORDS_CHECK,
    dns_zone.SOA,
    dns_alias.DOUBLED,
    services.STATE,
    services.DOMAIN,
    services.SERVER,
    services.PROJECT,
    services.MAIL,
    quota.DISK,
    quota.INODES,
    quota.TRAFFIC,
    limits.CHECK,
    web_panel.ROOT,
    web_redirect.CHECK,
    web_panel.REDIRECTS,
    web_site.CHECK,
    web_pages.PAGES,
    web_pages.WWW,
    tls_certificate.CHECK,
    mail_mx.MX,
    mail_mx.DESTINATION,
    mail_delivery.ROUTING,
    mail_delivery.GREETING,
)
MESSAGES: dict[str, Message] = {m.id: m for check in CHECKS for m in check.messages}
