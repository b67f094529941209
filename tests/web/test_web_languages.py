"""Which language a page and a problem document speak, and what the menu of languages offers."""

from __future__ import annotations

import pytest

from render.templates import TemplateRenderer, environment
from tests.web.test_web_plumbing import build
from web.site import Site


@pytest.fixture
def web():
    return build().test_client()


@pytest.mark.parametrize(
    ("query", "cookie", "person", "header", "lang"),
    [
        ("", "", "", "", "en"),
        ("", "", "", "pt, cs;q=0.8, en;q=0.4", "cs"),
        ("", "", "mara", "en", "cs"),
        ("", "en", "mara", "cs", "en"),
        ("?lang=cs", "en", "", "en", "cs"),
        ("?lang=xx", "", "", "en", "en"),
    ],
)
def test_the_language_is_the_readers(  # noqa: PLR0917
    web, query, cookie, person, header, lang
):
    if cookie:
        web.set_cookie("jasno_lang", cookie)
    web.set_cookie("who", person)
    answer = web.get(f"/page{query}", headers={"Accept-Language": header})
    assert f'<html lang="{lang}">' in answer.text


@pytest.mark.parametrize(
    ("query", "cookie", "person", "header", "lang"),
    [
        ("", "", "", "pt", "en"),
        ("", "", "", "pt, cs;q=0.8, en;q=0.4", "cs"),
        ("", "", "", "cs-CZ, en;q=0.5", "cs"),
        ("", "", "mara", "en", "cs"),
        ("", "en", "mara", "cs", "en"),
        ("?lang=cs", "en", "", "en", "cs"),
    ],
)
def test_a_problem_document_speaks_as_the_page_does(  # noqa: PLR0917
    web, query, cookie, person, header, lang
):
    if cookie:
        web.set_cookie("jasno_lang", cookie)
    web.set_cookie("who", person)
    answer = web.get(f"/api/missing{query}", headers={"Accept-Language": header})
    title = {"en": "There is nothing here", "cs": "Tady nic není"}[lang]
    assert (answer.json["title"], answer.headers["Content-Language"]) == (title, lang)


def test_only_languages_of_the_site_are_offered_and_spoken():
    only_czech = build(
        site=Site(url="http://status.example", languages=("cs",)),
        pages=TemplateRenderer(environment(languages=("cs",))),
    ).test_client()
    english = {"base_url": "http://status.example", "headers": {"Accept-Language": "en"}}
    page = only_czech.get("/page?lang=en", **english).text
    assert '<html lang="cs">' in page
    assert "English" not in page
    assert only_czech.get("/api/missing", **english).json["title"] == "Tady nic není"


def test_a_problem_document_needs_no_database_for_its_language(web):
    web.set_cookie("who", "away")
    answer = web.get("/api/missing", headers={"Accept-Language": "cs"})
    assert (answer.status_code, answer.json["title"]) == (404, "Tady nic není")


def test_a_draft_is_labelled_in_the_menu():
    pages = TemplateRenderer(environment(drafts=frozenset({"cs"})))
    text = build(pages=pages).test_client().get("/page", base_url="http://status.example").text
    assert "Čeština (draft)" in text
    assert "English (draft)" not in text


def test_a_chosen_language_stays(web):
    web.get("/page?lang=cs")
    assert '<html lang="cs">' in web.get("/page").text
