"""Check that all name servers of the zone give the same records; the deviating one is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from diagnostics.checks.readings import (
    answering_server,
    authoritative_answers,
    full_delegation,
    zone_serials,
)
from diagnostics.evidence.keys import DELEGATION, EXPECTED, RECORDS, SERVERS, Records
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_

COMPARED = ("A", "AAAA", "CNAME", "MX", "TXT")

DIFFER = FindingMessage(
    id="dns.records.differ",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server of {domain} tells something else than the others"),
    seen=N_("{what:said}"),
    why=N_("Site and mail work for some people and not for others, seemingly by chance."),
    steps=(
        N_("If you changed the DNS within the last hour, wait and check again."),
        N_("{advice:said}"),
        N_("If that server belongs to a former provider, remove it at the registrar."),
    ),
    hides=(
        "dns.soa.serial_differs",
        "dns.soa.mname_differs",
        "mail.mx.inconsistent",
        "mail.spf.differs_between_ns",
    ),
)
ONE_DIFFERS = N_(
    "For {name} ({type}), the answer from {servers:list} is {theirs:said}; the others say {others:said}."
)
BOTH = N_(
    "For {name} ({type}), the answer from {servers:list} is {theirs:said}, and from {rest:list} {others:said}. Which of them is right cannot be told from outside."
)
UPDATE = N_("Ask the operator of {servers:list} to update the copy of the zone {domain}.")
COMPARE = N_(
    "Compare both with the record you set, and tell the operator of the server that is wrong."
)
NOTHING = N_("nothing")


def judge_records(case: Case) -> Iterable[Finding]:
    records = case.evidence[RECORDS]
    pairs = {(x.name, x.type) for x in records.lookups if x.type in COMPARED}
    questions = sorted(pairs, key=lambda q: (len(q[0]), q[0], COMPARED.index(q[1])))
    versions = zone_serials(full_delegation(case)) if DELEGATION in case.evidence else {}
    expected = case.evidence.get(EXPECTED)
    account_addresses = frozenset(expected.addresses if expected and expected.own else ())
    reported: set[tuple[str, ...]] = set()
    for name, type in questions:  # noqa: A001 - the trade's own word
        finding = _compare(records, name, type, versions, account_addresses)
        if finding is None:
            continue
        # The same server differing in several records is one fault.
        key = _deviating_servers(finding)
        if key not in reported:
            reported.add(key)
            yield finding


def _deviating_servers(finding: Finding) -> tuple[str, ...]:
    """Who stands apart: the blamed servers, or everybody when nobody can be blamed."""
    parts = ("servers", "rest") if finding.args["what"] == BOTH else ("servers",)
    server_lists = [finding.args[part] for part in parts]
    return tuple(
        sorted(name for names in server_lists if isinstance(names, list) for name in names)
    )


def _compare(
    records: Records,
    name: str,
    type: str,
    versions: dict[str, int],
    account_addresses: frozenset[str],
) -> Finding | None:
    answers = sorted(authoritative_answers(records, name, type), key=lambda x: x.server)
    sets = {answering_server(x): frozenset(x.values(type)) for x in answers}
    if len(sets) < 2:
        return None
    votes = Counter(sets.values())

    def weight(server: str) -> tuple[int, int, bool, list[str]]:
        # Most servers are right; of equal camps the one with the newer zone is, then the one that
        # leads to the account's own server. What is left must not hang on who answered first.
        values_given = sets[server]
        return (
            votes[values_given],
            versions.get(server, 0),
            bool(values_given & account_addresses),
            sorted(values_given),
        )

    majority = sets[max(sets, key=weight)]
    deviating = [server for server, values in sets.items() if _disagree(values, majority, type)]
    if not deviating:
        return None
    deviating_values = sorted({v for server in deviating for v in sets[server]})
    majority_weight = weight(next(server for server, values in sets.items() if values == majority))[
        :3
    ]
    is_undecided = any(weight(server)[:3] == majority_weight for server in deviating)
    return DIFFER(
        evidence=("records",),
        domain=records.zone,
        name=name,
        type=type,
        what=BOTH if is_undecided else ONE_DIFFERS,
        advice=COMPARE if is_undecided else UPDATE,
        servers=sorted(deviating),
        rest=sorted(set(sets) - set(deviating)),
        theirs=", ".join(deviating_values) or NOTHING,
        others=", ".join(sorted(majority)) or NOTHING,
    )


def _disagree(values: frozenset[str], majority: frozenset[str], type: str) -> bool:
    """Whether two answers disagree. Addresses may be handed out in part, in turn or by place."""
    if type in ("A", "AAAA") and values and majority:
        return not values & majority
    return values != majority


RECORDS_CHECK = Check(
    id="dns.records",
    title=N_("All name servers tell the same"),
    needs=(RECORDS,),
    tolerates=(DELEGATION, SERVERS, EXPECTED),
    messages=(DIFFER,),
    judge=judge_records,
    refuted_by=(
        "mail.mx.inconsistent",
        "mail.mx.no_answer",
        "mail.mx.rcode",
        "mail.spf.differs_between_ns",
    ),
)
