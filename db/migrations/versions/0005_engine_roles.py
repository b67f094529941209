"""Roles that only one engine may have"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('engine_roles',
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('beats', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('role', name=op.f('pk_engine_roles'))
    )


def downgrade() -> None:
    op.drop_table('engine_roles')
