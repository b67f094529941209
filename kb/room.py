"""Builds this room: the library of articles, ours and the operator's, and its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from context import RoomContext
from kb.completeness import library_problems
from kb.library import FOLDER, BrokenLibrary, Library
from kb.model import Article
from kb.web import blueprint
from room import Blueprints, Room
from settings import SettingsError


@dataclass(frozen=True)
class KnowledgeRoom(Room):
    """What to do about a problem. `named` holds, by the id of every finding, the article that it
    names itself, or ""."""

    ctx: RoomContext
    named: Mapping[str, str] = field(default_factory=dict)
    name = "kb"

    @cached_property
    def library(self) -> Library:
        """The articles, read when first needed. Raises SettingsError that names what is wrong."""
        own = self.ctx.settings.texts.articles
        try:
            library = _with_own(Path(own), self.named) if own else _shipped_library()
        except BrokenLibrary as error:
            where = "[texts] articles" if own else "the articles cannot be read"
            raise SettingsError(f"{where}: {error}") from error
        return library.naming(self.named)

    def folders(self) -> tuple[Path, ...]:
        """Where articles are: ours, then the operator's own, which take the place of ours."""
        own = self.ctx.settings.texts.articles
        return (FOLDER, Path(own)) if own else (FOLDER,)

    def configured(self) -> Iterable[Callable[[], object]]:
        return (lambda: self.library,)

    def articles_for(self, finding: str, lang: str) -> tuple[Article, ...]:
        """Articles on a finding; the library is opened when first needed."""
        return self.library.for_finding(finding, lang)

    def article(self, slug: str, lang: str) -> Article | None:
        """An article by its address."""
        return self.library.article(slug, lang)

    def blueprints(self) -> Blueprints:
        return (blueprint(self.library),)


def _with_own(folder: Path, articles_by_finding: Mapping[str, str]) -> Library:
    """Our articles and an operator's. Raises BrokenLibrary."""
    library = Library.load(FOLDER, folder)
    if problems := library_problems(library, articles_by_finding):
        raise BrokenLibrary(problems)
    return library


@cache
def _shipped_library() -> Library:
    """The articles that come with the program, which do not change while it runs. Raises BrokenLibrary."""
    return Library.load()
