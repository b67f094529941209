"""Do all name servers of the zone tell the same? The one that differs is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from diagnostics.checks.reading import authoritative, said_by
from diagnostics.evidence import DELEGATION, RECORDS, Records
from diagnostics.model import Case, Check, Finding, Message, Owner, Severity
from facts import Delegated, Delegation
from render.i18n import N_

COMPARED = ("A", "AAAA", "CNAME", "MX", "TXT")

SERIAL = Message(
    id="dns.soa.serial_differs",
    severity=Severity.NOTICE,
    owner=Owner.DNS_OPERATOR,
    title=N_("The name servers have different versions of the zone"),
    seen=N_("The newest version is {newest:code}; {behind:list} still has an older one."),
    why=N_("Right after a change this is normal. If it lasts, some visitors see old settings."),
    steps=(
        N_("Wait an hour after your last DNS change and check again."),
        N_("If it stays so, tell the operator of {behind:list} that the zone is not updated."),
    ),
)
DIFFER = Message(
    id="dns.records.differ",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server of {domain} tells something else than the others"),
    seen=N_(
        "For {name} ({type}), {servers:list} says {theirs:said}; the others say {others:said}."
    ),
    why=N_("Site and mail work for some people and not for others, seemingly by chance."),
    steps=(
        N_("If you changed the DNS within the last hour, wait and check again."),
        N_("Ask the operator of {servers:list} to update its copy of the zone {domain}."),
        N_("If that server belongs to a former provider, remove it at the registrar."),
    ),
    hides=("dns.soa.serial_differs",),
)
NOTHING = N_("nothing")


def judge_serial(case: Case) -> Iterable[Finding]:
    seen = case.evidence[DELEGATION]
    if seen.outcome is not Delegated.YES:
        return
    serials = _serials(seen)
    newest = max(serials.values(), default=0)
    behind = sorted(name for name, serial in serials.items() if serial != newest)
    if behind:
        yield SERIAL(evidence=("delegation",), newest=str(newest), behind=behind)


def _serials(seen: Delegation) -> dict[str, int]:
    """The version of the zone at each server that speaks with authority."""
    serials: dict[str, int] = {}
    for answer in seen.soa:
        if answer.trouble or "aa" not in answer.flags:
            continue
        for value in answer.values("SOA"):
            fields = value.split()
            if len(fields) >= 3 and fields[2].isdigit():
                serials[said_by(answer)] = int(fields[2])
    return serials


def judge_records(case: Case) -> Iterable[Finding]:
    records = case.evidence[RECORDS]
    asked = dict.fromkeys((x.name, x.type) for x in records.lookups if x.type in COMPARED)
    delegation = case.evidence.get(DELEGATION)
    serials = _serials(delegation) if delegation else {}
    told: set[tuple[str, ...]] = set()
    for name, type in asked:  # noqa: A001 - the trade's own word
        finding = _compare(records, name, type, serials)
        if finding is None:
            continue
        # The same server differing in several records is one fault.
        servers = finding.args["servers"]
        key = tuple(servers) if isinstance(servers, list) else ()
        if key not in told:
            told.add(key)
            yield finding


def _compare(records: Records, name: str, type: str, serials: dict[str, int]) -> Finding | None:
    sets = {said_by(x): frozenset(x.values(type)) for x in authoritative(records, name, type)}
    if len(sets) < 2:
        return None
    votes = Counter(sets.values())

    def weight(server: str) -> tuple[int, int]:
        # Most servers are right; of equal camps the one with the newer zone is.
        return votes[sets[server]], serials.get(server, 0)

    usual = sets[max(sets, key=weight)]
    odd = [server for server, values in sets.items() if _apart(values, usual, type)]
    if not odd:
        return None
    theirs = sorted({v for server in odd for v in sets[server]})
    return DIFFER(
        evidence=("records",),
        domain=records.zone,
        name=name,
        type=type,
        servers=sorted(odd),
        theirs=", ".join(theirs) or NOTHING,
        others=", ".join(sorted(usual)) or NOTHING,
    )


def _apart(values: frozenset[str], usual: frozenset[str], type: str) -> bool:
    """Whether two answers disagree. Addresses may be handed out in part, in turn or by place."""
    if type in ("A", "AAAA") and values and usual:
        return not values & usual
    return values != usual


SOA = Check(
    id="dns.soa",
    title=N_("All name servers have the same version of the zone"),
    needs=(DELEGATION,),
    messages=(SERIAL,),
    judge=judge_serial,
)
RECORDS_CHECK = Check(
    id="dns.records",
    title=N_("All name servers tell the same"),
    needs=(RECORDS,),
    tolerates=(DELEGATION,),
    messages=(DIFFER,),
    judge=judge_records,
)
