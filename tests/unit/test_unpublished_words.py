"""Of which services and works readers do not see the newest word yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from status.model import Condition, Impact, Incident, Maintenance, Override, Update
from status.operator_pages.unpublished import unpublished_components, unpublished_works
from status.state.statements import PublicStatements

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DOWN = Condition.MAJOR_OUTAGE


def incident(told_at, **fields):
    update = Update("u", "investigating", told_at, {"en": "x"}, {"mail": DOWN}, told_at=told_at)
    words = {"en": "Mail"}
    return Incident("i", words, "investigating", Impact.MAJOR, told_at, (update,), **fields)


def override(since, until):
    """From and until some minutes after noon."""
    return Override("web", DOWN, NOON + since * MINUTE, NOON + until * MINUTE, "olu")


@pytest.mark.parametrize(
    ("statements", "components"),
    [
        ({"incidents": (incident(NOON + MINUTE),)}, {"mail"}),
        ({"incidents": (incident(NOON - MINUTE),)}, set()),
        ({"incidents": (incident(NOON + MINUTE, draft=True),)}, set()),
        ({"incidents": (incident(NOON + MINUTE, publish_at=NOON + 9 * MINUTE),)}, set()),
        ({"incidents": (incident(NOON - MINUTE, publish_at=NOON + MINUTE),)}, {"mail"}),
        ({"overrides": (override(1, 9),)}, {"web"}),
        ({"overrides": (override(-1, 1),)}, {"web"}),
        ({"overrides": (override(-1, 9),)}, set()),
    ],
)
def test_a_word_that_was_written_after_the_publication_is_not_there_yet(statements, components):
    unseen = unpublished_components(PublicStatements(**statements), NOON, NOON + 2 * MINUTE)
    assert unseen == components


@pytest.mark.parametrize(
    ("created", "changed", "works"), [(-2, None, set()), (1, None, {"w"}), (-2, 1, {"w"})]
)
def test_work_that_was_changed_after_the_publication_is_not_there_yet(created, changed, works):
    created_at, at = NOON + created * MINUTE, changed and NOON + changed * MINUTE
    day = NOON + timedelta(days=1)
    work = Maintenance("w", {}, {}, day, day, ("mail",), created_at, changed_at=at)
    statements = PublicStatements(maintenances=(work,))
    assert unpublished_works(statements, NOON, NOON + 2 * MINUTE) == works
