"""Which letters a watch sends, and writing them when they leave, from its reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from diagnostics.model import Assessment, Report
from messages import EmailRef, EmailRenderers, OutgoingEmail
from web.site import Site
from wizard.reports.report import report_line
from wizard.runs.handler import Reports
from wizard.watches import email_texts
from wizard.watches.model import Watch
from wizard.watches.verdict import watch_verdict

CONFIRM = "watch.confirm"
BEGUN = "watch.begun"
WELL = "watch.well"
GAVE_UP = "watch.gave_up"


def email_ref(watch: Watch, about: str) -> EmailRef:
    """A letter of a watch; each kind of them leaves once."""
    kind = about.removeprefix("watch.")
    return EmailRef(f"watch:{watch.id}:{kind}", about, {"watch": watch.id})


@dataclass(frozen=True, slots=True)
class WatchEmails:
    """`watch_of` finds a watch by its id; moments are by the clock of `site`."""

    watch_of: Callable[[str], Watch | None]
    reports: Reports
    site: Site

    def renderers(self) -> EmailRenderers:
        """Who writes what."""
        writers = {
            CONFIRM: lambda watch: email_texts.confirm(watch, self.site),
            BEGUN: lambda watch: email_texts.begun(watch, self.site),
            WELL: self.well,
            GAVE_UP: self.gave_up,
        }
        return {about: self._renderer(write) for about, write in writers.items()}

    def _renderer(
        self, write: Callable[[Watch], OutgoingEmail | None]
    ) -> Callable[[EmailRef], OutgoingEmail | None]:
        def render(ref: EmailRef) -> OutgoingEmail | None:
            watch = self.watch_of(ref.ids["watch"])
            return write(watch) if watch is not None else None

        return render

    def well(self, watch: Watch) -> OutgoingEmail | None:
        """What has gone since the first report."""
        first, last = self._report(watch.first, watch), self._report(watch.run, watch)
        if first is None or last is None:
            return None
        titles, hidden = self._public_titles(watch_verdict(first, last).fixed, first, watch.lang)
        return email_texts.well(watch, self.site, titles, hidden)

    def gave_up(self, watch: Watch) -> OutgoingEmail:
        """What still stood at the last look."""
        first = self._report(watch.first, watch)
        last = self._report(watch.run, watch) if watch.run else None
        still: tuple[Assessment, ...] = ()
        if first is not None:
            outcome = watch_verdict(first, last or first)
            still = (*outcome.still, *outcome.unseen)
        titles, hidden = self._public_titles(still, last or first, watch.lang)
        return email_texts.gave_up(watch, self.site, titles, hidden, f"{self.site.url}/tickets/new")

    def _report(self, id: str, watch: Watch) -> Report | None:
        run = self.reports.store.by_id(id)
        return self.reports.for_person(run, watch.person) if run else None

    def _public_titles(
        self, findings: tuple[Assessment, ...], report: Report | None, lang: str
    ) -> tuple[list[str], int]:
        """The titles that anybody may see, and how many others there are."""
        public: frozenset[str] = frozenset()
        if report is not None:
            public_report = self.reports.evaluator.public(report.run, report.evidence)
            public = frozenset(finding.finding.id for finding in public_report.findings)
        titles = [
            report_line(f, lang, zone=self.site.time_zone).title
            for f in findings
            if f.finding.id in public
        ]
        return titles, len(findings) - len(titles)
