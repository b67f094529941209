"""What components were called, when words were written down, readers of one incident"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.metadata import Moment

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

_KEY = ['kind', 'address', 'owner']


def upgrade() -> None:
    op.create_table(
        'status_known_components',
        sa.Column('component', sa.Text(), nullable=False),
        sa.Column('group', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('first_seen', Moment(), nullable=False),
        sa.Column('last_seen', Moment(), nullable=False),
        sa.PrimaryKeyConstraint('component', 'group', name=op.f('pk_status_known_components')),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table('notify_subscribers') as batch:
        batch.add_column(sa.Column('incident', sa.Text(), server_default='', nullable=False))
        batch.add_column(sa.Column('choice_gone_at', Moment(), nullable=True))
        batch.drop_constraint(batch.f('uq_notify_subscribers_kind_address_owner'), type_='unique')
        batch.create_unique_constraint(
            batch.f('uq_notify_subscribers_kind_address_owner_incident'), [*_KEY, 'incident']
        )
    op.create_index(op.f('ix_notify_subscribers_incident'), 'notify_subscribers', ['incident'])
    op.add_column('status_updates', sa.Column('told_at', Moment(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('status_updates') as batch:
        batch.drop_column('told_at')
    op.drop_index(op.f('ix_notify_subscribers_incident'), 'notify_subscribers')
    op.execute("DELETE FROM notify_subscribers WHERE incident != ''")
    with op.batch_alter_table('notify_subscribers') as batch:
        batch.drop_constraint(
            batch.f('uq_notify_subscribers_kind_address_owner_incident'), type_='unique'
        )
        batch.create_unique_constraint(batch.f('uq_notify_subscribers_kind_address_owner'), _KEY)
        batch.drop_column('choice_gone_at')
        batch.drop_column('incident')
    op.drop_table('status_known_components')
