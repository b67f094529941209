"""Reminders of long incidents and of drafts: always in the log, and a letter when settings name somebody."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from jobs.model import Handler, Job
from messages import EmailRef, EmailRenderers, OutgoingEmail, email_job
from render.i18n import N_
from render.languages import localized
from render.message_format import sentence
from status.incidents.incident_automation import REMINDER, ReminderPayload, is_still_due
from status.model import Incident
from web.site import Site

log = logging.getLogger(__name__)
SUBJECT = N_("No news for {silent:duration}: {title}")
TEXT = N_(
    "The incident “{title}” is open and readers have had no news for {silent:duration}.\n\n"
    "{hint:said}\n\n{url}\n"
)
DRAFT_SUBJECT = N_("A draft waits for you: {title}")
DRAFT_TEXT = N_(
    "“{title}” is a draft: readers see nothing of it until somebody publishes it. "
    "Publish it, or put it away, here:\n\n{url}\n"
)
WELL = N_("Its services are well by their checks, so it may be over.")
UNWELL = N_("Its services are not well yet. A short word on what is being done helps.")


@dataclass(frozen=True, slots=True)
class IncidentReminder:
    """Reminds operators. `addresses` get a letter in `lang`; `enqueue` puts in its job; `incident`
    reads one by its id. What was published, put away or told of meanwhile reminds nobody."""

    site: Site
    lang: str
    addresses: tuple[str, ...]
    enqueue: Callable[[Collection[Job]], int]
    incident: Callable[[str], Incident | None]
    now: Callable[[], datetime]

    def remind(self, job: Job) -> None:
        """Write to the log, and to whom settings name."""
        reminder = msgspec.json.decode(job.payload, type=ReminderPayload)
        incident = self._due_incident(reminder)
        if incident is None:
            return
        title = localized(incident.title, self.lang)
        if reminder.draft:
            log.warning('the draft %s "%s" waits for a word', incident.id, title)
        else:
            log.warning(
                'the incident %s "%s" has had no news for %s%s',
                incident.id, title, timedelta(seconds=reminder.silent),
                "; its services are well by their checks" if reminder.well else "",
            )  # fmt: skip
        refs = [_email_ref(job.key, reminder, address) for address in self.addresses]
        self.enqueue([email_job(ref, job.run_after) for ref in refs])

    def _due_incident(self, reminder: ReminderPayload) -> Incident | None:
        incident = self.incident(reminder.incident)
        return incident if incident and is_still_due(reminder, incident, self.now()) else None

    def emails(self) -> EmailRenderers:
        """Who writes what."""
        return {REMINDER: self.write}

    def write(self, ref: EmailRef) -> OutgoingEmail | None:
        """The reminder as somebody reads it; None when settings no longer name its reader, or
        nothing is left to be reminded of."""
        reminder = _reminder_in(ref)
        to = next((a for a in self.addresses if _reader_id(a) == ref.ids["reader"]), None)
        incident = self._due_incident(reminder)
        if to is None or incident is None:
            return None
        args: dict[str, object] = {
            "title": localized(incident.title, self.lang),
            "silent": reminder.silent,
            "hint": WELL if reminder.well else UNWELL,
            "url": f"{self.site.url}/ops/incidents/{incident.id}",
        }
        words = (DRAFT_SUBJECT, DRAFT_TEXT) if reminder.draft else (SUBJECT, TEXT)
        subject, text = (sentence(self.lang, word, args) for word in words)
        return OutgoingEmail(ref.key, to, subject, text)


def _email_ref(key: str, reminder: ReminderPayload, address: str) -> EmailRef:
    ids = {
        "incident": reminder.incident,
        "silent": str(reminder.silent),
        "well": str(reminder.well),
        "draft": str(reminder.draft),
        "reader": _reader_id(address),
    }
    return EmailRef(f"{REMINDER}:{key}:{ids['reader']}", REMINDER, ids)


def _reminder_in(ref: EmailRef) -> ReminderPayload:
    """What a letter is about. Jobs of releases before 0.2 hold it as one JSON document."""
    if "reminder" in ref.ids:
        return msgspec.json.decode(ref.ids["reminder"], type=ReminderPayload)
    return msgspec.convert(ref.ids, ReminderPayload, strict=False)


def _reader_id(address: str) -> str:
    """Stands for an operator's address in a job."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def handlers(reminder: IncidentReminder) -> Mapping[str, Handler]:
    """The handler of reminders."""
    return {REMINDER: Handler(reminder.remind, blocking=True, payload=ReminderPayload)}
