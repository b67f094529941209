"""Charts of response times: what is drawn is what was counted, and nothing else; who sees them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.templates import TemplateRenderer, environment
from status.model import Condition, Interruption
from status.publishing import pages
from status.publishing.chart import HEIGHT, NARROWEST, WIDTH, draw, scale
from status.publishing.exports.static_site import write_site
from status.publishing.publisher import Publisher
from status.state import composition, uptime
from status.timeseries.response_times import (
    ComponentTimes,
    MeasuredComponent,
    Part,
    ResponseSeries,
)
from status.timeseries.windows import WINDOWS, edges
from tests.status_fixtures import AT, MAIL, SITE, WEB, incident, snapshot, work
from tests.web.test_status_published import plain
from web.publication_format import FILE, decode

HOUR = timedelta(hours=1)
ZONE = "Europe/Prague"
CHARTED = replace(WEB, charts=True)
MEASURED = MeasuredComponent("web", "http", ("a", "b"))


def part(begins, ends, took):
    """A part of which half of the answers took so many milliseconds; None: nothing answered."""
    if took is None:
        return Part(begins, ends, 0, 3, None, None, None, None)
    return Part(begins, ends, 100, 1, took / 2, float(took), took * 1.5, took * 20.0)


def series(window, values, until=AT, zone=ZONE):
    """A window whose last parts have these medians; nothing answered before."""
    at = edges(window, until, ZoneInfo(zone))
    values = [None] * (len(at) - 1 - len(values)) + list(values)[-(len(at) - 1) :]
    parts = tuple(map(part, at, at[1:], values))
    answered = [v for v in values if v is not None]
    whole = part(at[0], at[-1], max(answered, default=None))
    return ResponseSeries(window, whole, parts)


def times(*values, until=AT, zone=ZONE):
    return ComponentTimes(MEASURED, until, tuple(series(w, values, until, zone) for w in WINDOWS))


def levels(path):
    """What a path of M, H, V covers: (from, to, height), as a pen would draw it."""
    x = y = 0.0
    for command, numbers in re.findall(r"([MHVZ])([-\d. ]*)", path):
        values = [float(n) for n in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "V":
            y = values[0]
        elif command == "H":
            yield x, values[0], y
            x = values[0]


MEDIANS = st.lists(st.one_of(st.none(), st.floats(0.1, 50_000)), max_size=130)


@given(MEDIANS, st.sampled_from(range(len(WINDOWS))))
def test_a_line_is_drawn_where_something_answered_and_nowhere_else(values, number):
    chart = draw(times(*values), (), ZONE).charts[number]
    whole = chart.whole
    answered = [p for p in chart.series.parts if p.median is not None]
    drawn = list(levels(chart.line))
    assert len(drawn) == len(answered)
    for (left, right, y), p in zip(drawn, answered, strict=True):
        assert abs(left - WIDTH * ((p.begins - whole.begins) / (whole.ends - whole.begins))) <= 0.5
        assert abs(right - WIDTH * ((p.ends - whole.begins) / (whole.ends - whole.begins))) <= 0.5
        assert abs(y - max(0, HEIGHT - HEIGHT * p.median / chart.top)) <= 0.06
    upper, lower = [], []
    for left, right, y in levels(chart.band):
        (upper if left < right else lower).append(y)
    assert all(0 <= y <= HEIGHT for y in upper + lower)
    assert len(upper) == len(lower) == len(answered)
    assert chart.line.count("M") == chart.band.count("M") == chart.band.count("Z")


def test_one_slow_hour_does_not_flatten_the_month():
    chart = draw(times(*[100] * 60, 30_000, *[100] * 60), (), ZONE).charts[-1]
    assert chart.is_cut
    assert chart.highest >= 30_000
    assert chart.top <= 600
    assert min(y for _, _, y in levels(chart.line)) == 0
    even = draw(times(*[100, 300] * 60), (), ZONE).charts[-1]
    assert not even.is_cut


@given(st.floats(0.01, 700_000))
def test_the_scale_is_round_and_close_above(highest):
    top = scale(highest)
    assert highest <= top <= 2 * highest
    assert len(f"{top:g}".replace(".", "").strip("0")) <= 2


def test_nothing_that_answered_is_a_picture_without_a_line_and_a_scale():
    chart = draw(times(*[100] * 40, *[None] * 50), (), ZONE).charts[0]
    assert (chart.line, chart.band, chart.top) == ("", "", 0)


@given(
    st.lists(
        st.tuples(st.integers(0, 24 * 100), st.integers(1, 200), st.booleans()), max_size=5
    )
)  # fmt: skip
def test_what_is_shaded_is_what_was_down_within_the_window(spans):
    interruptions, at = [], AT - 100 * 24 * HOUR
    for skipped, lasted, planned in spans:
        begins = at + skipped * HOUR
        at = begins + lasted * HOUR
        condition = Condition.UNDER_MAINTENANCE if planned else Condition.MAJOR_OUTAGE
        interruptions.append(Interruption(begins, at, condition))
        at += HOUR
    for chart in draw(times(100), tuple(interruptions), ZONE).charts:
        whole = chart.whole
        length = whole.ends - whole.begins
        inside = [
            (max(i.begins, whole.begins), min(i.ends, whole.ends), i.condition)
            for i in interruptions
            if i.ends > whole.begins and i.begins < whole.ends
        ]
        assert len(chart.shades) == len(inside)
        for shade, (begins, ends, condition) in zip(chart.shades, inside, strict=True):
            assert shade.condition is condition
            assert 0 <= shade.x <= shade.x + shade.width <= WIDTH + 0.1
            if (ends - begins) / length * WIDTH > NARROWEST:
                assert shade.x == pytest.approx(WIDTH * ((begins - whole.begins) / length), abs=0.1)
                assert shade.width == pytest.approx(WIDTH * ((ends - begins) / length), abs=0.1)
        outages = [(b, e) for b, e, c in inside if c is Condition.MAJOR_OUTAGE]
        assert chart.outages == len(outages)
        assert chart.out == sum((e - b for b, e in outages), timedelta())


def test_an_outage_that_goes_on_reaches_to_the_end_and_that_worsened_is_one():
    since = AT - 5 * HOUR
    interruptions = (
        Interruption(since, since + HOUR, Condition.PARTIAL_OUTAGE),
        Interruption(since + HOUR, None, Condition.MAJOR_OUTAGE),
    )
    chart = draw(times(100), interruptions, ZONE).charts[0]
    assert (chart.outages, chart.out) == (1, 5 * HOUR)
    assert chart.shades[-1].x + chart.shades[-1].width == pytest.approx(WIDTH, abs=0.1)


def test_interruptions_are_those_of_the_components_own_account():
    begin = AT - 10 * HOUR
    account = uptime.UptimeAccumulator(Condition.OPERATIONAL, begin, begin)
    account = uptime.rewrite(
        account,
        (
            (AT - 6 * HOUR, Condition.PARTIAL_OUTAGE),
            (AT - 5 * HOUR, Condition.OPERATIONAL),
            (AT - 4 * HOUR, Condition.DEGRADED_PERFORMANCE),
            (AT - 2 * HOUR, Condition.UNDER_MAINTENANCE),
        ),
        AT,
    )
    assert composition.interruptions(account) == (
        Interruption(AT - 6 * HOUR, AT - 5 * HOUR, Condition.PARTIAL_OUTAGE),
        Interruption(AT - 2 * HOUR, None, Condition.UNDER_MAINTENANCE),
    )


# ------------------------------------------------------------------ pages
def published(component=CHARTED, response_times=None, **more):
    site = replace(SITE, time_zone=ZONE)
    shot = snapshot({component: Condition.OPERATIONAL, MAIL: Condition.OPERATIONAL}, **more)
    renderer = TemplateRenderer(environment(zone=ZONE))
    values = {"web": times(*[100] * 50)} if response_times is None else response_times
    return pages.published_files(shot, site, renderer, times=values)


def test_charts_stand_on_pages_of_components_and_groups_where_the_operator_wishes_it():
    files = published()
    group, page = (plain(files[p].fresh) for p in ("/en/group/hosting", "/en/component/web"))
    sentence = (
        "Half of the answers came within 100 ms, 95 of 100 within 150 ms; the slowest took 2 s."
    )
    assert f"The last 24 hours. {sentence}" in group
    assert page.count(sentence) == 4
    assert "Measured by 2 probes (HTTP), all their answers together" in page
    assert "time zone Europe/Prague" in page
    assert sentence.encode() not in files["/en/"].fresh
    assert "/en/component/mail" not in files
    hidden = published(WEB)
    assert not [path for path in hidden if "/component/" in path]
    assert files["/en/"].fresh == hidden["/en/"].fresh
    assert b"<figure" not in hidden["/en/group/hosting"].fresh


def test_a_page_is_there_before_anything_is_counted_and_says_when_figures_come():
    files = published(response_times={"web": None})
    for lang, sentence in (
        ("en", "Nothing has been counted yet."),
        ("cs", "Zatím není nic sečteno."),
    ):
        page = files[f"/{lang}/component/web"].fresh
        assert sentence in plain(page)
        assert b"<figure" not in page
        assert b"response-times.json" not in page
        assert f'"/{lang}/component/web"'.encode() in files[f"/{lang}/group/hosting"].fresh
    assert "/component/web/response-times.json" not in files
    assert "/en/component/web" not in published(WEB, {"web": None})
    assert "/en/component/web" not in published(CHARTED, {})  # no probe that could tell


def test_a_page_says_first_whether_its_service_works():
    memory, renderer = pages.PageMemory(), TemplateRenderer(environment(zone=ZONE))
    response_times = {"web": times(*[100] * 50)}

    def page(condition, lang="en", **more):
        shot = replace(snapshot({CHARTED: condition}), **more)
        files = pages.published_files(shot, SITE, renderer, memory, times=response_times)
        return files[f"/{lang}/component/web"]

    well = page(Condition.OPERATIONAL)
    assert "Web servers This service works Since" in plain(well.fresh)
    assert page(Condition.OPERATIONAL) is well
    named = {"incidents": (incident(components=("web", "mail")),)}
    fallen = page(Condition.MAJOR_OUTAGE, **named)
    assert "Web servers This service is down Since" in plain(fallen.fresh)
    assert f'"/en/incidents/{incident().id}"'.encode() in fallen.fresh
    assert "This service works; an incident" in plain(page(Condition.OPERATIONAL, **named).fresh)
    assert "Tato služba nefunguje" in plain(page(Condition.MAJOR_OUTAGE, "cs", **named).fresh)
    other = page(Condition.MAJOR_OUTAGE, incidents=(incident(),), maintenances=(work(),))
    assert b"/en/incidents/" not in other.fresh
    assert b"/en/maintenance#" not in other.fresh
    planned = {"maintenances": (work(components=("web",)),)}
    ahead, begun = (
        page(Condition.OPERATIONAL, **planned),
        page(Condition.UNDER_MAINTENANCE, at=work().starts_at, **planned),
    )
    assert "Planned maintenance New switches Planned" in plain(ahead.fresh)
    assert f'"/en/maintenance#{work().id}"'.encode() in ahead.fresh
    assert "New switches Under way" in plain(begun.fresh)
    blind = page(Condition.OPERATIONAL, cut_off=True)
    assert "Web servers Operational We cannot see our services" in plain(blind.fresh)
    assert "This service works" not in plain(well.aged)


def test_every_chart_has_a_title_a_sentence_and_labels_in_the_readers_language():
    for lang, first, second in (("en", "150 ms", "Nov"), ("cs", "150 ms", "11.")):
        body = published()[f"/{lang}/component/web"].fresh.decode()
        figures = re.findall(r"<figure.*?</figure>", body, re.DOTALL)
        assert len(figures) == 4
        for figure in figures:
            svg = re.search(r"<svg.*</svg>", figure, re.DOTALL)[0]
            root = ET.fromstring(svg)
            assert root.get("role") == "img"
            title = root.find("title")
            assert root.get("aria-labelledby") == title.get("id")
            assert WEB.name in title.text
            assert f'id="{root.get("aria-describedby")}"' in figure
            assert first.replace(" ", "\N{NO-BREAK SPACE}") in svg
            assert "<script" not in figure
            assert "style=" not in figure
        assert second in re.findall(r"<text[^>]*>(.*?)</text>", figures[-1])[-1] + figures[-1]
        ids = re.findall(r' id="([^"]+)"', body)
        assert len(ids) == len(set(ids))


def test_the_table_tells_what_the_published_document_tells():
    files = published(
        response_times={"web": times(*[None] * 40, *[1500] * 30)},
    )
    document = json.loads(files["/component/web/response-times.json"].fresh)
    assert document["component"] == "web"
    assert (document["kind"], document["probes"], document["time_zone"]) == ("http", 2, ZONE)
    assert [w["window"] for w in document["windows"]] == ["24h", "7d", "30d", "90d"]
    day = document["windows"][0]
    assert day["whole"]["median_ms"] == 1500
    assert [p["median_ms"] for p in day["parts"]][-1] == 1500
    assert {p["median_ms"] for p in document["windows"][3]["parts"]} == {None, 1500}
    table = plain(files["/cs/component/web"].fresh)
    assert "Posledních 24 hodin 1,5 s 2,25 s 750 ms 30 s 100 1" in table.replace("\xa0", " ")


def test_a_page_is_composed_again_only_when_more_is_counted_or_a_condition_changes(tmp_path):
    latest = {"web": times(*[100] * 50)}
    publisher = Publisher(
        tmp_path / "published", SITE, TemplateRenderer(environment()), response_times=lambda: latest
    )
    shot = snapshot({CHARTED: Condition.OPERATIONAL})

    def tags(at):
        publisher.publish(replace(shot, at=at, checked_at=at))
        entries = decode((publisher.folder / FILE).read_bytes()).files
        return {path: entry.tag for path, entry in entries.items() if path.startswith("/en")}

    first = tags(AT)
    pages = dict(publisher._memory.pages)
    assert tags(AT + HOUR / 60) == first
    charted = {key: page.texts for key, page in pages.items() if key[1] == "/component/web"}
    assert len(charted) == len(SITE.languages)
    assert all(publisher._memory.pages[key].texts is texts for key, texts in charted.items())
    latest["web"] = times(*[100] * 49, 300, until=AT + HOUR)
    after = tags(AT + HOUR / 30)
    assert {path for path in first if first[path] != after[path]} == {
        "/en/component/web",
        "/en/group/hosting",
    }


def test_a_page_that_is_out_of_date_says_so_and_bears_no_check_time():
    for lang, words in (("en", "has not been refreshed"), ("cs", "nějakou dobu neobnovila")):
        page = published()[f"/{lang}/component/web"]
        assert words in plain(page.aged)
        assert words not in plain(page.fresh)
        assert plain(page.aged).endswith(plain(page.fresh)[-200:])
        assert b"11:59" not in page.fresh + page.aged  # of the newest check


def test_a_static_site_has_the_pages_and_their_figures(tmp_path):
    publisher = Publisher(
        tmp_path / "published",
        SITE,
        TemplateRenderer(environment()),
        response_times=lambda: {"web": times(*[100] * 50)},
    )
    publication = publisher.publish(snapshot({CHARTED: Condition.OPERATIONAL}))
    write_site(publication, tmp_path / "site", SITE, {})
    page = (tmp_path / "site/cs/component/web/index.html").read_text("utf-8")
    link = re.search(r'href="([^"]*response-times.json)"', page)[1]
    assert not link.startswith(("/", "http"))
    assert (tmp_path / "site/cs/component/web" / link).resolve().is_file()
    group = (tmp_path / "site/cs/group/hosting/index.html").read_text("utf-8")
    assert 'href="../../../cs/component/web/"' in group
