"""The commands `kb search` and `kb check`. Prints; decides nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from exit_status import CANNOT, FINE, PROBLEM
from kb.completeness import library_problems
from kb.library import Library
from kb.model import Hit
from kb.search import document

NOTHING_NAMED: Mapping[str, str] = {}


def search(
    query: str, *, lang: str, folders: Collection[Path] = (), as_json: bool = False, limit: int = 5
) -> int:
    """Prints the best articles of some folders, else of the shipped one. 0 found, 1 nothing found,
    2 there is no article at all.

    Broken files are named on standard error and left out.
    """
    library, problems = Library.survey(*folders)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not library.articles:
        return CANNOT
    hits = library.search(query, lang, limit)
    if as_json:
        print(json.dumps(document(query, lang, hits), ensure_ascii=False, indent=2))
    else:
        _print_hits(hits, lang)
    return FINE if hits else PROBLEM


def _print_hits(hits: Collection[Hit], lang: str) -> None:
    if not hits:
        print("No article has anything in common with these words.")
        print("Try the name of the service or the exact error text, or: app.py diagnose TARGET")
    for hit in hits:
        label = "" if hit.lang == lang else f"  [{hit.lang}]"
        print(f"{hit.title}{label}\n  /kb/{hit.slug}  ({hit.score:g})\n  {hit.excerpt}\n")


def check(
    *folders: Path,
    languages: Collection[str] = (),
    articles_by_finding: Mapping[str, str] = NOTHING_NAMED,
) -> int:
    """Names every problem of the articles of some folders, else of the shipped one, one a line.
    0 all is well, 1 something must be mended, 2 there is no article at all.

    With `languages`: every topic must be written in each. With `articles_by_finding`: see `library_problems`.
    """
    library, problems = Library.survey(*folders)
    all_problems = [*problems, *library_problems(library, articles_by_finding, languages)]
    for problem in all_problems:
        print(problem, file=sys.stderr)
    if all_problems:
        print(f"problems: {len(all_problems)}; articles: {len(library.articles)}", file=sys.stderr)
        return PROBLEM if library.articles else CANNOT
    print(f"all is well; articles: {len(library.articles)}, topics: {len(library.slugs())}")
    return FINE
