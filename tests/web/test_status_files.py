"""What is published as plain files, for a server in front: bytes, modes, times, how long they hold."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import brotli
import pytest

from status.model import Condition
from status.publishing.pages import PageMemory, published_files
from status.publishing.publisher import Publisher
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, SITE, WEB, incident, snapshot
from tests.status_fixtures import pages as templates
from web.publication_format import FILE, decode

DOWN = {WEB: Condition.MAJOR_OUTAGE, MAIL: Condition.OPERATIONAL}


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


@pytest.mark.parametrize("form", ["", ".br"])
def test_a_file_that_somebody_replaced_by_one_of_the_same_size_is_repaired(publisher, form):
    shot = snapshot(words=PublicStatements((incident(),)))
    publisher.publish(shot)
    page = publisher.folder / "public" / "en" / "incidents" / "abc123def456" / f"index.html{form}"
    content, changed_at = page.read_bytes(), page.stat().st_mtime_ns
    page.write_bytes(bytes(len(content)))
    publisher.publish(replace(shot, at=AT + timedelta(minutes=5)))
    assert page.read_bytes() == content
    assert page.stat().st_mtime_ns == changed_at


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


def test_only_what_changed_is_written(publisher):
    public, minute = publisher.folder / "public", AT.replace(second=0, microsecond=0)

    def written(shot, seconds: int) -> set[str]:
        """Which files are others than before, without documents, languages and other forms."""
        before = {p: p.stat().st_ctime_ns for p in public.rglob("*")}
        moment = minute + timedelta(seconds=seconds)
        publisher.publish(replace(shot, at=moment, checked_at=moment))
        places = {p for p in public.rglob("*.*") if p.stat().st_ctime_ns != before.get(p)}
        names = {str(p.relative_to(public)) for p in places if ".aged" not in p.suffixes}
        return {
            n for n in names if n[:3] not in ("api", "en/", "cs/") and n[-2:] not in ("br", "gz")
        }

    shot, fallen = snapshot(), snapshot(DOWN)
    publisher.publish(replace(shot, at=minute, checked_at=minute))
    assert written(shot, 30) == {"freshness.json"}
    timed = {"index.html", "embed/index.html"}
    assert written(shot, 60) == {"freshness.json", *timed}, (
        "these pages tell the time to the minute"
    )
    badges = {f"badge/{name}.{form}" for name in ("_all", "web") for form in ("svg", "json")}
    index_files = {f"{page}index.html" for page in ("", "embed/", "group/hosting/", "uptime/")}
    assert written(fallen, 90) == {"freshness.json", "favicon.svg", *badges, *index_files}
    assert written(fallen, 100) == {"freshness.json"}


def test_a_page_is_rendered_again_only_when_something_changed_that_it_reads():
    memory = PageMemory()

    def rendered(shot) -> set[str]:
        before = {key: page.parts for key, page in memory.pages.items()}
        published_files(shot, SITE, templates(), memory)
        pages = memory.pages.items()
        return {path for (lang, path), page in pages if page.parts is not before.get((lang, path))}

    shot = snapshot()
    rendered(shot)
    later = AT + timedelta(seconds=200)
    assert rendered(replace(shot, checked_at=later)) == set()
    fallen = {"/", "/embed", "/group/hosting", "/uptime"}
    assert rendered(snapshot(DOWN)) == fallen
    announced = {
        "/",
        "/embed",
        "/history",
        "/maintenance",
        "/incidents/abc123def456",
        "/history/2026-01",
    }
    open_incident = PublicStatements((incident(),))
    assert rendered(snapshot(DOWN, words=open_incident)) == announced
