"""Which articles to put beside findings or a question: by finding id first, then by search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from kb.library import Library
from kb.model import Advice

LIMIT = 5


def advise(
    library: Library, findings: Iterable[str], lang: str, query: str = "", limit: int = LIMIT
) -> tuple[Advice, ...]:
    """Articles for findings in their order, then for the words of a question, none twice.

    Without a question the words of the finding ids themselves are searched, so that a finding
    nobody has written about still leads somewhere. `reason` is "finding" or "search".
    """
    ids = tuple(findings)
    words = query or " ".join(ids).replace(".", " ").replace("_", " ")
    best: dict[str, Advice] = {}
    for advice in (*_named(library, ids, lang), *_searched(library, words, lang, limit)):
        best.setdefault(advice.article.slug, advice)
    return tuple(best.values())[:limit]


def _named(library: Library, ids: Iterable[str], lang: str) -> Iterator[Advice]:
    """The nearest article of every finding before the second one of any."""
    for rank in zip_longest(*(library.for_finding(named, lang) for named in ids)):
        for article in rank:
            if article is not None:
                yield Advice(article, "finding")


def _searched(library: Library, words: str, lang: str, limit: int) -> Iterator[Advice]:
    for hit in library.search(words, lang, limit):
        article = library.article(hit.slug, lang)
        if article is not None:
            yield Advice(article, "search")
