"""From settings to what status says by itself: words, habits, the method of uptime, reminders."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from db.engine import Database
from jobs.model import Handler, Job
from messages import OutgoingEmail, email_job
from render.i18n import N_
from render.languages import LANGUAGES
from render.message_format import sentence
from settings import Settings, SettingsError
from status.incidents.automation import REMIND, IncidentAutomation, ReminderPayload, ReminderPolicy
from status.incidents.templates import IncidentTemplate, IncidentTemplates
from status.model import Component
from status.sla.store import SlaStore
from status.state.uptime import Planned, UptimeMethod
from status.storage.incident_store import IncidentRepository
from status.storage.store import StatusStore

log = logging.getLogger(__name__)
SUBJECT = N_("No news for {silent:duration}: {title}")
TEXT = N_(
    "The incident “{title}” is open and readers have had no news for {silent:duration}.\n\n"
    "{hint:said}\n\n{url}\n"
)
WELL = N_("Its services are well by their checks, so it may be over.")
UNWELL = N_("Its services are not well yet. A short word on what is being done helps.")


def method(told: Settings) -> UptimeMethod:
    """How uptime is counted."""
    chosen = told.uptime
    return UptimeMethod(chosen.partial, chosen.degraded, Planned(chosen.maintenance))


def wordings(told: Settings) -> IncidentTemplates:
    """Templates, the operator's own first. Raises SettingsError."""
    own = []
    for one in told.template:
        for lang in {*one.title, *one.text}:
            if lang not in LANGUAGES:
                known = ", ".join(LANGUAGES)
                raise SettingsError(
                    f'[[template]] "{one.id}" speaks "{lang}", which is not shipped. Allowed: {known}'
                )
        if not one.text:
            raise SettingsError(f'[[template]] "{one.id}" has no text')
        own.append(IncidentTemplate(one.id, one.name or one.id, one.text, one.title, one.state))
    return IncidentTemplates(tuple(own))


def keeper(
    told: Settings, store: IncidentRepository, words: IncidentTemplates
) -> IncidentAutomation:
    """What the engine says by itself."""
    return IncidentAutomation(
        store, words, ReminderPolicy(told.status.remind_after, told.status.remind_before)
    )


@dataclass(frozen=True, slots=True)
class AutomationParts:
    """The parts that settings decide."""

    wordings: IncidentTemplates
    method: UptimeMethod
    keeper: IncidentAutomation
    sla: SlaStore


def of(
    told: Settings, store: StatusStore, db: Database, components: tuple[Component, ...]
) -> AutomationParts:
    """Everything that is said by itself. Raises SettingsError."""
    words, how = wordings(told), method(told)
    sla = SlaStore(store, db, db.clock, components, how)
    return AutomationParts(words, how, keeper(told, store, words), sla)


def reminders(
    told: Settings, url: str, lang: str, ask: Callable[[Iterable[Job]], int]
) -> dict[str, Handler]:
    """Tells operators of a long incident: always in the log, by mail when somebody is named."""

    def remind(job: Job) -> None:
        seen = msgspec.json.decode(job.payload, type=ReminderPayload)
        log.warning(
            'the incident %s "%s" has had no news for %s%s',
            seen.incident, seen.title, timedelta(seconds=seen.silent),
            "; its services are well by their checks" if seen.well else "",
        )  # fmt: skip
        args: dict[str, object] = {
            "title": seen.title,
            "silent": seen.silent,
            "hint": WELL if seen.well else UNWELL,
            "url": f"{url}/ops/incidents/{seen.incident}",
        }
        letters = [
            OutgoingEmail(
                f"{REMIND}:{job.key}:{to}", to, sentence(lang, SUBJECT, args),
                sentence(lang, TEXT, args),
            )
            for to in told.status.remind_to
        ]  # fmt: skip
        ask(email_job(letter, job.run_after) for letter in letters)

    return {REMIND: Handler(remind, blocking=True)}
