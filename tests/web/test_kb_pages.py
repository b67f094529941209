"""The knowledge base as a stranger reads it: categories, an article, search, a way on."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from clock import ManualClock
from kb.library import Library
from kb.model import Article
from kb.web import blueprint
from render.languages import LANGUAGES
from render.templates import TemplateRenderer, environment
from web.install import install
from web.rate_limits import Limiter
from web.site import AnonymousVisitor, Plumbing, Site


def build(library):
    clock = ManualClock()
    app = Flask("jasno-test", static_folder=None)
    parts = Plumbing(
        site=Site(name="Skyhost", url="http://status.example"),
        pages=TemplateRenderer(environment()),
        secret=b"s" * 32,
        clock=clock,
        limiter=Limiter(clock),
        visitor=lambda request: AnonymousVisitor(),  # Zed, a stranger
        checks={},
    )
    install(app, parts)
    app.register_blueprint(blueprint(library))
    return app.test_client(use_cookies=False)


@pytest.fixture(scope="module")
def zed():
    return build(Library.load())


def headings(html):
    return re.findall(r"<h([1-6])", html)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_stranger_may_read_everything(zed, lang):
    home = zed.get(f"/kb?lang={lang}")
    assert home.status_code == 200
    links = set(re.findall(r'href="(/kb/[a-z0-9-]+)"', home.text))
    assert len(links) >= 60
    for link in sorted(links):
        page = zed.get(f"{link}?lang={lang}")
        assert page.status_code == 200, link
        assert headings(page.text).count("1") == 1, link
        assert 'href="/check"' in page.text
        assert 'href="/tickets/new"' in page.text


def test_pages_speak_the_readers_language(zed):
    czech = zed.get("/kb/redirect-loop", headers={"Accept-Language": "cs,en;q=0.5"})
    assert "Příliš mnoho přesměrování" in czech.text
    assert '<html lang="cs">' in czech.text
    english = zed.get("/kb/redirect-loop?lang=en")
    assert "Redirected you too many times" in english.text


def test_search_finds_without_diacritics_and_offers_a_way_on(zed):
    page = zed.get("/kb/search?q=prilis+mnoho+presmerovani&lang=cs")
    assert page.status_code == 200
    first = re.search(r'<h3><a href="(/kb/[a-z-]+)"', page.text)
    assert first is not None
    assert first[1] == "/kb/redirect-loop"
    assert 'value="prilis mnoho presmerovani"' in page.text
    assert 'href="/check"' in page.text


def test_search_without_a_hit_is_no_dead_end(zed):
    page = zed.get("/kb/search?q=%C2%A7%C2%A7&lang=en")
    assert page.status_code == 200
    assert "No article speaks of" in page.text
    assert 'href="/check"' in page.text
    assert 'href="/tickets/new"' in page.text
    assert zed.get("/kb/search").status_code == 200


def test_changing_the_language_keeps_the_question(zed):
    text = zed.get("/kb/search", query_string={"q": 'a&b "c"', "lang": "en"}).text
    other = re.search(r'href="(\?q=[^"]+)"', text)
    assert other is not None
    again = zed.get("/kb/search" + unescape(other[1])).text
    assert 'value="a&amp;b &#34;c&#34;"' in again
    assert '<html lang="cs">' in again


def test_hostile_questions_are_only_text(zed):
    page = zed.get("/kb/search", query_string={"q": "<script>alert(1)</script>" + "x" * 9000})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert len(page.text) < 40_000


def test_search_for_programs(zed):
    document = zed.get("/kb/search.json?q=plna+schranka&lang=cs").json
    assert (document["query"], document["lang"]) == ("plna schranka", "cs")
    assert document["results"][0]["slug"] == "mailbox-full"
    assert len(document["results"]) == 5
    assert zed.get("/kb/search.json?q=x&lang=zz").json["lang"] in LANGUAGES


def test_a_missing_translation_is_labelled():
    article = Article("only-czech", "cs", "Jen česky", "only-czech", (), (), "Text o <b>webu</b>.")
    stranger = build(Library.from_articles([article]))
    page = stranger.get("/kb/only-czech?lang=en")
    assert "has not been translated yet" in page.text
    assert "Čeština" in page.text
    assert '<article class="prose stack" lang="cs">' in page.text
    assert "<b>" not in page.text
    assert "in Čeština" in stranger.get("/kb?lang=en").text
    assert "in Čeština" in stranger.get("/kb/search?q=webu&lang=en").text


@pytest.mark.parametrize("path", ["/kb/nothing", "/kb/..%2fsecret", "/kb/a/b"])
def test_unknown_articles_are_a_helpful_page(zed, path):
    answer = zed.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert 'href="/check"' in answer.text


def test_tables_scroll_by_themselves(zed):
    text = zed.get("/kb/domain-expired?lang=en").text
    assert text.count('<div class="table-wrap" tabindex="0" role="group"') == 1
    assert text.count("<table") == text.count("</table></div>") == 1


def test_no_inline_style_or_script(zed):
    for path in ("/kb", "/kb/good-ticket", "/kb/search?q=web"):
        text = zed.get(path).text
        assert "style=" not in text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
