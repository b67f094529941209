"""Drives the evaluator over real DNS, and puts the verdict into JSON form."""

from __future__ import annotations

from diagnostics.spf.evaluate import Ask, Node, Reply, Step, Verdict, evaluate
from facts import Lookup, Trouble
from observe import dns
from observe.budget import Budget
from observe.network import Network


async def look(net: Network, budget: Budget, ip: str, sender: str, helo: str) -> Verdict:
    """Would `ip` be allowed to send for `sender`? Raises ValueError when `ip` is no address."""
    at = int(net.clock.now().timestamp())
    walk = evaluate(ip, sender, helo, receiver=net.vantage.name, at=at)
    question = next(walk)
    while True:
        answer = reply(await dns.resolve(net, budget, question.name, question.type), question)
        try:
            question = walk.send(answer)
        except StopIteration as end:
            verdict: Verdict = end.value
            return verdict


def reply(lookup: Lookup, ask: Ask) -> Reply:
    """What a look-up means to SPF: NOERROR and NXDOMAIN are answers, the rest is not (4.4)."""
    if lookup.rcode == "NXDOMAIN" or lookup.trouble is Trouble.NXDOMAIN:
        return Reply(exists=False)
    if lookup.trouble is not None or lookup.rcode != "NOERROR":
        return Reply(failed=True)
    values = lookup.values(ask.type)
    if ask.type == "MX":
        values = tuple(v.partition(" ")[2].rstrip(".") for v in sorted(values, key=_preference))
    elif ask.type == "TXT":
        values = tuple(joined(v) for v in values)
    elif ask.type == "PTR":
        values = tuple(v.rstrip(".") for v in values)
    return Reply(values)


def _preference(value: str) -> int:
    head = value.partition(" ")[0]
    return int(head) if head.isdigit() else 65536


def joined(text: str) -> str:
    """The character-strings of a TXT value in presentation form, put together (RFC 7208, 3.3)."""
    out: list[str] = []
    inside, at = False, 0
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 4].isdigit():
            out.append(chr(min(int(text[at + 1 : at + 4]), 255)))
            at += 3
        elif char == "\\" and at + 1 < len(text):
            out.append(text[at + 1])
            at += 1
        elif char == '"':
            inside = not inside
        elif inside or char != " ":
            out.append(char)
        at += 1
    return "".join(out)


def document(verdict: Verdict) -> dict[str, object]:
    """The verdict with its whole look-up tree, JSON-plain."""
    return {
        "result": verdict.result,
        "mechanism": verdict.mechanism,
        "explanation": verdict.explanation,
        "problem": verdict.problem,
        "lookups": verdict.lookups,
        "void_lookups": verdict.voids,
        "tree": _node(verdict.tree),
    }


def _node(node: Node) -> dict[str, object]:
    return {
        "domain": node.domain,
        "record": node.record,
        "result": node.result,
        "problem": node.problem,
        "terms": [_step(step) for step in node.steps],
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "term": step.term,
        "outcome": step.outcome,
        "lookups": step.counts,
        "void_lookups": step.voids,
        "inside": _node(step.inside) if step.inside else None,
    }
