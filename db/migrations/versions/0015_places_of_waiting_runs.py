"""Places of runs that have not ended"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'diagnostics_places',
        sa.Column('run', sa.Text(), nullable=False),
        sa.Column('lane', sa.Text(), nullable=False),
        sa.Column('asker', sa.Text(), nullable=False),
        sa.Column('network', sa.Text(), nullable=False),
        sa.CheckConstraint("lane IN ('known', 'first', 'further')", name=op.f('ck_diagnostics_places_lane')),
        sa.ForeignKeyConstraint(['run'], ['diagnostics_runs.id'], name=op.f('fk_diagnostics_places_run'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('run', name=op.f('pk_diagnostics_places')),
    )


def downgrade() -> None:
    op.drop_table('diagnostics_places')
