"""A subscriber's chosen groups and services, after some were renamed or taken out. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from notify.model import Preferences
from status.model import Component, KnownComponent

GONE_AFTER = timedelta(days=1)  # a service may have been taken out by mistake


def current_choice(
    preferences: Preferences, components: Iterable[Component], remembered: Iterable[KnownComponent]
) -> Preferences:
    """The choice with what has taken the place of groups that are gone: a group whose members
    all stood in one of them, else the services that did. What is gone stays; it may come back."""
    configured, former_components = tuple(components), tuple(remembered)
    groups = {c.group for c in configured if c.group}
    chosen_groups = list(preferences.groups)
    chosen = list(preferences.components)
    for gone in (g for g in preferences.groups if g not in groups):
        former = _last_members(gone, former_components)
        for component in (c for c in configured if c.id in former):
            members = {c.id for c in configured if c.group == component.group}
            if component.group and members <= former:
                chosen_groups.append(component.group)
            elif component.group not in chosen_groups:
                chosen.append(component.id)
    return replace(
        preferences,
        components=tuple(dict.fromkeys(chosen)),
        groups=tuple(dict.fromkeys(chosen_groups)),
    )


def _last_members(group: str, remembered: Iterable[KnownComponent]) -> set[str]:
    """Which services a group had at its end; those that left it before count no more."""
    members = {k.component: k.last_seen for k in remembered if k.group == group}
    end = max(members.values(), default=None)
    return {c for c, last_seen in members.items() if end and end - last_seen < GONE_AFTER}


def is_choice_gone(
    preferences: Preferences,
    components: Iterable[Component],
    remembered: Iterable[KnownComponent],
    now: datetime,
) -> bool:
    """Whether nothing of a choice is configured any more, and has not been for a day."""
    configured = tuple(components)
    if not preferences.components and not preferences.groups:
        return False
    if any(c.id in preferences.components or c.group in preferences.groups for c in configured):
        return False
    chosen = (
        k
        for k in remembered
        if k.component in preferences.components or k.group in preferences.groups
    )
    last_seen = max((k.last_seen for k in chosen), default=None)
    return last_seen is None or now - last_seen >= GONE_AFTER
