"""Job handlers of watches: start the next recheck, judge it, go on or end.

The handlers of `diagnosis.watch` and `diagnosis.watched`; each may run twice for one job.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from accounts.model import Person
from clock import Clock
from diagnostics.model import Report, Run, Scope
from jobs.model import Handler, Job, Retry
from wizard.runs.access import view_of_person
from wizard.runs.handler import Reports
from wizard.runs.limits import Lane
from wizard.runs.privacy import visible_run
from wizard.runs.store import place_in
from wizard.watches.model import LANDED_JOB, LOOK_JOB, FinishedLookRef, Watch, WatchRef, WatchState
from wizard.watches.recheck_pauses import (
    CONFIRMING_PAUSE,
    GOOD_LOOKS_NEEDED,
    MAX_LOOKS,
    pause_after,
)
from wizard.watches.store import AlreadyTaken, WatchStore
from wizard.watches.verdict import watch_verdict

MAX_WAITING = 2  # runs of those we know; above that people go first
RETRY_DELAY = timedelta(minutes=2)
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class WatchRechecker:
    """The engine's side. `person_of` tells who somebody is now."""

    watches: WatchStore
    reports: Reports
    person_of: Callable[[str], Person | None]
    clock: Clock

    def look(self, job: Job) -> None:
        """Begin the next look of a watch, or end it when its time is over."""
        ref = msgspec.json.decode(job.payload, type=WatchRef)
        watch = self.watches.by_id(ref.watch)
        if watch is None or watch.state is not WatchState.ACTIVE:
            return
        if (watch.looks, watch.judged) != (ref.looks, ref.looks):
            return  # this look has begun already
        first = self.reports.store.by_id(watch.first)
        if first is None or not self._may_still(watch):
            self.watches.stop(watch.id)
            return
        if self.clock.now() >= watch.until or watch.looks >= MAX_LOOKS:
            self.watches.end(watch, WatchState.GAVE_UP)
            return
        if self.reports.store.count_waiting(Lane.KNOWN) > MAX_WAITING:
            raise Retry("many people are waiting", RETRY_DELAY)
        self._begin(watch, first)

    def _begin(self, watch: Watch, first: Run) -> None:
        """A run with the scope of the first one, past every cache."""
        look_name = f"{watch.id}:{watch.looks + 1}"
        visible = visible_run(first, view_of_person(first, watch.person))
        try:
            self.reports.store.create(
                first.subject,
                watch.scope,
                first.symptom,
                account=watch.account,
                person=watch.person,
                previous=first.id,
                fresh=True,
                answers=visible.answers,
                token=self.watches.report_token(look_name),
                in_transaction=lambda conn, run: self.watches.record_look(conn, watch, run.id),
                place=place_in(Lane.KNOWN),
            )
        except AlreadyTaken:
            return

    def judge(self, job: Job) -> None:
        """A look has landed: is it well?"""
        ref = msgspec.json.decode(job.payload, type=FinishedLookRef)
        watch = self.watches.by_id(ref.watch)
        if watch is None or watch.run != ref.run or watch.judged >= watch.looks:
            return
        first, after = self._report(watch.first, watch), self._report(watch.run, watch)
        if first is None or after is None:
            self.watches.stop(watch.id)
        elif not watch_verdict(first, after).well:
            self.watches.schedule_look(watch, 0, pause_after(watch.looks))
        elif watch.good + 1 < GOOD_LOOKS_NEEDED:
            self.watches.schedule_look(watch, watch.good + 1, CONFIRMING_PAUSE)
        else:
            self.watches.end(watch, WatchState.RECOVERED)

    def _report(self, id: str, watch: Watch) -> Report | None:
        run = self.reports.store.by_id(id)
        return self.reports.for_person(run, watch.person) if run else None

    def _may_still(self, watch: Watch) -> bool:
        """A contact who is none any more hears nothing more of the account."""
        person = self.person_of(watch.person)
        if person is None:
            return False
        if watch.scope is Scope.STAFF:
            return person.is_staff()
        return watch.scope is Scope.PUBLIC or person.role_on(watch.account) is not None


def handlers(rechecker: WatchRechecker) -> dict[str, Handler]:
    """What this room does in the background."""
    return {
        LOOK_JOB: Handler(rechecker.look, lease=LEASE, blocking=True, payload=WatchRef),
        LANDED_JOB: Handler(rechecker.judge, lease=LEASE, blocking=True, payload=FinishedLookRef),
    }
