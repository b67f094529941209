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
