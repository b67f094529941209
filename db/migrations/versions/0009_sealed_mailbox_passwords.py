"""What a mailbox test needs for a minute"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.metadata import Moment

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('diagnostics_engine_keys',
    sa.Column('engine', sa.Text(), nullable=False),
    sa.Column('public', sa.Text(), nullable=False),
    sa.Column('seen_at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('engine', name=op.f('pk_diagnostics_engine_keys'))
    )
    op.create_table('diagnostics_sealed',
    sa.Column('run', sa.Text(), nullable=False),
    sa.Column('engine', sa.Text(), nullable=False),
    sa.Column('box', sa.Text(), nullable=False),
    sa.Column('visitor', sa.Text(), nullable=False),
    sa.Column('expires_at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('run', 'engine', name=op.f('pk_diagnostics_sealed'))
    )


def downgrade() -> None:
    op.drop_table('diagnostics_sealed')
    op.drop_table('diagnostics_engine_keys')
