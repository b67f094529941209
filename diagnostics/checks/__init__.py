"""Pure judgements over evidence, one file for each group. No sockets, clock, settings or locale.

CHECKS is the catalogue in reading order: what explains most comes first.
"""

from __future__ import annotations

from diagnostics.checks import (
    dns_address,
    dns_domain,
    dns_servers,
    expiry,
    quota,
    web_redirect,
)
from diagnostics.model import Check

CHECKS: tuple[Check, ...] = (
    expiry.REGISTERED,
    expiry.EXPIRY,
    dns_domain.EXISTS,
    dns_domain.DELEGATED,
    dns_servers.CHECK,
    dns_address.HOST,
    dns_address.ADDRESS,
    quota.DISK,
    quota.INODES,
    quota.TRAFFIC,
    web_redirect.CHECK,
)
