"""Every column has the rule its name promises, or docs/database.md says why it has none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import JSON, CheckConstraint, Column, Float, Integer, MetaData, Table, Text

import db.tables
from db.documents import readers
from db.metadata import TEXTS, JsonType, Moment, PlainJson, metadata, one_of
from db.stored import Stored
from wiring.rooms import build

assert db.tables
PAGE = Path("docs/database.md").read_text()
# What a column is called that holds one of a few words.
WORDS = {"state", "kind", "role", "grade", "scope", "impact", "outcome", "condition",
         "before", "after", "action", "method", "refused", "staff", "type", "status", "level"}  # fmt: skip
# What a column is called that names a row: the tables' own names, and what rows are to each other.
NAMES = {"account", "actor", "agent", "author", "by", "channel", "claim", "component", "created_by",
         "department", "engine", "first", "incident", "invite", "maintenance_id", "owner", "person",
         "previous", "probe", "run", "service", "session", "share", "ticket", "vantage", "watch"}  # fmt: skip
# What a column is called that holds the end of something, or what another column allows.
BOUNDS = {"cancelled", "cause", "discarded", "ends_at", "expires_at", "good", "is_open", "judged",
          "last_seen", "outcome", "slot", "slowest_us", "total_us", "until"}  # fmt: skip
PROSE = {"hosting_accounts.account", "notify_subscribers.owner"}  # a document; a mailbox


def excused(heading):
    """The columns of a table of the page, with the reason given for each."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {name: why.strip() for names, why in rows for name in re.findall(r"`([^`]+)`", names)}


def columns(tables=metadata):
    return {f"{t.name}.{c.name}": c for t in tables.sorted_tables for c in t.columns}


def checked(column):
    """Whether a CHECK of its table speaks of the column."""
    word = re.compile(rf"\b{column.name}\b")
    rules = {*column.constraints, *column.table.constraints}
    return any(word.search(str(c.sqltext)) for c in rules if isinstance(c, CheckConstraint))


def unchecked_words(tables=metadata):
    return {
        name
        for name, c in columns(tables).items()
        if c.name in WORDS and isinstance(c.type, Text) and not checked(c)
    }


def loose_references(tables=metadata):
    return {
        name
        for name, c in columns(tables).items()
        if (c.name in NAMES or c.name.endswith("_id"))
        and name not in PROSE
        and isinstance(c.type, Text)
        and not c.foreign_keys
    }


def loose_bounds(tables=metadata):
    """Columns that end or bound something, and times that a row may lack: those that no CHECK
    speaks of together with another column."""
    return {
        name
        for name, c in columns(tables).items()
        if (c.name in BOUNDS or (c.nullable and isinstance(c.type, Moment)))
        and not any(checks_together(c, o) for o in c.table.columns if o is not c)
    }


def checks_together(column, other):
    """Whether one CHECK speaks of both columns."""
    words = [re.compile(rf"\b{c.name}\b") for c in (column, other)]
    rules = {*column.constraints, *column.table.constraints}
    checks = [str(c.sqltext) for c in rules if isinstance(c, CheckConstraint)]
    return any(all(word.search(check) for word in words) for check in checks)


def test_every_bound_is_checked_or_excused():
    reasons = excused("Bounds without a CHECK")
    assert loose_bounds() == reasons.keys()
    assert all(len(why) > 15 for why in reasons.values())


def test_every_word_of_few_is_checked_or_excused():
    assert unchecked_words() == excused("Words without a CHECK").keys()


def test_every_reference_is_a_foreign_key_or_excused():
    reasons = excused("References without a FOREIGN KEY")
    assert loose_references() == reasons.keys()
    assert all(len(why) > 15 for why in reasons.values())


def test_no_number_can_fall_where_it_makes_no_sense():
    numbers = {
        name
        for name, c in columns().items()
        if isinstance(c.type, Integer | Float) and not c.primary_key and not checked(c)
    }
    assert numbers == set()


def without_shape(tables, read_by):
    """Columns of JSON that take any value: neither plain values of one shape nor read by a codec."""
    return {
        name
        for name, c in columns(tables).items()
        if isinstance(c.type, JSON | JsonType)
        and not isinstance(c.type, PlainJson)
        and not isinstance(getattr(read_by.get(c), "__self__", None), Stored)
    }


def test_every_column_of_json_has_a_shape_or_a_codec():
    assert build, "every room is loaded, and has declared what reads its columns"
    assert without_shape(metadata, readers()) == set()


def test_a_column_of_any_json_is_found():
    """The test above can fail."""
    tables, codec = MetaData(), Stored("test.shape", list[int], body="body")
    planted = Table(
        "t_planted", tables, Column("any", JSON), Column("bare", JsonType),
        Column("read", JsonType), Column("named", JsonType), Column("plain", PlainJson(TEXTS)),
    )  # fmt: skip
    read_by = {planted.c.read: codec.load, planted.c.named: list}
    assert without_shape(tables, read_by) == {"t_planted.any", "t_planted.bare", "t_planted.named"}


def test_what_is_referred_to_finds_who_refers_to_it_by_an_index():
    """Deleting a row looks for the rows that refer to it."""
    slow = set()
    for name, column in columns().items():
        if not column.foreign_keys:
            continue
        table = column.table
        leading = {next(iter(i.columns)).name for i in table.indexes}
        leading |= {next(iter(table.primary_key.columns)).name}
        uniques = (c for c in table.constraints if type(c).__name__ == "UniqueConstraint")
        leading |= {next(iter(c.columns)).name for c in uniques}
        if column.name not in leading:
            slow.add(name)
    assert slow == set()


def test_a_time_without_the_state_it_belongs_to_is_found():
    """The test above can fail."""
    planted, over = MetaData(), "state <> 'over' OR over_at IS NOT NULL"
    times = (
        Column("at", Moment, nullable=False),
        Column("seen_at", Moment),
        Column("over_at", Moment),
    )
    Table("t_planted", planted, one_of("state", ("on", "over")), *times, CheckConstraint(over))
    assert loose_bounds(planted) == {"t_planted.seen_at"}


@pytest.mark.parametrize(
    ("name", "rule"),
    [("state", unchecked_words), ("run", loose_references), ("until", loose_bounds)],
)
def test_a_column_without_its_rule_is_found(name, rule):
    """The tests above can fail."""
    planted_metadata = MetaData()
    Table("t_good", planted_metadata, one_of("kind", ("a",)), Column("text", Text))
    assert rule(planted_metadata) == set()
    Table("t_loose", planted_metadata, Column(name, Text))
    assert rule(planted_metadata) == {f"t_loose.{name}"}
