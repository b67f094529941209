"""Letters that were refused"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('notify_sent', sa.Column('refused', sa.Text(), server_default='', nullable=False))
    op.add_column('notify_sent', sa.Column('reply', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('notify_sent', 'reply')
    op.drop_column('notify_sent', 'refused')
