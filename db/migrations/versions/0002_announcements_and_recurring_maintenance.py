"""Incidents that probes tell, recurring work, announcements, frozen months"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.metadata

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('status_incidents') as batch:
        batch.add_column(sa.Column('cause', sa.Text(), nullable=True))
        batch.add_column(sa.Column('publish_at', db.metadata.Moment(), nullable=True))
        batch.create_unique_constraint('uq_status_incidents_cause', ['cause'])
    with op.batch_alter_table('status_maintenances') as batch:
        batch.add_column(sa.Column('rrule', sa.Text(), server_default='', nullable=False))
        batch.add_column(sa.Column('zone', sa.Text(), server_default='UTC', nullable=False))
        batch.add_column(sa.Column('shifts', db.metadata.JsonType(), server_default='{}', nullable=False))
        batch.add_column(sa.Column('changed_at', db.metadata.Moment(), nullable=True))
    op.create_table('status_announcements',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('title', db.metadata.JsonType(), nullable=False),
    sa.Column('text', db.metadata.JsonType(), nullable=False),
    sa.Column('starts_at', db.metadata.Moment(), nullable=False),
    sa.Column('ends_at', db.metadata.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_status_announcements'))
    )
    op.create_table('status_months',
    sa.Column('component', sa.Text(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('seconds', db.metadata.JsonType(), nullable=False),
    sa.Column('method', db.metadata.JsonType(), nullable=False),
    sa.Column('frozen_at', db.metadata.Moment(), nullable=False),
    sa.PrimaryKeyConstraint('component', 'month', name=op.f('pk_status_months')),
    sqlite_with_rowid=False
    )


def downgrade() -> None:
    op.drop_table('status_months')
    op.drop_table('status_announcements')
    with op.batch_alter_table('status_maintenances') as batch:
        for name in ('changed_at', 'shifts', 'zone', 'rrule'):
            batch.drop_column(name)
    with op.batch_alter_table('status_incidents') as batch:
        batch.drop_constraint('uq_status_incidents_cause', type_='unique')
        batch.drop_column('publish_at')
        batch.drop_column('cause')
