"""How many letters strangers can make us send: to one mailbox, to one domain, and altogether.

One mailbox has many spellings (+tags, dots, a name in another script), and a domain any number of
mailboxes and hosts; so each is counted by what stands behind the spelling.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import idna

from standards.dmarc.alignment import organisational_domain_by_list
from web.rate_limits import Limiter, Rate

PER_MAILBOX = Rate(3, timedelta(hours=12))
PER_DOMAIN = Rate(100, timedelta(hours=1))
IN_ALL = Rate(1000, timedelta(hours=1))


@contextmanager
def letter_to_stranger(limiter: Limiter, address: str) -> Iterator[bool]:
    """Whether a letter to an address that a stranger typed is written, counted unless what is done
    within fails. False once a mailbox has had its share, which nobody is told, as it would say that
    others asked. Raises too_many when its domain, or everybody, has had theirs."""
    mailbox = mailbox_of(address)
    with limiter.counted_when_done("subscribe.address", mailbox, PER_MAILBOX) as pause:
        if pause:
            yield False
            return
        domain = organisational_domain_by_list(mailbox.rpartition("@")[2])
        with (
            limiter.counted("subscribe.domain", domain, PER_DOMAIN),
            limiter.counted("subscribe.all", "", IN_ALL),
        ):
            yield True


def mailbox_of(address: str) -> str:
    """The mailbox behind an address as most providers sort mail: small letters, without +tag and
    dots, its domain in A-labels. Only for counting; letters go to the address."""
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0].replace(".", "") or local
    with suppress(idna.IDNAError, UnicodeError):  # an odd domain counts as it is written
        domain = idna.encode(domain.rstrip("."), uts46=True).decode("ascii")
    return f"{local}@{domain}"
