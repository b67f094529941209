"""The library: all articles of a folder, found by slug, by finding and by search.

No database and no network. Loaded once; immutable afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kb.article_files import ArticleProblem, read
from kb.lexicon import Lexicon
from kb.model import Article, Hit
from kb.search import Index
from render.languages import DEFAULT, LANGUAGES

FOLDER = Path(__file__).resolve().parent / "articles"


class BrokenLibrary(Exception):
    """Articles that must be mended first; the text lists every one in a line of its own."""

    def __init__(self, problems: Iterable[ArticleProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


@dataclass(frozen=True, slots=True)
class Library:
    """Articles by slug and language. Build it with `load`, or with `survey` to see problems."""

    articles: tuple[Article, ...]
    shelf: dict[str, dict[str, Article]]
    index: Index
    named: Mapping[str, str] = field(default_factory=dict)  # finding id → the slug it names itself

    @classmethod
    def of(cls, articles: Iterable[Article], lexicon: Lexicon | None = None) -> Library:
        """A library of given articles."""
        kept = tuple(sorted(articles, key=lambda a: (a.slug, a.lang)))
        shelf: dict[str, dict[str, Article]] = {}
        for article in kept:
            shelf.setdefault(article.slug, {})[article.lang] = article
        return cls(kept, shelf, Index(kept, lexicon or Lexicon.load()))

    @classmethod
    def survey(cls, folder: Path = FOLDER) -> tuple[Library, tuple[ArticleProblem, ...]]:
        """What can be read of a folder, and everything that is wrong in it."""
        articles, problems = [], []
        for path in _paths(folder):
            article, said = read(path)
            problems += said
            if article is not None:
                articles.append(article)
        if not articles:
            problems.append(
                ArticleProblem(str(folder), 0, "no article <topic>/<lang>.md found here")
            )
        return cls.of(articles), tuple(problems)

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Library:
        """A folder without any problem. Raises BrokenLibrary that names every one."""
        library, problems = cls.survey(folder)
        if problems:
            raise BrokenLibrary(problems)
        return library

    def naming(self, articles: Mapping[str, str]) -> Library:
        """The same, for findings that name their article themselves, by finding id."""
        return replace(self, named={id: slug for id, slug in articles.items() if slug})  # noqa: A001

    def slugs(self) -> tuple[str, ...]:
        return tuple(self.shelf)

    def article(self, slug: str, lang: str) -> Article | None:
        """An article in a language, else in the nearest one there is (compare its `lang`)."""
        versions = self.shelf.get(slug)
        if not versions:
            return None
        wishes = (lang, DEFAULT, *LANGUAGES, *sorted(versions))
        return versions[next(wish for wish in wishes if wish in versions)]

    def languages(self, slug: str) -> tuple[str, ...]:
        """The languages an article is written in."""
        return tuple(self.shelf.get(slug, ()))

    def for_finding(self, id: str, lang: str) -> tuple[Article, ...]:
        """The articles that explain a finding, those that name it exactly before the wider ones.

        Among equals the narrower article (fewer findings) comes first, then by slug.
        """
        ranked = sorted(self._explaining(id), key=lambda found: found[:3])
        chosen = (self.article(slug, lang) for _, _, slug in ranked)
        return tuple(article for article in chosen if article is not None)

    def _explaining(self, id: str) -> Iterator[tuple[int, int, str]]:
        for slug, versions in self.shelf.items():
            named = {f for article in versions.values() for f in article.findings}
            if id in named or self.named.get(id) == slug:
                yield 0, len(named), slug
            elif any(f.endswith(".") and id.startswith(f) for f in named):
                yield 1, len(named), slug

    def search(self, query: str, lang: str, limit: int = 5) -> tuple[Hit, ...]:
        """The best articles for a question, one hit a topic, translations grouped."""
        return self.index.search(query, lang, limit)


def _paths(folder: Path) -> list[Path]:
    """The article files of a folder in a fixed order; hidden ones and notes beside are left."""
    found = folder.glob("*/*.md") if folder.is_dir() else ()
    return sorted(p for p in found if not p.name.startswith((".", "README")))
