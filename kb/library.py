"""The library: all articles of one folder or more, found by slug, by finding and by search.

No database and no network. Loaded once; immutable afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kb.article_files import ArticleProblem, read
from kb.lexicon import Lexicon
from kb.model import Article, Hit
from kb.search import SearchIndex
from render.languages import DEFAULT, LANGUAGES, primary_tag

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
    by_slug: dict[str, dict[str, Article]]
    index: SearchIndex
    named: Mapping[str, str] = field(default_factory=dict)  # finding id → the slug it names itself

    @classmethod
    def from_articles(cls, articles: Iterable[Article], lexicon: Lexicon | None = None) -> Library:
        """A library of given articles."""
        ordered = tuple(sorted(articles, key=lambda a: (a.slug, a.lang)))
        by_slug: dict[str, dict[str, Article]] = {}
        for article in ordered:
            by_slug.setdefault(article.slug, {})[article.lang] = article
        return cls(ordered, by_slug, SearchIndex(ordered, lexicon or Lexicon.load()))

    @classmethod
    def survey(cls, *folders: Path) -> tuple[Library, tuple[ArticleProblem, ...]]:
        """What can be read of some folders, else of the shipped one, and everything that is wrong in
        them. An article takes the place of one with its slug and language in a folder before."""
        articles: dict[tuple[str, str], Article] = {}
        problems: list[ArticleProblem] = []
        for folder in folders or (FOLDER,):
            readable, folder_problems = _survey(folder)
            articles |= {(article.slug, article.lang): article for article in readable}
            problems += folder_problems
        return cls.from_articles(articles.values()), tuple(problems)

    @classmethod
    def load(cls, *folders: Path) -> Library:
        """Folders without any problem. Raises BrokenLibrary that names every one."""
        library, problems = cls.survey(*folders)
        if problems:
            raise BrokenLibrary(problems)
        return library

    def naming(self, articles: Mapping[str, str]) -> Library:
        """The same, for findings that name their article themselves, by finding id."""
        return replace(self, named={id: slug for id, slug in articles.items() if slug})  # noqa: A001

    def slugs(self) -> tuple[str, ...]:
        return tuple(self.by_slug)

    def article(self, slug: str, lang: str) -> Article | None:
        """An article in a language, else in the nearest one there is (compare its `lang`)."""
        versions = self.by_slug.get(slug)
        if not versions:
            return None
        near = (v for v in sorted(versions) if primary_tag(v) == primary_tag(lang))
        preferred = (lang, *near, DEFAULT, *LANGUAGES, *sorted(versions))
        return versions[next(language for language in preferred if language in versions)]

    def languages(self, slug: str) -> tuple[str, ...]:
        """The languages an article is written in."""
        return tuple(self.by_slug.get(slug, ()))

    def for_finding(self, id: str, lang: str) -> tuple[Article, ...]:
        """The articles that explain a finding, those that name it exactly before the wider ones.

        Among equals the narrower article (fewer findings) comes first, then by slug.
        """
        ranked = sorted(self._explaining(id), key=lambda ranking: ranking[:3])
        chosen = (self.article(slug, lang) for _, _, slug in ranked)
        return tuple(article for article in chosen if article is not None)

    def _explaining(self, id: str) -> Iterator[tuple[int, int, str]]:
        for slug, versions in self.by_slug.items():
            finding_ids = {f for article in versions.values() for f in article.findings}
            if id in finding_ids or self.named.get(id) == slug:
                yield 0, len(finding_ids), slug
            elif any(f.endswith(".") and id.startswith(f) for f in finding_ids):
                yield 1, len(finding_ids), slug

    def search(self, query: str, lang: str, limit: int = 5) -> tuple[Hit, ...]:
        """The best articles for a question, one hit a topic, translations grouped."""
        return self.index.search(query, lang, limit)


def _survey(folder: Path) -> tuple[list[Article], list[ArticleProblem]]:
    """The readable articles of one folder, and what is wrong in it."""
    if not folder.is_dir():
        return [], [ArticleProblem(str(folder), 0, "is no folder")]
    articles, problems = [], []
    for path in _paths(folder):
        article, file_problems = read(path)
        problems += file_problems
        if article is not None:
            articles.append(article)
    if not articles and not problems:
        problems.append(ArticleProblem(str(folder), 0, "no article <topic>/<lang>.md found here"))
    return articles, problems


def _paths(folder: Path) -> list[Path]:
    """The article files of a folder in a fixed order; hidden ones and notes beside are left."""
    return sorted(p for p in folder.glob("*/*.md") if not p.name.startswith((".", "README")))
