"""Editing announcements, news that is no incident: validates, assigns ids, records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from render.i18n import N_
from status.events import ChangeKind, StatusChanged
from status.incidents.override_editing import OverrideEditor
from status.incidents.validation import (
    NotFound,
    RuleViolation,
    audit_entry,
    filled_texts,
    filled_titles,
    fresh_id,
    unless_changed,
)
from status.model import Announcement


class AnnouncementEditor(OverrideEditor):
    """Announces and withdraws. `by` is a person's id or "cli"."""

    def announce(
        self,
        title: Mapping[str, str],
        text: Mapping[str, str],
        by: str,
        *,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> Announcement:
        """News that is no incident. Raises RuleViolation."""
        if problems := self.announce_problems(title, text, starts_at=starts_at, ends_at=ends_at):
            raise RuleViolation(problems)
        announcement = self.compose_announcement(title, text, starts_at=starts_at, ends_at=ends_at)
        event = StatusChanged(ChangeKind.ANNOUNCED, announcement.id, announcement.starts_at)
        audit = audit_entry(self._clock.now(), by, "announcement.published", announcement.id)
        self._store.save_announcement(announcement, audit, event)
        return announcement

    def compose_announcement(
        self,
        title: Mapping[str, str],
        text: Mapping[str, str],
        *,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> Announcement:
        """News as they would be told now; nothing is written."""
        begin = starts_at or self._clock.now()
        return Announcement(fresh_id(), filled_titles(title), filled_texts(text), begin, ends_at)

    def announce_problems(
        self,
        title: Mapping[str, str],
        text: Mapping[str, str],
        *,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> dict[str, str]:
        """All that keeps news from being told, by field."""
        problems, now = self._words_problems(title, text), self._clock.now()
        if ends_at is not None and ends_at <= (starts_at or now):
            problems["ends_at"] = N_("The end must come after the beginning.")
        elif ends_at is not None and ends_at <= now:
            problems["ends_at"] = N_("This is over already.")
        return problems

    def withdraw(self, id: str, by: str) -> None:
        """Take an announcement off the pages. Raises NotFound."""
        unless_changed(lambda: self._withdraw(id, by), None)

    def _withdraw(self, id: str, by: str) -> None:
        announcement = self._store.announcement(id)
        if announcement is None:
            raise NotFound(id)
        now = self._clock.now()
        audit = audit_entry(now, by, "announcement.withdrawn", id)
        begins = min(announcement.starts_at, now)
        withdrawn = replace(announcement, starts_at=begins, ends_at=now)
        self._store.save_announcement(withdrawn, audit)

    def announcements(self) -> tuple[Announcement, ...]:
        """What is shown and what will be, newest first."""
        return self._store.statements().announcements
