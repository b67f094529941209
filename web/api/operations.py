"""The API as values: each operation says what it takes and answers, and is served from that.

The description (/api/openapi.json) is made from the same values, so it cannot forget one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec
from flask import Blueprint, Response, request

from render.characters import printable_json
from render.languages import DEFAULT
from web import problems
from web.language import lang
from web.middleware.request_headers import names_tag

T = TypeVar("T")
BODY = 200_000
_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value in the address after "?"."""

    name: str
    about: str
    kind: str = "string"  # a type of JSON Schema
    most: int = 0  # of a number that begins at 1; 0 when there is no end


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One call. `by` is the caller for the audit log, `args` are parts of the path, `lang` is the
    language that the caller reads (Accept-Language)."""

    by: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    if_match: str | None = None  # a list of entity tags; None when any will do
    lang: str = DEFAULT

    def version_seen(self, sent_version: int | None, current: Callable[[], int]) -> int | None:
        """The version of what is to be changed that the caller has read: by its ETag in If-Match,
        else `sent_version`, as the body has it. Raises precondition_failed."""
        if self.if_match is None:
            return sent_version
        version = current()
        if not names_tag(self.if_match, str(version)):
            raise problems.precondition_failed()
        return version if sent_version is None else sent_version

    def sent(self, kind: type[T]) -> T:
        """The body, as the type that the operation names."""
        if not isinstance(self.body, kind):
            raise TypeError(f"the operation takes {kind}")
        return self.body

    def flag(self, name: str) -> bool:
        """A yes or no in the address, in the words of usual languages; no when left out. Raises
        invalid."""
        text = self.query.get(name, "").strip().lower()
        if text not in (*_YES, *_NO):
            raise problems.invalid({name: "true or false"})
        return text in _YES

    def count(self, name: str, usual: int, most: int) -> int:
        """A number in the address. Raises invalid."""
        text = self.query.get(name, "")
        if not text:
            return usual
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(most))
        if not is_number or not 1 <= int(text) <= most:
            raise problems.invalid({name: f"1 … {most}"})
        return int(text)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a program may do. `path` has parts in braces; `role` "" is open to everybody;
    without `view` it is served elsewhere and only described. `answer` and `body` are types, or
    a JSON Schema; None is an empty body."""

    method: str
    path: str
    name: str
    about: str
    answer: object = None
    body: object = None
    role: str = ""
    view: Callable[[ApiRequest], object] | None = None
    status: int = 200
    query: tuple[Parameter, ...] = ()
    media: str = "application/json"
    takes: str = "application/json"
    errors: tuple[int, ...] = ()
    own_errors: Mapping[int, object] = field(default_factory=dict)  # not told as problems
    conditional: bool = False  # heeds If-Match


def register(
    to: Blueprint, operations: Iterable[Operation], authorise: Callable[[str], str]
) -> None:
    """Serve operations. `authorise` gets a role and answers who calls, or raises a problem."""
    for operation in operations:
        if operation.view is not None:
            rule = operation.path.replace("{", "<").replace("}", ">")
            to.add_url_rule(
                rule,
                operation.name,
                view_func=_served(operation, authorise),
                methods=[operation.method],
            )


def _served(operation: Operation, authorise: Callable[[str], str]) -> Callable[..., Response]:
    decode: msgspec.json.Decoder[object] | None = None
    if isinstance(operation.body, type):
        decode = msgspec.json.Decoder(operation.body)

    def serve(**args: str) -> Response:
        by = authorise(operation.role) if operation.role else ""
        body = _read(decode) if decode else None
        api_request = ApiRequest(by, args, request.args.to_dict(), body, _if_match(), lang())
        if operation.view is None:
            raise problems.not_found()
        view_result = _view_result(operation.view, api_request)
        if operation.answer is None:
            return Response(status=204)
        response = Response(
            msgspec.json.encode(view_result), operation.status, content_type=operation.media
        )
        version = getattr(view_result, "version", None)
        if isinstance(version, int):
            response.headers["ETag"] = entity_tag(version)
        return response

    return serve


def entity_tag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def has_version(kind: object) -> bool:
    """Whether documents of a type carry a version, and so an ETag."""
    return "version" in getattr(kind, "__struct_fields__", ())


def _if_match() -> str | None:
    sent = request.headers.get("If-Match")
    return None if sent is None or sent.strip() == "*" else sent


def _view_result(view: Callable[[ApiRequest], object], api_request: ApiRequest) -> object:
    """What a view answers. Somebody may come between a caller's If-Match and the writing."""
    try:
        return view(api_request)
    except problems.Problem as problem:
        if api_request.if_match is not None and problem.id == "changed_meanwhile":
            raise problems.precondition_failed() from problem
        raise


def _read(decoder: msgspec.json.Decoder[object]) -> object:
    raw = request.get_data(cache=False)
    if len(raw) > BODY:
        raise problems.too_large()
    try:
        return decoder.decode(printable_json(raw))
    except msgspec.ValidationError as wrong:
        reason, _, json_path = str(wrong).partition(" - at `$")
        raise problems.invalid(
            {json_path.strip("`.").replace("[...]", "") or "body": reason}
        ) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise problems.bad_request() from wrong


def moment(field_: str, at: datetime | None) -> datetime | None:
    """A moment that was sent; it must name its zone. Raises invalid."""
    if at is not None and at.tzinfo is None:
        raise problems.invalid({field_: "2026-03-01T22:00:00Z"})
    return at
