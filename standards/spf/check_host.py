"""check_host() of RFC 7208 as a generator: yields Ask, receives Reply, returns a Verdict."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from standards.queries import Query, QueryReply
from standards.spf.macros import MacroError, check, expand, needs_name, shortened
from standards.spf.record import SpfRecord, SyntaxFault, Term, is_spf, parse
from standards.urls import BadUrl, ascii_host

LOOKUPS, VOIDS, NAMES = 10, 2, 10  # RFC 7208, 4.6.4
Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class SpfStep:
    """One evaluated term. `counts` the DNS terms it cost, those inside an include too."""

    term: str
    outcome: str  # "match", "no match", "error"
    counts: int = 0
    voids: int = 0
    inside: SpfNode | None = None


@dataclass(frozen=True, slots=True)
class SpfNode:
    """One record of the tree, as far as it was evaluated."""

    domain: str
    record: str
    result: str
    steps: tuple[SpfStep, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SpfVerdict:
    """result: none, neutral, pass, fail, softfail, temperror, permerror (2.6)."""

    result: str
    mechanism: str
    explanation: str
    lookups: int
    voids: int
    tree: SpfNode
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SpfSender:
    """Who sends: the connecting address, MAIL FROM (or postmaster@HELO), HELO, the receiver."""

    ip: Address
    sender: str
    helo: str
    receiver: str = "unknown"
    at: int = 0  # Unix time for %{t}


class _Stop(Exception):
    """The evaluation ends with an error result."""

    def __init__(self, result: str, problem: str) -> None:
        super().__init__(problem)
        self.result, self.problem = result, problem


@dataclass(slots=True)
class _Count:
    lookups: int = 0
    voids: int = 0
    explanation: str = ""
    mechanism: str = ""


Walk = Generator[Query, QueryReply, SpfNode]


def evaluate(
    ip: str, sender: str, helo: str, *, receiver: str = "unknown", at: int = 0
) -> Generator[Query, QueryReply, SpfVerdict]:
    """Would this server be allowed to send? Raises ValueError when `ip` is no address."""
    address: Address = ip_address(ip)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    full = sender if "@" in sender else f"postmaster@{sender or helo}"
    local, _, typed = full.rpartition("@")
    domain = _ascii(typed)
    who = SpfSender(address, f"{local or 'postmaster'}@{domain}", _ascii(helo), receiver, at)
    count = _Count()
    tree = yield from _host(domain.rstrip("."), who, count, explain=True)
    return SpfVerdict(
        tree.result,
        count.mechanism,
        count.explanation if tree.result == "fail" else "",
        count.lookups,
        count.voids,
        tree,
        tree.problem,
    )


def _ascii(domain: str) -> str:
    """A name in A-labels (4.3 and RFC 8616); "" when it is none."""
    if domain.isascii():
        return domain
    try:
        return ascii_host(domain)
    except BadUrl:
        return ""


def well_formed(domain: str) -> bool:
    """A name of at least two labels that DNS can carry (4.3)."""
    labels = domain.rstrip(".").split(".")
    return len(labels) > 1 and len(domain) <= 253 and all(0 < len(x) <= 63 for x in labels)


def _host(domain: str, who: SpfSender, count: _Count, *, explain: bool) -> Walk:
    if not well_formed(domain):
        return SpfNode(domain, "", "none", problem="not a domain name")
    reply = yield Query(domain, "TXT")
    if reply.failed:
        return SpfNode(domain, "", "temperror", problem="the SPF record could not be looked up")
    found = [v for v in reply.values if is_spf(v)]
    if not found:
        return SpfNode(domain, "", "none", problem="no SPF record")
    if len(found) > 1:
        return SpfNode(domain, " | ".join(found), "permerror", problem="more than one SPF record")
    try:
        record = parse(found[0])
    except SyntaxFault as fault:
        return SpfNode(domain, found[0], "permerror", problem=str(fault))
    return (yield from _record(domain, record, who, count, explain=explain))


def _record(
    domain: str, record: SpfRecord, who: SpfSender, count: _Count, *, explain: bool
) -> Walk:
    steps: list[SpfStep] = []
    try:
        for term in record.terms:
            matched = yield from _step(term, domain, who, count, steps)
            if matched:
                if explain:
                    count.mechanism = term.text
                    if term.result == "fail" and record.exp:
                        count.explanation = yield from _explain(record.exp, domain, who)
                return SpfNode(domain, record.text, term.result, tuple(steps))
        if record.redirect:
            return (yield from _redirect(domain, record, who, count, steps, explain=explain))
    except _Stop as stop:
        return SpfNode(domain, record.text, stop.result, tuple(steps), stop.problem)
    return SpfNode(domain, record.text, "neutral", tuple(steps))


def _redirect(
    domain: str,
    record: SpfRecord,
    who: SpfSender,
    count: _Count,
    steps: list[SpfStep],
    *,
    explain: bool,
) -> Walk:
    _count(count)
    target = yield from _expand(record.redirect, domain, who)
    node = yield from _host(target, who, count, explain=explain)
    steps.append(SpfStep(f"redirect={record.redirect}", node.result, 1, 0, node))
    if node.result == "none":
        raise _Stop("permerror", f"redirect to {target}, which has no SPF record")
    return SpfNode(domain, record.text, node.result, tuple(steps), node.problem)


def _step(
    term: Term, domain: str, who: SpfSender, count: _Count, steps: list[SpfStep]
) -> Generator[Query, QueryReply, bool]:
    before, voids = count.lookups, count.voids
    inside: SpfNode | None = None
    try:
        if term.name == "include":
            _count(count)
            inside = yield from _include(term, domain, who, count)
            matched = inside.result == "pass"
        else:
            matched = yield from _matches(term, domain, who, count)
    except _Stop:
        steps.append(SpfStep(term.text, "error", count.lookups - before, count.voids - voids))
        raise
    outcome = "match" if matched else "no match"
    if inside is not None and inside.result in ("temperror", "permerror", "none"):
        outcome = "error"
    steps.append(SpfStep(term.text, outcome, count.lookups - before, count.voids - voids, inside))
    if outcome == "error" and inside is not None:
        result = "temperror" if inside.result == "temperror" else "permerror"
        raise _Stop(result, inside.problem or f"{term.text} has no usable record")
    return matched


def _include(term: Term, domain: str, who: SpfSender, count: _Count) -> Walk:
    target = yield from _expand(term.domain, domain, who)
    return (yield from _host(target, who, count, explain=False))


def _matches(
    term: Term, domain: str, who: SpfSender, count: _Count
) -> Generator[Query, QueryReply, bool]:
    if term.name == "all":
        return True
    if term.address is not None:
        return _covers(str(term.address), who.ip, term)
    _count(count)
    target = domain
    if term.domain:
        target = yield from _expand(term.domain, domain, who)
    if term.name == "exists":
        return bool((yield from _ask(target, "A", count)).values)
    if term.name == "ptr":
        names = yield from _validated(who.ip)
        return any(_within(name, target) for name in names)
    hosts: tuple[str, ...] = (target,)
    if term.name == "mx":
        hosts = (yield from _ask(target, "MX", count)).values
        if len(hosts) > NAMES:
            raise _Stop("permerror", f"{target} has more than {NAMES} mail servers")
    for host in hosts:
        reply = yield from _ask(host, _address_type(who.ip), count)
        if any(_covers(value, who.ip, term) for value in reply.values):
            return True
    return False


def _address_type(ip: Address) -> str:
    return "A" if isinstance(ip, IPv4Address) else "AAAA"


def _covers(value: str, ip: Address, term: Term) -> bool:
    try:
        other = ip_address(value)
    except ValueError:
        return False
    if other.version != ip.version:
        return False
    length = term.cidr4 if other.version == 4 else term.cidr6
    return ip in ip_network((other, length), strict=False)


def _within(name: str, domain: str) -> bool:
    return name.lower() == domain.lower() or name.lower().endswith("." + domain.lower())


def _count(count: _Count) -> None:
    count.lookups += 1
    if count.lookups > LOOKUPS:
        raise _Stop("permerror", f"more than {LOOKUPS} DNS look-ups")


def _ask(name: str, type: str, count: _Count) -> Generator[Query, QueryReply, QueryReply]:
    if not well_formed(name) and type != "A":
        return QueryReply(exists=False)
    if not all(0 < len(label) <= 63 for label in name.rstrip(".").split(".")):
        return QueryReply(exists=False)
    reply = yield Query(name.rstrip("."), type)
    if reply.failed:
        raise _Stop("temperror", f"{name} {type} could not be looked up")
    if not reply.values:
        count.voids += 1
        if count.voids > VOIDS:
            raise _Stop("permerror", f"more than {VOIDS} look-ups without an answer")
    return reply


def _validated(ip: Address) -> Generator[Query, QueryReply, tuple[str, ...]]:
    """The names of the address that point back to it (5.5); errors only shorten the list."""
    reply = yield Query(ip.reverse_pointer, "PTR")
    names = []
    for name in reply.values[:NAMES]:
        back = yield Query(name, _address_type(ip))
        if str(ip) in {str(ip_address(v)) for v in back.values}:
            names.append(name)
    return tuple(names)


def _expand(text: str, domain: str, who: SpfSender) -> Generator[Query, QueryReply, str]:
    values = yield from _values(text, domain, who)
    return shortened(expand(text, values))


def _values(text: str, domain: str, who: SpfSender) -> Generator[Query, QueryReply, dict[str, str]]:
    local, _, sender_domain = who.sender.rpartition("@")
    four = isinstance(who.ip, IPv4Address)
    values = {
        "s": who.sender,
        "l": local,
        "o": sender_domain,
        "d": domain,
        "i": str(who.ip) if four else ".".join(who.ip.exploded.replace(":", "").upper()),
        "p": "unknown",
        "v": "in-addr" if four else "ip6",
        "h": who.helo,
        "c": str(who.ip),
        "r": who.receiver,
        "t": str(who.at),
    }
    if needs_name(text):
        names = yield from _validated(who.ip)
        best = sorted(names, key=lambda n: (n.lower() != domain.lower(), not _within(n, domain)))
        values["p"] = best[0] if best else "unknown"
    return values


def _explain(text: str, domain: str, who: SpfSender) -> Generator[Query, QueryReply, str]:
    """The domain owner's own words for a fail (6.2), or "" when they cannot be had."""
    target = yield from _expand(text, domain, who)
    if not well_formed(target):
        return ""
    reply = yield Query(target, "TXT")
    if reply.failed or len(reply.values) != 1 or not reply.values[0].isascii():
        return ""
    try:
        check(reply.values[0], explanation=True)
    except MacroError:
        return ""
    values = yield from _values(reply.values[0], domain, who)
    return expand(reply.values[0], values, explanation=True)
