"""Alembic's way in: runs migrations on the connection that db/migrate.py hands over."""

from __future__ import annotations

from alembic import context

import db.tables as _every_table
from db.metadata import metadata

assert _every_table  # importing it puts every table on the metadata
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
