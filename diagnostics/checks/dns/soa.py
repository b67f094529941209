"""Check of the SOA record at every name server: present, single, same serial (RFC 1035)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import (
    answering_server,
    full_delegation,
    is_delegated,
    newest_serial,
    normalise_name,
    zone_serials,
)
from diagnostics.evidence.keys import DELEGATION, SERVERS
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Delegated, Delegation
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup

MISSING = FindingMessage(
    id="dns.soa.missing",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("The zone {domain} has no beginning at a name server"),
    seen=N_("We asked for the zone's SOA record and got none from {servers:list}."),
    why=N_("Without an SOA record a zone is not whole; other servers may refuse to use it."),
    steps=(
        N_("Tell the operator of {servers:list} that the zone {domain} lacks its SOA record."),
        N_("If you write the zone file yourself, add the SOA record as its first one."),
    ),
)
MULTIPLE = FindingMessage(
    id="dns.soa.multiple",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("The zone {domain} has more than one beginning"),
    seen=N_("Several SOA records at once come from {servers:list}, and only one may exist."),
    why=N_("Nobody can tell which version of the zone is right, so changes may not spread."),
    steps=(
        N_("Ask the operator of {servers:list} to keep one SOA record of {domain} only."),
        N_("If your panel let you add an SOA record by hand, delete that one."),
    ),
)
SERIAL = FindingMessage(
    id="dns.soa.serial_differs",
    severity=Severity.NOTICE,
    owner=Owner.DNS_OPERATOR,
    title=N_("The name servers have different versions of the zone"),
    seen=N_("The newest version is {newest:code}; an older one still comes from {behind:list}."),
    why=N_("Right after a change this is normal. If it lasts, some visitors see old settings."),
    steps=(
        N_("Wait an hour after your last DNS change and check again."),
        N_("If it stays so, tell the operator of {behind:list} that the zone is not updated."),
    ),
)
MNAME = FindingMessage(
    id="dns.soa.mname_differs",
    severity=Severity.NOTICE,
    owner=Owner.DNS_OPERATOR,
    title=N_("The name servers disagree on which of them is the first"),
    seen=N_("As the zone's primary server they name {names:list}."),
    why=N_("It is a sign that the servers do not copy one and the same zone."),
    steps=(
        N_("Ask whoever runs the DNS whether all servers take the zone from the same place."),
        N_("Right after a move to other name servers this passes by itself."),
    ),
)


def judge(case: Case) -> Iterable[Finding]:
    delegation = full_delegation(case)
    if delegation.outcome is not Delegated.YES:
        return
    yield from _count_findings(delegation)
    serials = zone_serials(delegation)
    newest = newest_serial(serials.values())
    behind = sorted(name for name, serial in serials.items() if serial != newest)
    if behind:
        yield SERIAL(evidence=("delegation",), newest=str(newest), behind=behind)
    primaries = {
        normalise_name(value.split()[0])
        for x in _authoritative_answers(delegation)
        for value in x.values("SOA")
    }
    if len(primaries) > 1 and not _multiple_soa_answers(delegation):
        yield MNAME(evidence=("delegation",), names=sorted(primaries))


def _count_findings(delegation: Delegation) -> Iterator[Finding]:
    lacking = [x for x in _authoritative_answers(delegation) if not x.answers]
    for message, answers in ((MISSING, lacking), (MULTIPLE, _multiple_soa_answers(delegation))):
        if answers:
            servers = sorted({answering_server(x) for x in answers})
            yield message(evidence=("delegation",), domain=delegation.domain, servers=servers)


def _multiple_soa_answers(delegation: Delegation) -> list[Lookup]:
    return [x for x in _authoritative_answers(delegation) if len(set(x.values("SOA"))) > 1]


def _authoritative_answers(delegation: Delegation) -> list[Lookup]:
    """What the servers say with authority."""
    return [x for x in delegation.soa if not x.trouble and x.rcode == "NOERROR" and "aa" in x.flags]


def _servers_asked(case: Case) -> tuple[Lookup, ...]:
    return full_delegation(case).soa if is_delegated(case) else ()


CHECK = Check(
    id="dns.soa",
    title=N_("All name servers have the same version of the zone"),
    needs=(DELEGATION,),
    tolerates=(SERVERS,),
    messages=(MISSING, MULTIPLE, SERIAL, MNAME),
    judge=judge,
    seen=_servers_asked,
    refuted_by=(
        "dns.records.differ",
        "mail.mx.inconsistent",
        "mail.spf.differs_between_ns",
    ),
)
