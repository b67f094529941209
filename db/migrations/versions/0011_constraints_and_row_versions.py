"""Constraints, foreign keys, indexes, versions of what two people may write"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from db.metadata import JsonType, Moment
from db.row_repairs import RowRule, apply

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

CONDITIONS = (
    'operational', 'degraded_performance', 'partial_outage', 'major_outage',
    'under_maintenance', 'no_data',
)
INCIDENT_STATES = ('investigating', 'identified', 'monitoring', 'resolved', 'postmortem')
SCOPES = ('public', 'contact', 'staff')
# table → column → the words it may hold
WORDS = {
    'accounts_people': {'staff': ('', 'agent', 'operator')},
    'accounts_contacts': {'role': ('owner', 'technical', 'billing')},
    'accounts_keys': {'role': ('read', 'write', 'operator')},
    'diagnostics_runs': {'scope': SCOPES, 'state': ('queued', 'running', 'done', 'failed')},
    'diagnostics_watches': {
        'scope': SCOPES, 'standing': ('pending', 'active', 'well', 'gave_up', 'stopped'),
    },
    'jobs': {'state': ('waiting', 'running', 'done', 'failed')},
    'notify_subscribers': {
        'kind': ('email', 'webhook'), 'state': ('pending', 'checking', 'active', 'disabled'),
    },
    'status_heartbeats': {'state': ('', 'up', 'degraded', 'down', 'start')},
    'status_incidents': {
        'state': INCIDENT_STATES,
        'impact': ('none', 'minor', 'major', 'critical', 'maintenance'),
    },
    'status_observations': {'grade': ('up', 'degraded', 'down', 'unknown')},
    'status_overrides': {'condition': CONDITIONS},
    'status_transitions': {'before': CONDITIONS, 'after': CONDITIONS},
    'status_updates': {'state': INCIDENT_STATES},
    'tickets_notes': {'kind': ('customer', 'reply', 'internal', 'event')},
    'tickets_tickets': {
        'state': ('new', 'open', 'waiting', 'technicians', 'closed'),
        'outcome': ('', 'first_contact', 'later', 'unsolved'),
    },
}
# table → columns that do not fall below zero
COUNTS = {
    'diagnostics_runs': ('version',),
    'diagnostics_watches': ('looks', 'judged', 'good'),
    'engine_roles': ('fence', 'beats'),
    'jobs': ('fence', 'attempts'),
    'notify_subscribers': ('failures',),
    'status_heartbeats': ('ping_us',),
    'status_maintenances': ('sequence',),
    'status_observations': ('elapsed_us',),
    'status_rollups': (
        'up', 'degraded', 'down', 'unknown', 'fastest_us', 'slowest_us', 'total_us',
    ),
    'tickets_invites': ('runs_left',),
}
VERSIONED = (
    'status_announcements', 'status_incidents', 'status_maintenances', 'status_overrides',
    'tickets_tickets',
)
# table → name → what else holds
BOUNDS = {
    'accounts_sessions': {'assurance': 'assurance BETWEEN 0 AND 3'},
    'diagnostics_shares': {'expires_at': 'expires_at > created_at'},
    'diagnostics_watches': {'judged_looks': 'judged <= looks'},
    'status_days': {name: f'{name} BETWEEN 0 AND 86400' for name in CONDITIONS},
    'status_maintenances': {'ends_at': 'ends_at >= starts_at'},
    'status_rollups': {'span': 'span IN (300, 3600, 86400)'},
    'tickets_invites': {'expires_at': 'expires_at > created_at'},
    'tickets_tickets': {'priority': 'priority BETWEEN 0 AND 3'},
    **{name: {} for name in VERSIONED if name not in ('status_maintenances', 'tickets_tickets')},
}
# table, column, what it refers to, what becomes of it when that is deleted
REFERENCES = (
    ('diagnostics_runs', 'person', 'accounts_people', 'SET NULL'),
    ('diagnostics_runs', 'previous', 'diagnostics_runs', 'SET NULL'),
    ('diagnostics_watches', 'first', 'diagnostics_runs', 'CASCADE'),
    ('diagnostics_watches', 'run', 'diagnostics_runs', 'SET NULL'),
    ('status_updates', 'incident', 'status_incidents', 'CASCADE'),
    ('tickets_tickets', 'person', 'accounts_people', 'SET NULL'),
)
OPTIONAL = [(t, c) for t, c, _, on_delete in REFERENCES if on_delete == 'SET NULL']
INDEXES = (
    ('accounts_audit', ('actor', 'id')),
    ('accounts_contacts', ('account',)),
    ('diagnostics_runs', ('account', 'created_at')),
    ('diagnostics_runs', ('previous',)),
    ('notify_sent', ('at',)),
    ('tickets_tickets', ('account', 'state')),
    ('tickets_tickets', ('state', 'priority', 'number')),
)
WITHOUT_ROWID = ('status_days', 'status_observations', 'status_rollups', 'status_transitions')
# What has a certain right value: a count below zero is none; and nobody's ticket, role or job
# may be lost for a word we do not know.
REPAIRS = {
    ('accounts_people', 'staff'): {'staff': "''"},
    ('jobs', 'state'): {'state': "'failed'"},
    ('notify_subscribers', 'state'): {'state': "'disabled'"},
    ('status_heartbeats', 'state'): {'state': "''"},
    ('status_heartbeats', 'ping_us'): {'ping_us': 'NULL'},
    ('status_observations', 'grade'): {'grade': "'unknown'"},
    ('status_observations', 'elapsed_us'): {'elapsed_us': '0'},
    ('tickets_tickets', 'state'): {'state': "'open'"},
    ('tickets_tickets', 'outcome'): {'outcome': "''"},
    ('tickets_tickets', 'priority'): {'priority': '2'},
    ('tickets_notes', 'kind'): {'kind': "'internal'"},
    ('diagnostics_watches', 'judged_looks'): {'judged': 'looks'},
}


def checks() -> dict[str, dict[str, str]]:
    """table → name → SQL that must hold."""
    conditions: dict[str, dict[str, str]] = {}
    for table, columns in WORDS.items():
        for column, words in columns.items():
            listed = ', '.join(f"'{word}'" for word in words)
            conditions.setdefault(table, {})[column] = f'{column} IN ({listed})'
    for table, names in COUNTS.items():
        conditions.setdefault(table, {}).update({name: f'{name} >= 0' for name in names})
    for table, bounds in BOUNDS.items():
        conditions.setdefault(table, {}).update(bounds)
    return conditions


def rules() -> list[RowRule]:
    """What to do with rows that the new tables would refuse."""
    rules_to_apply = []
    for table, named in checks().items():
        for name, sql in named.items():
            repair = REPAIRS.get((table, name))
            if repair is None and name in COUNTS.get(table, ()):
                repair = {name: '0'}
            rules_to_apply.append(RowRule(table, f'NOT ({sql})', f'{sql} does not hold', repair))
    for table, column, other, on_delete in REFERENCES:
        gone = f'NOT EXISTS (SELECT 1 FROM {other} o WHERE o.id = {table}.{column})'
        if on_delete == 'CASCADE':
            rules_to_apply.append(RowRule(table, gone, f'its {column} is not in {other}'))
        elif (table, column) != ('diagnostics_runs', 'previous'):  # these are forgotten with time
            broken, reason = f"{column} <> '' AND {gone}", f'its {column} is not in {other}'
            rules_to_apply.append(RowRule(table, broken, reason, {column: "''"}))
    twice = (
        "desk <> '' AND EXISTS (SELECT 1 FROM tickets_tickets o WHERE o.desk = tickets_tickets.desk"
        ' AND o.desk_id = tickets_tickets.desk_id AND o.number < tickets_tickets.number)'
    )
    nowhere = {column: "''" for column in ('desk', 'desk_id', 'desk_number', 'desk_url')}
    reason = 'an older ticket is the same one on the desk'
    return [*rules_to_apply, RowRule('tickets_tickets', twice, reason, nowhere)]


def upgrade() -> None:
    conn = op.get_bind()
    sqlite = conn.dialect.name == 'sqlite'
    op.create_table('db_quarantine',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('revision', sa.Text(), nullable=False),
    sa.Column('table_name', sa.Text(), nullable=False),
    sa.Column('row_id', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('body', JsonType(), nullable=False),
    sa.CheckConstraint("action IN ('repaired', 'set_aside')", name=op.f('ck_db_quarantine_action')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_db_quarantine'))
    )
    apply(conn, rules(), revision, lambda: datetime.now(UTC))
    forgotten = 'NOT EXISTS (SELECT 1 FROM diagnostics_runs o WHERE o.id = diagnostics_runs.previous)'
    op.execute(f"UPDATE diagnostics_runs SET previous = '' WHERE {forgotten}")
    if not sqlite:
        for table, column in OPTIONAL:
            op.alter_column(table, column, existing_type=sa.Text(), nullable=True)
        _empty_to_null()
    everything = checks()
    for table in sorted({*everything, *(t for t, *_ in REFERENCES)}):
        _constrain(table, everything.get(table, {}), sqlite)
    if sqlite:
        _empty_to_null()
    _index()


def _empty_to_null() -> None:
    for table, column in OPTIONAL:
        op.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} = ''")


def _constrain(table: str, named: dict[str, str], sqlite: bool) -> None:
    keywords = {'sqlite_with_rowid': False} if table in WITHOUT_ROWID else {}
    with op.batch_alter_table(table, table_kwargs=keywords) as batch:
        for name, sql in named.items():
            batch.create_check_constraint(batch.f(f'ck_{table}_{name}'), sql)
        if table in VERSIONED:
            batch.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
            batch.create_check_constraint(batch.f(f'ck_{table}_version'), 'version >= 0')
        for mine, column, other, on_delete in REFERENCES:
            if mine != table:
                continue
            if sqlite and on_delete == 'SET NULL':
                batch.alter_column(column, existing_type=sa.Text(), nullable=True)
            batch.create_foreign_key(
                batch.f(f'fk_{table}_{column}'), other, [column], ['id'], ondelete=on_delete,
                deferrable=True if column == 'previous' else None,
            )


def _index() -> None:
    for table, columns in INDEXES:
        op.create_index(op.f(f'ix_{table}_{"_".join(columns)}'), table, list(columns))
    op.drop_index('ix_tickets_tickets_account', table_name='tickets_tickets')
    on_a_desk = sa.text("desk <> ''")
    op.create_index(
        'uq_tickets_tickets_desk_desk_id', 'tickets_tickets', ['desk', 'desk_id'], unique=True,
        sqlite_where=on_a_desk, postgresql_where=on_a_desk,
    )


def downgrade() -> None:
    raise NotImplementedError('go back to the backup made before the upgrade')
