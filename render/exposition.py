"""Numbers in Prometheus' text format 0.0.4; names, labels and values are written by prometheus_client."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


@dataclass(frozen=True, slots=True)
class Sample:
    """One Prometheus sample, a gauge."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()
    help: str = ""


class _Gauges(Collector):
    """Samples by name: those of one name stand together under one HELP, that of the first."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._families: dict[str, Metric] = {}
        for sample in samples:
            family = self._families.get(sample.name)
            if family is None:
                family = Metric(sample.name, sample.help, "gauge")
                self._families[sample.name] = family
            family.add_sample(sample.name, dict(sample.labels), sample.value)

    def collect(self) -> Iterable[Metric]:
        return self._families.values()


def exposition(samples: Iterable[Sample]) -> str:
    """Samples as text, in the order in which their names first come."""
    return generate_latest(_Gauges(samples)).decode()


@dataclass(frozen=True, slots=True)
class ExpositionBlock:
    """The text of one name: HELP and TYPE, and the lines of its samples."""

    name: str
    head: str
    lines: str


def exposition_blocks(samples: Iterable[Sample]) -> tuple[ExpositionBlock, ...]:
    """The same by name, to be put together with the blocks of other samples."""
    blocks: list[ExpositionBlock] = []
    text = "\n" + exposition(samples).removesuffix("\n")
    for block in text.split("\n# HELP ")[1:]:  # within a line there is no such line
        help_line, type_line, lines = block.split("\n", 2)
        head = f"# HELP {help_line}\n{type_line}\n"
        blocks.append(ExpositionBlock(help_line.partition(" ")[0], head, f"{lines}\n"))
    return tuple(blocks)


def join_blocks(blocks: Iterable[ExpositionBlock]) -> str:
    """Blocks as one text, by name: each once, under the HELP of its first block."""
    by_name: dict[str, list[str]] = {}
    for block in blocks:
        by_name.setdefault(block.name, [block.head]).append(block.lines)
    return "".join(text for name in sorted(by_name) for text in by_name[name])
