"""The process of a remote vantage: pulls its probes, runs them on schedule, pushes what they saw."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress

import uvloop

from engine.run import slots_of
from engine.scheduler import Scheduler
from status.probing.vantages.agent import PortalRefused, VantageAgent

log = logging.getLogger("jasno.vantage")
PULL_EVERY = 60.0
PUSH_EVERY = 2.0


def run(build: Callable[[], VantageAgent]) -> None:
    """Run until SIGTERM or SIGINT. Raises Refused when the portal does not know us at the start."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(build))


async def _main(build: Callable[[], VantageAgent]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_agent(build(), stop)


async def run_agent(
    agent: VantageAgent, stop: asyncio.Event, *, pull: float = PULL_EVERY, push: float = PUSH_EVERY
) -> None:
    """Pull, look and push until `stop` is set; then push what is left."""
    schedule: Scheduler | None = None
    waited = pull
    try:
        while not stop.is_set():
            if waited >= pull or not agent.name:
                waited = 0.0
                if await agent.pull() or (schedule is None and agent.name):
                    schedule = restarted_schedule(agent, schedule)
            await agent.push()
            with suppress(TimeoutError):
                async with asyncio.timeout(push):
                    await stop.wait()
            waited += push
    finally:
        if schedule is not None:
            schedule.stop()
    with suppress(PortalRefused, TimeoutError):
        async with asyncio.timeout(3):
            await agent.push()


def restarted_schedule(agent: VantageAgent, old: Scheduler | None) -> Scheduler:
    if old is not None:
        old.stop()
    log.info("%s looks at %d probes", agent.name, len(agent.probes))
    scheduler = Scheduler(
        slots_of((p.name, p.interval) for p in agent.probes.values()), agent.tick, agent.net.clock
    )
    scheduler.start()
    return scheduler
