"""Command `spf IP SENDER HELO`: may this server send?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import TextIO

import msgspec

from exit_status import CANNOT, FINE, PROBLEM
from observe.budget import Budget
from observe.network import Network
from standards.spf.check_host import SpfNode
from wizard.spf.lookup import check_sender, document


def spf(
    ip: str,
    sender: str,
    helo: str,
    network: Network,
    *,
    as_json: bool = False,
    out: TextIO = sys.stdout,
    err: TextIO = sys.stderr,
) -> int:
    """0: the server may send (pass); 1: any other result; 2: the address is no address."""
    try:
        verdict = asyncio.run(check_sender(network, Budget(network.clock), ip, sender, helo))
    except ValueError:
        print(f'"{ip}" is no IP address', file=err)
        return CANNOT
    if as_json:
        print(msgspec.json.encode(document(verdict)).decode(), file=out)
    else:
        print(f"{verdict.result}  {verdict.mechanism}".rstrip(), file=out)
        for text in (verdict.problem, verdict.explanation):
            if text:
                print(text, file=out)
        for line in _tree(verdict.tree):
            print(line, file=out)
        print(f"{verdict.lookups} of 10 look-ups, {verdict.voids} of 2 without answer", file=out)
    return FINE if verdict.result == "pass" else PROBLEM


def _tree(node: SpfNode, depth: int = 0) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}{node.domain}: {node.record or node.problem or node.result}"
    for step in node.steps:
        yield f"{indent}  {step.term}: {step.outcome}"
        if step.inside:
            yield from _tree(step.inside, depth + 2)
