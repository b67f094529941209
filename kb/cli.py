"""The commands `kb search` and `kb check`. Prints; decides nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from kb.article_files import ArticleProblem
from kb.library import FOLDER, Library
from kb.model import Hit
from kb.search import document
from render.languages import DEFAULT

FOUND, PROBLEMS, UNUSABLE = 0, 1, 2
NOTHING_NAMED: Mapping[str, str] = {}


def search(
    query: str, *, lang: str, folder: Path | None = None, as_json: bool = False, limit: int = 5
) -> int:
    """Prints the best articles. 0 found, 1 nothing found, 2 the folder holds no article.

    Broken files of the folder are named on standard error and left out.
    """
    library, problems = Library.survey(folder or FOLDER)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not library.articles:
        return UNUSABLE
    hits = library.search(query, lang, limit)
    if as_json:
        print(json.dumps(document(query, lang, hits), ensure_ascii=False, indent=2))
    else:
        _print_hits(hits, lang)
    return FOUND if hits else PROBLEMS


def _print_hits(hits: Collection[Hit], lang: str) -> None:
    if not hits:
        print("No article has anything in common with these words.")
        print("Try the name of the service or the exact error text, or: app.py diagnose TARGET")
    for hit in hits:
        label = "" if hit.lang == lang else f"  [{hit.lang}]"
        print(f"{hit.title}{label}\n  /kb/{hit.slug}  ({hit.score:g})\n  {hit.excerpt}\n")


def check(
    folder: Path | None = None,
    *,
    findings: Collection[str] = (),
    languages: Collection[str] = (),
    named: Mapping[str, str] = NOTHING_NAMED,
) -> int:
    """Names every problem of the articles, one a line. 0 all is well, 1 something must be mended.

    With `findings` and `languages`: each of these ids must have an article in each language, and
    an article may name no other id. `named` are the articles that findings name themselves.
    """
    library, problems = Library.survey(folder or FOLDER)
    library = library.naming(named)
    all_problems = [*problems, *missing_articles(library, findings, languages)]
    for problem in all_problems:
        print(problem, file=sys.stderr)
    if all_problems:
        print(
            f"{len(all_problems)} problem(s) in {len(library.articles)} article(s)", file=sys.stderr
        )
        return PROBLEMS
    print(f"{len(library.articles)} articles on {len(library.slugs())} topics: all is well")
    return FOUND


def missing_articles(
    library: Library, findings: Collection[str], languages: Collection[str]
) -> list[ArticleProblem]:
    """Findings without an article, topics without a language, and ids nobody can find."""
    problems = [
        ArticleProblem(
            f"{slug}/{lang}.md", 0, "is missing: every topic is written in every language"
        )
        for slug in library.slugs()
        for lang in languages
        if lang not in library.languages(slug)
    ]
    problems += [
        ArticleProblem(finding, 0, f"names an article that is not there: {slug!r}")
        for finding, slug in library.named.items()
        if slug not in library.by_slug
    ]
    finding_ids = set(findings)
    problems += [
        ArticleProblem(finding, 0, "no article explains this finding")
        for finding in sorted(finding_ids)
        if not library.for_finding(finding, DEFAULT)
    ]
    if finding_ids:
        problems += [
            ArticleProblem(
                f"{article.slug}/{article.lang}.md", 0, f"no check can find {finding_id!r}"
            )
            for article in library.articles
            for finding_id in article.findings
            if not any(
                k == finding_id or (finding_id.endswith(".") and k.startswith(finding_id))
                for k in finding_ids
            )
        ]
    return problems
