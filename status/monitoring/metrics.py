"""/metrics of probes, named as in Prometheus' blackbox exporter, one set for each probe.
Pure but for the file through which the engine hands them to the web, which knows nothing of probes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from render.exposition import ExpositionBlock, Sample, exposition_blocks, join_blocks
from status.model import Grade, Probe
from status.probing.observe import ProbeResult, cannot_work
from status.probing.probe_kind import ProbeMetric
from status.publishing.files import replace_file

FILE = "metrics.prom"
STALE = 120.0  # seconds
HELP = {
    "probe_success": "1 when the last look was up or degraded, 0 when down, absent when it saw nothing",
    "probe_degraded": "1 when the last look was degraded",
    "probe_unknown": "1 when the last look could not say anything",
    "probe_settled": "what the probe amounts to after damping: 0 down, 0.5 degraded, 1 up",
    "probe_duration_seconds": "how long the last look took",
    "probe_timeout_seconds": "when a look is given up",
    "probe_last_look_timestamp_seconds": "when the last look began",
    "probe_ip_protocol": "4 or 6",
    "probe_failed_due_to_regex": "1 when an expected line did not come",
    "probe_http_status_code": "status of the last answer",
    "probe_http_duration_seconds": "duration of the request by phase",
    "probe_http_redirects": "redirects followed",
    "probe_http_step_duration_seconds": "how long a step of several took",
    "probe_http_ssl": "1 when the last answer came over TLS",
    "probe_http_version": "HTTP version of the answer",
    "probe_http_content_length": "length of the answer as told, -1 when it was not",
    "probe_http_uncompressed_body_length": "length of the body that was read",
    "probe_dns_lookup_time_seconds": "time taken to look up the name",
    "probe_dns_duration_seconds": "duration of a DNS question by phase",
    "probe_dns_query_succeeded": "1 when every server answered",
    "probe_dns_answer_rrs": "records in the answer section",
    "probe_dns_authority_rrs": "records in the authority section",
    "probe_dns_additional_rrs": "records in the additional section",
    "probe_dns_serial": "serial number of the zone",
    "probe_icmp_duration_seconds": "duration of an echo by phase",
    "probe_tls_version_info": "the TLS version in use",
    "probe_tls_cipher_info": "the TLS cipher in use",
    "probe_ssl_earliest_cert_expiry": "when the first certificate of the chain ends",
    "probe_ssl_last_chain_expiry_timestamp_seconds": "when the trusted chain ends",
    "probe_ssl_last_chain_info": "the certificate that was served",
    "probe_domain_expiry_timestamp_seconds": "when the registration ends",
}
Labels = tuple[tuple[str, str], ...]
Blocks = tuple[ExpositionBlock, ...]
_SETTLED = {Grade.DOWN: 0.0, Grade.DEGRADED: 0.5, Grade.UP: 1.0}


class MetricsExposition:
    """The numbers of the last look of each probe, by vantage. Samples are made once for each look."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self._samples: dict[tuple[str, str], tuple[Sample, ...]] = {}
        self._settled: dict[str, tuple[Sample, ...]] = {}
        self._blocks: dict[tuple[str, ...], tuple[tuple[Sample, ...], Blocks]] = {}  # as written
        self._labels: dict[tuple[str, str], Labels] = {}
        self._expires_at: dict[tuple[str, str], datetime] = {}
        self._unworkable: dict[tuple[str, str], str] = {}

    def __contains__(self, key: tuple[str, str]) -> bool:
        """Whether a probe has been looked at from a vantage."""
        return key in self._samples

    def record_result(self, result: ProbeResult) -> None:
        """A probe was looked at."""
        key = result.observation.probe, result.observation.vantage
        probe = self._probes.get(key[0])
        if probe is None:
            return
        self._unworkable.pop(key, "")
        if cannot_work(result.observation.signal):
            self._unworkable[key] = result.observation.signal.reason
        own_labels = self._labels.get(key) or self._labels.setdefault(key, _labels(probe, key[1]))
        lifetime = max(timedelta(seconds=STALE), 3 * probe.interval + probe.timeout)
        self._expires_at[key] = result.observation.at + lifetime
        self._samples[key] = tuple(
            _sample(metric.name, metric.value, (*own_labels, *metric.labels))
            for metric in (*_common_metrics(probe, result), *result.metrics)
        )

    def set_verdict(self, name: str, verdict: Grade | None) -> None:
        """What a probe amounts to after damping."""
        probe = self._probes.get(name)
        if probe is None or verdict not in _SETTLED:
            self._settled.pop(name, None)
            return
        labels = (("probe", name), ("component", probe.component))
        self._settled[name] = (_sample("probe_settled", _SETTLED[verdict], labels),)

    def unworkable(self) -> str:
        """Which probes cannot work where they look from, and why; "" when all can."""
        return "; ".join(
            f"{probe} from {vantage}: {reason}"
            for (probe, vantage), reason in sorted(self._unworkable.items())
        )

    def text(self, now: datetime) -> str:
        """Prometheus text format 0.0.4: every name once, under its HELP and TYPE. Of a vantage that
        went silent nothing is told. May be called from another thread than the rest."""
        blocks = [b for name, s in list(self._settled.items()) for b in self._written((name,), s)]
        for key, looked in list(self._samples.items()):
            if now <= self._expires_at[key]:
                blocks += self._written(key, looked)
        return join_blocks(blocks)

    def _written(self, key: tuple[str, ...], samples: tuple[Sample, ...]) -> Blocks:
        """Samples as text, which is made once for each look."""
        last = self._blocks.get(key)
        if last is None or last[0] is not samples:
            last = self._blocks[key] = samples, exposition_blocks(samples)
        return last[1]


def write(folder: Path, exposition: MetricsExposition, now: datetime) -> None:
    """Into the file that the web hands out. Raises OSError."""
    replace_file(folder / FILE, exposition.text(now).encode(), sync=False)


def read(folder: Path, now: datetime) -> str:
    """What the engine wrote; "" when it has not for some minutes: old numbers are no numbers."""
    path = folder / FILE
    try:
        age = now.timestamp() - path.stat().st_mtime
        return path.read_text("utf-8") if age < STALE else ""
    except FileNotFoundError:
        return ""


def _sample(name: str, value: float, labels: Labels) -> Sample:
    return Sample(name, value, labels, HELP.get(name, "a number of a probe"))


def _labels(probe: Probe, vantage: str) -> Labels:
    return (
        ("probe", probe.name),
        ("component", probe.component),
        ("kind", probe.kind),
        ("target", probe.target),
        ("vantage", vantage),
    )


def _common_metrics(probe: Probe, result: ProbeResult) -> tuple[ProbeMetric, ...]:
    grade = result.observation.signal.grade
    took = result.observation.elapsed if result.took is None else result.took
    # What we could not see is no failure of the target: probe_unknown tells of it.
    success = ProbeMetric("probe_success", float(grade in (Grade.UP, Grade.DEGRADED)))
    return (
        *(() if grade is Grade.UNKNOWN else (success,)),
        ProbeMetric("probe_degraded", float(grade is Grade.DEGRADED)),
        ProbeMetric("probe_unknown", float(grade is Grade.UNKNOWN)),
        ProbeMetric("probe_duration_seconds", took.total_seconds()),
        ProbeMetric("probe_timeout_seconds", probe.timeout.total_seconds()),
        ProbeMetric("probe_last_look_timestamp_seconds", _epoch(result.observation.at)),
    )


def _epoch(at: datetime) -> float:
    return at.timestamp()
