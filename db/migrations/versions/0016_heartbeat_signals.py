"""The signals that jobs send in are kept, and with them the runs that have not ended"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.metadata import Moment

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

STATES = "'up', 'degraded', 'down', 'start', 'log'"


def upgrade() -> None:
    running = op.get_bind().execute(
        sa.text('SELECT probe, started_at FROM status_heartbeats WHERE started_at IS NOT NULL')
    ).all()  # fmt: skip
    with op.batch_alter_table('status_heartbeats') as batch:
        batch.drop_column('started_at')
    op.create_table(
        'status_heartbeat_signals',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True),
        sa.Column('probe', sa.Text(), nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('run', sa.Text(), nullable=False),
        sa.Column('exit_status', sa.Integer(), nullable=True),
        sa.Column('duration_us', sa.BigInteger(), nullable=True),
        sa.Column('message', sa.Text(), nullable=False),
        sa.Column('snippet', sa.Text(), nullable=False),
        sa.Column('is_open', sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            f'state IN ({STATES})', name=op.f('ck_status_heartbeat_signals_state')
        ),
        sa.CheckConstraint(
            'exit_status BETWEEN 0 AND 255', name=op.f('ck_status_heartbeat_signals_exit_status')
        ),
        sa.CheckConstraint(
            'duration_us >= 0', name=op.f('ck_status_heartbeat_signals_duration_us')
        ),
        sa.ForeignKeyConstraint(
            ['probe'],
            ['status_heartbeats.probe'],
            name=op.f('fk_status_heartbeat_signals_probe'),
            ondelete='CASCADE',
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_status_heartbeat_signals')),
    )
    table = 'status_heartbeat_signals'
    op.create_index(op.f('ix_status_heartbeat_signals_at'), table, ['at'])
    op.create_index('ix_status_heartbeat_signals_newest', table, ['probe', 'id'])
    op.create_index('ix_status_heartbeat_signals_open', table, ['is_open', 'id'])
    for probe, began in running:
        op.get_bind().execute(
            sa.text(
                'INSERT INTO status_heartbeat_signals (probe, at, state, run, message, snippet,'
                " is_open) VALUES (:probe, :at, 'start', '', '', '', :yes)"
            ),
            {'probe': probe, 'at': began, 'yes': True},
        )


def downgrade() -> None:
    op.drop_table('status_heartbeat_signals')
    with op.batch_alter_table('status_heartbeats') as batch:
        batch.add_column(sa.Column('started_at', Moment(), nullable=True))
