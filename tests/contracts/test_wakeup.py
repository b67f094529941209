"""Waking an engine through PostgreSQL: over one connection, which may be lost and comes back."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import psycopg

from db.engine import libpq_url
from jobs.postgres_wakeup import PostgresWait, PostgresWakeup

BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'jasno-wakeup'"


async def test_many_wake_ups_use_one_connection(postgres_url):
    wake = PostgresWakeup(libpq_url(postgres_url))
    with psycopg.connect(libpq_url(postgres_url), autocommit=True) as conn:
        before = {row[0] for row in conn.execute(BACKENDS)}
        seen = set()
        for _ in range(5):
            wake()
            seen |= {row[0] for row in conn.execute(BACKENDS)} - before
        assert len(seen) == 1
        conn.execute("SELECT pg_terminate_backend(%s)", (*seen,))
        async with PostgresWait(libpq_url(postgres_url)) as wait:
            await wait.wait(timedelta(seconds=0.5))  # it listens by now
            wake()  # its connection is gone; this word is not lost
            waited = wait.wait(timedelta(seconds=20))
            await asyncio.wait_for(waited, 10)
    wake.close()


async def test_a_listener_that_ended_begins_again(postgres_url):
    wake = PostgresWakeup(libpq_url(postgres_url))
    async with PostgresWait(libpq_url(postgres_url)) as wait:
        (listener,) = [t for t in asyncio.all_tasks() if t.get_name() == "jobs-listen"]
        listener.cancel()
        await asyncio.wait({listener})
        await wait.wait(timedelta(seconds=1))  # it listens by now
        began = time.monotonic()
        asyncio.get_running_loop().call_later(0.2, wake)
        await wait.wait(timedelta(seconds=20))
        assert time.monotonic() - began < 10
    wake.close()


def test_a_database_that_is_away_is_no_error():
    PostgresWakeup("postgresql://nobody@127.0.0.1:1/none")()


async def test_who_is_cut_off_while_it_ends_stays_cut_off():
    wait = PostgresWait("postgresql://127.0.0.1:1/none")
    await wait.__aenter__()
    end = asyncio.create_task(wait.__aexit__(None, None, None))
    await asyncio.sleep(0)  # it waits for the listener to end
    end.cancel()
    await asyncio.wait({end})
    assert end.cancelled()
