"""Walks of queries answered by a function, without a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from standards.queries import Query, QueryReply, Walk

T = TypeVar("T")


def run_walk(walk: Walk[T], answer: Callable[[Query], QueryReply]) -> T:
    """Run a walk to its result, each query answered by a function."""
    try:
        batch = next(walk)
        while True:
            batch = walk.send(tuple(answer(query) for query in batch))
    except StopIteration as end:
        value: T = end.value
        return value
