"""YAML of a stranger as plain values: bounded in what it may become. Pure."""

from __future__ import annotations

import yaml

from importers.configuration import UnreadableSource

MAX_CHARACTERS = 5_000_000
MAX_VALUES = 500_000  # with every alias written out
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> object:
    """What it says. Raises UnreadableSource."""
    if len(text) > MAX_CHARACTERS:
        raise UnreadableSource(f"it is longer than {MAX_CHARACTERS // 1_000_000} MB of YAML")
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            if _written_out(node, {}) > MAX_VALUES:
                raise UnreadableSource(f"with its aliases it has more than {MAX_VALUES} values")
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = str(error).replace("\n", " ")[:200]
        raise UnreadableSource(f"this is no YAML: {line}") from None


def _written_out(node: yaml.Node, counted: dict[int, int]) -> int:
    """How many values a node stands for. A node within itself stands for too many."""
    if id(node) in counted:
        return counted[id(node)]
    counted[id(node)] = MAX_VALUES + 1  # until its own are added up
    inner: list[yaml.Node] = []
    if isinstance(node, yaml.SequenceNode):
        inner = node.value
    elif isinstance(node, yaml.MappingNode):
        inner = [each for pair in node.value for each in pair]
    counted[id(node)] = 1 + sum(_written_out(each, counted) for each in inner)
    return counted[id(node)]
