"""The description of the API (OpenAPI 3.1), from its operations. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from web.api.operations import Operation, Parameter

Json = dict[str, object]
_REF = "#/components/schemas/{name}"
_PART = re.compile(r"\{(\w+)\}")
_SAID = {
    400: "The request cannot be read.",
    401: "No valid token.",
    403: "The token's role does not suffice.",
    404: "There is nothing here.",
    409: "Somebody else has changed it since the version that was named.",
    422: "Something in the request does not fit; `errors` names each field.",
    429: "Too many requests; see Retry-After.",
    503: "A part of ours is away; see Retry-After.",
}
PROBLEM: Json = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def document(operations: Iterable[Operation], *, title: str, url: str, version: str) -> Json:
    """The whole description."""
    found = tuple(operations)
    told = [t for o in found for t in (o.answer, o.body, *o.own_errors.values())]
    types = [t for t in told if _is_type(t)]
    schemas, named = msgspec.json.schema_components(types, ref_template=_REF, schema_hook=_anything)
    schema_of = {repr(t): s for t, s in zip(types, schemas, strict=True)}
    paths: dict[str, Json] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{title}: API", "version": version},
        "servers": [{"url": url}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**named, "Problem": PROBLEM},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made by `app.py token add NAME --role read|write|operator`.",
                }
            },
        },
    }


def _anything(kind: object) -> Json:
    """A field that may hold any JSON."""
    if kind is object:
        return {"description": "Any JSON value."}
    raise NotImplementedError(kind)


def _is_type(kind: object) -> bool:
    return kind is not None and not isinstance(kind, dict)


def _operation(one: Operation, schema_of: Mapping[str, Json]) -> Json:
    said: Json = {
        "operationId": one.name,
        "summary": one.about,
        "parameters": [*_parts(one), *_query(one)],
        "responses": _responses(one, schema_of),
        "security": [{"token": []}] if one.role else [],
    }
    if one.role:
        said["description"] = f"Needs a token with the role `{one.role}` or a higher one."
    if one.body is not None:
        schema = _schema(one.body, schema_of)
        said["requestBody"] = {"required": True, "content": {one.takes: {"schema": schema}}}
    return said


def _parts(one: Operation) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PART.findall(one.path)
    ]


def _query(one: Operation) -> list[Json]:
    return [
        {"name": p.name, "in": "query", "description": p.about, "schema": _bounds(p)}
        for p in one.query
    ]


def _bounds(one: Parameter) -> Json:
    return {"type": one.kind, **({"minimum": 1, "maximum": one.most} if one.most else {})}


def _responses(one: Operation, schema_of: Mapping[str, Json]) -> Json:
    status = 204 if one.answer is None else one.status
    fine: Json = {"description": "As asked."}
    if one.answer is not None:
        fine["content"] = {one.media: {"schema": _schema(one.answer, schema_of)}}
    found: Json = {str(status): fine}
    for error in sorted({*one.errors, *_usual(one)}):
        found[str(error)] = {
            "description": _SAID[error],
            "content": {
                "application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}
            },
        }
    for error, kind in one.own_errors.items():
        shape = {one.media: {"schema": _schema(kind, schema_of)}}
        found[str(error)] = {"description": _SAID[error], "content": shape}
    return found


def _usual(one: Operation) -> set[int]:
    found = {401, 403, 429, 503} if one.role else set()
    if "{" in one.path or one.query or one.body is not None:
        found.add(400)  # what arrived cannot be read, wherever in it
    if one.body is not None:
        found.add(422)
    if "version" in getattr(one.body, "__struct_fields__", ()):
        found.add(409)
    return found | ({404} if "{" in one.path else set())


def _schema(kind: object, schema_of: Mapping[str, Json]) -> Json:
    return kind if isinstance(kind, dict) else schema_of[repr(kind)]
