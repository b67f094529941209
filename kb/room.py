"""Builds this room: the library of articles and its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from context import RoomContext
from kb.library import BrokenLibrary, Library
from kb.model import Article
from kb.web import blueprint
from room import Blueprints, Room
from settings import SettingsError


@dataclass(frozen=True)
class KnowledgeRoom(Room):
    """What to do about a problem. `named` holds the article that a finding names itself, by its id."""

    ctx: RoomContext
    named: Mapping[str, str] = field(default_factory=dict)
    name = "kb"

    @cached_property
    def library(self) -> Library:
        """The articles, read when first needed. Raises SettingsError when one is broken."""
        try:
            return _shipped_library().naming(self.named)
        except BrokenLibrary as error:
            raise SettingsError(f"the articles cannot be read: {error}") from error

    def articles_for(self, finding: str, lang: str) -> tuple[Article, ...]:
        """Articles on a finding; the library is opened when first needed."""
        return self.library.for_finding(finding, lang)

    def article(self, slug: str, lang: str) -> Article | None:
        """An article by its address."""
        return self.library.article(slug, lang)

    def blueprints(self) -> Blueprints:
        return (blueprint(self.library),)


@cache
def _shipped_library() -> Library:
    """The articles that come with the program, which do not change while it runs. Raises BrokenLibrary."""
    return Library.load()
