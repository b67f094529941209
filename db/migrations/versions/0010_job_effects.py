"""Effects remembered apart from jobs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.metadata import Moment

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('jobs_effects',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'key', name=op.f('pk_jobs_effects'))
    )
    op.create_index(op.f('ix_jobs_effects_at'), 'jobs_effects', ['at'], unique=False)
    op.create_index(op.f('ix_jobs_state_finished_at'), 'jobs', ['state', 'finished_at'], unique=False)
    op.execute(
        'INSERT INTO jobs_effects (kind, key, at)'
        ' SELECT kind, key, COALESCE(finished_at, run_after) FROM jobs'
    )


def downgrade() -> None:
    op.drop_index(op.f('ix_jobs_state_finished_at'), table_name='jobs')
    op.drop_table('jobs_effects')
