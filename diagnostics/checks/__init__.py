"""All checks: pure functions over evidence, a file per subject. No sockets, clock, settings or locale.

CHECKS is the catalogue: every check that a file here defines, in reading order.
"""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks import vantage
from diagnostics.checks.dns import (
    address,
    alias,
    change,
    existence,
    instructions,
    name_server_answers,
    name_server_hosts,
    parent_delegation,
    parking,
    pointing,
    provider_name_servers,
    resolver_caches,
    soa,
    zone_consistency,
)
from diagnostics.checks.dnssec import chain, record_sets, zone_keys
from diagnostics.checks.domain import expiry
from diagnostics.checks.hosting import limits, open_incident, php, quota, services
from diagnostics.checks.mail import (
    autoconfiguration,
    blocklists,
    client_ports,
    dane,
    delivery,
    host_names,
    mx,
    record_consistency,
    starttls,
)
from diagnostics.checks.mail_authentication import (
    bimi,
    dkim,
    dmarc,
    dmarc_reports,
    mta_sts,
    spf,
    spf_limits,
    spf_sender,
    spf_style,
)
from diagnostics.checks.mailbox import account, sign_in
from diagnostics.checks.tls import certificate, issuance, renewal, strength
from diagnostics.checks.web import (
    error_pages,
    ip_families,
    panel_settings,
    placeholder_pages,
    redirect_hops,
    redirects,
    security_headers,
    site,
    wanted_target,
)
from diagnostics.discovery import defined_in
from diagnostics.model import Check, FindingMessage

# What explains most comes first. A check that is not named here stands after the last of its area.
READING_ORDER: tuple[Check, ...] = (
    open_incident.CHECK,
    vantage.CHECK,
    expiry.REGISTERED,
    expiry.EXPIRY,
    parking.CHECK,
    services.REGISTRAR,
    existence.EXISTS,
    existence.DELEGATED,
    existence.PARENTS,
    name_server_answers.CHECK,
    provider_name_servers.CHECK,
    parent_delegation.SET,
    name_server_hosts.MACHINES,
    name_server_hosts.GLUES,
    name_server_hosts.TRANSPORT,
    name_server_hosts.REVERSE,
    chain.DS,
    chain.CHAIN,
    chain.SIGNATURE,
    record_sets.RECORDS_CHECK,
    record_sets.RESOLVERS_CHECK,
    zone_keys.STATE,
    zone_keys.METHODS,
    zone_keys.ANNOUNCED,
    alias.ALIAS,
    address.HOST,
    address.ADDRESS,
    pointing.CHECK,
    zone_consistency.RECORDS_CHECK,
    soa.CHECK,
    change.CHECK,
    resolver_caches.CACHES_CHECK,
    resolver_caches.WILDCARD_CHECK,
    alias.DOUBLED,
    services.STATE,
    services.DOMAIN,
    services.SERVER,
    services.PROJECT,
    services.MAIL,
    quota.DISK,
    quota.INODES,
    quota.TRAFFIC,
    quota.DATABASE,
    limits.CHECK,
    php.CHECK,
    panel_settings.ROOT,
    wanted_target.CHECK,
    redirect_hops.CHECK,
    redirects.CHECK,
    panel_settings.REDIRECTS,
    error_pages.CHECK,
    site.CHECK,
    placeholder_pages.PAGES,
    placeholder_pages.WWW,
    ip_families.CHECK,
    security_headers.CHECK,
    strength.CHECK,
    certificate.CHECK,
    renewal.CHECK,
    issuance.CHECK,
    renewal.HSTS_CHECK,
    account.ACCOUNT,
    account.QUOTA,
    sign_in.CHECK,
    mx.MX,
    record_consistency.CHECK,
    spf.CHECK,
    spf_limits.CHECK,
    spf_sender.CHECK,
    dkim.CHECK,
    dmarc.CHECK,
    mx.DESTINATION,
    delivery.ROUTING,
    delivery.GREETING,
    starttls.CHECK,
    host_names.OUTGOING,
    host_names.HOSTS,
    blocklists.CHECK,
    client_ports.CHECK,
    autoconfiguration.CHECK,
    mta_sts.POLICY_CHECK,
    dane.CHECK,
    mta_sts.CHECK,
    spf_style.CHECK,
    dmarc.POLICY,
    dmarc_reports.CHECK,
    mta_sts.REPORTS_CHECK,
    bimi.CHECK,
    instructions.CHECK,
)


def in_reading_order(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Checks as READING_ORDER has them, each further one after the last of its area."""
    ordered = list(READING_ORDER)
    for check in checks:
        if check not in ordered:
            area = check.id.partition(".")[0]
            places = [n for n, c in enumerate(ordered, 1) if c.id.partition(".")[0] == area]
            ordered.insert(max(places, default=len(ordered)), check)
    return tuple(ordered)


CHECKS: tuple[Check, ...] = in_reading_order(defined_in(__name__, __path__, Check))
MESSAGES: dict[str, FindingMessage] = {m.id: m for check in CHECKS for m in check.messages}
# The article that a finding names itself, by its id; "" for most, which are named by their articles.
ARTICLES: dict[str, str] = {id: m.article for id, m in MESSAGES.items()}  # noqa: A001
