"""Overrides with their beginning and history; since when people tell what probes had told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.metadata import Moment

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

# When an override was set stands in the audit log; without an entry it is taken to be empty.
BEGINNINGS = """
UPDATE status_overrides SET since = COALESCE((
  SELECT MAX(a.at) FROM accounts_audit a
  WHERE a.action = 'override.set' AND a.subject = 'override:' || status_overrides.component
    AND a.at <= status_overrides.until
), until)
"""


def upgrade() -> None:
    op.add_column('status_incidents', sa.Column('probes_until', Moment(), nullable=True))
    op.add_column('status_overrides', sa.Column('since', Moment(), nullable=True))
    op.execute(BEGINNINGS)
    _key(['component', 'since'], nullable=False)
    with op.batch_alter_table('status_overrides') as batch:
        batch.create_check_constraint(batch.f('ck_status_overrides_until'), 'until >= since')


def downgrade() -> None:
    op.execute(
        'DELETE FROM status_overrides WHERE since < (SELECT MAX(o.since) FROM status_overrides o'
        ' WHERE o.component = status_overrides.component)'
    )
    with op.batch_alter_table('status_overrides') as batch:
        batch.drop_constraint(batch.f('ck_status_overrides_until'), type_='check')
    _key(['component'], nullable=True)
    with op.batch_alter_table('status_overrides') as batch:
        batch.drop_column('since')
    with op.batch_alter_table('status_incidents') as batch:
        batch.drop_column('probes_until')


def _key(columns: list[str], *, nullable: bool) -> None:
    with op.batch_alter_table('status_overrides') as batch:
        batch.drop_constraint(batch.f('pk_status_overrides'), type_='primary')
        batch.alter_column('since', existing_type=Moment(), nullable=nullable)
        batch.create_primary_key(batch.f('pk_status_overrides'), columns)
