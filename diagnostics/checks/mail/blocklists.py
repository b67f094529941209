"""Check whether the sending addresses or the domain are on a blocklist that can be trusted.

Shared sending addresses are the provider's matter, always; the domain is the customer's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import unknown_finding
from diagnostics.evidence.blocklist_answers import (
    BlocklistAnswer,
    BlocklistTrust,
    assess_trust,
    classify_answer,
    find_blocklist,
    list_name,
    listing_reason,
)
from diagnostics.evidence.mail import BLOCKLISTS, Blocklists, Listing
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

ADDRESS = FindingMessage(
    id="mail.blocklist.address",
    severity=Severity.WARNING,
    owner=Owner.PROVIDER,
    title=N_("An address that your mail leaves from is on a blocklist"),
    seen=N_("Listed by {lists:list}: {subjects:list}. {reason:said}"),
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
DOMAIN = FindingMessage(
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
REFUSED = FindingMessage(
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
UNBELIEVED = FindingMessage(
    id="mail.blocklist.unbelieved",
    severity=Severity.INFO,
    owner=Owner.PROVIDER,
    title=N_("A blocklist is not to be believed"),
    seen=N_(
        "We left out {lists:list}: the answers for the test entries that every such list has were wrong."
    ),
    why=N_("It would call everything listed, or nothing. Some lists end that way when they close."),
    steps=(N_("There is nothing for you to do. We should no longer ask this list."),),
)


def judge(case: Case) -> Iterable[Finding]:
    blocklists = case.evidence[BLOCKLISTS]
    trust_by_list = {(t.zone, t.sort): assess_trust(t) for t in blocklists.tests}
    sound_listings = [
        x
        for x in blocklists.listings
        if trust_by_list.get((x.zone, x.sort)) is BlocklistTrust.SOUND
    ]
    listed = [
        x for x in sound_listings if classify_answer(x.zone, x.lookup) is BlocklistAnswer.LISTED
    ]
    for message, is_domain in ((ADDRESS, False), (DOMAIN, True)):
        if listings := [x for x in listed if (x.sort == "domain") is is_domain]:
            yield _listing_finding(message, listings)
    yield from _unusable_list_findings(blocklists)
    answered = [
        x
        for x in sound_listings
        if classify_answer(x.zone, x.lookup) in (BlocklistAnswer.CLEAR, BlocklistAnswer.LISTED)
    ]
    if blocklists.listings and not answered:
        trouble = Trouble.SERVFAIL.value
        yield unknown_finding(CHECK.id, what="blocklists", trouble=trouble, detail="lists_silent")


def _listing_finding(message: FindingMessage, listings: list[Listing]) -> Finding:
    """Names of the lists, their reason in our words, their pages."""
    zones = list(dict.fromkeys(x.zone for x in listings))
    pages = [
        blocklist.page for zone in zones if (blocklist := find_blocklist(zone)) and blocklist.page
    ]
    return message(
        evidence=("blocklists",),
        domain=listings[0].subject,
        subjects=list(dict.fromkeys(x.subject for x in listings)),
        lists=list(dict.fromkeys(list_name(zone) for zone in zones)),
        reason=listing_reason(listings[0].zone, listings[0].lookup),
        pages=list(dict.fromkeys(pages)) or [list_name(zones[0])],
        words=[x.reason for x in listings if x.reason][:5],
    )


def _unusable_list_findings(blocklists: Blocklists) -> Iterator[Finding]:
    """Lists that are of no use; a list that serves another sort of subject is not one of them."""
    trusts_by_zone: dict[str, set[BlocklistTrust]] = {}
    for test in blocklists.tests:
        trusts_by_zone.setdefault(test.zone, set()).add(assess_trust(test))
    refusing_zones = {
        x.zone
        for x in blocklists.listings
        if classify_answer(x.zone, x.lookup) is BlocklistAnswer.REFUSED
    }
    refused_zones = [
        z
        for z, t in trusts_by_zone.items()
        if BlocklistTrust.REFUSED in t or (z in refusing_zones and _is_sound(t))
    ]
    useless_zones = [
        z for z, t in trusts_by_zone.items() if z not in refused_zones and _is_useless(t)
    ]
    for message, zones in ((REFUSED, refused_zones), (UNBELIEVED, useless_zones)):
        if zones:
            names = list(dict.fromkeys(list_name(zone) for zone in zones))
            yield message(evidence=("blocklists",), lists=names)


def _is_sound(trusts: set[BlocklistTrust]) -> bool:
    return BlocklistTrust.SOUND in trusts


def _is_useless(trusts: set[BlocklistTrust]) -> bool:
    return BlocklistTrust.LISTS_ALL in trusts or trusts == {BlocklistTrust.LISTS_NOTHING}


def _listings(case: Case) -> tuple[Listing, ...]:
    return case.evidence[BLOCKLISTS].listings


CHECK = Check(
    id="mail.blocklist",
    title=N_("Neither the domain nor its sending addresses are on a blocklist"),
    needs=(BLOCKLISTS,),
    messages=(ADDRESS, DOMAIN, REFUSED, UNBELIEVED),
    judge=judge,
    seen=_listings,
)
