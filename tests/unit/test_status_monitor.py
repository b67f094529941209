"""The monitor's own bookkeeping: what becomes urgent while a publication is written is not lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.engine import connect
from jobs.database_queue import DatabaseSender
from observe.network import Network
from status.monitoring.monitor import Monitor
from status.publishing.publisher import Publisher
from status.storage.store import StatusStore
from tests.status_fixtures import SITE, WEB, pages

SECOND = timedelta(seconds=1)


class Interrupted:
    """Counts publications; does something in the midst of one when told to."""

    def __init__(self, db, clock, folder):
        self.count, self.meanwhile = 0, None
        publisher = Publisher(folder, SITE, pages(), response_times=self._response_times)
        network = Network.from_table({"closed": True}, clock=clock)
        store = StatusStore(db, clock, DatabaseSender())
        self.monitor = Monitor((WEB,), (), network, store, publisher)

    def _response_times(self):
        """Asked once in each publication, in its thread."""
        self.count += 1
        call, self.meanwhile = self.meanwhile, None
        if call is not None:
            call()
        return {}


@pytest.fixture
async def publishing(sqlite_url, clock, tmp_path):
    db = connect(sqlite_url, clock=clock)
    monitor = Interrupted(db, clock, tmp_path / "published")
    await monitor.monitor.start()
    yield monitor
    db.close()


async def beats(publishing, clock, count):
    for _ in range(count):
        clock.advance(SECOND)
        await publishing.monitor.run_cycle()


async def test_the_clock_that_is_set_amid_a_publication_brings_the_next_at_once(publishing, clock):
    await beats(publishing, clock, 5)
    before = publishing.count
    publishing.meanwhile = lambda: publishing.monitor.clock_stepped(timedelta(hours=1))
    await publishing.monitor.publish()
    assert publishing.count == before + 1
    await beats(publishing, clock, 1)
    assert publishing.count == before + 2
    await beats(publishing, clock, 5)
    assert publishing.count == before + 2, "and then it is quiet again"


async def test_a_publication_that_failed_is_tried_again_each_second(publishing, clock):
    await beats(publishing, clock, 5)
    before = publishing.count

    def full():
        raise OSError("No space left on device")

    publishing.meanwhile = full
    await publishing.monitor.publish()
    assert "No space left" in publishing.monitor.health_message()
    await beats(publishing, clock, 1)
    assert (publishing.count, publishing.monitor.health_message()) == (before + 2, "")
