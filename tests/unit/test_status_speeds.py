"""Response times: hours from roll-ups, one line a component, a picture with words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from db.engine import Away, DatabaseAway
from status.model import Condition
from status.publishing import pages
from status.publishing.chart import HEIGHT, line
from status.timeseries.response_times import CACHED, HOURS, ResponseTimes, mean_by_component, since
from tests.status_fixtures import AT, SITE, WEB, probe, snapshot
from tests.status_fixtures import pages as templates
from tests.web.test_status_published import plain

HOUR = timedelta(hours=1)


def test_probes_of_a_component_are_one_line_weighed_by_their_looks():
    first = since(AT)
    hourly = {
        "a": {first: (3_000_000, 30), AT: (600_000, 3)},
        "b": {first: (1_000_000, 10), first - HOUR: (1, 1)},
        "lonely": {AT: (1000, 1)},
    }
    probes = [probe("a"), probe("b"), probe("lonely", "mail")]
    means = mean_by_component(probes, hourly, AT)
    assert set(means) == {"web"}
    assert len(means["web"]) == HOURS
    assert (means["web"][0], means["web"][-1]) == (100, 200)
    assert set(means["web"][1:-1]) == {None}


class Series:
    """Roll-ups that can go away."""

    def __init__(self):
        self.asked, self.away = 0, False

    def hourly(self, _since):
        self.asked += 1
        if self.away:
            raise DatabaseAway(Away.UNREACHABLE)
        return {"a": {since(AT): (10_000, 1), AT: (20_000, 1)}}


def test_they_are_asked_for_every_ten_minutes_and_outlive_the_database(clock):
    series = Series()
    clock.at = AT
    speeds = ResponseTimes(series, clock, (probe("a"),))
    first = speeds()
    assert first["web"][0] == 10
    clock.advance(CACHED / 2)
    assert speeds() == first
    assert series.asked == 1
    series.away = True
    clock.advance(CACHED)
    assert speeds() == first
    assert series.asked == 2


def test_a_line_stays_in_its_frame_and_breaks_where_nothing_answered():
    path = line((100, 120, None, 480, None, 20))
    assert path.path.count("M") == 3
    heights = [
        float(p.split()[1].split("h")[0]) for p in path.path.replace("L", "M").split("M")[1:]
    ]
    assert all(0 <= y <= HEIGHT for y in heights)
    assert (path.fastest, path.slowest, path.latest, path.top) == (0.02, 0.48, 0.02, 0.5)


@pytest.mark.parametrize("values", [(), (None, None), (5, None)])
def test_too_little_is_no_picture(values):
    assert line(values) is None


def test_a_groups_page_shows_the_line_with_its_words():
    shot = replace(
        snapshot({WEB: Condition.OPERATIONAL}), speeds={"web": (100, *(None,) * 22, 250)}
    )
    files = pages.published_files(shot, SITE, templates())
    seen = plain(files["/en/group/hosting"].fresh)
    assert "Response time in the last 24 hours: 0.1 to 0.25 s, lately 0.25 s" in seen
    assert "Response time" not in plain(files["/en/"].fresh)
