"""When published words were put right"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.metadata import Moment

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

TABLES = ('status_incidents', 'status_updates', 'status_announcements')


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column('corrected_at', Moment(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column('corrected_at')
