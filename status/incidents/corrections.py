"""Corrections of published titles and texts; states, times and impact stay, and nobody is notified.
The former text is in the audit log; pages show when an entry was corrected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from accounts.model import AuditEntry
from render.i18n import N_
from status.incidents.maintenance_editing import MaintenanceEditor
from status.incidents.validation import (
    NOTHING_SAID,
    TEXT,
    TITLE,
    NotFound,
    RuleViolation,
    audit_entry,
    check_seen,
    field_in,
    filled_texts,
    filled_titles,
    in_language,
    pair_problems,
    unless_changed,
)
from status.model import Announcement, Incident, Maintenance, Update

Texts = Mapping[str, str]
HEADLINE_FIRST = N_("{language}: there is no headline yet. Write that one first, then this text.")
HEADLINE_NEEDED = N_("{language}: entries are written in it; their readers need a headline, too.")
TEXT_NEEDED = N_("{language}: the headline is written in it; its readers need this text, too.")
TEXT_IS_ELSEWHERE = N_("Its text stands in its entries; correct one of them.")


@dataclass(frozen=True, slots=True)
class Wording:
    """Words by language for a headline, a text or both; None where there is none, or where nothing
    is to be said anew. Languages that are left out stay, one that is empty goes."""

    title: Texts | None = None
    text: Texts | None = None


class CorrectionEditor(MaintenanceEditor):
    """Puts other words in the place of published ones; the same words again are no correction.
    `by` is a person's id or "cli"."""

    def correct(
        self, id: str, wording: Wording, by: str, *, entry: str = "", version: int | None = None
    ) -> Incident:
        """Another headline of an incident, or another text of one of its entries. `version` is
        the one its writer saw.

        Raises NotFound, RuleViolation (ChangedMeanwhile) and DatabaseAway.
        """
        return unless_changed(lambda: self._correct(id, wording, by, entry, version), version)

    def _correct(
        self, id: str, wording: Wording, by: str, entry: str, seen_version: int | None
    ) -> Incident:
        before = self._store.incident(id)
        if before is None:
            raise NotFound(id)
        check_seen(seen_version, before.version)
        old = entry_of(before.updates, entry) if entry else None
        published = Wording(text=old.text) if old else Wording(before.title)
        corrected = self._corrected(wording, published, before.components)
        if corrected == published:
            return before
        _refuse_halves(corrected, published, before.title, before.updates)
        now = self._clock.now()
        corrected_at = None if before.draft or before.publish_at else now
        new = replace(old, text=corrected.text or {}, corrected_at=corrected_at) if old else None
        after = (
            _with_entry(before, new)
            if new
            else replace(before, title=corrected.title or {}, corrected_at=corrected_at)
        )
        self._store.correct_incident(
            after, new, _audit(now, by, "incident.corrected", id, published)
        )
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
        self, id: str, wording: Wording, by: str, entry: str, seen_version: int | None
    ) -> Maintenance:
        before, _ = self._find_editable(id)
        check_seen(seen_version, before.version)
        old = entry_of(before.notes.get(id, ()), entry) if entry else None
        published = Wording(text=old.text) if old else Wording(before.title, before.text)
        corrected = self._corrected(wording, published, before.components)
        if corrected == published:
            return before
        notes = tuple(chain.from_iterable(before.notes.values()))
        _refuse_halves(corrected, published, before.title, notes)
        now = self._clock.now()
        if old:
            new = replace(old, text=corrected.text or {}, corrected_at=now)
            entries = tuple(new if u.id == entry else u for u in before.notes[id])
            after = replace(before, notes={**before.notes, id: entries}, changed_at=now)
        else:
            title, text = corrected.title or {}, corrected.text or {}
            after = replace(before, title=title, text=text, changed_at=now)
        audit = _audit(now, by, "maintenance.corrected", id, published)
        self._store.save_maintenance(after, audit)
        return replace(after, version=before.version + 1)

    def correct_announcement(
        self, id: str, wording: Wording, by: str, *, version: int | None = None
    ) -> Announcement:
        """Other words for an announcement. Raises NotFound, RuleViolation (ChangedMeanwhile) and
        DatabaseAway."""
        return unless_changed(lambda: self._correct_announcement(id, wording, by, version), version)

    def _correct_announcement(
        self, id: str, wording: Wording, by: str, seen_version: int | None
    ) -> Announcement:
        before = self._store.announcement(id)
        if before is None:
            raise NotFound(id)
        check_seen(seen_version, before.version)
        published = Wording(before.title, before.text)
        corrected = self._corrected(wording, published, ())
        if corrected == published:
            return before
        now = self._clock.now()
        after = replace(
            before,
            title=corrected.title or {},
            text=corrected.text or {},
            corrected_at=now if before.starts_at <= now else None,
        )
        self._store.save_announcement(
            after, _audit(now, by, "announcement.corrected", id, published)
        )
        return replace(after, version=before.version + 1)

    def _corrected(
        self, wording: Wording, published: Wording, components: tuple[str, ...]
    ) -> Wording:
        """The words as they are to stand. Raises RuleViolation."""
        if wording == Wording():
            raise RuleViolation({"title" if published.title else "text": NOTHING_SAID})
        if wording.title is not None and published.title is None:
            raise RuleViolation({"title": N_("An entry has no headline.")})
        if wording.text is not None and published.text is None:
            raise RuleViolation({"text": TEXT_IS_ELSEWHERE})
        title = self._named({**(published.title or {}), **(wording.title or {})}, components)
        text = self._named({**(published.text or {}), **(wording.text or {})}, components)
        problems = _new_gaps(pair_problems(title, text), published)
        if wording.title is not None:
            problems |= self._text_problems("title", title, TITLE)
        if wording.text is not None:
            problems |= self._text_problems("text", text, TEXT)
        if problems:
            raise RuleViolation(problems)
        return Wording(
            published.title if wording.title is None else filled_titles(title),
            published.text if wording.text is None else filled_texts(text),
        )


def _new_gaps(problems: Mapping[str, str], published: Wording) -> dict[str, str]:
    """Those languages that lacked a headline or a text before may go on to."""
    before = pair_problems(published.title or {}, published.text or {})
    return {field: problem for field, problem in problems.items() if field not in before}


def _refuse_halves(
    corrected: Wording, published: Wording, title: Texts, entries: tuple[Update, ...]
) -> None:
    """Raise RuleViolation where an entry would come to stand below no headline in its language, or
    a headline above no text in its own."""
    if corrected.title is None:
        now, before = set(corrected.text or {}), set(published.text or {})
        problems = {
            field_in("text", lang): in_language(HEADLINE_FIRST, lang)
            for lang in now - before - set(title)
        } | {
            field_in("text", lang): in_language(TEXT_NEEDED, lang)
            for lang in (before - now) & set(title)
        }
    else:
        languages = {lang for entry in entries for lang in entry.text}
        dropped = set(published.title or {}) - set(corrected.title)
        problems = {
            field_in("title", lang): in_language(HEADLINE_NEEDED, lang)
            for lang in dropped & languages
        }
    if problems:
        raise RuleViolation(problems)


def entry_of(updates: tuple[Update, ...], id: str) -> Update:
    """One entry of a timeline. Raises NotFound."""
    for update in updates:
        if update.id == id:
            return update
    raise NotFound(id)


def _with_entry(incident: Incident, entry: Update) -> Incident:
    updates = tuple(entry if u.id == entry.id else u for u in incident.updates)
    return replace(incident, updates=updates)


def _audit(at: datetime, by: str, action: str, subject: str, published: Wording) -> AuditEntry:
    """The audit row of a correction; `former-…` are the words that stood there before."""
    fields = {"title": published.title or {}, "text": published.text or {}}
    words = {
        f"former-{field}-{lang}": text
        for field, texts in fields.items()
        for lang, text in texts.items()
    }
    return replace(audit_entry(at, by, action, subject), detail=words)
