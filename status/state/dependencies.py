"""What explains what: a fallen server stands in front of the services that depend on it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from status.model import Component, Condition

FALLEN = (Condition.MAJOR_OUTAGE, Condition.PARTIAL_OUTAGE, Condition.UNDER_MAINTENANCE)
TROUBLED = (*FALLEN, Condition.DEGRADED_PERFORMANCE)


def explained(
    components: tuple[Component, ...], conditions: Mapping[str, Condition]
) -> dict[str, str]:
    """Component id → the id of the deepest fallen component it depends on.

    Only components that are in trouble themselves are explained. Circles end where they began.
    """
    known = {c.id: c for c in components}
    found = {}
    for component in components:
        if conditions.get(component.id) in TROUBLED:
            root = _root(component, known, conditions)
            if root and root != component.id:
                found[component.id] = root
    return found


def _root(
    component: Component, known: Mapping[str, Component], conditions: Mapping[str, Condition]
) -> str:
    seen = {component.id}
    at, root = component, ""
    while True:
        below = next(
            (
                known[d]
                for d in at.depends_on
                if d in known and d not in seen and conditions.get(d) in FALLEN
            ),
            None,
        )
        if below is None:
            return root
        seen.add(below.id)
        at, root = below, below.id
