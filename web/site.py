"""Name, address, languages and brand of the site, and what web/ is given by wiring. Knows no feature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol, cast

from flask import Flask, Request, current_app

from clock import Clock
from db.act_step import ActStep
from render.languages import LANGUAGES
from render.templates import TemplateRenderer
from room_ports import RoomPort
from web.rate_limits import Limiter

KEY = "jasno"


@dataclass(frozen=True, slots=True)
class Site:
    """What every page says of the provider. Addresses have no slash at the end."""

    name: str = "Jasno"
    url: str = "http://127.0.0.1:8000"
    status_url: str = ""
    languages: tuple[str, ...] = tuple(LANGUAGES)
    brand: Mapping[str, str] = field(default_factory=dict)
    time_zone: str = "UTC"

    @property
    def secure(self) -> bool:
        """Whether visitors come by https."""
        return self.url.startswith("https:")


class PersonLike(Protocol):
    """A signed-in person, as far as shared pages need to know."""

    @property
    def id(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def lang(self) -> str: ...
    def is_staff(self) -> bool: ...
    def is_operator(self) -> bool: ...


class VisitorLike(Protocol):
    """Whoever sends a request; accounts.model.Visitor in life."""

    @property
    def person(self) -> PersonLike | None: ...
    @property
    def session(self) -> str: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def method(self) -> str: ...


@dataclass(frozen=True, slots=True)
class AnonymousVisitor:
    """A visitor nobody knows; also everyone, while the database is away."""

    person: PersonLike | None = None
    session: str = ""
    since: datetime | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class FormKeeper:
    """Keeps forms over signing in, by token. `keep` gives the token, "" when it keeps nothing; `load`
    gives an empty form for what is not there; the step drops a form with the act that it asks for."""

    keep: Callable[[Mapping[str, str]], str]
    load: Callable[[str], Mapping[str, str]]
    drop_step: Callable[[str], ActStep]


VISITOR: RoomPort[Callable[[Request], VisitorLike]] = RoomPort("visitor")
FORM_KEEPER: RoomPort[FormKeeper] = RoomPort("form keeper")


@dataclass(frozen=True, slots=True)
class Plumbing:
    """Everything web/ needs. `checks` map a name to a check that returns "" or what is wrong;
    `metrics` gives families of numbers in the format of /metrics."""

    site: Site
    pages: TemplateRenderer
    secret: bytes
    clock: Clock
    limiter: Limiter
    visitor: Callable[[Request], VisitorLike]
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    checks: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    metrics_token: str = ""
    form_keeper: FormKeeper | None = None
    metrics: Callable[[], str] = str


def plumbing(app: Flask | None = None) -> Plumbing:
    """The running application's plumbing."""
    return cast("Plumbing", (app or current_app).extensions[KEY])
