"""The description of the API (OpenAPI 3.1), from its operations. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from web.api.operations import Operation, Parameter, has_version

JsonSchema = dict[str, object]
_REF = "#/components/schemas/{name}"
LANGUAGE = _REF.format(name="Language")  # of the site: what texts are written in
_PART = re.compile(r"\{(\w+)\}")
_ERROR_DESCRIPTIONS = {
    400: "The request cannot be read.",
    401: "No valid token.",
    403: "The token's role does not suffice.",
    404: "There is nothing here.",
    409: "Somebody else has changed it since the version that was named.",
    412: "If-Match names no version that is there: somebody else has changed it since.",
    422: "Something in the request does not fit; `errors` names each field.",
    429: "Too many requests; see Retry-After.",
    503: "A part of ours is away; see Retry-After.",
}
PROBLEM: JsonSchema = {
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


def document(
    operations: Iterable[Operation],
    *,
    title: str,
    url: str,
    version: str,
    languages: Sequence[str],
) -> JsonSchema:
    """The whole description. `languages` are the site's."""
    known_operations = tuple(operations)
    body_types = [t for o in known_operations for t in (o.answer, o.body, *o.own_errors.values())]
    types = [t for t in body_types if _is_type(t)]
    schemas, components = msgspec.json.schema_components(
        types, ref_template=_REF, schema_hook=_anything
    )
    schema_of = {repr(t): s for t, s in zip(types, schemas, strict=True)}
    paths: dict[str, JsonSchema] = {}
    for operation in known_operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, schema_of
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{title}: API", "version": version},
        "servers": [{"url": url}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {
                **components,
                "Problem": PROBLEM,
                "Language": {"type": "string", "enum": list(languages)},
            },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made by `app.py token add NAME --role read|write|operator`.",
                }
            },
        },
    }


def _anything(kind: object) -> JsonSchema:
    """A field that may hold any JSON."""
    if kind is object:
        return {"description": "Any JSON value."}
    raise NotImplementedError(kind)


def _is_type(kind: object) -> bool:
    return kind is not None and not isinstance(kind, dict)


def _operation(operation: Operation, schema_of: Mapping[str, JsonSchema]) -> JsonSchema:
    description: JsonSchema = {
        "operationId": operation.name,
        "summary": operation.about,
        "parameters": [*_parts(operation), *_query(operation), *_headers(operation)],
        "responses": _responses(operation, schema_of),
        "security": [{"token": []}] if operation.role else [],
    }
    if operation.role:
        description["description"] = (
            f"Needs a token with the role `{operation.role}` or a higher one."
        )
    if operation.body is not None:
        schema = _schema(operation.body, schema_of)
        description["requestBody"] = {
            "required": True,
            "content": {operation.takes: {"schema": schema}},
        }
    return description


def _parts(operation: Operation) -> list[JsonSchema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PART.findall(operation.path)
    ]


def _query(operation: Operation) -> list[JsonSchema]:
    return [
        {"name": p.name, "in": "query", "description": p.about, "schema": _bounds(p)}
        for p in operation.query
    ]


def _headers(operation: Operation) -> list[JsonSchema]:
    if not operation.conditional:
        return []
    about = "The ETag of what is to be changed, as it was read; refused with 412 when it is another now."
    return [
        {"name": "If-Match", "in": "header", "description": about, "schema": {"type": "string"}}
    ]


def _bounds(parameter: Parameter) -> JsonSchema:
    return {
        "type": parameter.kind,
        **({"minimum": 1, "maximum": parameter.most} if parameter.most else {}),
    }


def _responses(operation: Operation, schema_of: Mapping[str, JsonSchema]) -> JsonSchema:
    status = 204 if operation.answer is None else operation.status
    fine: JsonSchema = {"description": "As asked."}
    if operation.answer is not None:
        fine["content"] = {operation.media: {"schema": _schema(operation.answer, schema_of)}}
    if has_version(operation.answer):
        about = "Its version, for If-Match."
        fine["headers"] = {"ETag": {"description": about, "schema": {"type": "string"}}}
    responses: JsonSchema = {str(status): fine}
    for error in sorted({*operation.errors, *_usual(operation)}):
        responses[str(error)] = {
            "description": _ERROR_DESCRIPTIONS[error],
            "content": {
                "application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}
            },
        }
    for error, kind in operation.own_errors.items():
        shape = {operation.media: {"schema": _schema(kind, schema_of)}}
        responses[str(error)] = {"description": _ERROR_DESCRIPTIONS[error], "content": shape}
    return responses


def _usual(operation: Operation) -> set[int]:
    statuses = {401, 403, 429, 503} if operation.role else set()
    if "{" in operation.path or operation.query or operation.body is not None:
        statuses.add(400)  # what arrived cannot be read, wherever in it
    if operation.body is not None:
        statuses.add(422)
    if has_version(operation.body):
        statuses.add(409)
    if operation.conditional:
        statuses.add(412)
    return statuses | ({404} if "{" in operation.path else set())


def _schema(kind: object, schema_of: Mapping[str, JsonSchema]) -> JsonSchema:
    return kind if isinstance(kind, dict) else schema_of[repr(kind)]
