"""A client of the API that holds every request and every answer against /api/openapi.json."""

from __future__ import annotations

import json
import re

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012


class Described:
    """The description, ready to check with. `used` are the operations that went well."""

    def __init__(self, app):
        self.app = app
        answer = app.test_client().get("/api/openapi.json")
        assert answer.status_code == 200
        self.document = answer.json
        resource = Resource(contents=self.document, specification=DRAFT202012)
        self._registry = Registry().with_resource("urn:api", resource)
        self.used = set()

    def operations(self):
        """(method, path, operation) of all."""
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def find(self, method, path):
        """The operation behind a real path, with its template."""
        for verb, template, operation in self.operations():
            if verb == method and re.fullmatch(_pattern(template), path):
                return operation
        raise AssertionError(f"{method} {path} is not described")

    def check(self, schema, value):
        schema = json.loads(json.dumps(schema).replace('"#/', '"urn:api#/'))
        Draft202012Validator(schema, registry=self._registry).validate(value)


def _pattern(template):
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))


class Client:
    """One program with its token."""

    def __init__(self, described, token=""):
        self._described = described
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = described.app.test_client()

    def __call__(self, method, path, body=None, *, wrong=False, lang=""):
        """Status and JSON. `wrong`: the body is meant not to fit."""
        headers = self._headers | ({"Accept-Language": lang} if lang else {})
        plain, operation = path.partition("?")[0], None
        operation = self._described.find(method, plain)
        if body is not None and not wrong:
            wanted = operation["requestBody"]["content"]["application/json"]["schema"]
            self._described.check(wanted, body)
        answer = self._client.open(path, method=method, json=body, headers=headers)
        statuses = operation["responses"].get(str(answer.status_code))
        assert statuses, f"{method} {path} answers {answer.status_code}, which is not described"
        content = statuses.get("content", {})
        value = None
        if content:
            ((media, shape),) = content.items()
            assert answer.mimetype == media
            value = answer.json
            self._described.check(shape["schema"], value)
        else:
            assert answer.data == b""
        if answer.status_code < 300:
            self._described.used.add(operation["operationId"])
        return answer.status_code, value
