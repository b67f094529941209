"""Editing overrides, operators' own words on a component for a while; and what every editor shares.

Shared are the components and languages that may be written of and in. Every change is one transaction: the row, its audit entry, the wish to publish, the word to others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from clock import Clock
from render.characters import one_line
from render.i18n import N_, FilledText
from render.languages import LANGUAGES
from status.incidents.service_placeholders import name_services
from status.incidents.validation import (
    TEXT,
    TITLE,
    TOO_LONG,
    RuleViolation,
    audit_entry,
    check_seen,
    pair_problems,
    text_problems,
    unless_changed,
)
from status.model import Component, Condition, Override
from status.state.statements import active_overrides
from status.storage.store import StatusStore

MAX_DURATION = timedelta(days=31)


class OverrideEditor:
    """Overrides. `by` is a person's id or "cli"."""

    def __init__(
        self,
        store: StatusStore,
        clock: Clock,
        components: tuple[Component, ...] = (),
        languages: tuple[str, ...] = tuple(LANGUAGES),
    ) -> None:
        self._store = store
        self._clock = clock
        self.component_ids = frozenset(c.id for c in components)
        self.components = components
        self.languages = languages  # the site's: those that may be written in

    def now(self) -> datetime:
        """The moment by which states of planned work are told."""
        return self._clock.now()

    def _text_problems(
        self, field: str, texts: Mapping[str, str], max_length: int
    ) -> dict[str, str]:
        return text_problems(field, texts, max_length, self.languages)

    def _words_problems(self, title: Mapping[str, str], text: Mapping[str, str]) -> dict[str, str]:
        """What is amiss with a headline and the text below it."""
        problems = pair_problems(title, text) | self._text_problems("title", title, TITLE)
        return problems | self._text_problems("text", text, TEXT)

    def _named(self, texts: Mapping[str, str], component_ids: Collection[str]) -> dict[str, str]:
        """The texts with these components named where ready words leave room for them."""
        return name_services(texts, [c for c in self.components if c.id in component_ids])

    def override(
        self,
        component: str,
        condition: Condition,
        until: datetime,
        by: str,
        reason: str = "",
        *,
        version: int | None = None,
    ) -> Override:
        """An operator's word on a component until a moment. `version` is that of the word its
        writer saw, 0 where none held. Raises RuleViolation (ChangedMeanwhile)."""
        problems = self._component_problems({component: condition})
        if until > self._clock.now() + MAX_DURATION:
            problems["until"] = N_("An override must end within a month.")
        problems |= reason_problems(reason)
        if problems:
            raise RuleViolation(problems)
        now = self._clock.now()
        new_override = Override(component, condition, now, max(until, now), by, one_line(reason))
        return unless_changed(lambda: self._override(new_override, version), version)

    def _override(self, new_override: Override, seen_version: int | None) -> Override:
        last = self._store.override(new_override.component)
        check_seen(seen_version, last.version if last and last.until > new_override.since else 0)
        override = replace(new_override, version=last.version + 1 if last else 1)
        if last and _is_renewed(last, new_override):
            override = replace(override, since=last.since)
        action = "override.set" if new_override.until > new_override.since else "override.ended"
        audit = audit_entry(
            new_override.since,
            new_override.by,
            action,
            new_override.component,
            new_override.condition,
        )
        self._store.save_override(override, last, audit)
        return override

    def overrides(self) -> tuple[Override, ...]:
        """Words on components that hold now."""
        return active_overrides(self._store.statements().overrides, self._clock.now())

    def components_in(self, lang: str) -> tuple[Component, ...]:
        """The components as readers of a language know them."""
        return tuple(c.in_language(lang) for c in self.components)

    def component_names(self, ids: Iterable[str], lang: str) -> dict[str, str]:
        """What components are called, by id; one that is configured no longer as it was."""
        names = {c.id: c.name for c in self.components_in(lang)}
        component_ids = tuple(ids)
        if any(c not in names for c in component_ids):
            names = {k.component: k.name for k in self._store.known_components()} | names
        return {c: names.get(c, c) for c in component_ids}

    def _component_problems(self, conditions: Mapping[str, Condition]) -> dict[str, str]:
        wrong = [
            c
            for c, condition in conditions.items()
            if c not in self.component_ids or condition is Condition.NO_DATA
        ]
        if not wrong:
            return {}
        each = {
            f"components.{c}": N_("This service or its state is not known here.") for c in wrong
        }
        return {"components": N_("One of these services is not known here."), **each}


def reason_problems(reason: str) -> dict[str, str]:
    """What is amiss with the reason of an override, which is kept whole or not at all."""
    if len(one_line(reason)) > TITLE:
        return {"reason": FilledText(TOO_LONG, most=TITLE)}
    return {}


def _is_renewed(last: Override, new_override: Override) -> bool:
    """Whether one says again what they said before and still holds: programs may each minute."""
    return last.since <= new_override.since < min(last.until, new_override.until) and (
        (last.condition, last.by, last.reason)
        == (new_override.condition, new_override.by, new_override.reason)
    )
