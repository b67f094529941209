"""Correcting what was published: words change, the course of things does not, and nobody is written
to. What stood there before is in the audit log; readers are told when an entry was corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from accounts.model import AuditEntry
from status.incidents.maintenance_editing import MaintenanceEditor
from status.incidents.validation import (
    TEXT,
    TITLE,
    NotFound,
    RuleViolation,
    audit_entry,
    check_seen,
    filled_texts,
    filled_titles,
    unless_changed,
)
from status.model import Announcement, Incident, Maintenance, Update

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """New words by language for a headline, a text or both; None stays as it is."""

    title: Texts | None = None
    text: Texts | None = None

    def is_new(self, title: Texts, text: Texts) -> bool:
        """Whether it says anything else than these; readers are told of nothing otherwise."""
        return (self.title or title, self.text or text) != (title, text)


class CorrectionEditor(MaintenanceEditor):
    """Puts other words in the place of published ones. `by` is a person's id or "cli"."""

    def correct(
        self, id: str, wording: Wording, by: str, *, entry: str = "", version: int | None = None
    ) -> Incident:
        """Another headline of an incident, or another text of one of its entries. `version` is
        the one its writer saw.

        Raises NotFound, RuleViolation (ChangedMeanwhile) and DatabaseAway.
        """
        return unless_changed(lambda: self._correct(id, wording, by, entry, version), version)

    def _correct(
        self, id: str, wording: Wording, by: str, entry: str, seen: int | None
    ) -> Incident:
        before = self._store.incident(id)
        if before is None:
            raise NotFound(id)
        check_seen(seen, before.version)
        wording = self._corrected(wording, before.components)
        now = self._clock.now()
        corrected_at = None if before.draft or before.publish_at else now
        if entry:
            old = entry_of(before.updates, entry)
            if not wording.is_new({}, old.text):
                return before
            new = replace(old, text=wording.text or old.text, corrected_at=corrected_at)
            after, replaced = _with_entry(before, new), {"text": old.text}
        else:
            if not wording.is_new(before.title, {}):
                return before
            new, replaced = None, {"title": before.title}
            title = wording.title or before.title
            after = replace(before, title=title, corrected_at=corrected_at)
        audit = _audit(now, by, "incident.corrected", id, replaced)
        self._store.correct_incident(after, new, audit)
        return replace(after, version=before.version + 1)

    def correct_maintenance(
        self, id: str, wording: Wording, by: str, *, entry: str = "", version: int | None = None
    ) -> Maintenance:
        """Other words for work, of all its dates when it recurs, or for one of its entries.

        Raises NotFound, RuleViolation (ChangedMeanwhile) and DatabaseAway.
        """
        return unless_changed(
            lambda: self._correct_maintenance(id, wording, by, entry, version), version
        )

    def _correct_maintenance(
        self, id: str, wording: Wording, by: str, entry: str, seen: int | None
    ) -> Maintenance:
        before, _ = self._find_editable(id)
        check_seen(seen, before.version)
        now = self._clock.now()
        wording = self._corrected(wording, before.components)
        if entry:
            old = entry_of(before.notes.get(id, ()), entry)
            if not wording.is_new({}, old.text):
                return before
            new = replace(old, text=wording.text or old.text, corrected_at=now)
            entries = tuple(new if u.id == entry else u for u in before.notes[id])
            after = replace(before, notes={**before.notes, id: entries}, changed_at=now)
            replaced = {"text": old.text}
        else:
            if not wording.is_new(before.title, before.text):
                return before
            after = replace(
                before,
                title=wording.title or before.title,
                text=wording.text or before.text,
                changed_at=now,
            )
            replaced = {"title": before.title, "text": before.text}
        audit = _audit(now, by, "maintenance.corrected", id, replaced)
        self._store.save_maintenance(after, audit)
        return replace(after, version=before.version + 1)

    def correct_announcement(
        self, id: str, wording: Wording, by: str, *, version: int | None = None
    ) -> Announcement:
        """Other words for an announcement. Raises NotFound, RuleViolation (ChangedMeanwhile) and
        DatabaseAway."""
        return unless_changed(lambda: self._correct_announcement(id, wording, by, version), version)

    def _correct_announcement(
        self, id: str, wording: Wording, by: str, seen: int | None
    ) -> Announcement:
        before = self._store.announcement(id)
        if before is None:
            raise NotFound(id)
        check_seen(seen, before.version)
        now = self._clock.now()
        wording = self._corrected(wording, ())
        if not wording.is_new(before.title, before.text):
            return before
        after = replace(
            before,
            title=wording.title or before.title,
            text=wording.text or before.text,
            corrected_at=now if before.starts_at <= now else None,
        )
        replaced = {"title": before.title, "text": before.text}
        self._store.save_announcement(
            after, _audit(now, by, "announcement.corrected", id, replaced)
        )
        return replace(after, version=before.version + 1)

    def _corrected(self, wording: Wording, components: tuple[str, ...]) -> Wording:
        """The words as they are kept. Raises RuleViolation."""
        problems: dict[str, str] = {}
        title, text = wording.title, wording.text
        if title is not None:
            title = self._named(title, components)
            problems |= self._text_problems("title", title, TITLE)
        if text is not None:
            text = self._named(text, components)
            problems |= self._text_problems("text", text, TEXT)
        if problems:
            raise RuleViolation(problems)
        return Wording(
            None if title is None else filled_titles(title),
            None if text is None else filled_texts(text),
        )


def entry_of(updates: tuple[Update, ...], id: str) -> Update:
    """One entry of a timeline. Raises NotFound."""
    for update in updates:
        if update.id == id:
            return update
    raise NotFound(id)


def _with_entry(incident: Incident, entry: Update) -> Incident:
    updates = tuple(entry if u.id == entry.id else u for u in incident.updates)
    return replace(incident, updates=updates)


def _audit(
    at: datetime, by: str, action: str, subject: str, replaced: Mapping[str, Texts]
) -> AuditEntry:
    """The audit row of a correction, with the words that stood there before."""
    words = {
        f"{field}-{lang}": text for field, texts in replaced.items() for lang, text in texts.items()
    }
    return replace(audit_entry(at, by, action, subject), detail=words)
