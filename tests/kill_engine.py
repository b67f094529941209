"""A small engine for the kill tests: the real worker, wake socket and queue, on quick jobs.

It runs until killed. Each job opens a "ticket" (a keyed
row) and puts in a follower, as real handlers do; each effect is also counted outside, in a file
that only grows, so that a lost or doubled effect is seen.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Column, MetaData, Table, Text

from clock import SystemClock
from db.engine import connect
from db.upsert import insert_once
from jobs.database_queue import DatabaseQueue
from jobs.model import Handler, Job
from jobs.wakeup import SocketWait
from jobs.worker import Worker

LEASE = timedelta(seconds=1)
tickets = Table("kill_tickets", MetaData(), Column("key", Text, primary_key=True))


def main(url: str, var: Path) -> None:
    clock = SystemClock()
    db = connect(url, clock=clock)
    queue = DatabaseQueue(db)

    def ticket(job: Job) -> None:
        """The effect and the follower commit together; twice is once."""
        time.sleep(random.uniform(0, 0.02))
        with db.write() as conn:
            insert_once(conn, tickets, {"key": job.key})
            queue.enqueue(conn, Job("kill.note", "{}", f"note:{job.key}", clock.now()))

    async def note(job: Job) -> None:
        await asyncio.sleep(random.uniform(0, 0.02))

        def write() -> None:
            with db.write() as conn:
                insert_once(conn, tickets, {"key": job.key})

        await asyncio.to_thread(write)

    handlers = {
        "kill.ticket": Handler(ticket, lease=LEASE, tries=100, blocking=True),
        "kill.note": Handler(note, lease=LEASE, tries=100),
    }

    async def run() -> None:
        async with SocketWait(var) as wait:
            worker = Worker(queue, handlers, clock, str(os.getpid()), wait=wait)
            await worker.run(asyncio.Event())

    asyncio.run(run())
