"""The shipped articles are complete: each finding, each language, each link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagnostics.checks import ARTICLES, CHECKS
from kb.categories import CATEGORIES, articles_by_category, neighbours
from kb.completeness import library_problems
from kb.library import Library
from kb.markdown import has_first_heading, html, plain
from render.languages import LANGUAGES

FINDINGS = sorted({message.id for check in CHECKS for message in check.messages})
PAGES = {
    "/",
    "/check",
    "/check/lost-mail",
    "/check/instructions",
    "/kb",
    "/me",
    "/tickets",
    "/tickets/new",
}
S0_TERMS = ("transfer", "authinfo", "cession", "redirect", "traffic", "disk-space", "backup")


@pytest.fixture(scope="module")
def library():
    return Library.load().naming(ARTICLES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_has_an_article_in_every_language(library, lang):
    without = [
        finding
        for finding in FINDINGS
        if not any(a.lang == lang for a in library.for_finding(finding, lang))
    ]
    assert without == []
    assert len(FINDINGS) >= 30


def test_nothing_is_missing_or_left_over(library):
    assert set(ARTICLES) == set(FINDINGS)
    assert [str(p) for p in library_problems(library, ARTICLES, LANGUAGES)] == []


def test_a_finding_may_name_its_article_itself(library):
    named = library.naming({"new.thing.broken": "redirect-loop"})
    (article,) = named.for_finding("new.thing.broken", "cs")
    assert (article.slug, article.lang) == ("redirect-loop", "cs")
    assert library.for_finding("new.thing.broken", "cs") == ()
    problems = library_problems(library, ARTICLES | {"new.thing.broken": "no-such"})
    assert [str(problem) for problem in problems] == [
        "new.thing.broken: names an article that is not there: 'no-such'",
        "new.thing.broken: no article explains this finding",
    ]


def test_languages_of_a_topic_agree_on_what_they_explain(library):
    differ = [
        slug
        for slug, versions in library.by_slug.items()
        if len({tuple(sorted(article.findings)) for article in versions.values()}) > 1
    ]
    assert differ == []


def test_links_inside_articles_lead_somewhere(library):
    paths = PAGES | {f"/kb/{slug}" for slug in library.slugs()}
    dead = [
        f"{article.slug}/{article.lang}: {target}"
        for article in library.articles
        for target in re.findall(r'href="([^"]+)"', html(article.body))
        if target not in paths
    ]
    assert dead == []


def test_every_topic_is_in_one_category(library):
    placed = [topic for category in CATEGORIES for topic in category.topics]
    assert sorted(placed) == sorted(library.slugs())


def test_problem_articles_have_steps_and_a_way_to_a_person(library):
    categories_by_id = {s.id: s.topics for s in CATEGORIES}
    problems = [
        t
        for key in ("site", "redirect", "certificate", "mail", "limits")
        for t in categories_by_id[key]
    ]
    for slug in problems:
        for article in library.by_slug[slug].values():
            rendered = html(article.body)
            assert "<ol>" in rendered or "<table>" in rendered, slug
            assert "<h2>" in rendered, slug
    assert len(problems) > 25


def test_the_words_of_the_trade_are_explained(library):
    assert {f"what-is-{term}" for term in S0_TERMS} <= set(library.slugs())
    bad_and_good = plain(library.article("good-ticket", "cs").body)
    assert "Nejde mi mail" in bad_and_good
    assert "Z adresy" in bad_and_good


def test_a_topic_without_a_category_is_never_hidden(library):
    extra = next(iter(library.articles))
    strange = Library.from_articles(
        [*library.articles, type(extra)("zzz", "cs", "Z", "zzz", (), (), "Text")]
    )
    assert [a.slug for a in articles_by_category(strange, "cs")[-1][1]] == ["zzz"]
    assert "redirect-not-working" in [a.slug for a in neighbours(library, "redirect-loop", "cs")]


HOSTILE = Path(__file__).resolve().parents[1] / "cases" / "kb" / "hostile.md"


def test_hostile_markdown_is_harmless():
    rendered = html(HOSTILE.read_text("utf-8"))
    tags = set(re.findall(r"<\s*([a-z0-9]+)", rendered, re.IGNORECASE))
    assert tags <= {"p", "a", "h2", "em", "strong", "code", "pre", "ul", "li", "blockquote", "br"}
    attributes = re.findall(r'<[a-z0-9]+((?:\s+[a-z-]+="[^"]*")*)\s*>', rendered)
    names = set(re.findall(r'([a-z-]+)="', " ".join(attributes)))
    assert names <= {"href", "title", "rel"}
    for target in re.findall(r'href="([^"]*)"', rendered):
        assert re.match(r"https?://|mailto:|/|#|[\w.-]*$", target), target
    assert "<h1" not in rendered


def test_a_deep_or_endless_article_ends():
    assert html("> " * 5_000 + "x")
    assert html("[" * 20_000)
    assert html("* " * 3_000 + "\n" + "`" * 5_001)


@pytest.mark.parametrize(
    ("text", "has_one"),
    [
        *((text, True) for text in ("# a", "x\n# b", "- # c", "> # d", ">#\te", "1. # f", "#")),
        *((text, True) for text in ("a\n===", "> a\n> =", "a\n = ", "a\n\n  # b")),
        *((text, True) for text in ("a\r===\rb", "a\r\n==\r\nb", "x\r# a", "a\r=")),
        ("a\rb =\rc", False),
        *((text, False) for text in ("## a", "a # b", "#a", "\t# code", "```\n# code\n```", "a =")),
    ],
)
def test_a_first_heading_is_seen_wherever_it_stands(text, has_one):
    assert has_first_heading(text) is has_one
