"""Articles and search hits. Pure values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Article:
    """One article in one language. `slug` is "<topic>", shared by its translations."""

    slug: str
    lang: str
    title: str
    topic: str
    findings: tuple[str, ...]  # finding ids it explains
    aliases: tuple[str, ...]
    body: str  # Markdown


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result; `lang` may differ from the asked one, and is then labelled."""

    slug: str
    lang: str
    title: str
    score: float
    excerpt: str
