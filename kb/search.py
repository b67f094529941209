"""Search over articles: BM25 on folded grams (which forgive typing errors) and concepts, in memory. Pure.

Measured against FTS, stemmers and lemmatisers: grams win in all five languages, most of all
without diacritics; concepts carry over between a customer's word and ours. Scores are
deterministic. A score orders; it never proves that an article fits.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kb.folding import words
from kb.lexicon import Lexicon
from kb.markdown import plain
from kb.model import Article, Hit
from render.languages import DEFAULT

K1 = 1.2
B = 0.5
TITLE = 3  # a word in the title or an alias counts this often
ALIAS = 2
CONCEPT = 7.0  # a concept weighs as much as a few grams of a word
SAME_LANGUAGE = 1.5
MAX_QUERY = 400
EXCERPT = 200
GRAM_SIZES = (3, 4, 5)
_DENSE_SIZES = (1, 2, 3)  # where a character is a syllable or a word, and words are not parted
_DENSE = re.compile(r"[\u2e80-\ud7ff\U00020000-\U0003ffff]")
_MARK = "\x00"  # concepts live beside grams under a mark no gram can hold


@dataclass(frozen=True, slots=True)
class _Document:
    article: Article
    sentences: tuple[tuple[str, frozenset[str]], ...]  # with the beginnings of its words
    counts: Counter[str]
    length: int


class SearchIndex:
    """An index of articles; immutable. The first search builds it, in half a second, and not a start:
    whoever never searches has neither its time nor its memory to give."""

    def __init__(self, articles: Iterable[Article], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._articles = tuple(articles)

    @cached_property
    def _documents(self) -> tuple[_Document, ...]:
        return tuple(self._read(article) for article in self._articles)

    @cached_property
    def _positions(self) -> dict[tuple[str, str], int]:
        return {(d.article.slug, d.article.lang): i for i, d in enumerate(self._documents)}

    def _read(self, article: Article) -> _Document:
        text = plain(article.body)
        tokens = words(text)
        tokens += words(article.title) * TITLE + words(" . ".join(article.aliases)) * ALIAS
        counts = Counter(_gramset(tokens))
        length = counts.total()
        concepts = self._lexicon.concepts(tokens, (article.lang, DEFAULT))
        counts.update(_MARK + concept for concept in concepts)
        return _Document(article, _sentences(text), counts, length)

    @cached_property
    def _postings(self) -> dict[str, list[tuple[int, float]]]:
        """token → (document, its whole BM25 part), computed once."""
        number = len(self._documents)
        mean = sum(d.length for d in self._documents) / number if number else 1.0
        document_frequency = Counter(token for d in self._documents for token in d.counts)
        postings: dict[str, list[tuple[int, float]]] = {}
        for at, document in enumerate(self._documents):
            norm = K1 * (1 - B + B * document.length / mean)
            for token, count in document.counts.items():
                idf = math.log(
                    1
                    + (number - document_frequency[token] + 0.5) / (document_frequency[token] + 0.5)
                )
                part = idf * count * (K1 + 1) / (count + norm)
                weight = CONCEPT if token.startswith(_MARK) else 1.0
                postings.setdefault(token, []).append((at, part * weight))
        return postings

    def search(self, query: str, lang: str, limit: int = 5) -> tuple[Hit, ...]:
        """The best topics for a question, best first; equal scores in the order of slugs."""
        query_words = words(query[:MAX_QUERY])
        tokens = dict.fromkeys(_gramset(query_words))
        concepts = dict.fromkeys(_MARK + c for c in self._lexicon.concepts(query_words))
        scores: dict[int, float] = {}
        for token in (*tokens, *concepts):
            for at, part in self._postings.get(token, ()):
                scores[at] = scores.get(at, 0.0) + part
        best: dict[str, tuple[float, int]] = {}
        for at, score in scores.items():
            article = self._documents[at].article
            boosted = score * (SAME_LANGUAGE if article.lang == lang else 1.0)
            if boosted > best.get(article.slug, (0.0, 0))[0]:
                best[article.slug] = (boosted, at)
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
        return tuple(self._hit(score, at, lang, query_words) for _, (score, at) in ranked[:limit])

    def _hit(self, score: float, at: int, lang: str, query_words: Sequence[str]) -> Hit:
        """A hit shown in the reader's own language when the topic has it."""
        slug = self._documents[at].article.slug
        document = self._documents[self._positions.get((slug, lang), at)]
        article = document.article
        return Hit(
            slug=article.slug,
            lang=article.lang,
            title=article.title,
            score=round(score, 4),
            excerpt=_excerpt(document.sentences, query_words),
        )


def document(query: str, lang: str, hits: Collection[Hit]) -> dict[str, object]:
    """The JSON form of a search."""
    results = [
        {"slug": h.slug, "lang": h.lang, "title": h.title, "score": h.score, "excerpt": h.excerpt}
        for h in hits
    ]
    return {"query": query, "lang": lang, "results": results}


def _sentences(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    parts = (part.strip() for line in text.splitlines() for part in _cut(line))
    long_parts = (part for part in parts if len(part) > 20)  # a shorter one says too little
    return tuple((part, _beginnings(words(part))) for part in long_parts)


def _beginnings(tokens: Iterable[str]) -> frozenset[str]:
    return frozenset(token[:4] for token in tokens)


def _cut(line: str) -> list[str]:
    return line.replace("? ", "?\n").replace("! ", "!\n").replace(". ", ".\n").split("\n")


def _excerpt(sentences: Sequence[tuple[str, frozenset[str]]], query_words: Sequence[str]) -> str:
    """The sentence that shares most with the question, else the first."""
    if not sentences:
        return ""
    query_stems = _beginnings(query_words)
    text, _ = max(sentences, key=lambda sentence: len(query_stems & sentence[1]))
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1].rsplit(" ", 1)[0] + "…"


def _grams(word: str) -> Iterator[str]:
    """The grams of a folded word, with its edges marked so that beginnings weigh more."""
    marked = f"_{word}_"
    sizes = _DENSE_SIZES if not word.isascii() and _DENSE.search(word) else GRAM_SIZES
    if len(word) <= GRAM_SIZES[0]:
        yield marked
    for size in sizes:
        for start in range(len(marked) - size + 1):
            yield marked[start : start + size]


def _gramset(tokens: Iterable[str]) -> list[str]:
    """All grams of some words, each counted as often as it occurs."""
    return [gram for token in tokens for gram in _grams(token)]
