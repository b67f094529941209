"""Watches until fixed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.metadata

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('diagnostics_watches',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('first', sa.Text(), nullable=False),
    sa.Column('domain', sa.Text(), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('standing', sa.Text(), nullable=False),
    sa.Column('created_at', db.metadata.Moment(), nullable=False),
    sa.Column('until', db.metadata.Moment(), nullable=False),
    sa.Column('next_at', db.metadata.Moment(), nullable=True),
    sa.Column('run', sa.Text(), nullable=False),
    sa.Column('looks', sa.Integer(), nullable=False),
    sa.Column('judged', sa.Integer(), nullable=False),
    sa.Column('good', sa.Integer(), nullable=False),
    sa.Column('ended_at', db.metadata.Moment(), nullable=True),
    sa.Column('slot', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_diagnostics_watches')),
    sa.UniqueConstraint('slot', name=op.f('uq_diagnostics_watches_slot')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_diagnostics_watches_token_hash'))
    )
    op.create_index(op.f('ix_diagnostics_watches_first'), 'diagnostics_watches', ['first'], unique=False)
    op.create_index(op.f('ix_diagnostics_watches_person_standing'), 'diagnostics_watches', ['person', 'standing'], unique=False)
    op.create_index(op.f('ix_diagnostics_watches_run'), 'diagnostics_watches', ['run'], unique=False)


def downgrade() -> None:
    op.drop_table('diagnostics_watches')
