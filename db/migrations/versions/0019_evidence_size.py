"""How much evidence a run holds"""

from __future__ import annotations

from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(  # with its check, and without copying all runs
        'ALTER TABLE diagnostics_runs ADD COLUMN evidence_size INTEGER DEFAULT 0 NOT NULL'
        ' CONSTRAINT ck_diagnostics_runs_evidence_size CHECK (evidence_size >= 0)'
    )


def downgrade() -> None:
    op.drop_column('diagnostics_runs', 'evidence_size')
