"""Incidents that probes ask for and an operator approves, for components with policy "draft". Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from render.i18n import LANGUAGES, N_
from render.words import sentence
from status.compose import CLOSED, Verdict
from status.incidents import News
from status.model import Component, Condition, Incident

FALLEN = (Condition.MAJOR_OUTAGE, Condition.PARTIAL_OUTAGE)
TITLE = N_("Trouble with {name}")
TEXT = N_("Our checks see that {name} does not answer as it should. We are looking into it.")


def wanted(
    components: Iterable[Component],
    probed: Mapping[str, Verdict],
    incidents: Iterable[Incident],
) -> tuple[Component, ...]:
    """Components that are down by their probes and that no open incident or draft names yet."""
    named = {c for i in incidents if i.state not in CLOSED for c in i.components}
    return tuple(
        c
        for c in components
        if c.policy == "draft"
        and c.id not in named
        and c.id in probed
        and probed[c.id].condition in FALLEN
    )


def title(component: Component) -> dict[str, str]:
    """The draft's headline in every shipped language."""
    return {lang: sentence(lang, TITLE, {"name": component.name}) for lang in LANGUAGES}


def news(component: Component, verdict: Verdict) -> News:
    """The draft's first entry in every shipped language."""
    text = {lang: sentence(lang, TEXT, {"name": component.name}) for lang in LANGUAGES}
    return News(text, components={component.id: verdict.condition})
