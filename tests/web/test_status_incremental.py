"""A publication that writes only what changed is the one that would be written from nothing."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from status.model import Component, Condition, IncidentState, Snapshot
from status.publishing.exports.plain_files import CHECKED_IN_TURN, PlainFolder
from status.publishing.publisher import Publisher
from status.state import composition, uptime
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, SITE, incident, pages, work
from web.publication_format import FILE, EncodedBody, Publication, PublishedEntry, decode

PAGES = pages()
COMPONENTS = (
    Component("rack", "Data centre", "Hosting"),
    Component("web", "Web servers", "Hosting", depends_on=("rack",), charts=True),
    Component("mail", "Mailboxes", "E-mail", names={"cs": "Schránky"}),
    Component("panel", "Panel", "Tools & more", "Where you <order>"),
    Component("dns", "DNS"),
)
STATEMENTS = (
    PublicStatements(),
    PublicStatements((incident(),), (work(),)),
    PublicStatements((incident(state=IncidentState.RESOLVED, resolved_at=AT),), (work(),)),
)
SPANS = (1, 29, 30, 61, 3600, 86_400)


@dataclass
class Engine:
    """Components whose time goes on from one publication to the next."""

    at: datetime = AT
    books: dict[str, uptime.UptimeAccumulator] = field(default_factory=dict)

    def __post_init__(self) -> None:
        start = AT - timedelta(days=20)
        self.books = {c.id: uptime.new_accumulator(start) for c in COMPONENTS}

    def snapshot(self, seconds: int, fallen: dict[str, Condition], **more) -> Snapshot:
        self.at += timedelta(seconds=seconds)
        for c, book in self.books.items():
            grown = uptime.trim(uptime.advance(book, self.at))
            condition = fallen.get(c, Condition.OPERATIONAL)
            since = grown.since if grown.condition is condition else self.at
            self.books[c] = replace(grown, condition=condition, since=since)
        verdicts = {
            c: composition.ComponentVerdict(book.condition, book.since, "", self.at)
            for c, book in self.books.items()
        }
        words = more.pop("words")
        return composition.snapshot(COMPONENTS, verdicts, self.books, words, self.at, **more)


def publisher(folder: Path) -> Publisher:
    return Publisher(folder, SITE, PAGES, response_times=lambda: {"web": None})


def published(folder: Path) -> tuple[object, dict[str, bytes]]:
    """What our own web reads, and what another server finds."""
    public = folder / "public"
    files = {str(p.relative_to(public)): p.read_bytes() for p in public.rglob("*") if p.is_file()}
    return decode((folder / FILE).read_bytes()), files


fallen = st.dictionaries(
    st.sampled_from([c.id for c in COMPONENTS]), st.sampled_from(list(Condition)), max_size=2
)
steps = st.tuples(
    st.sampled_from(SPANS), fallen, st.sampled_from(STATEMENTS), st.booleans(), st.integers(0, 200)
)


@settings(max_examples=8, deadline=None)
@given(st.lists(steps, min_size=1, max_size=4))
def test_what_is_published_in_steps_is_what_is_published_from_nothing(history):
    with tempfile.TemporaryDirectory() as text:
        engine, folder = Engine(), Path(text)
        step_by_step = publisher(folder / "a")
        for seconds, down, words, cut_off, harmed in history:
            files = sorted(p for p in (folder / "a/public").rglob("*") if p.is_file())
            for file in files[harmed:][:1]:
                file.unlink() if harmed % 2 else file.write_bytes(b"somebody else's")
            shot = engine.snapshot(seconds, down, words=words, cut_off=cut_off)
            step_by_step.publish(shot)
        publisher(folder / "b").publish(shot)
        assert published(folder / "a") == published(folder / "b")


def publication(at: datetime, count: int) -> Publication:
    files = {
        f"/badge/c{n}.svg": PublishedEntry("image/svg+xml", f"t{n}", EncodedBody(b"%d" % n))
        for n in range(count)
    }
    return Publication(at, at, at, ("en",), files)


def test_of_many_files_one_that_is_gone_is_written_at_once_and_one_spoilt_in_turn(tmp_path):
    count = 3 * CHECKED_IN_TURN
    folder, badges = PlainFolder(tmp_path, "en"), publication(AT, count)
    folder.write(badges)
    gone, spoilt = tmp_path / "badge/c1000.svg", tmp_path / "badge/c700.svg"
    gone.unlink()
    folder.write(badges)
    assert gone.read_bytes() == b"1000"
    left_at = (tmp_path / "badge").stat().st_mtime_ns
    spoilt.write_bytes(b"x")
    assert (tmp_path / "badge").stat().st_mtime_ns == left_at, "nothing tells of it"
    for _ in range(3):
        folder.write(badges)
    assert spoilt.read_bytes() == b"700"


def test_what_is_published_no_longer_goes_and_nothing_else(tmp_path):
    folder = PlainFolder(tmp_path, "en")
    folder.write(publication(AT, 3))
    (tmp_path / "badge/theirs").write_bytes(b"of somebody else")
    folder.write(publication(AT, 2))
    assert {p.name for p in (tmp_path / "badge").iterdir()} == {"c0.svg", "c1.svg", "theirs"}


def test_a_folder_that_is_gone_is_there_again_also_after_a_full_disk(tmp_path):
    root = tmp_path / "public"
    folder, badges = PlainFolder(root, "en"), publication(AT, 3)
    folder.write(badges)
    shutil.rmtree(root / "badge")
    (root / "badge").write_bytes(b"in the way")
    with pytest.raises(OSError, match="badge"):
        folder.write(badges)
    (root / "badge").unlink()
    folder.write(badges)
    assert {p.name for p in (root / "badge").iterdir()} == {"c0.svg", "c1.svg", "c2.svg"}
