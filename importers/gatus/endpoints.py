"""Gatus' YAML: endpoints and external endpoints as components and probes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from importers.configuration import ConfigurationBuilder, ImportedConfiguration
from importers.gatus.conditions import ProbeConditions, seconds
from importers.source import (
    Fields,
    ImportNote,
    NotImported,
    SourceEntry,
    UnreadableSource,
    listed_entries,
    parse_yaml,
    reading_file,
)
from settings.durations import as_duration
from status.probing import kinds

ValueT = TypeVar("ValueT", list[object], dict[str, object])

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
KNOWN_KEYS = frozenset((  # of the whole file: those above, and what needs no place here
    *ELSEWHERE, "endpoints", "external-endpoints", "concurrency", "connectivity", "debug", "metrics",
    "disable-monitoring-lock", "skip-invalid-config-update", "storage", "web",
))  # fmt: skip
KNOWN_OF_ENDPOINT = frozenset((  # beside what is in NOT_READ
    "alerts", "always-run", "body", "client", "conditions", "dns", "enabled", "group",
    "headers", "heartbeat", "interval", "method", "name", "token", "ui", "url",
))  # fmt: skip
NOT_READ = {
    "ssh": "a sign-in over SSH is not looked at",
    "graphql": "write the request as body, with a Content-Type",
    "maintenance-windows": "plan them with app.py maintenance plan",
    "extra-labels": "labels are not kept",
    "store": "values are not carried on",
}
CLIENT = {"insecure", "ignore-redirect", "timeout"}
_ENVIRONMENT = re.compile(r"\$\{?[A-Za-z_]\w*\}?")


def read(files: Mapping[str, str]) -> ImportedConfiguration:
    """One or more files of a Gatus by their name, as ours. Raises UnreadableSource."""
    builder = ConfigurationBuilder()
    for name, text in files.items():
        with reading_file(name):
            document = _document(text)
        builder.leftovers += _notes_on_the_rest(name, document)
        for key, pushed in (("endpoints", False), ("external-endpoints", True)):
            for entry in listed_entries(document.get(key), f"{name}: {key}", builder.leftovers):
                builder.add(_Endpoint(entry, pushed=pushed))
    if not builder.probes and not builder.leftovers:
        raise UnreadableSource("there are no endpoints in it: is it Gatus' configuration?")
    return builder.built()


def _notes_on_the_rest(name: str, document: Fields) -> Iterator[ImportNote]:
    for key, note in ELSEWHERE.items():
        if document.get(key):
            yield ImportNote(f"{name}: {key}", note)
    for key in document:
        if key not in KNOWN_KEYS:
            yield ImportNote(f"{name}: {key}", "not brought: it is no key of Gatus")


def _document(text: str) -> Fields:
    document = parse_yaml(text)
    if not isinstance(document, dict):
        raise UnreadableSource("this is no configuration of Gatus: it has no keys")
    if document and not KNOWN_KEYS & document.keys():
        raise UnreadableSource("this is no configuration of Gatus: there are no endpoints in it")
    return document


class _Endpoint:
    """One endpoint, read once; `notes` says what was left out or changed."""

    def __init__(self, entry: SourceEntry, *, pushed: bool) -> None:
        self._given = entry.fields
        self._pushed = pushed
        self.name, self.group = self._text("name"), self._text("group")
        self.id_words = f"{self.group} {self.name}"
        self.where = entry.where("/".join(filter(None, (self.group, self.name))))
        self.notes: list[str] = []

    def look(self) -> tuple[str, str, dict[str, object]]:
        """As ours. Raises NotImported."""
        if self._given.get("enabled") is False:
            raise NotImported("enabled: it is switched off")
        kind, target, values = self._heartbeat() if self._pushed else self._probe()
        values |= self._patience()
        self.notes += [f"{key}: {note}" for key, note in NOT_READ.items() if self._given.get(key)]
        unknown = map(str, self._given.keys() - KNOWN_OF_ENDPOINT - NOT_READ.keys())
        self.notes += [f"{key}: not brought, it is no key of Gatus" for key in sorted(unknown)]
        if _ENVIRONMENT.search(repr((target, values))):
            self.notes.append("$NAME is not replaced here: write the value itself")
        return kind, target, values

    def _heartbeat(self) -> tuple[str, str, dict[str, object]]:
        interval = self._mapping("heartbeat").get("interval")
        if not interval:
            self.notes.append("its word is sent with app.py heartbeat say, or by the API")
            return "manual", "", {}
        self.notes.append("give the job its new address: app.py heartbeat token NAME")
        return "heartbeat", "", {"every": _duration(interval, "heartbeat.interval")}

    def _probe(self) -> tuple[str, str, dict[str, object]]:
        url = self._text("url")
        if dns := self._mapping("dns"):
            kind, target = "dns", str(dns.get("query-name") or "").rstrip(".")
            values: dict[str, object] = {"type": str(dns.get("query-type") or "A")}
            values["server"] = url.removeprefix("udp://").removeprefix("tcp://")
        else:
            kind, target, values = self._by_scheme(url)
        if interval := self._given.get("interval"):
            values["interval"] = _duration(interval, "interval")
        if kind == "http":
            values |= self._request()
        values |= self._client(kind)
        return kind, target, self._conditions(kind, values)

    def _by_scheme(self, url: str) -> tuple[str, str, dict[str, object]]:
        try:
            parts = urlsplit(url)
        except ValueError:
            raise NotImported(f"url: {url[:80]!r} is no address") from None
        address = parts.netloc.rpartition("@")[2]
        if parts.scheme == "starttls" and address.rpartition(":")[2] in MAIL_PORTS:
            return "smtp", address, {}
        if parts.scheme not in KINDS:
            raise NotImported(f"url: nothing here looks at {parts.scheme or 'an address like'}://")
        kind = KINDS[parts.scheme]
        return kind, url if kind == "http" else address, {}

    def _request(self) -> dict[str, object]:
        values: dict[str, object] = {}
        for key in ("method", "body"):
            if text := self._text(key):
                values[key] = text
        if headers := self._mapping("headers"):
            values["headers"] = {str(name): str(value) for name, value in headers.items()}
        return values

    def _client(self, kind: str) -> dict[str, object]:
        client = self._mapping("client")
        values: dict[str, object] = {}
        if kind == "http":
            values["follow"] = not client.get("ignore-redirect")
        if client.get("insecure") and kind in ("http", "tls", "tcp", "smtp"):
            values["trust"] = False
        if client.get("timeout"):
            values["timeout"] = _duration(client["timeout"], "client.timeout")
        self.notes += [f"client.{key} is not read" for key in client if key not in CLIENT]
        return values

    def _conditions(self, kind: str, values: dict[str, object]) -> dict[str, object]:
        conditions = ProbeConditions(kind)
        for condition in map(str, self._list("conditions")):
            before = {
                k: list(v) if isinstance(v, list) else v for k, v in conditions.values.items()
            }
            try:
                conditions.add(condition)
                kinds.check(kind, _of_kind(values) | conditions.values)
            except (NotImported, ValueError) as reason:
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
        return self._of_type(key, list, "no list") or []

    def _mapping(self, key: str) -> Fields:
        return self._of_type(key, dict, "without keys") or {}

    def _of_type(self, key: str, expected_type: type[ValueT], wrong: str) -> ValueT | None:
        value = self._given.get(key)
        if isinstance(value, expected_type):
            return value
        if value is not None:
            self.notes.append(f"{key}: not brought, it is {wrong}")
        return None


def _of_kind(values: Fields) -> dict[str, object]:
    """Without the keys that every probe has."""
    return {k: v for k, v in values.items() if k not in ("interval", "timeout")}


def _duration(value: object, field: str) -> str:
    """A duration of Go as ours. Raises NotImported."""
    try:
        return as_duration(seconds(str(value)))
    except NotImported as reason:
        raise NotImported(f"{field}: {reason}") from None
