"""What is published as plain files, for a server in front: bytes, modes, times, how long they hold."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import brotli
import pytest

from status.model import Condition
from status.publishing.publisher import Publisher
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, SITE, WEB, incident, snapshot
from tests.status_fixtures import pages as templates
from web.publication_format import FILE, decode


@pytest.fixture
def publisher(tmp_path):
    return Publisher(tmp_path / "published", SITE, templates())


def test_other_servers_find_the_same_bytes_on_disk(publisher):
    publisher.publish(snapshot(words=PublicStatements((incident(),))))
    public = publisher.folder / "public"
    files = decode((publisher.folder / FILE).read_bytes()).files
    assert (public / "en/index.html").read_bytes() == files["/en/"].fresh.plain
    assert (public / "index.html").read_bytes() == (public / "en/index.html").read_bytes()
    packed = (public / "en/index.html.br").read_bytes()
    assert brotli.decompress(packed) == files["/en/"].fresh.plain
    assert (public / "incidents/abc123def456/index.html").exists()
    assert (public / "api/v2/summary.json").exists()
    publisher.publish(snapshot())
    assert not (public / "incidents/abc123def456/index.html").exists()
    assert {p.name for p in publisher.folder.iterdir()} == {"public", "valid", "away", FILE}


@pytest.fixture
def private_umask():
    """As the shipped unit sets it."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_a_server_of_another_user_may_read_what_is_public_and_nothing_else(
    private_umask, publisher
):
    publisher.publish(snapshot())
    modes = {
        p.relative_to(publisher.folder): p.stat().st_mode & 0o777
        for p in publisher.folder.rglob("*")
    }
    assert modes.pop(Path(FILE)) == 0o600
    assert publisher.folder.stat().st_mode & 0o777 == 0o711
    folders = {p for p in modes if (publisher.folder / p).is_dir()}
    assert {modes[p] for p in folders} == {0o755}
    assert {modes[p] for p in modes.keys() - folders} == {0o644}


def test_what_an_earlier_version_left_unreadable_is_opened(publisher):
    publisher.publish(snapshot())
    place = publisher.folder / "public" / "en" / "index.html"
    place.chmod(0o600)
    place.parent.chmod(0o700)
    Publisher(publisher.folder, SITE, templates()).publish(snapshot())
    assert place.stat().st_mode & 0o777 == 0o644
    assert place.parent.stat().st_mode & 0o777 == 0o755


def test_the_time_of_a_file_moves_with_its_content_alone(publisher):
    page = publisher.folder / "public" / "en" / "index.html"

    def published(later: int, conditions=None) -> tuple[float, bytes]:
        moment = AT + timedelta(seconds=later)
        publisher.publish(replace(snapshot(conditions), at=moment, checked_at=moment))
        return page.stat().st_mtime, page.read_bytes()

    first, second = published(0), published(60)
    assert first[0] == second[0]
    assert first[1] != second[1]
    third = published(60, {WEB: Condition.MAJOR_OUTAGE})
    fourth = published(60, {WEB: Condition.PARTIAL_OUTAGE})
    assert second[0] < third[0] < fourth[0]
    variants = [
        page.parents[1] / lang / f"index{suffix}.html"
        for lang in SITE.languages
        for suffix in ("", ".aged")
    ]
    assert len({p.stat().st_mtime for p in variants}) == len(variants)


def test_a_server_that_knows_only_the_time_can_tell_how_long_pages_are_true(publisher):
    publisher.publish(snapshot())
    marks = publisher.folder / "valid"
    first = int(AT.timestamp()) // 10
    assert {p.name for p in marks.iterdir()} == {str(first + n) for n in range(15)}
    publisher.publish(snapshot(at=AT + timedelta(seconds=40)))
    assert {p.name for p in marks.iterdir()} == {str(first + n) for n in range(4, 19)}
