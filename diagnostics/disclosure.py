"""Who may see a piece of evidence, declared with its key down to single fields: everyone, account, asker. Pure.

`wizard/runs/privacy.py` makes the views from these declarations and from nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, cast

from facts import Exchange
from subject import Subject

# (the value that has the field, the subject of the run) → what strangers see in the field.
Reduction = Callable[[Any, Subject], object]


class Audience(StrEnum):
    """Who sees a value, all of it."""

    EVERYONE = "everyone"  # whoever holds a link to the report
    RUN_SCOPE = "run_scope"  # everyone when the run looked as a stranger; else as ACCOUNT
    ACCOUNT = "account"  # contacts of the account, and staff
    ASKER = "asker"  # who began the run, and staff: it holds what they typed


class UndeclaredField(TypeError):
    """A declaration that leaves a field of its type out, or names one that the type lacks."""


@dataclass(frozen=True, slots=True)
class PartialDisclosure:
    """A value of which strangers see a part. Each field of the type is named exactly once:

    `shown` as it is; `withheld` with what stands in its place; `reduced` by a function.
    Raises UndeclaredField where one is missing, so that a new field cannot be forgotten.
    """

    type: type[Any]
    shown: tuple[str, ...]
    withheld: Mapping[str, object] = field(default_factory=dict)
    reduced: Mapping[str, Reduction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        declared = [*self.shown, *self.withheld, *self.reduced]
        field_names = {f.name for f in fields(self.type)}
        misdeclared = field_names.symmetric_difference(declared)
        misdeclared |= {name for name in declared if declared.count(name) > 1}
        if misdeclared:
            names = ", ".join(sorted(misdeclared))
            raise UndeclaredField(f"{self.type.__name__}: say once who sees {names}")

    def public(self, value: object, subject: Subject) -> object:
        """The value as strangers may see it."""
        changes = {name: reduce(value, subject) for name, reduce in self.reduced.items()}
        return replace(cast("Any", value), **self.withheld, **changes)


Disclosure = Audience | PartialDisclosure
# The headers of an HTTP answer that strangers see: what checks read, and what experts ask for.
PUBLIC_HEADERS = frozenset(
    {
        # caching, content and connection (RFC 9110, RFC 9111)
        *("accept-ranges", "age", "allow", "alt-svc", "cache-control", "connection"),
        *("content-encoding", "content-language", "content-length", "content-type", "date"),
        *("expires", "last-modified", "location", "refresh", "retry-after", "server"),
        *("strict-transport-security", "transfer-encoding", "upgrade", "vary", "via"),
        # security headers, of which a check tells which are missing
        *("content-security-policy", "permissions-policy", "referrer-policy"),
        *("x-content-type-options", "x-frame-options", "x-robots-tag"),
        # who answered: programs, CDNs, walls
        *("cdn-requestid", "cf-cache-status", "cf-mitigated", "cf-ray", "x-77-cache"),
        *("x-akamai-transformed", "x-amz-cf-id", "x-amzn-waf-action", "x-cache", "x-datadome"),
        *("x-fastly-request-id", "x-generator", "x-iinfo", "x-powered-by", "x-redirect-by"),
        *("x-served-by", "x-sucuri-block", "x-sucuri-id"),
    }
)
COOKIE_HEADER = "set-cookie"  # strangers see the name of the cookie: checks read it


def public_headers(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The headers as strangers may see them; one that nobody declared is left out."""
    return tuple(
        (name, _cookie_name(value) if name == COOKIE_HEADER else value)
        for name, value in headers
        if name in PUBLIC_HEADERS or name == COOKIE_HEADER
    )


def _cookie_name(value: str) -> str:
    name, equals, _ = value.partition(";")[0].partition("=")
    return f"{name}=" if equals else ""


def with_public_headers(value: Any) -> Any:
    """A value as strangers may see it, wherever an exchange stands in it: with the headers that are
    declared public. The one place for them, whichever key the exchange came with."""
    if isinstance(value, Exchange) and value.headers:
        value = replace(value, headers=public_headers(value.headers))
    if isinstance(value, tuple):
        parts = tuple(with_public_headers(part) for part in value)
        return parts if any(a is not b for a, b in zip(parts, value, strict=True)) else value
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {}
    for member in fields(value):
        before = getattr(value, member.name)
        after = with_public_headers(before)
        if after is not before:
            changes[member.name] = after
    return replace(value, **changes) if changes else value


def each(name: str, part: PartialDisclosure) -> Reduction:
    """A reduction of a tuple field: each of its values by their own declaration."""
    return lambda value, subject: tuple(part.public(v, subject) for v in getattr(value, name))
