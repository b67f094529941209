"""What is said of an ended domain on the very days its registry's calendar turns, in its own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from diagnostics.checks.domain import expiry_messages as words
from diagnostics.checks.domain.expiry import EXPIRY
from diagnostics.evidence.keys import REGISTRATION, Evidence, Item
from diagnostics.model import Case, Finding
from facts import Registration
from standards.registration.model import RegistryState
from tests.checks_fixtures import Scene

END = date(2026, 3, 1)
NIGHT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # half an hour past midnight in Prague
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def expiry_findings(tld: str, at: datetime, **more: object) -> list[Finding]:
    """What the check finds, of a domain that ends on END unless told otherwise."""
    values: dict[str, object] = {"expires": END, **more}
    seen = Registration(f"cafe.{tld}", RegistryState.REGISTERED, at, **values)  # type: ignore[arg-type]
    scene = Scene(domain=seen.domain)
    case = Case(
        scene.subject(), Evidence({REGISTRATION.name: Item(REGISTRATION.name, seen, at)}), at
    )
    return list(EXPIRY.judge(case))


@pytest.mark.parametrize(
    ("tld", "day", "next_said", "dates"),
    [
        ("cz", 1, words.WORKS_UNTIL, {"stops": 31, "gone": 61}),
        ("cz", 30, words.WORKS_UNTIL, {"stops": 31, "gone": 61}),
        ("cz", 31, words.OFF_UNTIL, {"gone": 61}),
        ("cz", 60, words.OFF_UNTIL, {"gone": 61}),
        ("cz", 61, words.TOO_LATE, {}),
        ("sk", 1, words.OFF_UNTIL, {"gone": 40}),
        ("sk", 40, words.OFF_UNTIL, {"gone": 40}),
        ("sk", 41, words.TOO_LATE, {}),
        ("pl", 30, words.OFF_UNTIL, {"gone": 30}),
        ("pl", 31, words.TOO_LATE, {}),
        ("hr", 5, words.REGISTRAR_DECIDES, {}),
        ("eu", 1, words.FEE_UNTIL, {"gone": 40}),
        ("eu", 40, words.FEE_UNTIL, {"gone": 40}),
        ("eu", 41, words.TOO_LATE, {}),
        ("com", 45, words.REGISTRAR_DECIDES, {}),
        ("net", 46, words.FEE_UNTIL, {"gone": 75}),
        ("org", 75, words.FEE_UNTIL, {"gone": 75}),
        ("info", 76, words.TOO_LATE, {}),
        ("de", 5, words.REGISTRAR_DECIDES, {}),
        ("at", 5, words.REGISTRAR_DECIDES, {}),
        ("hu", 45, words.REGISTRAR_DECIDES, {}),
        ("hu", 46, words.FEE_UNTIL, {"gone": 105}),
        ("si", 30, words.OFF_UNTIL, {"gone": 30}),
    ],
)
def test_what_comes_next_on_the_day_the_calendar_turns(tld, day, next_said, dates) -> None:
    (finding,) = expiry_findings(tld, NOON + timedelta(days=day))
    assert finding.id == "domain.expiry.expired"
    assert finding.args["next"] == next_said
    last_days = {key: finding.args[key] for key in ("stops", "gone") if key in finding.args}
    assert last_days == {k: (END + timedelta(days=n)).isoformat() for k, n in dates.items()}


@pytest.mark.parametrize(
    ("tld", "at", "message"),
    [
        ("cz", NOON, "domain.expiry.today"),
        ("cz", NIGHT, "domain.expiry.expired"),
        ("com", NIGHT, "domain.expiry.today"),
        ("sk", NIGHT - timedelta(hours=1), "domain.expiry.today"),
        ("uk", NIGHT, "domain.expiry.today"),
        ("cz", datetime(2026, 3, 1, 0, 30, tzinfo=UTC), "domain.expiry.today"),
        ("cz", datetime(2026, 2, 28, 23, 30, tzinfo=UTC), "domain.expiry.today"),
        ("com", datetime(2026, 2, 28, 23, 30, tzinfo=UTC), "domain.expiry.urgent"),
    ],
)
def test_a_day_ends_at_the_registrys_midnight(tld, at, message) -> None:
    assert [f.id for f in expiry_findings(tld, at)] == [message]


def test_a_date_that_jumps_on_the_very_day_is_seen_through() -> None:
    """The registry moved it a year ahead this morning; the registrar was paid until today."""
    jumped = date(2027, 3, 1)
    (finding,) = expiry_findings("com", NOON, expires=jumped, registrar_expires=END)
    assert (finding.id, finding.args["paid"]) == ("domain.expiry.auto_renew_trap", "2026-03-01")


@pytest.mark.parametrize(
    ("day", "next_said"), [(39, words.RESTORE_UNTIL), (90, words.RESTORE_UNKNOWN)]
)
def test_no_day_that_is_past_is_told_as_the_last_to_restore(day, next_said) -> None:
    (finding,) = expiry_findings("sk", NOON + timedelta(days=day), epp=("redemptionPeriod",))
    assert (finding.id, finding.args["next"]) == ("domain.expiry.redemption", next_said)


def test_a_name_deleted_before_its_end_has_no_last_day_by_the_calendar() -> None:
    (finding,) = expiry_findings("sk", NOON - timedelta(days=90), epp=("redemptionPeriod",))
    assert finding.args["next"] == words.RESTORE_UNKNOWN
