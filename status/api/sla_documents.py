"""Response documents of the uptime report. Field names never change. Pure."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from status.model import Condition


class MethodDocument(Struct):
    """How uptime was counted: what a partial outage and slow service weigh, and maintenance."""

    partial: float
    degraded: float
    maintenance: str
    text: str


class MonthDocument(Struct):
    """The uptime of one month, 0 to 1; null without data."""

    month: str
    uptime: float | None


class UptimeDocument(Struct, kw_only=True):
    """A component, or a group (without `id`). `coverage` is the share that was observed;
    `imported_days` were told by another status page."""

    name: str
    uptime: float | None
    coverage: float
    seconds: dict[Condition, int]
    imported_days: int
    months: tuple[MonthDocument, ...]
    id: str | None = None
    group: str | None = None


class SlaDocument(Struct, rename={"from_": "from"}):
    """The uptime report of a period, with every method that was used."""

    schema: int
    period: str
    from_: date
    until: date
    made_at: datetime
    over: bool
    final: bool
    methods: tuple[MethodDocument, ...]
    components: tuple[UptimeDocument, ...]
    groups: tuple[UptimeDocument, ...]
