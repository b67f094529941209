"""References, bounds and indexes that 0011 left out"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from db.row_repairs import RowRule, apply

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

# table, column, what it refers to, what becomes of it when that is deleted
REFERENCES = (
    ('tickets_notes', 'run', 'diagnostics_runs.id', 'SET NULL'),
    ('diagnostics_runs', 'invite', 'tickets_claims.id', 'SET NULL'),
    ('diagnostics_watches', 'person', 'accounts_people.id', 'CASCADE'),
    ('status_pushes', 'vantage', 'status_vantages.name', 'CASCADE'),
    ('diagnostics_sealed', 'run', 'diagnostics_runs.id', 'CASCADE'),
)
OPTIONAL = (('tickets_notes', 'run'), ('diagnostics_runs', 'invite'), ('diagnostics_watches', 'person'))
# table → name → what holds from now on
CHECKS = {
    'accounts_sessions': {'method': "method IN ('password', 'link', 'oidc')"},
    'jobs': {'finished_at': "state NOT IN ('done', 'failed') OR finished_at IS NOT NULL"},
    'notify_sent': {'refused': "refused IN ('', 'address', 'recipient', 'message', 'given_up')"},
    'status_announcements': {'ends_at': 'ends_at IS NULL OR ends_at >= starts_at'},
    'status_maintenances': {'ends_at': 'ends_at > starts_at'},
    'tickets_tickets': {'closed_at': "state <> 'closed' OR closed_at IS NOT NULL"},
    'web_buckets': {'tokens': 'tokens >= 0'},
}
REPLACED = (('status_maintenances', 'ends_at'),)  # what 0011 said of it less strictly
INDEXES = (
    ('accounts_audit', ('at',)),
    ('accounts_sessions', ('created_at',)),
    ('accounts_sessions', ('seen_at',)),
    ('db_quarantine', ('at',)),
    ('diagnostics_runs', ('created_at',)),
    ('diagnostics_runs', ('invite',)),
    ('diagnostics_sealed', ('expires_at',)),
    ('diagnostics_watches', ('created_at',)),
    ('hosting_accounts', ('as_of',)),
    ('status_announcements', ('starts_at',)),
    ('status_days', ('day',)),
    ('status_incidents', ('resolved_at',)),
    ('status_incidents', ('state',)),
    ('status_maintenances', ('starts_at',)),
    ('status_pushes', ('vantage',)),
    ('tickets_invites', ('expires_at',)),
    ('tickets_kept', ('expires_at',)),
    ('tickets_notes', ('run',)),
    ('tickets_tickets', ('state', 'closed_at')),
)


def missing(table: str, column: str, other: str) -> str:
    target, key = other.split('.')
    return f'NOT EXISTS (SELECT 1 FROM {target} o WHERE o.{key} = {table}.{column})'


def rules(sqlite: bool) -> list[RowRule]:
    """What to do with rows that the new tables would refuse. A run or a claim that is gone was
    forgotten with time, as retention wants it, and is no fault."""
    a_second_later = 'starts_at + 1000000' if sqlite else "starts_at + interval '1 second'"
    repairs = {
        'jobs': {'finished_at': 'run_after'},
        'notify_sent': {'refused': "'message'"},
        'status_announcements': {'ends_at': 'starts_at'},
        'status_maintenances': {'ends_at': a_second_later},  # called off as it began
        'tickets_tickets': {'closed_at': 'updated_at'},
        'web_buckets': {'tokens': '0'},
    }
    broken = [
        RowRule(table, f'NOT ({sql})', f'{sql} does not hold', repairs.get(table))
        for table, named in CHECKS.items()
        for sql in named.values()
    ]
    person = missing('diagnostics_watches', 'person', 'accounts_people.id')
    vantage = missing('status_pushes', 'vantage', 'status_vantages.name')
    return [
        *broken,
        RowRule(
            'diagnostics_watches', f"person <> '' AND {person}",
            'its person is not in accounts_people', {'person': "''"},
        ),
        RowRule('status_pushes', vantage, 'its vantage is not in status_vantages'),
    ]  # fmt: skip


def upgrade() -> None:
    conn = op.get_bind()
    sqlite = conn.dialect.name == 'sqlite'
    apply(conn, rules(sqlite), revision, lambda: datetime.now(UTC))
    # never copied anywhere: they are sealed passwords
    gone = missing('diagnostics_sealed', 'run', 'diagnostics_runs.id')
    op.execute(f'DELETE FROM diagnostics_sealed WHERE {gone}')
    for table, column, other, on_delete in REFERENCES:
        if on_delete == 'SET NULL':
            op.execute(f"UPDATE {table} SET {column} = '' WHERE {missing(table, column, other)}")
    if not sqlite:
        for table, column in OPTIONAL:
            op.alter_column(table, column, existing_type=sa.Text(), nullable=True)
        _empty_to_null()
    for table in sorted({*CHECKS, *(t for t, *_ in REFERENCES)}):
        _constrain(conn, table, sqlite)
    if sqlite:
        _empty_to_null()
    for table, columns in INDEXES:
        op.create_index(op.f(f'ix_{table}_{"_".join(columns)}'), table, list(columns))


def _empty_to_null() -> None:
    for table, column in OPTIONAL:
        op.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} = ''")


def _constrain(conn: sa.Connection, table: str, sqlite: bool) -> None:
    with op.batch_alter_table(table, table_args=_checks_there(conn, table) if sqlite else ()) as batch:
        for name, sql in CHECKS.get(table, {}).items():
            if (table, name) in REPLACED and not sqlite:
                batch.drop_constraint(batch.f(f'ck_{table}_{name}'), type_='check')
            batch.create_check_constraint(batch.f(f'ck_{table}_{name}'), sql)
        for mine, column, other, on_delete in REFERENCES:
            if mine != table:
                continue
            if sqlite and (table, column) in OPTIONAL:
                batch.alter_column(column, existing_type=sa.Text(), nullable=True)
            target, key = other.split('.')
            batch.create_foreign_key(
                batch.f(f'fk_{table}_{column}'), target, [column], [key], ondelete=on_delete,
                deferrable=None if table == 'diagnostics_sealed' else True,
            )


def _checks_there(conn: sa.Connection, table: str) -> list[sa.CheckConstraint]:
    """SQLite makes a table anew from what SQLAlchemy sees of it, and that is without its CHECKs."""
    return [
        sa.CheckConstraint(check['sqltext'], name=op.f(str(check['name'])))
        for check in sa.inspect(conn).get_check_constraints(table)
        if (table, str(check['name']).removeprefix(f'ck_{table}_')) not in REPLACED
    ]


def downgrade() -> None:
    raise NotImplementedError('go back to the backup made before the upgrade')
