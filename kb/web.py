"""The pages of the knowledge base: categories, an article, search. Anyone may read all of it."""

from __future__ import annotations

from html import escape

from flask import Blueprint, Response, jsonify, request

from kb import categories
from kb.library import Library
from kb.markdown import html
from kb.search import MAX_QUERY, document
from render.i18n import N_, translate
from render.languages import NAMES
from web.language import lang
from web.page import page
from web.problems import not_found
from web.site import plumbing

LIMIT = 5


def blueprint(library: Library) -> Blueprint:
    """`/kb`, `/kb/<slug>`, `/kb/search` and `/kb/search.json`."""
    pages = Blueprint("kb", __name__)

    @pages.get("/kb")
    def home() -> Response:
        return page(
            "kb/home.html", categories=categories.articles_by_category(library, lang()), query=""
        )

    @pages.get("/kb/search")
    def search() -> Response:
        query = _query()
        hits = library.search(query, lang(), LIMIT)
        return page("kb/search.html", query=query, hits=hits, searched=bool(query), read=MAX_QUERY)

    @pages.get("/kb/search.json")
    def search_json() -> Response:
        chosen = request.args.get("lang", "")
        language = chosen if chosen in plumbing().site.languages else lang()
        query = _query()
        return jsonify(document(query, language, library.search(query, language, LIMIT)))

    @pages.get("/kb/<slug>")
    def read(slug: str) -> Response:
        article = library.article(slug, lang())
        if article is None:
            raise not_found()
        return page(
            "kb/article.html",
            article=article,
            body=_scrolling(html(article.body), _translated(N_("Table"))),
            written_in=NAMES.get(article.lang, article.lang),
            neighbours=categories.neighbours(library, slug, lang()),
        )

    return pages


def _translated(text: str) -> str:
    return translate(lang(), text)


def _scrolling(body: str, label: str) -> str:
    """Clean HTML whose tables scroll by themselves on a small screen, by keyboard too."""
    before = f'<div class="table-wrap" tabindex="0" role="group" aria-label="{escape(label)}">'
    wrapped = body.replace("<table>", f'{before}<table class="table">')
    return wrapped.replace("</table>", "</table></div>")


def _query() -> str:
    return " ".join(request.args.get("q", "").split())
