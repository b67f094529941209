"""Drafts that nobody wants, and words on planned work"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.metadata

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('status_incidents') as incidents:
        incidents.add_column(
            sa.Column('discarded', sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table('status_maintenances') as works:
        works.add_column(sa.Column('notes', db.metadata.JsonType(), nullable=False, server_default='{}'))


def downgrade() -> None:
    with op.batch_alter_table('status_maintenances') as works:
        works.drop_column('notes')
    with op.batch_alter_table('status_incidents') as incidents:
        incidents.drop_column('discarded')
