"""The table of docs/operations.md that tells how long everything is kept, as every room says it.

It deletes nothing: the chores of each room do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from room import Retention
from settings.schema import RetentionSection

BEGIN, END = "<!-- made by docs/generate.py -->\n", "<!-- end -->"
_DAY = timedelta(days=1)


def retention_table(retentions: Iterable[Retention]) -> str:
    """The table in Markdown, with the defaults of `[retention]`."""
    rows = [f"| {x.what} | {_listed(x.tables or (x.files,))} | {_time(x)} |" for x in retentions]
    return "\n".join(["| what | tables or files | how long |", "| --- | --- | --- |", *rows]) + "\n"


def with_table(page: str, table: str) -> str:
    """A page with the table in its place."""
    before, rest = page.split(BEGIN, 1)
    return f"{before}{BEGIN}{table}{END}{rest.split(END, 1)[1]}"


def _listed(tables: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in tables)


def _time(retention: Retention) -> str:
    if retention.setting:
        span = getattr(RetentionSection(), retention.setting)
        return f"`{retention.setting}`, {_span(span)}"
    return _span(retention.after) if retention.after else retention.why


def _span(span: timedelta) -> str:
    years, days = divmod(span // _DAY, 365)
    if span % _DAY:
        minutes = span // timedelta(minutes=1)
        hours, rest = divmod(minutes, 60)
        seconds = int(span.total_seconds())
        return (
            f"{hours} h" if hours and not rest else f"{minutes} min" if minutes else f"{seconds} s"
        )
    if years and not days:
        return "a year" if years == 1 else f"{years} years"
    return "a day" if span == _DAY else f"{span // _DAY} days"
