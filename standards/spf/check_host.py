"""check_host() of RFC 7208, 4 as a generator of queries that returns the result with its trace."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from standards.queries import Query, QueryReply
from standards.spf.macros import (
    MacroError,
    check_macros,
    expand_macros,
    needs_validated_name,
    truncate_domain,
)
from standards.spf.record import SpfRecord, SyntaxFault, Term, is_spf, parse_spf
from standards.urls import BadUrl, ascii_host

MAX_LOOKUPS, MAX_VOID_LOOKUPS, MAX_NAMES = 10, 2, 10  # RFC 7208, 4.6.4
IpAddress = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class SpfStep:
    """One evaluated term. `counts` are the DNS terms used, an include's own ones too; `voids` the
    void look-ups; `inside` the record behind include or redirect."""

    term: str
    outcome: str  # "match", "no match", "error"
    counts: int = 0
    voids: int = 0
    inside: SpfNode | None = None


@dataclass(frozen=True, slots=True)
class SpfNode:
    """One SPF record as far as it was evaluated, with the steps taken and its result."""

    domain: str
    record: str
    result: str
    steps: tuple[SpfStep, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SpfVerdict:
    """The result (2.6): none, neutral, pass, fail, softfail, temperror or permerror.

    `mechanism` is the term that matched, `explanation` the domain's text for a fail (6.2),
    `lookups` and `voids` what was counted against the limits, `tree` the whole evaluation.
    """

    result: str
    mechanism: str
    explanation: str
    lookups: int
    voids: int
    tree: SpfNode
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SpfSender:
    """The SMTP client: its address, MAIL FROM (or postmaster@HELO), HELO, and the receiver's name."""

    ip: IpAddress
    sender: str
    helo: str
    receiver: str = "unknown"
    at: int = 0  # Unix time for %{t}


class _ErrorResult(Exception):
    """The evaluation ends with temperror or permerror."""

    def __init__(self, result: str, problem: str) -> None:
        super().__init__(problem)
        self.result, self.problem = result, problem


@dataclass(slots=True)
class _LookupBudget:
    lookups: int = 0
    voids: int = 0
    explanation: str = ""
    mechanism: str = ""


SpfWalk = Generator[Query, QueryReply, SpfNode]


def check_host(
    ip: str, sender: str, helo: str, *, receiver: str = "unknown", at: int = 0
) -> Generator[Query, QueryReply, SpfVerdict]:
    """Evaluate SPF for a client address, MAIL FROM and HELO name.

    Yields one query at a time. `receiver` and `at` (Unix seconds) fill the macros %{r} and %{t}.
    Raises ValueError when `ip` is no address.
    """
    address: IpAddress = ip_address(ip)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    mailbox = sender if "@" in sender else f"postmaster@{sender or helo}"
    local, _, domain_as_given = mailbox.rpartition("@")
    domain = _a_labels(domain_as_given)
    client = SpfSender(address, f"{local or 'postmaster'}@{domain}", _a_labels(helo), receiver, at)
    budget = _LookupBudget()
    tree = yield from _check_host(domain.rstrip("."), client, budget, explain=True)
    return SpfVerdict(
        tree.result,
        budget.mechanism,
        budget.explanation if tree.result == "fail" else "",
        budget.lookups,
        budget.voids,
        tree,
        tree.problem,
    )


def _a_labels(domain: str) -> str:
    """A domain in A-labels (4.3 and RFC 8616); "" when it has none."""
    if domain.isascii():
        return domain
    try:
        return ascii_host(domain)
    except BadUrl:
        return ""


def is_domain_name(domain: str) -> bool:
    """Whether a name has at least two labels of valid length (4.3)."""
    labels = domain.rstrip(".").split(".")
    return len(labels) > 1 and len(domain) <= 253 and all(0 < len(label) <= 63 for label in labels)


def _check_host(domain: str, client: SpfSender, budget: _LookupBudget, *, explain: bool) -> SpfWalk:
    if not is_domain_name(domain):
        return SpfNode(domain, "", "none", problem="not a domain name")
    reply = yield Query(domain, "TXT")
    if reply.failed:
        return SpfNode(domain, "", "temperror", problem="the SPF record could not be looked up")
    records = [v for v in reply.values if is_spf(v)]
    if not records:
        return SpfNode(domain, "", "none", problem="no SPF record")
    if len(records) > 1:
        return SpfNode(domain, " | ".join(records), "permerror", problem="more than one SPF record")
    try:
        record = parse_spf(records[0])
    except SyntaxFault as fault:
        return SpfNode(domain, records[0], "permerror", problem=str(fault))
    return (yield from _evaluate_record(domain, record, client, budget, explain=explain))


def _evaluate_record(
    domain: str, record: SpfRecord, client: SpfSender, budget: _LookupBudget, *, explain: bool
) -> SpfWalk:
    steps: list[SpfStep] = []
    try:
        for term in record.terms:
            matched = yield from _evaluate_term(term, domain, client, budget, steps)
            if matched:
                if explain:
                    budget.mechanism = term.text
                    if term.result == "fail" and record.exp:
                        budget.explanation = yield from _explanation(record.exp, domain, client)
                return SpfNode(domain, record.text, term.result, tuple(steps))
        if record.redirect:
            return (
                yield from _follow_redirect(domain, record, client, budget, steps, explain=explain)
            )
    except _ErrorResult as stop:
        return SpfNode(domain, record.text, stop.result, tuple(steps), stop.problem)
    return SpfNode(domain, record.text, "neutral", tuple(steps))


def _follow_redirect(
    domain: str,
    record: SpfRecord,
    client: SpfSender,
    budget: _LookupBudget,
    steps: list[SpfStep],
    *,
    explain: bool,
) -> SpfWalk:
    _count_lookup(budget)
    target = yield from _expand(record.redirect, domain, client)
    node = yield from _check_host(target, client, budget, explain=explain)
    steps.append(SpfStep(f"redirect={record.redirect}", node.result, 1, 0, node))
    if node.result == "none":
        raise _ErrorResult("permerror", f"redirect to {target}, which has no SPF record")
    return SpfNode(domain, record.text, node.result, tuple(steps), node.problem)


def _evaluate_term(
    term: Term, domain: str, client: SpfSender, budget: _LookupBudget, steps: list[SpfStep]
) -> Generator[Query, QueryReply, bool]:
    lookups_before, voids_before = budget.lookups, budget.voids
    included: SpfNode | None = None
    try:
        if term.name == "include":
            _count_lookup(budget)
            included = yield from _include(term, domain, client, budget)
            matched = included.result == "pass"
        else:
            matched = yield from _matches(term, domain, client, budget)
    except _ErrorResult:
        steps.append(
            SpfStep(
                term.text, "error", budget.lookups - lookups_before, budget.voids - voids_before
            )
        )
        raise
    outcome = "match" if matched else "no match"
    if included is not None and included.result in ("temperror", "permerror", "none"):
        outcome = "error"
    steps.append(
        SpfStep(
            term.text,
            outcome,
            budget.lookups - lookups_before,
            budget.voids - voids_before,
            included,
        )
    )
    if outcome == "error" and included is not None:
        result = "temperror" if included.result == "temperror" else "permerror"
        raise _ErrorResult(result, included.problem or f"{term.text} has no usable record")
    return matched


def _include(term: Term, domain: str, client: SpfSender, budget: _LookupBudget) -> SpfWalk:
    target = yield from _expand(term.domain, domain, client)
    return (yield from _check_host(target, client, budget, explain=False))


def _matches(
    term: Term, domain: str, client: SpfSender, budget: _LookupBudget
) -> Generator[Query, QueryReply, bool]:
    if term.name == "all":
        return True
    if term.address is not None:
        return _covers(str(term.address), client.ip, term)
    _count_lookup(budget)
    target = domain
    if term.domain:
        target = yield from _expand(term.domain, domain, client)
    if term.name == "exists":
        return bool((yield from _query_counted(target, "A", budget)).values)
    if term.name == "ptr":
        names = yield from _validated_names(client.ip)
        return any(_is_at_or_below(name, target) for name in names)
    hosts: tuple[str, ...] = (target,)
    if term.name == "mx":
        hosts = (yield from _query_counted(target, "MX", budget)).values
        if len(hosts) > MAX_NAMES:
            raise _ErrorResult("permerror", f"{target} has more than {MAX_NAMES} mail servers")
    for host in hosts:
        reply = yield from _query_counted(host, _address_type(client.ip), budget)
        if any(_covers(value, client.ip, term) for value in reply.values):
            return True
    return False


def _address_type(ip: IpAddress) -> str:
    return "A" if isinstance(ip, IPv4Address) else "AAAA"


def _covers(value: str, ip: IpAddress, term: Term) -> bool:
    try:
        address = ip_address(value)
    except ValueError:
        return False
    if address.version != ip.version:
        return False
    prefix_length = term.cidr4 if address.version == 4 else term.cidr6
    return ip in ip_network((address, prefix_length), strict=False)


def _is_at_or_below(name: str, domain: str) -> bool:
    return name.lower() == domain.lower() or name.lower().endswith("." + domain.lower())


def _count_lookup(budget: _LookupBudget) -> None:
    budget.lookups += 1
    if budget.lookups > MAX_LOOKUPS:
        raise _ErrorResult("permerror", f"more than {MAX_LOOKUPS} DNS look-ups")


def _query_counted(
    name: str, type: str, budget: _LookupBudget
) -> Generator[Query, QueryReply, QueryReply]:
    if not is_domain_name(name) and type != "A":
        return QueryReply(exists=False)
    if not all(0 < len(label) <= 63 for label in name.rstrip(".").split(".")):
        return QueryReply(exists=False)
    reply = yield Query(name.rstrip("."), type)
    if reply.failed:
        raise _ErrorResult("temperror", f"{name} {type} could not be looked up")
    if not reply.values:
        budget.voids += 1
        if budget.voids > MAX_VOID_LOOKUPS:
            raise _ErrorResult(
                "permerror", f"more than {MAX_VOID_LOOKUPS} look-ups without an answer"
            )
    return reply


def _validated_names(ip: IpAddress) -> Generator[Query, QueryReply, tuple[str, ...]]:
    """The validated domain names of an address (5.5); failed look-ups are skipped."""
    reply = yield Query(ip.reverse_pointer, "PTR")
    names = []
    for name in reply.values[:MAX_NAMES]:
        forward = yield Query(name, _address_type(ip))
        if str(ip) in {str(ip_address(v)) for v in forward.values}:
            names.append(name)
    return tuple(names)


def _expand(text: str, domain: str, client: SpfSender) -> Generator[Query, QueryReply, str]:
    values = yield from _macro_values(text, domain, client)
    return truncate_domain(expand_macros(text, values))


def _macro_values(
    text: str, domain: str, client: SpfSender
) -> Generator[Query, QueryReply, dict[str, str]]:
    local, _, sender_domain = client.sender.rpartition("@")
    is_ipv4 = isinstance(client.ip, IPv4Address)
    values = {
        "s": client.sender,
        "l": local,
        "o": sender_domain,
        "d": domain,
        "i": str(client.ip) if is_ipv4 else ".".join(client.ip.exploded.replace(":", "").upper()),
        "p": "unknown",
        "v": "in-addr" if is_ipv4 else "ip6",
        "h": client.helo,
        "c": str(client.ip),
        "r": client.receiver,
        "t": str(client.at),
    }
    if needs_validated_name(text):
        names = yield from _validated_names(client.ip)
        by_preference = sorted(
            names, key=lambda n: (n.lower() != domain.lower(), not _is_at_or_below(n, domain))
        )
        values["p"] = by_preference[0] if by_preference else "unknown"
    return values


def _explanation(text: str, domain: str, client: SpfSender) -> Generator[Query, QueryReply, str]:
    """The domain's explanation string for a fail (6.2); "" when it is missing or invalid."""
    target = yield from _expand(text, domain, client)
    if not is_domain_name(target):
        return ""
    reply = yield Query(target, "TXT")
    if reply.failed or len(reply.values) != 1 or not reply.values[0].isascii():
        return ""
    try:
        check_macros(reply.values[0], explanation=True)
    except MacroError:
        return ""
    values = yield from _macro_values(reply.values[0], domain, client)
    return expand_macros(reply.values[0], values, explanation=True)
