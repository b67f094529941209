"""Gatus' YAML: endpoints and external endpoints as components and probes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import yaml

from importers.configuration import (
    Accepts,
    Fields,
    ImportedConfiguration,
    ImportedProbe,
    Leftover,
    NotBrought,
    UnreadableSource,
    identifier,
)
from importers.gatus_conditions import ProbeConditions, seconds
from settings.durations import as_duration

KINDS = {"http": "http", "https": "http", "tcp": "tcp", "tls": "tls", "icmp": "ping"}
MAIL_PORTS = ("25", "465", "587")
# Of the whole file, and of an endpoint: what is not read, and what takes its place.
ELSEWHERE = {
    "alerting": "operators hear by [[channel]] (docs/notify.md)",
    "announcements": "tell them with app.py announce publish",
    "maintenance": "plan it with app.py maintenance plan",
    "remote": "give those machines a vantage (docs/status.md)",
    "security": "operators sign in (app.py user add)",
    "suites": "steps that carry values on are not brought",
    "tunneling": "look from a vantage there (docs/status.md)",
    "ui": "name and brand stand in [site]",
}
NOT_READ = {
    "ssh": "a sign-in over SSH is not looked at",
    "graphql": "write the request as body, with a Content-Type",
    "maintenance-windows": "plan them with app.py maintenance plan",
    "extra-labels": "labels are not kept",
    "store": "values are not carried on",
}
CLIENT = {"insecure", "ignore-redirect", "timeout"}
_ENVIRONMENT = re.compile(r"\$\{?[A-Za-z_]\w*\}?")


def read(texts: Iterable[str], accepts: Accepts) -> ImportedConfiguration:
    """One or more files of a Gatus, as ours. Raises UnreadableSource."""
    probes: list[ImportedProbe] = []
    leftovers: list[Leftover] = []
    for text in texts:
        document = _document(text)
        leftovers += [Leftover(k, note) for k, note in ELSEWHERE.items() if document.get(k)]
        for endpoint in _endpoints(document, "endpoints"):
            _add(endpoint, _Endpoint(endpoint, accepts), probes, leftovers)
        for endpoint in _endpoints(document, "external-endpoints"):
            _add(endpoint, _Endpoint(endpoint, accepts, pushed=True), probes, leftovers)
    if not probes and not leftovers:
        raise UnreadableSource("there are no endpoints in it: is it Gatus' configuration?")
    return ImportedConfiguration(tuple(probes), tuple(leftovers))


def _document(text: str) -> Fields:
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = str(error).replace("\n", " ")[:200]
        raise UnreadableSource(f"this is no YAML: {line}") from None
    if not isinstance(document, dict):
        raise UnreadableSource("this is no configuration of Gatus: it has no keys")
    return document


def _endpoints(document: Fields, key: str) -> list[Fields]:
    given = document.get(key)
    return [e for e in given if isinstance(e, dict)] if isinstance(given, list) else []


def _add(
    endpoint: Fields,
    reading: _Endpoint,
    probes: list[ImportedProbe],
    leftovers: list[Leftover],
) -> None:
    where = "/".join(filter(None, (str(endpoint.get("group") or ""), str(endpoint.get("name")))))
    try:
        probe = reading.probe({p.id for p in probes})
    except NotBrought as reason:
        leftovers.append(Leftover(where, f"not brought: {reason}"))
        return
    probes.append(probe)
    leftovers += [Leftover(where, note) for note in reading.notes]


class _Endpoint:
    """One endpoint, read once; `notes` says what was left out or changed."""

    def __init__(self, given: Fields, accepts: Accepts, *, pushed: bool = False) -> None:
        self._given = given
        self._accepts = accepts
        self._pushed = pushed
        self.notes: list[str] = []

    def probe(self, taken: set[str]) -> ImportedProbe:
        """As ours. Raises NotBrought."""
        if self._given.get("enabled") is False:
            raise NotBrought("it is switched off")
        name, group = self._text("name"), self._text("group")
        if not name:
            raise NotBrought("it has no name")
        kind, target, values = self._heartbeat() if self._pushed else self._look()
        values |= self._patience()
        self.notes += [f"{key}: {note}" for key, note in NOT_READ.items() if self._given.get(key)]
        if _ENVIRONMENT.search(repr((target, values))):
            self.notes.append("$NAME is not replaced here: write the value itself")
        id_ = identifier(f"{group} {name}", taken)
        return ImportedProbe(id_, name[:100], group[:100], kind, target, values)

    def _heartbeat(self) -> tuple[str, str, dict[str, object]]:
        beat = self._given.get("heartbeat")
        interval = beat.get("interval") if isinstance(beat, dict) else None
        if not interval:
            self.notes.append("its word is sent with app.py heartbeat say, or by the API")
            return "manual", "", {}
        self.notes.append("give the job its new address: app.py heartbeat token NAME")
        return "heartbeat", "", {"every": _duration(interval)}

    def _look(self) -> tuple[str, str, dict[str, object]]:
        url = self._text("url")
        dns = self._given.get("dns")
        if isinstance(dns, dict):
            kind, target = "dns", str(dns.get("query-name") or "").rstrip(".")
            values: dict[str, object] = {"type": str(dns.get("query-type") or "A")}
            values["server"] = url.removeprefix("udp://").removeprefix("tcp://")
        else:
            kind, target, values = self._by_scheme(url)
        if interval := self._given.get("interval"):
            values["interval"] = _duration(interval)
        if kind == "http":
            values |= self._request()
        values |= self._client(kind)
        return kind, target, self._conditions(kind, values)

    def _by_scheme(self, url: str) -> tuple[str, str, dict[str, object]]:
        try:
            parts = urlsplit(url)
        except ValueError:
            raise NotBrought(f"{url[:80]!r} is no address") from None
        place = parts.netloc.rpartition("@")[2]
        if parts.scheme == "starttls" and place.rpartition(":")[2] in MAIL_PORTS:
            return "smtp", place, {}
        if parts.scheme not in KINDS:
            raise NotBrought(f"nothing here looks at {parts.scheme or 'an address like'}://")
        kind = KINDS[parts.scheme]
        return kind, url if kind == "http" else place, {}

    def _request(self) -> dict[str, object]:
        values: dict[str, object] = {}
        for key in ("method", "body"):
            if text := self._text(key):
                values[key] = text
        headers = self._given.get("headers")
        if isinstance(headers, dict):
            values["headers"] = {str(name): str(value) for name, value in headers.items()}
        return values

    def _client(self, kind: str) -> dict[str, object]:
        client = self._given.get("client")
        client = client if isinstance(client, dict) else {}
        values: dict[str, object] = {}
        if kind == "http":
            values["follow"] = not client.get("ignore-redirect")
        if client.get("insecure") and kind in ("http", "tls", "tcp", "smtp"):
            values["trust"] = False
        if client.get("timeout"):
            values["timeout"] = _duration(client["timeout"])
        self.notes += [f"client.{key} is not read" for key in client if key not in CLIENT]
        return values

    def _conditions(self, kind: str, values: dict[str, object]) -> dict[str, object]:
        conditions = ProbeConditions(kind)
        given = self._given.get("conditions")
        for condition in map(str, given if isinstance(given, list) else ()):
            before = {
                k: list(v) if isinstance(v, list) else v for k, v in conditions.values.items()
            }
            try:
                conditions.add(condition)
                self._accepts(kind, _of_kind(values) | conditions.values)
            except (NotBrought, ValueError) as reason:
                conditions.values = before
                self.notes.append(f"{condition}: {reason}")
        if kind == "http":  # to Gatus every status is good that no condition speaks of
            conditions.values.setdefault("status", ["100-599"])
        self.notes += conditions.changes
        return values | conditions.values

    def _patience(self) -> dict[str, object]:
        alerts = [a for a in self._list("alerts") if isinstance(a, dict)]
        values: dict[str, object] = {}
        for key, ours in (
            ("failure-threshold", "fail_after"),
            ("success-threshold", "recover_after"),
        ):
            numbers = [a[key] for a in alerts if isinstance(a.get(key), int) and a[key] > 0]
            if numbers:
                values[ours] = min(numbers)
        return values

    def _text(self, key: str) -> str:
        value = self._given.get(key)
        return "" if value is None else str(value)

    def _list(self, key: str) -> list[object]:
        value = self._given.get(key)
        return value if isinstance(value, list) else []


def _of_kind(values: Fields) -> dict[str, object]:
    """Without the keys that every probe has."""
    return {k: v for k, v in values.items() if k not in ("interval", "timeout")}


def _duration(value: object) -> str:
    """A duration of Go as ours. Raises NotBrought."""
    return as_duration(seconds(str(value)))
