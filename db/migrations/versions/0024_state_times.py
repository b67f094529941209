"""Each state with the time it needs"""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import op

from db.row_repairs import RowRule, apply

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

INCIDENT_OVER = "state IN ('resolved', 'postmortem')"
RUN_OVER = "state IN ('done', 'failed')"
WATCH_OVER = "standing IN ('well', 'gave_up', 'stopped')"
# table → name → SQL that must hold
CHECKS = {
    'diagnostics_runs': {
        'started_at': "state <> 'running' OR started_at IS NOT NULL",
        'finished_at': f'({RUN_OVER}) = (finished_at IS NOT NULL)',
    },
    'diagnostics_watches': {
        'ended_at': f'({WATCH_OVER}) = (ended_at IS NOT NULL)',
        'next_at': "standing = 'active' OR next_at IS NULL",
    },
    'jobs': {'unfinished': "finished_at IS NULL OR state IN ('done', 'failed')"},
    'notify_subscribers': {
        'failed_at': "(failures = 0 AND state <> 'disabled') OR failed_at IS NOT NULL",
    },
    'status_heartbeats': {
        'at': "state = '' OR at IS NOT NULL",
        'good_at': "state <> 'up' OR good_at IS NOT NULL",
        'made_at': 'token IS NULL OR made_at IS NOT NULL',
    },
    'status_incidents': {
        'resolved_at': f'({INCIDENT_OVER}) = (resolved_at IS NOT NULL)',
        'cause': f'cause IS NULL OR NOT ({INCIDENT_OVER})',
        'discarded': 'NOT discarded OR draft',
    },
    'status_maintenances': {'changed_at': 'NOT cancelled OR changed_at IS NOT NULL'},
    'tickets_tickets': {
        'open_closed_at': "closed_at IS NULL OR state = 'closed'",
        'open_outcome': "outcome = '' OR state = 'closed'",
    },
}
_LAST_WORD = '(SELECT max(u.at) FROM status_updates u WHERE u.incident = status_incidents.id)'
# What people decided stands, and its time is the nearest that is on record; what is open has not
# ended. What was put away stays unseen. A token of unknown age is as old as the last thing it sent.
REPAIRS = {
    ('diagnostics_runs', 'started_at'): {'started_at': 'created_at'},
    ('diagnostics_runs', 'finished_at'): {
        'finished_at': f'CASE WHEN {RUN_OVER} THEN coalesce(started_at, created_at) END'
    },
    ('diagnostics_watches', 'ended_at'): {'ended_at': f'CASE WHEN {WATCH_OVER} THEN until END'},
    ('diagnostics_watches', 'next_at'): {'next_at': 'NULL'},
    ('jobs', 'unfinished'): {'finished_at': 'NULL'},
    ('notify_subscribers', 'failed_at'): {'failed_at': 'coalesce(confirmed_at, created_at)'},
    ('status_heartbeats', 'at'): {'state': "''"},
    ('status_heartbeats', 'good_at'): {'good_at': 'at'},
    ('status_heartbeats', 'made_at'): {'made_at': 'coalesce(good_at, at, {now})'},
    ('status_incidents', 'resolved_at'): {
        'resolved_at': f'CASE WHEN {INCIDENT_OVER} THEN coalesce({_LAST_WORD}, started_at) END'
    },
    ('status_incidents', 'cause'): {'cause': 'NULL'},
    ('status_incidents', 'discarded'): {'draft': 'true'},
    ('status_maintenances', 'changed_at'): {'changed_at': 'created_at'},
    ('tickets_tickets', 'open_closed_at'): {'closed_at': 'NULL'},
    ('tickets_tickets', 'open_outcome'): {'outcome': "''"},
}
NOW = {
    'postgresql': 'now()',
    'sqlite': "CAST(strftime('%s', 'now') AS INTEGER) * 1000000",
}


def upgrade() -> None:
    connection = op.get_bind()
    now = NOW[connection.dialect.name]
    rules = [
        RowRule(
            table,
            f'NOT ({sql})',
            f'{sql} does not hold',
            {column: value.format(now=now) for column, value in REPAIRS[table, name].items()},
        )
        for table, named in CHECKS.items()
        for name, sql in named.items()
    ]
    apply(connection, rules, revision, lambda: datetime.now(UTC))
    for table, named in CHECKS.items():
        with op.batch_alter_table(table) as batch:
            for name, sql in named.items():
                batch.create_check_constraint(batch.f(f'ck_{table}_{name}'), sql)


def downgrade() -> None:
    for table, named in CHECKS.items():
        with op.batch_alter_table(table) as batch:
            for name in named:
                batch.drop_constraint(batch.f(f'ck_{table}_{name}'), type_='check')
