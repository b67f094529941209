"""How the times of good looks were spread"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('status_rollups', sa.Column('times', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('status_rollups', 'times')
