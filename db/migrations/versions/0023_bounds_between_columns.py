"""Bounds between columns of a row"""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import op

from db.row_repairs import RowRule, apply

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

# table → name → SQL that must hold
CHECKS = {
    'diagnostics_watches': {
        'until': 'until >= created_at',
        'good_judged': 'good <= judged',
        'slot': "standing IN ('pending', 'active') OR slot IS NULL",
    },
    'jobs': {'lease_until': "state <> 'running' OR lease_until IS NOT NULL"},
    'notify_subscribers': {'confirmed_at': "state = 'pending' OR confirmed_at IS NOT NULL"},
    'status_heartbeat_signals': {'is_open': "NOT is_open OR state = 'start'"},
    'status_known_components': {'last_seen': 'last_seen >= first_seen'},
    'status_rollups': {
        'slowest_fastest': 'slowest_us >= fastest_us',
        'total_slowest': 'total_us >= slowest_us',
    },
}
# What has a certain right value. Nobody is written to whose yes is not on record; a job that nobody
# holds waits; of looks that contradict themselves the worst is believed.
REPAIRS = {
    ('diagnostics_watches', 'until'): {'until': 'created_at'},
    ('diagnostics_watches', 'good_judged'): {'good': 'judged'},
    ('diagnostics_watches', 'slot'): {'slot': 'NULL'},
    ('jobs', 'lease_until'): {'state': "'waiting'"},
    ('notify_subscribers', 'confirmed_at'): {'state': "'pending'"},
    ('status_heartbeat_signals', 'is_open'): {'is_open': 'false'},
    ('status_known_components', 'last_seen'): {'last_seen': 'first_seen'},
    ('status_rollups', 'slowest_fastest'): {'slowest_us': 'fastest_us'},
    ('status_rollups', 'total_slowest'): {'total_us': 'slowest_us'},
}
WITHOUT_ROWID = ('status_known_components', 'status_rollups')


def upgrade() -> None:
    rules = [
        RowRule(table, f'NOT ({sql})', f'{sql} does not hold', REPAIRS[table, name])
        for table, named in CHECKS.items()
        for name, sql in named.items()
    ]
    apply(op.get_bind(), rules, revision, lambda: datetime.now(UTC))
    for table, named in CHECKS.items():
        keywords = {'sqlite_with_rowid': False} if table in WITHOUT_ROWID else {}
        with op.batch_alter_table(table, table_kwargs=keywords) as batch:
            for name, sql in named.items():
                batch.create_check_constraint(batch.f(f'ck_{table}_{name}'), sql)


def downgrade() -> None:
    for table, named in CHECKS.items():
        keywords = {'sqlite_with_rowid': False} if table in WITHOUT_ROWID else {}
        with op.batch_alter_table(table, table_kwargs=keywords) as batch:
            for name in named:
                batch.drop_constraint(batch.f(f'ck_{table}_{name}'), type_='check')
