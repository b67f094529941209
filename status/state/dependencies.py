"""Root causes: a fallen component explains those that depend on it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from status.model import Component, Condition

FALLEN = (Condition.MAJOR_OUTAGE, Condition.PARTIAL_OUTAGE, Condition.UNDER_MAINTENANCE)
TROUBLED = (*FALLEN, Condition.DEGRADED_PERFORMANCE)


def root_causes(
    components: tuple[Component, ...], conditions: Mapping[str, Condition]
) -> dict[str, str]:
    """Component id → the id of the deepest fallen component it depends on.

    Only components that are in trouble themselves are explained. Circles end where they began.
    """
    components_by_id = {c.id: c for c in components}
    causes = {}
    for component in components:
        if conditions.get(component.id) in TROUBLED:
            root = _root_cause(component, components_by_id, conditions)
            if root and root != component.id:
                causes[component.id] = root
    return causes


def _root_cause(
    component: Component,
    components_by_id: Mapping[str, Component],
    conditions: Mapping[str, Condition],
) -> str:
    visited = {component.id}
    current, root = component, ""
    while True:
        dependency = next(
            (
                components_by_id[d]
                for d in current.depends_on
                if d in components_by_id and d not in visited and conditions.get(d) in FALLEN
            ),
            None,
        )
        if dependency is None:
            return root
        visited.add(dependency.id)
        current, root = dependency, dependency.id
