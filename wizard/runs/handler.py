"""The job handler of runs, whatever their lane, and the evaluation of stored runs into reports.

A run may be worked on twice (the engine died, a lease ended) and still ends once.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, ParamSpec, TypeVar

import msgspec

from clock import Clock
from diagnostics import symptoms
from diagnostics.checks import CHECKS
from diagnostics.collection import HARD_END, collect_evidence
from diagnostics.collectors import COLLECTORS
from diagnostics.collectors.model import Collector, Sources
from diagnostics.evaluation import (
    DEFAULT_PROFILE,
    Profile,
    evaluate,
    is_applicable,
    required_keys,
    select_checks,
)
from diagnostics.login_test import LoginTest
from diagnostics.model import Check, Evidence, Item, Report, Run, RunRef, RunState, Scope
from jobs.model import Handler, Job
from wizard.runs import privacy
from wizard.runs.access import View, view_of_person
from wizard.runs.limits import KINDS, Lane
from wizard.runs.store import RunStore

P = ParamSpec("P")
T = TypeVar("T")
LEASE = timedelta(seconds=15)  # renewed while it runs; after a kill another engine takes over then
MAX_ATTEMPTS = 4
# How many of each lane at a time. More together would only make each other late, and lateness
# looks like silence.
SLOTS: Final[Mapping[Lane, int]] = {Lane.KNOWN: 3, Lane.FIRST: 4, Lane.FURTHER: 2}
MAX_CONCURRENT = sum(SLOTS.values())
END_STATES = (RunState.DONE, RunState.FAILED)


@dataclass(frozen=True, slots=True)
class Evaluator:
    """What turns a run's evidence into a report: the checks and the operator's severities."""

    clock: Clock
    checks: Sequence[Check] = CHECKS
    profile: Profile = DEFAULT_PROFILE

    def selected_checks(self, run: Run) -> tuple[Check, ...]:
        """The checks of a run's symptom, in their order."""
        selected = select_checks(self.checks, symptoms.find(run.symptom))
        return tuple(check for check in selected if is_applicable(check, run))

    def report(self, run: Run, evidence: Evidence) -> Report:
        """Judged as of the run's end, so that it says the same tomorrow."""
        return evaluate(
            run,
            evidence,
            run.finished_at or self._now(),
            checks=self.checks,
            symptom=symptoms.find(run.symptom),
            profile=self.profile,
            complete=run.state in END_STATES,
        )

    def visible(self, run: Run, evidence: Evidence, view: View) -> Report:
        """The report as far as a view shows it."""
        return self.report(
            privacy.visible_run(run, view), privacy.visible_evidence(run, evidence, view)
        )

    def public(self, run: Run, evidence: Evidence) -> Report:
        """The report as anyone with a link may see it."""
        return self.visible(run, evidence, View.PUBLIC)

    def _now(self) -> datetime:
        return self.clock.now()


class Reports:
    """Stored runs as reports."""

    def __init__(self, store: RunStore, evaluator: Evaluator) -> None:
        self.store = store
        self.evaluator = evaluator

    def full(self, run: Run) -> Report:
        """Everything the run found; only for those who may see it."""
        return self.evaluator.report(run, self.store.evidence(run.id))

    def visible(self, run: Run, view: View) -> Report:
        """What a view shows; `run` is the whole one."""
        return self.evaluator.visible(run, self.store.evidence(run.id), view)

    def public(self, run: Run) -> Report:
        """The public view."""
        return self.visible(run, View.PUBLIC)

    def for_person(self, run: Run, person: str) -> Report:
        """A run as a person may see it who is a contact of its account, and may have begun it."""
        return self.visible(run, view_of_person(run, person))

    def previous_report(self, run: Run, view_for: Callable[[Run], View]) -> Report | None:
        """The report this run checks again, judged the same way, as far as `view_for` lets it be
        seen; whoever may act on this run could act on that one."""
        previous = self.store.by_id(run.previous) if run.previous else None
        if previous is None:
            return None
        view = view_for(previous)
        return self.visible(previous, View.ACCOUNT if view is View.PUBLIC else view)


def no_login_test(run: str) -> LoginTest | None:
    """Where nobody asks for anything to be tried."""
    del run
    return None


class Runner:
    """Works on one run at a time for each job; rows are written in a small pool of threads."""

    def __init__(
        self,
        store: RunStore,
        sources: Callable[[], Sources],
        evaluator: Evaluator,
        collectors: Sequence[Collector[Any]] = COLLECTORS,
        hard_end: timedelta = HARD_END,
        *,
        claim: Callable[[str], LoginTest | None] = no_login_test,
    ) -> None:
        """`claim` hands over what a customer wants tried in a run, once."""
        self._store = store
        self._sources = sources
        self._evaluator = evaluator
        self._collectors = collectors
        self._hard_end = hard_end
        self._claim = claim
        self._rows = ThreadPoolExecutor(2, "diagnosis-rows")

    async def run(self, job: Job) -> None:
        """Examine, keep each item as it lands, end the run. Ended runs are left alone."""
        ref = msgspec.json.decode(job.payload, type=RunRef)
        run = await self._row(self._store.claim, ref.run)
        if run is None:
            return
        try:
            await self._examine(run)
        except Exception:
            if job.attempts >= MAX_ATTEMPTS:
                await self._row(self._store.finish, run.id, RunState.FAILED)
            raise
        await self._row(self._store.finish, run.id)

    async def _examine(self, run: Run) -> None:
        async def save_item(item: Item[object]) -> None:
            await self._row(self._store.save_item, run.id, item)

        login_test = await self._row(self._claim, run.id) if run.scope is Scope.CONTACT else None
        await collect_evidence(
            run.subject,
            run.scope,
            sources=replace(self._sources(), login_test=login_test),
            collectors=self._collectors,
            keys=required_keys(self._evaluator.selected_checks(run)),
            account=run.account,
            fresh=run.fresh,
            on_item=save_item,
            hard_end=self._hard_end,
            answers=run.answers,
        )

    async def _row(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._rows, functools.partial(call, *args, **kwargs))

    def close(self) -> None:
        """Let go of the threads."""
        self._rows.shutdown(wait=False, cancel_futures=True)


def handlers(runner: Runner) -> dict[str, Handler]:
    """What this room does in the background."""
    return {
        KINDS[lane]: Handler(
            runner.run, lease=LEASE, tries=MAX_ATTEMPTS, slots=slots, payload=RunRef
        )
        for lane, slots in SLOTS.items()
    }
