"""A start from what the last engine left: with another version's file, or without a database."""

from __future__ import annotations

import json

from status.incidents.incident_editing import AnnouncementText, Backdating
from status.model import Condition
from tests.engine.test_status_watch import MINUTE, engine, restarted, running

__all__ = ("engine", "running")


async def test_a_restart_without_a_database_keeps_the_word_of_an_operator(engine, tmp_path):
    await engine.minutes(3)
    until = engine.clock.now() + 60 * MINUTE
    engine.incidents.override("web", Condition.DEGRADED_PERFORMANCE, until, "olu", "slow for many")
    await engine.minutes(4)
    assert "All services are slow" in engine.seen()
    days = engine.watch.snapshot().states[0].days
    again = restarted(engine, f"sqlite:///{tmp_path}/nowhere.db")
    await again.watch.start()
    assert again.watch.snapshot().states[0].days == days
    await again.minutes(1)
    assert again.watch.snapshot().states[0].condition is Condition.DEGRADED_PERFORMANCE
    again.db.close()
    back = restarted(engine)
    await back.watch.start()
    await back.minutes(1)
    assert back.watch.snapshot().states[0].days[-1].seconds == {
        Condition.NO_DATA: 60,
        Condition.OPERATIONAL: 2 * 60,
        Condition.DEGRADED_PERFORMANCE: 6 * 60,
    }
    back.db.close()


async def test_a_restart_without_a_database_keeps_what_is_shown_and_what_will_be(engine, tmp_path):
    now = engine.clock.now()
    editor = engine.incidents
    editor.announce({"en": "A new address"}, {"en": "We move."}, "olu")
    editor.announce({"en": "Open house"}, {"en": "Come."}, "olu", starts_at=now + 5 * MINUTE)
    planned = Backdating(publish_at=now + 5 * MINUTE)
    editor.open({"en": "Prices rise"}, AnnouncementText({"en": "Soon."}), "olu", when=planned)
    editor.open({"en": "Nobody's business"}, AnnouncementText({"en": "No."}), "olu", draft=True)
    await engine.minutes(2)
    again = restarted(engine, f"sqlite:///{tmp_path}/nowhere.db")
    await again.watch.start()
    assert "A new address" in again.seen()
    assert "Open house" not in again.seen()
    assert "Prices rise" not in again.seen()
    await again.minutes(4)
    assert "Open house" in again.seen()
    assert "Prices rise" in again.seen()
    assert "Nobody's business" not in again.seen()
    assert again.watch.statements == engine.store.statements(now)
    again.db.close()


async def test_the_file_of_0_1_0_is_taken_up_and_its_days_are_not_written_anew(engine):
    """It knew no timelines: what an operator says of the time before counts only from where the
    looks are known."""
    await engine.minutes(5)
    engine.running.fault("web1.sklep.example", "error")
    await engine.minutes(4)
    file = engine.publisher.folder / "states.json"
    written = json.loads(file.read_bytes())
    for unknown in ("timelines", "accumulators", "claims"):
        del written[unknown]
    file.write_text(json.dumps(written))
    before = engine.watch.snapshot().states[0]
    engine.incidents.plan(
        {"en": "Work"}, {"en": "We work."}, (engine.clock.now(), engine.clock.now() + MINUTE),
        ("web",), "olu",
    )  # fmt: skip
    began = engine.clock.now() - 7 * MINUTE  # 12:02, the fall was seen at 12:06
    news = AnnouncementText({"en": "Slow"}, components={"web": Condition.DEGRADED_PERFORMANCE})
    engine.incidents.open({"en": "Slow"}, news, "olu", when=Backdating(started_at=began))
    after = restarted(engine)
    await after.watch.start()
    state = after.watch.snapshot().states[0]
    assert state.days == before.days, "neither the days before nor the fall"
    await after.minutes(2)
    assert after.watch.snapshot().states[0].days[-1].seconds == {
        Condition.NO_DATA: 60,
        Condition.OPERATIONAL: 5 * 60,
        Condition.MAJOR_OUTAGE: (3 + 1) * 60,
        Condition.UNDER_MAINTENANCE: 60,
    }
    stored = after.store.days(engine.clock.now().date())["web"][-1]
    assert stored == after.watch.snapshot().states[0].days[-1]
    after.db.close()
