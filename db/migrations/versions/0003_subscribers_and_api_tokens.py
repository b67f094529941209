"""Subscribers, API tokens"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.metadata

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('accounts_keys',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('created_at', db.metadata.Moment(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('used_at', db.metadata.Moment(), nullable=True),
    sa.Column('revoked_at', db.metadata.Moment(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_keys')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_accounts_keys_token_hash'))
    )
    op.create_table('notify_subscribers',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('components', db.metadata.JsonType(), nullable=False),
    sa.Column('groups', db.metadata.JsonType(), nullable=False),
    sa.Column('maintenance', sa.Boolean(), nullable=False),
    sa.Column('created_at', db.metadata.Moment(), nullable=False),
    sa.Column('confirmed_at', db.metadata.Moment(), nullable=True),
    sa.Column('failures', sa.Integer(), server_default='0', nullable=False),
    sa.Column('failed_at', db.metadata.Moment(), nullable=True),
    sa.Column('trouble', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notify_subscribers')),
    sa.UniqueConstraint('kind', 'address', 'owner', name=op.f('uq_notify_subscribers_kind_address_owner')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_notify_subscribers_token_hash'))
    )
    op.create_index(
        op.f('ix_notify_subscribers_state_id'), 'notify_subscribers', ['state', 'id'], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f('ix_notify_subscribers_state_id'), table_name='notify_subscribers')
    op.drop_table('notify_subscribers')
    op.drop_table('accounts_keys')
