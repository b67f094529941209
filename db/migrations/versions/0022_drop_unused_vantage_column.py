"""A column of vantages that no release wrote"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column('status_vantages', 'said')


def downgrade() -> None:
    op.add_column('status_vantages', sa.Column('said', sa.Text(), nullable=True))
