"""Evaluates SPF over real DNS, and puts the verdict into JSON form."""

from __future__ import annotations

from observe.budget import Budget
from observe.dns import dns_client
from observe.network import Network
from standards.queries import reply_from_lookup
from standards.spf.check_host import SpfNode, SpfStep, SpfVerdict, check_host


async def check_sender(net: Network, budget: Budget, ip: str, sender: str, helo: str) -> SpfVerdict:
    """Would `ip` be allowed to send for `sender`? Raises ValueError when `ip` is no address."""
    at = int(net.clock.now().timestamp())
    walk = check_host(ip, sender, helo, receiver=net.vantage.name, at=at)
    try:
        question = next(walk)
        while True:
            answer = reply_from_lookup(
                await dns_client.resolve(net, budget, question.name, question.type), question
            )
            question = walk.send(answer)
    except StopIteration as end:
        verdict: SpfVerdict = end.value
        return verdict


def document(verdict: SpfVerdict) -> dict[str, object]:
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


def _node(node: SpfNode) -> dict[str, object]:
    return {
        "domain": node.domain,
        "record": node.record,
        "result": node.result,
        "problem": node.problem,
        "terms": [_step(step) for step in node.steps],
    }


def _step(step: SpfStep) -> dict[str, object]:
    return {
        "term": step.term,
        "outcome": step.outcome,
        "lookups": step.counts,
        "void_lookups": step.voids,
        "inside": _node(step.inside) if step.inside else None,
    }
