"""Uptime Kuma's backup (JSON), or rows of its database: monitors as components and probes. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from importers.configuration import (
    MAX_NAME,
    ConfigurationBuilder,
    ImportedConfiguration,
    identifier,
)
from importers.history import SourceService
from importers.source import (
    Fields,
    ImportNote,
    NotImported,
    SourceEntry,
    UnreadableSource,
    listed_entries,
    parse_json,
    quoted,
    reading_file,
    text_of,
)
from render.characters import one_line
from settings.durations import as_duration

WEB = ("http", "keyword", "json-query")
ELSEWHERE = {
    "notificationList": "operators hear by [[channel]] (docs/notify.md)",
    "proxyList": "probes look without a proxy; a vantage may stand there (docs/status.md)",
}
HISTORY = ImportNote("history", "of the database it is brought by --history; a backup holds none")
# Columns of its table `monitor` whose names in a backup differ.
COLUMNS = {
    "retry_interval": "retryInterval", "ignore_tls": "ignoreTls", "upside_down": "upsideDown",
    "invert_keyword": "invertKeyword", "json_path": "jsonPath", "expected_value": "expectedValue",
    "json_path_operator": "jsonPathOperator", "push_token": "pushToken", "proxy_id": "proxyId",
    "tls_cert": "tlsCert",
}  # fmt: skip
_PATH = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d+\])*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_ANY_STATUS = ["100-599"]


def read(files: Mapping[str, str]) -> ImportedConfiguration:
    """One or more backups of an Uptime Kuma by their name, as ours. Raises UnreadableSource."""
    builder = ConfigurationBuilder()
    for name, text in files.items():
        with reading_file(name):
            backup = _backup(text)
        builder.leftovers += [
            ImportNote(f"{name}: {k}", note) for k, note in ELSEWHERE.items() if backup.get(k)
        ]
        location = f"{name}: monitorList"
        monitors = listed_entries(backup["monitorList"], location, builder.leftovers)
        services(tuple(monitors), builder)
    builder.leftovers.append(HISTORY)
    return builder.built()


def services(
    monitors: Sequence[SourceEntry], builder: ConfigurationBuilder
) -> dict[str, SourceService]:
    """Its monitors by their id there, as the builder takes them; groups live on in what they hold."""
    listed = [m.fields for m in monitors]
    groups = {text_of(m.get("id")): text_of(m.get("name")) for m in listed if _is_group(m)}
    brought: dict[str, SourceService] = {}
    for monitor in monitors:
        if _is_group(monitor.fields):
            continue
        probe = builder.add(reading := _Monitor(monitor, groups))
        key, name = text_of(monitor.fields.get("id")), one_line(reading.name)[:MAX_NAME]
        id_ = probe.id if probe else identifier(name, ())
        brought[key] = SourceService(key, name or id_, reading.group, id_)
    return brought


def _is_group(monitor: Fields) -> bool:
    return monitor.get("type") == "group"


def backup_of(rows: Iterable[Fields]) -> str:
    """The rows of its table `monitor`, as a backup has them."""
    monitors = [from_row(row) for row in rows]
    return msgspec.json.encode({"monitorList": monitors}).decode()


def from_row(row: Fields) -> Fields:
    """A row of its table `monitor`, as a monitor of a backup."""
    monitor = {COLUMNS.get(column, column): value for column, value in row.items()}
    statuses = monitor.pop("accepted_statuscodes_json", None)
    try:
        monitor["accepted_statuscodes"] = msgspec.json.decode(str(statuses))
    except msgspec.DecodeError:
        monitor["accepted_statuscodes"] = []
    return monitor


def _backup(text: str) -> Fields:
    backup = parse_json(text)
    if not isinstance(backup, dict) or not isinstance(backup.get("monitorList"), list):
        raise UnreadableSource("there is no monitorList in it: is it a backup of Uptime Kuma?")
    return backup


class _Monitor:
    """One monitor, read once; `notes` says what was left out or changed."""

    def __init__(self, entry: SourceEntry, groups: Mapping[str, str]) -> None:
        self._given = entry.fields
        self.name = self.id_words = self._text("name")
        parent = self._text("parent")
        self.group = groups.get(parent, "")
        self.where = entry.where(self.name)
        is_lost = parent and parent not in groups
        self.notes = [f"parent: {quoted(parent)} is no group in this file"] if is_lost else []

    def look(self) -> tuple[str, str, dict[str, object]]:
        """As ours. Raises NotImported."""
        given = self._given
        if given.get("active") in (False, 0):
            raise NotImported("active: it is paused")
        if given.get("upsideDown"):
            raise NotImported(
                "upsideDown: it is upside down, and nothing here is well when it fails"
            )
        kind, target, settings = self._by_type(self._text("type"))
        self._note_rest()
        common = {} if kind == "heartbeat" else self._patience()
        return kind, target, settings | common

    def _by_type(self, kind: str) -> tuple[str, str, dict[str, object]]:
        host, port = self._text("hostname"), self._text("port")
        if kind in WEB:
            return "http", self._text("url"), self._request(kind)
        if kind == "port":
            return "tcp", f"[{host}]:{port}" if ":" in host else f"{host}:{port}", {}
        if kind == "ping":
            return "ping", host, {}
        if kind == "dns":
            servers = [s.strip() for s in self._text("dns_resolve_server").split(",") if s.strip()]
            if port not in ("", "53"):
                self.notes.append(f"port {port} of its name servers is not kept")
            values: dict[str, object] = {"type": self._text("dns_resolve_type") or "A"}
            return "dns", host, values | ({"servers": servers} if servers else {})
        if kind == "push":
            return "heartbeat", "", self._heartbeat()
        raise NotImported(f"type: nothing here looks at {kind or 'no type'}")

    def _heartbeat(self) -> dict[str, object]:
        every, retry = self._number("interval", 60), self._number("retryInterval", 60)
        grace = max(self._number("maxretries", 0) * retry, 1)
        token = self._text("pushToken")
        keep_option = f" --keep {token}" if token else ""
        self.notes.append(f"its address: app.py heartbeat token NAME{keep_option}")
        return {"every": as_duration(every), "grace": as_duration(grace)}

    def _request(self, kind: str) -> dict[str, object]:
        values: dict[str, object] = {"slow_after": 0}
        if method := self._text("method"):
            values["method"] = method
        if body := self._text("body"):
            values["body"] = body
        if headers := self._headers():
            values["headers"] = headers
        redirects = int(self._number("maxredirects", 10))
        values |= {"follow": True, "max_redirects": redirects} if redirects else {}
        values["status"] = [str(s) for s in _list(self._given.get("accepted_statuscodes"))] or (
            _ANY_STATUS
        )
        if self._given.get("ignoreTls"):
            values["trust"] = False
        if kind == "keyword":
            values["lacks" if self._given.get("invertKeyword") else "contains"] = self._text(
                "keyword"
            )
        if kind == "json-query":
            values["json"] = [self._json_condition()]
        return values

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        if text := self._text("headers"):
            try:
                given = msgspec.json.decode(text)
            except msgspec.DecodeError:
                given = None
            if not isinstance(given, dict):
                raise NotImported("headers: they are no JSON")
            headers = {str(name): str(value) for name, value in given.items()}
        if user := self._text("basic_auth_user"):
            pair = f"{user}:{self._text('basic_auth_pass')}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return headers

    def _json_condition(self) -> str:
        path, expected = self._text("jsonPath").removeprefix("$."), self._text("expectedValue")
        sign = self._text("jsonPathOperator") or "=="
        if not _PATH.fullmatch(path) or sign not in ("==", "!=", "<", "<=", ">", ">="):
            raise NotImported(f"jsonPath: it is more than a path: {path[:100]} {sign}")
        plain = expected in ("true", "false", "null") or _NUMBER.fullmatch(expected)
        return f"{path} {sign} {expected if plain else msgspec.json.encode(expected).decode()}"

    def _patience(self) -> dict[str, object]:
        values: dict[str, object] = {"interval": as_duration(self._number("interval", 60))}
        if timeout := self._number("timeout", 0):
            values["timeout"] = as_duration(timeout)
        values["fail_after"] = int(self._number("maxretries", 0)) + 1
        values["recover_after"] = 1
        return values

    def _note_rest(self) -> None:
        for key, note in (
            ("proxyId", "it looked through a proxy; probes here do not"),
            ("oauth_client_id", "a sign-in by OAuth is not made"),
            ("tlsCert", "a certificate of the client is not sent"),
            ("tags", "tags are not kept"),
        ):
            if self._given.get(key):
                self.notes.append(note)

    def _text(self, key: str) -> str:
        value = self._given.get(key)
        return "" if value is None else str(value)

    def _number(self, key: str, usual: float) -> float:
        """A number that makes sense as a length or a count."""
        value = self._given.get(key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number and 0 <= value < 10**9 else usual  # type: ignore[arg-type,operator]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
