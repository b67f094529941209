"""Are the addresses our mail leaves from, or the domain itself, on a blocklist that may be believed?

Shared sending addresses are the provider's matter, always; the domain is the customer's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import unknown
from diagnostics.evidence.blocklists import (
    BlocklistAnswer,
    BlocklistTrust,
    known,
    meaning,
    named,
    trust,
    word,
)
from diagnostics.evidence.mail import BLOCKLISTS, Blocklists, Listing
from diagnostics.model import Case, Check, Finding, Message, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

ADDRESS = Message(
    id="mail.blocklist.address",
    severity=Severity.WARNING,
    owner=Owner.PROVIDER,
    title=N_("An address that your mail leaves from is on a blocklist"),
    seen=N_("{subjects:list} is listed by {lists:list}. {reason:said}"),
    why=N_(
        "Receivers that ask this list refuse your mail or call it spam. The address is shared by "
        "many customers, so you need not be the cause."
    ),
    steps=(
        N_("You cannot have it removed yourself. Send us this report; we find the cause and ask."),
        N_("An urgent message can meanwhile be sent from a mailbox with another provider."),
        N_("Details of the listing: {pages:list}."),
    ),
)
DOMAIN = Message(
    id="mail.blocklist.domain",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{domain} is on a blocklist"),
    seen=N_("{domain} is listed by {lists:list}. {reason:said}"),
    why=N_(
        "Mail that comes from {domain}, or only has a link to it, is refused or called spam by "
        "receivers that ask this list."
    ),
    steps=(
        N_("Have the website checked for a break-in, and change its passwords and the mailboxes'."),
        N_("Stop newsletters to people who did not ask for them."),
        N_("When the cause is gone, ask the list to remove the domain: {pages:list}."),
    ),
)
REFUSED = Message(
    id="mail.blocklist.refused",
    severity=Severity.INFO,
    owner=Owner.PROVIDER,
    title=N_("A blocklist does not answer us"),
    seen=N_("{lists:list} refused our question, which is no listing."),
    why=N_("We cannot tell whether it lists anything. It tells nothing of your domain."),
    steps=(
        N_("There is nothing for you to do. The list wants to be asked through another resolver, "
           "or with a key; that is our matter."),
    ),
)  # fmt: skip
UNBELIEVED = Message(
    id="mail.blocklist.unbelieved",
    severity=Severity.INFO,
    owner=Owner.PROVIDER,
    title=N_("A blocklist is not to be believed"),
    seen=N_("{lists:list} fails the test entries that every such list has, so we left it out."),
    why=N_("It would call everything listed, or nothing. Some lists end that way when they close."),
    steps=(N_("There is nothing for you to do. We should no longer ask this list."),),
)


def judge(case: Case) -> Iterable[Finding]:
    seen = case.evidence[BLOCKLISTS]
    trusted = {(t.zone, t.sort): trust(t) for t in seen.tests}
    sound = [x for x in seen.listings if trusted.get((x.zone, x.sort)) is BlocklistTrust.SOUND]
    listed = [x for x in sound if word(x.zone, x.lookup) is BlocklistAnswer.LISTED]
    for message, about in ((ADDRESS, False), (DOMAIN, True)):
        if found := [x for x in listed if (x.sort == "domain") is about]:
            yield _told(message, found)
    yield from _lists(seen)
    answered = [
        x
        for x in sound
        if word(x.zone, x.lookup) in (BlocklistAnswer.CLEAR, BlocklistAnswer.LISTED)
    ]
    if seen.listings and not answered:
        trouble = Trouble.SERVFAIL.value
        yield unknown(CHECK.id, what="blocklists", trouble=trouble, detail="lists_silent")


def _told(message: Message, found: list[Listing]) -> Finding:
    """Names of the lists, their reason in our words, their pages."""
    zones = list(dict.fromkeys(x.zone for x in found))
    pages = [told.page for zone in zones if (told := known(zone)) and told.page]
    return message(
        evidence=("blocklists",),
        domain=found[0].subject,
        subjects=list(dict.fromkeys(x.subject for x in found)),
        lists=list(dict.fromkeys(named(zone) for zone in zones)),
        reason=meaning(found[0].zone, found[0].lookup),
        pages=list(dict.fromkeys(pages)) or [named(zones[0])],
        words=[x.reason for x in found if x.reason][:5],
    )


def _lists(seen: Blocklists) -> Iterator[Finding]:
    """Lists that are of no use; a list that serves another sort of subject is not one of them."""
    by_zone: dict[str, set[BlocklistTrust]] = {}
    for test in seen.tests:
        by_zone.setdefault(test.zone, set()).add(trust(test))
    late = {x.zone for x in seen.listings if word(x.zone, x.lookup) is BlocklistAnswer.REFUSED}
    refused = [
        z for z, t in by_zone.items() if BlocklistTrust.REFUSED in t or (z in late and _sound(t))
    ]
    odd = [z for z, t in by_zone.items() if z not in refused and _useless(t)]
    for message, zones in ((REFUSED, refused), (UNBELIEVED, odd)):
        if zones:
            names = list(dict.fromkeys(named(zone) for zone in zones))
            yield message(evidence=("blocklists",), lists=names)


def _sound(trusts: set[BlocklistTrust]) -> bool:
    return BlocklistTrust.SOUND in trusts


def _useless(trusts: set[BlocklistTrust]) -> bool:
    return BlocklistTrust.LISTS_ALL in trusts or trusts == {BlocklistTrust.LISTS_NOTHING}


CHECK = Check(
    id="mail.blocklist",
    title=N_("Neither the domain nor its sending addresses are on a blocklist"),
    needs=(BLOCKLISTS,),
    messages=(ADDRESS, DOMAIN, REFUSED, UNBELIEVED),
    judge=judge,
)
