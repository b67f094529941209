"""Check of a DNS change the customer made: is it published, and how long do caches keep the old record?

Judged only when the customer said what was changed, or when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from diagnostics.checks.readings import normalise_name, unknown_finding
from diagnostics.evidence.keys import CACHES, DELEGATION, RECORDS, Records, ResolverCaches
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from diagnostics.symptoms.dns_change import DAY, HOUR
from facts import Delegation
from kb.owners import Owner
from render.i18n import N_
from render.message_format import Argument
from standards.dns_types import Lookup
from standards.urls import is_address

NOT_PUBLISHED = FindingMessage(
    id="dns.change.not_published",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("We do not find your change at the name servers of {domain}"),
    seen=N_("For {names:list}, we do not see “{value}” at {servers:list}."),
    why=N_("Only what these servers say takes effect; settings made elsewhere change nothing."),
    steps=(
        N_("If you changed another name than {names:list}, check again with that name."),
        N_("Find out who runs {servers:list}, and open the DNS settings of {domain} there."),
        N_("Check that the value is saved under the right name, without typing mistakes."),
        N_("If you wanted other name servers, change them where the domain is registered."),
    ),
)
TOO_SOON = FindingMessage(
    id="dns.change.too_soon",
    severity=Severity.NOTICE,
    owner=Owner.NOBODY,
    title=N_("Your change is not at the name servers yet"),
    seen=N_(
        "You made it within the last hour, and we do not see “{value}” at {servers:list} so far."
    ),
    why=N_("Many companies publish changes only every quarter of an hour, some once an hour."),
    steps=(
        N_("Wait until an hour has passed since the change, then check again."),
        N_("If it is still not there, check where you set it: it has to be at {servers:list}."),
    ),
)
REMEMBERED = FindingMessage(
    id="dns.change.remembered",
    severity=Severity.NOTICE,
    owner=Owner.NOBODY,
    title=N_("Your change is published; not everybody sees it yet"),
    seen=N_(
        "The name servers say “{value}”. Some resolvers still remember the old state, for "
        "{left:duration} at most."
    ),
    why=N_("That is how the DNS works: old values are kept for a set time, then they are gone."),
    steps=(
        N_("There is nothing to do but wait."),
        N_("To see the new state at once, try another network, such as your phone's."),
    ),
    hides=("dns.cache.old_record",),
)
PUBLISHED = FindingMessage(
    id="dns.change.published",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("Your change is published; what you see is kept on your side"),
    seen=N_("The name servers and the resolvers we asked all say “{value}” or know of no other."),
    why=N_("Your browser, computer or router still remembers the old state."),
    steps=(
        N_("Try on a phone with Wi-Fi off. If it is right there, only your own network is behind."),
        N_("Restart the browser, then the computer, then the router; each of them remembers."),
        N_("If others also see the old state, check again with the exact name that they open."),
    ),
)
MAY_BE = FindingMessage(
    id="dns.change.may_be_remembered",
    severity=Severity.NOTICE,
    owner=Owner.NOBODY,
    title=N_("A change made lately may not be seen by everybody yet"),
    seen=N_("Settings of {domain} may be remembered for up to {ttl:duration}. {when:said}"),
    why=N_("Until that time has passed since the change, some people see the old state."),
    steps=(
        N_("Wait until then, and check again."),
        N_("Tell us the new value under the questions below: we look whether it is published."),
    ),
)
CHANGED_SENTENCES = {
    HOUR: N_("You changed them within the last hour."),
    DAY: N_("You changed them within the last day."),
}
MAX_AGES = {HOUR: timedelta(hours=1), DAY: timedelta(days=1)}  # how long ago at most


def judge(case: Case) -> Iterable[Finding]:
    records, delegation = case.evidence[RECORDS], case.evidence[DELEGATION]
    changed_at = case.answers.get("changed_at", "")
    wanted_values = frozenset(
        _strip_value(w) for w in case.answers.get("value", "").split() if _is_value(w)
    )
    typed_value = " ".join(case.answers.get("value", "").split())[:100]
    if wanted_values:
        servers = sorted(delegation.parent_ns)
        names = list(dict.fromkeys((records.zone, f"www.{records.zone}", case.subject.host)))
        args: dict[str, Argument] = {
            "domain": records.zone,
            "value": typed_value,
            "servers": servers,
            "names": names,
        }
        yield from _change_findings(
            case, wanted_values, args, changed_at, _published_values(records, delegation)
        )
        return
    ttl = _longest_ttl(records, delegation)
    if changed_at in MAX_AGES and ttl >= 300:
        yield MAY_BE(
            evidence=("records", "delegation"),
            domain=records.zone,
            ttl=ttl,
            when=CHANGED_SENTENCES[changed_at],
        )
    else:
        yield unknown_finding(CHECK.id, what="records")  # too little was told to look for anything


def _change_findings(
    case: Case,
    wanted_values: frozenset[str],
    args: dict[str, Argument],
    changed_at: str,
    published: frozenset[str],
) -> Iterator[Finding]:
    """Whether the wanted value is at the name servers, and what resolvers say instead."""
    keys = ("records", "delegation")
    if not wanted_values & published:
        if all(x.trouble for x in case.evidence[RECORDS].lookups):
            yield unknown_finding(CHECK.id, what="records")
            return
        message = TOO_SOON if changed_at == HOUR else NOT_PUBLISHED
        yield Finding(message.id, args, keys)
        return
    caches = case.evidence.get(CACHES)
    seconds_left = _stale_seconds(case.evidence[RECORDS], caches, wanted_values) if caches else 0
    if seconds_left:
        yield Finding(REMEMBERED.id, args | {"left": seconds_left}, ("records", "caches"))
    elif caches:
        yield Finding(PUBLISHED.id, args, ("records", "caches"))


def _is_value(word: str) -> bool:
    """Whether a word may be a value: an address, a name, or a token; not prose or punctuation."""
    word = _strip_value(word)
    return is_address(word) or ("." in word and len(word) > 3) or len(word) >= 12


def _strip_value(value: str) -> str:
    return normalise_name(value.strip("\"'“”„()<>,;"))


def _published_values(records: Records, delegation: Delegation) -> frozenset[str]:
    """Every value, and every word of one, that a name server of the zone or its parent gives."""
    answers = (*records.lookups, *delegation.soa, *delegation.ns)
    values = [r.value for x in answers if not x.trouble for r in x.answers]
    words = {_strip_value(word) for value in values for word in (value, *value.split())}
    return frozenset(words | {normalise_name(name) for name in delegation.parent_ns})


def _stale_seconds(records: Records, caches: ResolverCaches, wanted_values: frozenset[str]) -> int:
    """Seconds for which a resolver remembers something else for a name that now has the value."""
    changed_questions = {
        (x.name, x.type)
        for x in records.lookups
        if not x.trouble and wanted_values & _lookup_values(x)
    }
    stale_answers = [
        x
        for x in caches.lookups
        if (x.name, x.type) in changed_questions
        and not x.trouble
        and x.answers
        and not wanted_values & _lookup_values(x)
    ]
    return max((r.ttl for x in stale_answers for r in x.answers), default=0)


def _lookup_values(lookup: Lookup) -> frozenset[str]:
    return frozenset(_strip_value(w) for r in lookup.answers for w in (r.value, *r.value.split()))


def _longest_ttl(records: Records, delegation: Delegation) -> int:
    """The longest time for which one of the zone's settings may be kept, in seconds."""
    parents = (r.ttl for x in delegation.parents for r in (*x.authority, *x.answers))
    return max(max((r.ttl for x in records.lookups for r in x.answers), default=0), *parents, 0)


CHECK = Check(
    id="dns.change",
    title=N_("Your change in the DNS can be seen"),
    needs=(RECORDS, DELEGATION),
    tolerates=(CACHES,),
    messages=(NOT_PUBLISHED, TOO_SOON, REMEMBERED, PUBLISHED, MAY_BE),
    judge=judge,
    asks=("changed_at", "value"),
)
