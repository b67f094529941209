"""The table of rows that an upgrade of the database could not take over as they were."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from db.metadata import Moment, PlainJson, RowId, metadata, one_of

quarantine = Table(
    "db_quarantine",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("revision", Text, nullable=False),  # of the upgrade that met it
    Column("table_name", Text, nullable=False),
    Column("row_id", Text, nullable=False),  # its primary key, several parts joined by a space
    Column("reason", Text, nullable=False),
    one_of("action", ("repaired", "set_aside")),
    Column(
        "body", PlainJson(dict[str, object]), nullable=False
    ),  # the whole row as it was, column → value
)
