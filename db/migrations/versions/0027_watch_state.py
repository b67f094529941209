"""The state of a watch, called so like any other"""

from __future__ import annotations

from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

TABLE = 'diagnostics_watches'
# name → what must hold of the column, whatever it is called
CHECKS = {
    'slot': "{column} IN ('pending', 'active') OR slot IS NULL",
    'ended_at': "({column} IN ('well', 'gave_up', 'stopped')) = (ended_at IS NOT NULL)",
    'next_at': "{column} = 'active' OR next_at IS NULL",
}
WORDS = "{column} IN ('pending', 'active', 'well', 'gave_up', 'stopped')"


def upgrade() -> None:
    rename('standing', 'state')


def downgrade() -> None:
    rename('state', 'standing')


def rename(old: str, new: str) -> None:
    """Rules and the index name the column, so they go before it and come again."""
    with op.batch_alter_table(TABLE) as batch:
        for name in (*CHECKS, old):
            batch.drop_constraint(batch.f(f'ck_{TABLE}_{name}'), type_='check')
        batch.drop_index(batch.f(f'ix_{TABLE}_person_{old}'))
    op.execute(f'ALTER TABLE {TABLE} RENAME COLUMN {old} TO {new}')
    with op.batch_alter_table(TABLE) as batch:
        for name, sql in {**CHECKS, new: WORDS}.items():
            batch.create_check_constraint(batch.f(f'ck_{TABLE}_{name}'), sql.format(column=new))
        batch.create_index(batch.f(f'ix_{TABLE}_person_{new}'), ['person', new])
