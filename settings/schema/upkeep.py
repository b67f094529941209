"""Keys of [retention] and [mirror]: how long things are kept, and the second place of the status page."""

from __future__ import annotations

from datetime import timedelta

from settings.schema.key_types import Positive, Section


class RetentionSection(Section, frozen=True):
    """How long things are kept. Observations: each one, then counted by five minutes, hours, days."""

    #: How long every single look is kept, with the evidence of those that failed.
    raw: timedelta = timedelta(days=14)
    #: How long looks are kept counted by five minutes.
    five_minutes: timedelta = timedelta(days=90)
    #: Counted by the hour.
    hours: timedelta = timedelta(days=1095)
    #: Counted by the day.
    days: timedelta = timedelta(days=7300)
    #: Reports with their evidence, and watches that have ended.
    diagnoses: timedelta = timedelta(days=90)
    #: Reports that belong to nobody who has signed in and to which no link is shared.
    anonymous_diagnoses: timedelta = timedelta(days=7)
    #: How much evidence strangers may fill the database with; beyond that their oldest reports go first.
    anonymous_megabytes: Positive = 500
    #: Jobs that are done. They name things by their ids; the letters themselves are in none.
    jobs: timedelta = timedelta(days=1)
    #: Jobs that were given up, for you to see and to try again.
    failed_jobs: timedelta = timedelta(days=90)
    #: That something was asked for: while it is remembered, the same letter is not asked for twice.
    effects: timedelta = timedelta(days=120)
    #: That a letter or message has gone out, or was refused and why; its words are not kept.
    letters: timedelta = timedelta(days=120)
    #: Subscribed web addresses that never answered, or were switched off because they failed.
    subscriptions: timedelta = timedelta(days=30)
    #: Agents' check links and who has run them, after they have expired.
    check_links: timedelta = timedelta(days=365)
    #: The audit log, and API tokens that were revoked.
    audit: timedelta = timedelta(days=1095)
    #: Closed tickets with their threads, counted from their end; "none" keeps them for ever.
    tickets: timedelta | None = timedelta(days=1095)
    #: What rows were that an upgrade of the database repaired or set aside; they may name people.
    quarantine: timedelta = timedelta(days=365)


class MirrorSection(Section, frozen=True):
    """A second place for the status page, kept in step as a static site."""

    #: A folder that holds the whole status page as a static site, kept in step while the engine runs:
    #: a mounted disk of another machine, or the place that `command` brings it from.
    #: #folder = "/srv/status-mirror"
    folder: str = ""
    #: Run after each change, without a shell, to bring the folder to another host or bucket. It is
    #: tried again with growing pauses when it fails.
    #: #command = ["rsync", "-a", "--delete", "/srv/status-mirror/", "backup.example:/srv/status/"]
    command: tuple[str, ...] = ()
