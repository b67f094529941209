"""Words sent in, vantages, roll-ups"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.metadata

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('status_heartbeats',
    sa.Column('probe', sa.Text(), nullable=False),
    sa.Column('token', sa.Text(), nullable=True),
    sa.Column('made_at', db.metadata.Moment(), nullable=True),
    sa.Column('at', db.metadata.Moment(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('ping_us', sa.BigInteger(), nullable=True),
    sa.Column('good_at', db.metadata.Moment(), nullable=True),
    sa.Column('started_at', db.metadata.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('probe', name=op.f('pk_status_heartbeats')),
    sa.UniqueConstraint('token', name=op.f('uq_status_heartbeats_token'))
    )
    op.create_table('status_pushes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('at', db.metadata.Moment(), nullable=False),
    sa.Column('vantage', sa.Text(), nullable=False),
    sa.Column('observations', db.metadata.JsonType(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_status_pushes'))
    )
    op.create_index(op.f('ix_status_pushes_at'), 'status_pushes', ['at'], unique=False)

    op.create_table('status_rollups',
    sa.Column('probe', sa.Text(), nullable=False),
    sa.Column('span', sa.Integer(), nullable=False),
    sa.Column('at', db.metadata.Moment(), nullable=False),
    sa.Column('up', sa.Integer(), nullable=False),
    sa.Column('degraded', sa.Integer(), nullable=False),
    sa.Column('down', sa.Integer(), nullable=False),
    sa.Column('unknown', sa.Integer(), nullable=False),
    sa.Column('fastest_us', sa.BigInteger(), nullable=False),
    sa.Column('slowest_us', sa.BigInteger(), nullable=False),
    sa.Column('total_us', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('probe', 'span', 'at', name=op.f('pk_status_rollups')),
    sqlite_with_rowid=False
    )
    op.create_table('status_vantages',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('made_at', db.metadata.Moment(), nullable=False),
    sa.Column('seen_at', db.metadata.Moment(), nullable=True),
    sa.Column('said', db.metadata.JsonType(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_status_vantages')),
    sa.UniqueConstraint('token', name=op.f('uq_status_vantages_token'))
    )
    op.create_index('ix_status_observations_failed', 'status_observations', ['probe', 'at'], unique=False, sqlite_where=sa.text("grade != 'up'"), postgresql_where=sa.text("grade != 'up'"))

