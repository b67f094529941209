"""The mirror follows what is published, at once when something changed, and never gives up."""

from __future__ import annotations

import functools
import json
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from status.model import Condition
from status.publishing.exports.mirror import Mirror
from status.publishing.exports.static_site import write_site
from status.publishing.publisher import Publisher
from tests.status_fixtures import MAIL, SITE, WEB, pages, snapshot
from web.middleware.static_files import load

ENV = {"JASNO_SECRET_KEY": "x", "PATH": "/usr/bin:/bin"}
DOWN = {WEB: Condition.MAJOR_OUTAGE, MAIL: Condition.OPERATIONAL}
write = functools.partial(write_site, site=SITE, assets=load())


class Place:
    def __init__(self, tmp_path, clock, command=()):
        self.clock, self.target = clock, tmp_path / "mirror"
        self.publisher = Publisher(tmp_path / "published", SITE, pages())
        self.mirror = Mirror(self.publisher.folder, self.target, write, clock, command, ENV)

    def publish(self, conditions=None):
        now = self.clock.now()
        self.publisher.publish(replace(snapshot(conditions), at=now, checked_at=now))

    def checked(self):
        return json.loads((self.target / "freshness.json").read_bytes())["checked_at"]

    def page(self):
        return (self.target / "en/index.html").read_text()


@pytest.fixture
def place(tmp_path, clock):
    return Place(tmp_path, clock)


def test_before_the_first_publication_there_is_nothing_to_do(place):
    assert place.mirror.run() == ""
    assert not place.target.exists()


def test_it_follows_a_change_at_once_and_the_mere_time_each_minute(place):
    place.publish()
    place.mirror.run()
    first = place.checked()
    place.clock.advance(timedelta(seconds=30))
    place.publish()
    place.mirror.run()
    assert place.checked() == first
    place.publish(DOWN)
    place.mirror.run()
    assert "down" in place.page().lower()
    place.clock.advance(timedelta(seconds=61))
    place.publish(DOWN)
    place.mirror.run()
    assert place.checked() != first


def test_a_folder_that_cannot_be_written_is_tried_again(place, caplog):
    place.target.write_text("in the way")
    place.publish()
    for _ in range(100):
        assert "FileExistsError" in place.mirror.run()
        place.clock.advance(timedelta(seconds=1))
    assert len(caplog.records) == 1  # said once, not a hundred times
    place.target.unlink()
    place.clock.advance(timedelta(minutes=5))
    assert place.mirror.run() == ""
    assert "Sklep" in place.page()


PROGRAM = """
import os, pathlib, shutil, sys
folder = os.environ["JASNO_MIRROR"]
leaked = [k for k in os.environ if k.startswith("JASNO_") and k != "JASNO_MIRROR"]
if leaked or pathlib.Path(sys.argv[1] + ".broken").exists():
    sys.exit("no route to the bucket")
shutil.copytree(folder, sys.argv[1], dirs_exist_ok=True)
"""


def test_the_command_brings_it_further_and_is_tried_again(tmp_path, clock):
    bucket, broken = tmp_path / "bucket", tmp_path / "bucket.broken"
    place = Place(tmp_path, clock, (sys.executable, "-c", PROGRAM, str(bucket)))
    broken.touch()
    place.publish()
    assert place.mirror.run() == "its command ended with 1: no route to the bucket"
    broken.unlink()
    assert place.mirror.run() != ""  # not at once again
    place.clock.advance(timedelta(seconds=6))
    assert place.mirror.run() == ""
    assert (bucket / "en/index.html").read_text() == place.page()


def test_a_command_that_is_not_there_is_told(tmp_path, clock):
    place = Place(tmp_path, clock, ("/nowhere/rsync",))
    place.publish()
    assert "/nowhere/rsync" in place.mirror.run()
    assert place.page()  # the folder itself is there
