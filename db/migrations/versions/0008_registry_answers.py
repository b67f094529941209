"""Answers of registries"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.metadata

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('diagnostics_registrations',
    sa.Column('domain', sa.Text(), nullable=False),
    sa.Column('asked_at', db.metadata.Moment(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('domain', name=op.f('pk_diagnostics_registrations'))
    )
    op.create_index(op.f('ix_diagnostics_registrations_asked_at'), 'diagnostics_registrations', ['asked_at'], unique=False)


def downgrade() -> None:
    op.drop_table('diagnostics_registrations')
