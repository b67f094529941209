"""Feed readers' and calendars' libraries, from npm and PyPI, read what we publish: each sees the same
entries, with their ids, addresses and moments."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from urllib.request import urlopen
from xml.etree import ElementTree as ET

import icalendar
import pytest

from tests.status_server import serving

ROOT = Path(__file__).resolve().parents[2]
NPM, PYPI = ROOT / ".npm-for-tests", ROOT / ".pypi-for-tests"
pytestmark = [pytest.mark.real, pytest.mark.xdist_group("feed readers")]
ATOM = "{http://www.w3.org/2005/Atom}"
FORMS = ("atom", "rss", "json")

NODE = """
const fs = require('fs');
const [atom, rss, json] = ['atom', 'rss', 'json'].map(f => fs.readFileSync(`history.${f}`, 'utf8'));
const ics = fs.readFileSync('maintenance.ics', 'utf8');
const entry = (id, title, link, at) => [id, title, link, new Date(at).toISOString()];
const event = (uid, begin, end, title, text) =>
  [uid, new Date(begin).toISOString(), new Date(end).toISOString(), title, text];
(async () => {
  const read = {};
  const RssParser = require('rss-parser'), parser = new RssParser();
  read['rss-parser atom'] = (await parser.parseString(atom)).items
    .map(e => entry(e.id, e.title, e.link, e.isoDate));
  read['rss-parser rss'] = (await parser.parseString(rss)).items
    .map(e => entry(e.guid, e.title, e.link, e.isoDate));
  const feedsmith = require('feedsmith');
  read['feedsmith atom'] = feedsmith.parseFeed(atom).feed.entries
    .map(e => entry(e.id, e.title.value ?? e.title, e.links[0].href, e.updated));
  read['feedsmith rss'] = feedsmith.parseFeed(rss).feed.items
    .map(e => entry(e.guid.value, e.title, e.link, e.pubDate));
  read['feedsmith json'] = feedsmith.parseFeed(json).feed.items
    .map(e => entry(e.id, e.title, e.url, e.date_modified));
  const { parseFeed } = require('@rowanmanning/feed-parser');
  for (const [form, text] of [['atom', atom], ['rss', rss]])
    read[`@rowanmanning/feed-parser ${form}`] = parseFeed(text).items
      .map(e => entry(e.id, e.title, e.url, e.updated ?? e.published));
  const ical = require('ical.js');
  read['ical.js ics'] = new ical.Component(ical.parse(ics)).getAllSubcomponents('vevent')
    .map(v => new ical.Event(v))
    .map(e => event(e.uid, e.startDate.toJSDate(), e.endDate.toJSDate(), e.summary, e.description));
  read['node-ical ics'] = Object.values(require('node-ical').sync.parseICS(ics))
    .filter(e => e.type === 'VEVENT').map(e => event(e.uid, e.start, e.end, e.summary, e.description));
  read['ts-ics ics'] = require('ts-ics').convertIcsCalendar(undefined, ics).events
    .map(e => event(e.uid, e.start.date, e.end.date, e.summary, e.description));
  console.log(JSON.stringify(read));
})();
"""
PYTHON = """
import json, pathlib, atoma, fastfeedparser, ics, vobject

atom, rss, feed = (pathlib.Path("history." + f).read_bytes() for f in ("atom", "rss", "json"))
calendar = pathlib.Path("maintenance.ics").read_text("utf-8")
read = {
    "atoma atom": [(e.id_, e.title.value, e.links[0].href, e.updated.isoformat())
                   for e in atoma.parse_atom_bytes(atom).entries],
    "atoma rss": [(e.guid, e.title, e.link, e.pub_date.isoformat())
                  for e in atoma.parse_rss_bytes(rss).items],
    "atoma json": [(e.id_, e.title, e.url, e.date_modified.isoformat())
                   for e in atoma.parse_json_feed_bytes(feed).items],
}
for form, text in (("atom", atom), ("rss", rss), ("json", feed)):
    read["fastfeedparser " + form] = [
        (e["id"], e["title"], e["link"], e.get("updated") or e["published"])
        for e in fastfeedparser.parse(text).entries]
read["ics ics"] = [(e.uid, e.begin.isoformat(), e.end.isoformat(), e.name, e.description)
                   for e in ics.Calendar(calendar).events]
read["vobject ics"] = [
    (e.uid.value, e.dtstart.value.isoformat(), e.dtend.value.isoformat(), e.summary.value,
     e.description.value) for e in vobject.readOne(calendar).vevent_list]
print(json.dumps(read))
"""
BY_NODE = (
    *("rss-parser atom", "rss-parser rss", "feedsmith atom", "feedsmith rss", "feedsmith json"),
    *("@rowanmanning/feed-parser atom", "@rowanmanning/feed-parser rss"),
    *("ical.js ics", "node-ical ics", "ts-ics ics"),
)
FIRST_MOMENT = "rss-parser atom"  # shows when an entry was published, never when it was revised
BY_PYTHON = (
    *("atoma atom", "atoma rss", "atoma json"),
    *("fastfeedparser atom", "fastfeedparser rss", "fastfeedparser json"),
    *("ics ics", "vobject ics"),
)


@pytest.fixture(scope="module", params=["cs", "en"])
def folder(tmp_path_factory, request):
    """What a running instance publishes, as files."""
    folder = tmp_path_factory.mktemp("read")
    with serving(tmp_path_factory.mktemp("published")) as address:
        for name in (*(f"history.{form}" for form in FORMS), "maintenance.ics"):
            with urlopen(f"{address}/{request.param}/{name}", timeout=5) as response:
                (folder / name).write_bytes(response.read())
    return folder


def run(command: list[str | Path], folder: Path, **variables: str) -> dict[str, list[list[str]]]:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def read_by_node(folder, not_run):
    if not (NPM / "node_modules/feedsmith").exists() or not shutil.which("node"):
        not_run("feed readers from npm", "node and deploy/npm-for-tests")
    return run(["node", "-e", NODE], folder, NODE_PATH=str(NPM / "node_modules"))


@pytest.fixture(scope="module")
def read_by_python(folder, not_run):
    if not (PYPI / "fastfeedparser").exists():
        not_run("feed readers from PyPI", "deploy/pypi-for-tests")
    return run([sys.executable, "-c", PYTHON], folder, PYTHONPATH=str(PYPI))


def published(folder: Path, form: str, moment: str = "updated") -> set[tuple[object, ...]]:
    """What stands in a file, by the standard library and icalendar."""
    text = (folder / (f"history.{form}" if form != "ics" else "maintenance.ics")).read_text("utf-8")
    if form == "ics":
        events = icalendar.Calendar.from_ical(text).walk("VEVENT")
        return {
            (
                str(e["UID"]),
                e["DTSTART"].dt,
                e["DTEND"].dt,
                str(e["SUMMARY"]),
                str(e["DESCRIPTION"]),
            )
            for e in events
        }
    if form == "json":
        items = json.loads(text)["items"]
        return {
            (i["id"], i["title"], i["url"], datetime.fromisoformat(i["date_modified"]))
            for i in items
        }
    root = ET.fromstring(text)
    if form == "rss":
        return {
            (
                i.findtext("guid"),
                i.findtext("title"),
                i.findtext("link"),
                rfc822(i.findtext("pubDate")),
            )
            for i in root.iter("item")
        }
    return {
        (e.findtext(f"{ATOM}id"), e.findtext(f"{ATOM}title"), e.find(f"{ATOM}link").get("href"),
         datetime.fromisoformat(e.findtext(f"{ATOM}{moment}")))
        for e in root.iter(f"{ATOM}entry")
    }  # fmt: skip


def rfc822(text: str) -> datetime:
    return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z")


def as_published(form: str, rows: list[list[str]]) -> set[tuple[object, ...]]:
    """What a reader saw, with its moments as moments."""
    moments = (1, 2) if form == "ics" else (3,)
    return {
        tuple(datetime.fromisoformat(v) if i in moments else v for i, v in enumerate(row))
        for row in rows
    }


@pytest.mark.parametrize("reader", BY_NODE)
def test_readers_of_npm_see_each_entry_as_published(folder, read_by_node, reader):
    form = reader.rpartition(" ")[2]
    expected = published(folder, form, "published" if reader == FIRST_MOMENT else "updated")
    assert expected, "nothing to read"
    assert as_published(form, read_by_node[reader]) == expected


@pytest.mark.parametrize("reader", BY_PYTHON)
def test_readers_of_pypi_see_each_entry_as_published(folder, read_by_python, reader):
    form = reader.rpartition(" ")[2]
    expected = published(folder, form)
    assert expected, "nothing to read"
    assert as_published(form, read_by_python[reader]) == expected
