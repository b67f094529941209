"""One mapping between a dataclass and its rows: what fits comes back equal, what does not is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    insert,
    select,
)

from db.metadata import TEXTS, JsonType, Moment, PlainJson
from db.row_mapper import DocumentColumn, MappingError, RowMapper
from db.stored import Stored


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Crate:
    id: str
    colour: Colour
    spare: Colour | None
    at: datetime
    took: timedelta
    cause: str = ""
    ended_at: datetime | None = None
    parts: tuple[Part, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)


PARTS = {
    "parts": DocumentColumn(Stored("test.parts", tuple[Part, ...], body="parts"), lambda row: ())
}


def table(*extra, without=()):
    columns = [
        Column("id", Text, primary_key=True),
        Column("colour", Text, nullable=False, info={"values": ("red", "blue")}),
        Column("spare", Text, nullable=False, default=""),
        Column("at", Moment, nullable=False),
        Column("took", BigInteger, nullable=False),
        Column("cause", Text),
        Column("ended_at", Moment),
        Column("parts", JsonType, nullable=False),
        Column("words", PlainJson(TEXTS), nullable=False),
    ]
    return Table("rows_table", MetaData(), *(c for c in columns if c.name not in without), *extra)


NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
FULL = Crate(
    *("a", Colour.BLUE, Colour.RED, NOW, timedelta(microseconds=123_457), "web", NOW),
    *((Part("x", Colour.BLUE),), {"cs": "věc"}),
)
BARE = Crate("b", Colour.RED, None, NOW, timedelta(0))


def test_a_value_comes_back_equal_from_its_row():
    planted_table = table()
    mapper = RowMapper(Crate, planted_table, documents=PARTS)
    engine = create_engine("sqlite://")
    with engine.begin() as conn:
        planted_table.create(conn)
        conn.execute(insert(planted_table), [mapper.to_row(FULL), mapper.to_row(BARE)])
        rows = conn.execute(select(planted_table).order_by(planted_table.c.id))
        assert mapper.all(rows) == (FULL, BARE)
        assert (
            mapper.first(conn.execute(select(planted_table).where(planted_table.c.id == "b")))
            == BARE
        )
        assert (
            mapper.first(conn.execute(select(planted_table).where(planted_table.c.id == "?")))
            is None
        )
    engine.dispose()


def test_nothing_stands_as_the_column_wants_it():
    row = RowMapper(Crate, table(), documents=PARTS).to_row(BARE)
    assert row["spare"] == "", "not nullable: empty text stands for None"
    assert row["cause"] is None, "nullable: NULL stands for empty text"


@pytest.mark.parametrize(
    ("rows_table", "declared", "message"),
    [
        (table(without=("cause",)), {}, "no column cause"),
        (table(Column("weight", Float)), {}, "no field for the column weight"),
        (table(), {"elsewhere": ("colour", "size")}, "no field size"),
        (table(), {"elsewhere": ("colour",)}, "no field for the column colour"),
        (table(), {"others": ("colour",)}, "claimed twice"),
        (table(without=("took",)), {"columns": {"took": "took_us"}}, "no column took_us"),
        (table(Column("took", Text), without=("took",)), {}, "took cannot hold timedelta"),
        (table(Column("parts", Text), without=("parts",)), {}, "parts cannot hold tuple"),
        (table(), {}, "rows_table.parts: .*Part, .* needs a codec"),
        (
            table(Column("words", JsonType), without=("words",)),
            {"documents": PARTS},
            "rows_table.words: .* needs a codec",
        ),
        (
            table(Column("colour", Text, info={"values": ("red",)}), without=("colour",)),
            {},
            "which is not all of Colour",
        ),
    ],
)
def test_what_does_not_fit_is_refused_when_the_mapper_is_built(rows_table, declared, message):
    with pytest.raises(MappingError, match=message):
        RowMapper(Crate, rows_table, **declared)


def test_only_declared_columns_and_fields_may_be_given():
    others = table(Column("token_hash", Text), Column("size", Integer))
    mapper = RowMapper(
        Crate,
        others,
        elsewhere=("colour",),
        others=("token_hash", "colour"),
        derived={"size": lambda t: len(t.id)},
        documents=PARTS,
    )
    assert mapper.to_row(FULL, token_hash="x")["size"] == 1
    with pytest.raises(MappingError, match="token"):
        mapper.to_row(FULL, token="x")
    with pytest.raises(MappingError, match="size"):
        mapper.from_row(None, size=1)
