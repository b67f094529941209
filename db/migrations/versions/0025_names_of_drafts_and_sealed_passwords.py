"""Drafts of tickets and sealed passwords by their names"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.metadata import JsonType, Moment

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

COLUMNS = 'token_hash, form, expires_at'


def upgrade() -> None:
    move('tickets_kept', 'tickets_drafts')
    with op.batch_alter_table('diagnostics_sealed') as batch:
        batch.alter_column('box', new_column_name='ciphertext')


def downgrade() -> None:
    move('tickets_drafts', 'tickets_kept')
    with op.batch_alter_table('diagnostics_sealed') as batch:
        batch.alter_column('ciphertext', new_column_name='box')


def move(old: str, new: str) -> None:
    op.create_table(
        new,
        sa.Column('token_hash', sa.Text(), nullable=False),
        sa.Column('form', JsonType(), nullable=False),
        sa.Column('expires_at', Moment(), nullable=False),
        sa.PrimaryKeyConstraint('token_hash', name=op.f(f'pk_{new}')),
    )
    op.create_index(op.f(f'ix_{new}_expires_at'), new, ['expires_at'])
    op.execute(f'INSERT INTO {new} ({COLUMNS}) SELECT {COLUMNS} FROM {old}')  # noqa: S608 - ours
    op.drop_table(old)
