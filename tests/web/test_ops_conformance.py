"""Invented requests against the description of the API: nothing breaks, every answer is described."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from accounts.api_tokens.model import ApiTokenRole
from clock import ManualClock
from context import context
from settings import load
from status.incidents.incident_editing import AnnouncementText
from tests.ops_client import Described
from tests.web.test_ops_api import CONFIG
from wiring.rooms import build
from wiring.web import create_app

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat) | st.text(max_size=30)


def guess(schema, schemas):
    """Values that fit a schema, as far as our own descriptions go."""
    if "$ref" in schema:
        return guess(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([guess(item, schemas) for item in schema["anyOf"]])
    strategy = KINDS.get(schema.get("type"), lambda *_: ANY)
    return strategy(schema, schemas)


def objects(schema, schemas):
    if "properties" not in schema:
        names = schema.get("propertyNames", {}).get("enum", ("web", "mail", "no"))
        inner = guess(schema.get("additionalProperties") or {}, schemas)
        least = schema.get("minProperties", 0)
        return st.dictionaries(st.sampled_from(names), inner, min_size=least, max_size=3)
    properties = {
        name: guess(property_schema, schemas)
        for name, property_schema in schema["properties"].items()
    }
    needed = {n: properties.pop(n) for n in schema.get("required", ())}
    return st.fixed_dictionaries(needed, optional=properties)


def texts(schema, _):
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    most = min(schema.get("maxLength", 40), 300)
    plain = st.text(min_size=schema.get("minLength", 0), max_size=most)
    return MOMENTS if schema.get("format") == "date-time" else plain


KINDS = {
    "object": objects,
    "array": lambda schema, schemas: st.lists(guess(schema.get("items", {}), schemas), max_size=3),
    "string": texts,
    "integer": lambda s, _: st.integers(s.get("minimum", -9), s.get("maximum", 10**20)),
    "number": lambda *_: st.floats(-9, 9),
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
}
METHODS = ("get", "post", "put", "delete")


class Guesser:
    """Sends what a strategy made up and holds the answer against the description."""

    def __init__(self, rooms):
        self.rooms, self.described = rooms, Described(create_app(rooms))
        token = rooms.accounts.tokens.add("fuzz", ApiTokenRole("operator"), "olu")[1]
        self.headers = {"Authorization": f"Bearer {token}"}
        incident = rooms.status.incidents.open(
            {"en": "Disk"}, AnnouncementText({"en": "a"}), "olu", draft=True
        )
        self.ids = ("web", "mail", "web-http", "nightly", "oncall", "2026-Q1", "1", incident.id)

    def send(self, method, path, operation, data):
        for part in [p for p in operation["parameters"] if p["in"] == "path"]:
            name = data.draw(st.sampled_from(self.ids) | st.text(min_size=1, max_size=30))
            path = path.replace("{" + part["name"] + "}", quote(name, safe=""))
        query = {
            p["name"]: data.draw(st.none() | st.text(max_size=20) | guess(p["schema"], {}))
            for p in operation["parameters"]
            if p["in"] == "query"
        }
        body = None
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            schemas = self.described.document["components"]["schemas"]
            body = data.draw(guess(schema, schemas) | ANY)
        answer = self.described.app.test_client().open(
            path, method=method.upper(), headers=self.headers, json=body,
            query_string={k: str(v) for k, v in query.items() if v is not None},
        )  # fmt: skip
        self.check(operation, answer, f"{method} {path} {body!r}")

    def check(self, operation, answer, what):
        assert answer.status_code < 500, what
        if answer.status_code == 404 and answer.mimetype != "application/problem+json":
            return  # "/" or nothing at all in the path leads to no operation
        statuses = operation["responses"].get(str(answer.status_code))
        assert statuses, f"{answer.status_code} is not described: {what}"
        for media, shape in statuses.get("content", {}).items():
            assert answer.mimetype == media, what
            self.described.check(shape["schema"], answer.json)
        if answer.status_code == 422:
            assert all(e["field"] and e["detail"] for e in answer.json["errors"]), what


@pytest.fixture
def guesser(sqlite_url, tmp_path):
    (tmp_path / "jasno.toml").write_text(CONFIG)
    env = {"JASNO_VAR": str(tmp_path / "var"), "JASNO_DATABASE_URL": sqlite_url}
    rooms = build(context(load(env=env, cwd=tmp_path), ManualClock()))
    yield Guesser(rooms)
    rooms.close()
    rooms.ctx.db.close()


def test_every_schema_is_one(guesser):
    for schema in guesser.described.document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@settings(
    max_examples=150, deadline=None,
    suppress_health_check=[*HealthCheck],
)  # fmt: skip
@given(data=st.data())
def test_invented_requests_are_answered_as_described(guesser, data):
    every = [
        (method, path, operation)
        for method, path, operation in guesser.described.operations()
        if operation["security"] and method.lower() in METHODS
    ]
    method, path, operation = data.draw(st.sampled_from(every))
    guesser.send(method, path, operation, data)
