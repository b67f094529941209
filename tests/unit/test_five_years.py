"""Five years of a provider's life leave no more rows, and no more bytes, than docs/database.md says."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from db.metadata import metadata
from tests.five_years import COMPONENTS, DAY, EVIDENCE, HOUR, YEAR, Provider

PAGE = Path(__file__).resolve().parents[2] / "docs" / "database.md"
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| (\d+) \|", re.MULTILINE)
SQLITE_PAGE = 4096
NEVER = None  # published history
# What a row carries besides: bytes, in this simulation.
CARRIED = {
    "status_observations": 2000 / 50, "status_rollups": 45, "status_updates": 200,
    "diagnostics_evidence": EVIDENCE * 1.1, "tickets_notes": 500, "tickets_tickets": 200,
    "status_pushes": 3000,
}  # fmt: skip


def bytes_by_table() -> dict[str, int]:
    section = PAGE.read_text("utf-8").partition("## How large it becomes")[2].partition("\n## ")[0]
    return {
        name: int(size)
        for names, size in ROW.findall(section)
        for name in re.findall(r"`(\w+)`", names)
    }


def incoming(provider: Provider) -> list[tuple[str, float, timedelta | None]]:
    """Table, rows in a step, how long each of them is kept."""
    kept, step = provider.ctx.settings.retention, provider.step
    probes, per_day = len(COMPONENTS), step / DAY
    looks = probes * provider.looks

    def counted(span: timedelta) -> float:
        return min(looks, probes * step / span)

    return [
        ("status_observations", looks, kept.raw),
        ("status_rollups", counted(timedelta(minutes=5)), kept.five_minutes),
        ("status_rollups", counted(HOUR), kept.hours),
        ("status_rollups", counted(DAY), kept.days),
        ("status_heartbeat_signals", 4 * probes, timedelta(days=30)),
        ("status_pushes", 1, HOUR),
        ("status_days", probes * per_day, NEVER),
        ("status_months", probes * per_day / 28, NEVER),
        ("status_transitions", probes, NEVER),
        ("status_incidents", 1, NEVER),
        ("status_updates", 3, NEVER),
        ("status_maintenances", 1 / 6, NEVER),
        ("diagnostics_runs", 1, kept.diagnoses),
        ("diagnostics_runs", 2, kept.anonymous_diagnoses),
        ("diagnostics_evidence", 1, kept.diagnoses),
        ("diagnostics_evidence", 2, kept.anonymous_diagnoses),
        ("diagnostics_shares", 1, kept.diagnoses),
        ("diagnostics_watches", 1, kept.diagnoses),
        ("diagnostics_registrations", 1, timedelta(days=7)),
        ("tickets_tickets", 1, kept.tickets + step),  # open for a step
        ("tickets_notes", 4, kept.tickets + step),
        ("tickets_invites", 1, kept.check_links + DAY),
        ("tickets_claims", 1, kept.check_links + DAY),
        ("tickets_drafts", 1, DAY),
        ("accounts_audit", 18, kept.audit),
        ("accounts_keys", 1, kept.audit),
        ("accounts_sessions", 2, 12 * HOUR),
        ("notify_subscribers", 3, timedelta(days=2)),
        ("notify_subscribers", 1, kept.subscriptions),
        ("notify_sent", 5, kept.letters),
        ("jobs", 24, kept.jobs),
        ("jobs", 1, kept.failed_jobs),
        ("jobs_effects", 25, kept.effects),
        ("web_buckets", 5, DAY),
    ]


def most_rows(provider: Provider) -> dict[str, float]:
    """The docs' formula, with the step of the simulation in place of the hour between two chores.
    Looks are spread over a step; all else comes at its beginning."""
    bounds = dict.fromkeys(metadata.tables, 0.0)
    for table, rate, kept in incoming(provider):
        if kept is NEVER:
            steps: float = provider.steps
        elif table in ("status_observations", "status_rollups"):
            steps = min(kept / provider.step, provider.steps)
        else:
            steps = kept // provider.step + 1
        bounds[table] += math.ceil(rate * steps)
    probes = len(COMPONENTS)
    for table, rows in {
        "accounts_people": 1, "status_heartbeats": probes, "status_vantages": 1,
        "status_known_components": probes, "status_months": probes, "status_observations": probes,
        "status_rollups": 3 * probes, "status_maintenances": 1,
    }.items():  # fmt: skip
        bounds[table] += rows
    return bounds


def most_bytes(provider: Provider, rows: dict[str, float]) -> float:
    """What these rows take, and a step's on top, which are there before the chores run."""
    sizes = bytes_by_table()
    steps = {table: rate for table, rate, _ in incoming(provider)}
    return sum(
        (rows[name] + steps.get(name, 0)) * (size + CARRIED.get(name, 0))
        for name, size in sizes.items()
    )


def live_and_compare(provider: Provider, file: Path, years: int = 5) -> list[int]:
    """Year by year: no table above its rows, the file not above its bytes; the file's sizes."""
    files = []
    for _ in range(years):
        provider.live(YEAR)
        rows, most = provider.counts(), most_rows(provider)
        above = {name: (count, most[name]) for name, count in rows.items() if count > most[name]}
        assert above == {}
        files.append(file.stat().st_size)
        assert files[-1] < 1.25 * most_bytes(provider, most) + 1_000_000
    return files


def assert_all_came(provider: Provider) -> None:
    """A bound over an empty table would prove nothing."""
    rows = provider.counts()
    lasting = {t for t, rate, kept in incoming(provider) if kept is NEVER or kept > provider.step}
    assert {name for name in lasting if not rows[name]} == set()
    with provider.ctx.db.read() as conn:
        sizes = conn.execute(text("SELECT sum(pgsize) FROM dbstat")).scalar_one()
    assert sizes > 0


@pytest.fixture
def provider_of(sqlite_url, clock, tmp_path):
    providers = []

    def make(**how) -> Provider:
        providers.append(Provider(tmp_path, sqlite_url, clock, **how))
        return providers[-1]

    yield make
    for provider in providers:
        provider.close()


def test_the_docs_have_a_size_for_every_table_that_grows(provider_of):
    assert {table for table, _, _ in incoming(provider_of())} <= set(bytes_by_table())


@pytest.mark.timeout(600)
def test_five_years_stay_within_what_the_docs_state(provider_of, tmp_path):
    provider = provider_of(step=30 * DAY)
    files = live_and_compare(provider, tmp_path / "jasno.db")
    assert_all_came(provider)
    history = 200_000  # published, a year
    assert files[4] - files[3] < history
