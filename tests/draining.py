"""Running a worker's jobs until nothing is due."""

from __future__ import annotations

import asyncio

from jobs.worker import Worker


async def drain(worker: Worker) -> int:
    """Run until nothing is due; says how many were claimed."""
    total = 0
    while True:
        claimed = await worker._claim_due()
        total += claimed
        tasks = worker._tasks()
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        elif not claimed:
            return total
