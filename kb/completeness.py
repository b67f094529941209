"""What `kb check` finds in a whole library: missing articles, unknown findings, languages or articles. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from kb.article_files import ArticleProblem
from kb.library import Library
from kb.markdown import html
from kb.model import Article
from render.languages import DEFAULT, NAMES
from settings.near_names import did_you_mean

LINK = re.compile(r'href="/kb/([^"#?]+)')


def library_problems(
    library: Library, articles_by_finding: Mapping[str, str], languages: Collection[str] = ()
) -> list[ArticleProblem]:
    """Everything that is wrong. `named` holds the id of every finding there is, with the article that
    it names itself or ""; without it ids are not looked at. Each topic must be written in each of
    some languages.
    """
    problems = list(_missing_languages(library, languages))
    for article in library.articles:
        problems += _unknown_names(library, article, articles_by_finding)
    return [*problems, *_unexplained(library, articles_by_finding)]


def _missing_languages(library: Library, languages: Collection[str]) -> Iterator[ArticleProblem]:
    for slug in library.slugs():
        for lang in languages:
            if lang not in library.languages(slug):
                path = f"{slug}/{lang}.md"
                text = "is missing: every topic is written in every language"
                yield ArticleProblem(path, 0, text)


def _unknown_names(
    library: Library, article: Article, findings: Collection[str]
) -> Iterator[ArticleProblem]:
    path = f"{article.slug}/{article.lang}.md"
    if article.lang not in NAMES:
        text = f"there is no language {article.lang!r}{did_you_mean(article.lang, NAMES)}"
        yield ArticleProblem(path, 0, text)
    for finding in article.findings if findings else ():
        if not _is_known(finding, findings):
            text = f"no check can find {finding!r}{did_you_mean(finding, findings)}"
            yield ArticleProblem(path, 0, text)
    for slug in LINK.findall(html(article.body)) if "/kb/" in article.body else ():
        if slug not in library.by_slug and slug != "search":
            text = f"leads to /kb/{slug}, and there is no such article"
            yield ArticleProblem(path, 0, text + did_you_mean(slug, library.by_slug))


def _is_known(finding: str, findings: Collection[str]) -> bool:
    """Whether an id, or an area that ends in a full stop, is that of some finding."""
    if finding.endswith("."):
        return any(name.startswith(finding) for name in findings)
    return finding in findings


def _unexplained(
    library: Library, articles_by_finding: Mapping[str, str]
) -> Iterator[ArticleProblem]:
    library = library.naming(articles_by_finding)
    for finding, slug in library.named.items():
        if slug not in library.by_slug:
            yield ArticleProblem(finding, 0, f"names an article that is not there: {slug!r}")
    for finding in sorted(articles_by_finding):
        if not library.for_finding(finding, DEFAULT):
            yield ArticleProblem(finding, 0, "no article explains this finding")
