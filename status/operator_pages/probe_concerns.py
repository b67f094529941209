"""What probes say against resolving an incident (still trouble) or publishing one (none any more). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from render.i18n import N_, FilledText
from status.incidents.incident_editing import AnnouncementText
from status.model import Condition, Grade, Incident, Probe
from status.operator_pages.reasons import shown_reason
from status.state.damping import DebouncedState
from status.state.statements import CLOSED

_STILL_SEEN = N_(
    "{service}: since {since:datetime} the probe {probe} has seen trouble ({reason}). It last"
    " looked at {at:datetime}. Is it over?"
)
_SEEN_AGAIN = N_(
    "{service}: the probe {probe} counts as well, but its last look, at {at:datetime}, saw trouble"
    " again. Is it over?"
)
_RECOVERED = N_(
    "{service}: since {since:datetime} no probe has seen trouble. Should readers still be told?"
)
_BAD = (Grade.DOWN, Grade.DEGRADED)


def probe_concerns(
    incident: Incident,
    entry: AnnouncementText,
    probes: Iterable[Probe],
    debounced: Mapping[str, DebouncedState],
    names: Mapping[str, str],
    *,
    lang: str,
    zone: str = "UTC",
) -> tuple[FilledText, ...]:
    """One sentence for each probe whose last look saw trouble with a service which an entry, by
    resolving its incident, sets back to operational. `debounced` by probe, `names` by component."""
    if entry.state not in CLOSED:
        return ()
    stated = {
        **dict.fromkeys(incident.components, Condition.OPERATIONAL),
        **(entry.components or {}),
    }
    concerns = []
    for probe in probes:
        state = debounced.get(probe.name, DebouncedState())
        is_well = not state.recent or state.recent[-1].grade not in _BAD
        if is_well or stated.get(probe.component) is not Condition.OPERATIONAL:
            continue
        service = names.get(probe.component, probe.component)
        concerns.append(_concern(probe, state, service, lang, zone))
    return tuple(concerns)


def recovery_concerns(
    waiting: Incident,
    conditions: Mapping[str, Condition],
    probes: Iterable[Probe],
    debounced: Mapping[str, DebouncedState],
    names: Mapping[str, str],
) -> tuple[FilledText, ...]:
    """One sentence for each service that an incident which waits to be published calls unwell, while
    all its probes are well, one of them only since the incident began."""
    if waiting.state in CLOSED:
        return ()
    states: dict[str, list[DebouncedState]] = {}
    for probe in probes:
        states.setdefault(probe.component, []).append(debounced.get(probe.name, DebouncedState()))
    concerns = []
    for component, condition in conditions.items():
        well_since = [s.verdict_since for s in states.get(component, ()) if _is_well(s)]
        since = max((at for at in well_since if at), default=None)
        is_sure = len(well_since) == len(states.get(component, ()))
        if condition is Condition.OPERATIONAL or not is_sure or since is None:
            continue
        if since > waiting.started_at:
            name = names.get(component, component)
            concerns.append(FilledText(_RECOVERED, service=name, since=since))
    return tuple(concerns)


def _is_well(state: DebouncedState) -> bool:
    return (
        state.verdict is Grade.UP and state.recent[-1:] != () and state.recent[-1].grade not in _BAD
    )


def _concern(probe: Probe, state: DebouncedState, service: str, lang: str, zone: str) -> FilledText:
    if state.grade not in _BAD:
        return FilledText(_SEEN_AGAIN, service=service, probe=probe.name, at=state.last_at)
    return FilledText(
        _STILL_SEEN,
        service=service,
        probe=probe.name,
        since=state.since,
        reason=shown_reason(state.reason, lang, zone).text,
        at=state.last_at,
    )
