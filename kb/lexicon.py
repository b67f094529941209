"""Synonyms of the search, by concept and language: a customer's word finds an article that uses another.
The files are editable, and the article may be in another language.

An entry is the folded beginning of a word ("presmerov"); with "$" behind it the whole word
("mx$"); with spaces it is a phrase of such entries ("schranka pln").
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kb.folding import fold

FOLDER = Path(__file__).resolve().parent / "lexicon"
_BUCKET = 3  # entries are looked up by their first letters, at most this many

Phrase = tuple[str, ...]


class BrokenLexicon(Exception):
    """A lexicon file that cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Concepts by language; `entries[lang][first letters]` → (phrase, concept)."""

    entries: Mapping[str, Mapping[str, tuple[tuple[Phrase, str], ...]]]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Lexicon:
        """Every <lang>.toml of a folder. Raises BrokenLexicon."""
        languages = {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}
        return cls.from_entries(languages)

    @classmethod
    def from_entries(cls, languages: Mapping[str, Mapping[str, Iterable[str]]]) -> Lexicon:
        """A lexicon from concept → entries for each language."""
        entries: dict[str, dict[str, tuple[tuple[Phrase, str], ...]]] = {}
        for lang, concepts in languages.items():
            buckets = entries.setdefault(lang, {})
            for concept, texts in concepts.items():
                for text in texts:
                    phrase = tuple(fold(text).split())
                    first = phrase[0].rstrip("$")[:_BUCKET]
                    buckets[first] = (*buckets.get(first, ()), (phrase, concept))
        return cls(entries)

    def concepts(self, words: list[str], languages: Iterable[str] | None = None) -> list[str]:
        """The concepts that some folded words speak of, each as often as it occurs."""
        chosen = self.entries if languages is None else languages
        buckets = [self.entries[lang] for lang in chosen if lang in self.entries]
        spoken: list[str] = []
        candidates: dict[str, tuple[tuple[Phrase, str], ...]] = {}  # words come again and again
        for at, word in enumerate(words):
            if word not in candidates:
                candidates[word] = tuple(_phrases_from(word, buckets))
            spoken += dict.fromkeys(
                concept
                for phrase, concept in candidates[word]
                if len(phrase) == 1 or _begins_at(phrase, words, at)
            )
        return spoken


def _phrases_from(
    word: str, buckets: Iterable[Mapping[str, tuple[tuple[Phrase, str], ...]]]
) -> Iterator[tuple[Phrase, str]]:
    """The phrases, with their concepts, whose first entry fits a word."""
    starts = {word[:n] for n in range(1, _BUCKET + 1)}
    for bucket in buckets:
        for start in sorted(starts & bucket.keys()):
            for phrase, concept in bucket[start]:
                if _fits(phrase[0], word):
                    yield phrase, concept


def _fits(entry: str, word: str) -> bool:
    return word == entry[:-1] if entry.endswith("$") else word.startswith(entry)


def _begins_at(phrase: Phrase, words: list[str], at: int) -> bool:
    """Whether a phrase begins at one of the words."""
    if at + len(phrase) > len(words):
        return False
    pairs = zip(phrase, words[at : at + len(phrase)], strict=True)
    return all(_fits(entry, word) for entry, word in pairs)


def _read(path: Path) -> Mapping[str, tuple[str, ...]]:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BrokenLexicon(f"{path.name}: {error}") from error
    concepts = {}
    for concept, texts in content.items():
        if not isinstance(texts, list) or not all(isinstance(t, str) and t.strip() for t in texts):
            raise BrokenLexicon(f"{path.name}: {concept!r} must be a list of non-empty texts")
        if any(not fold(text).strip(" $") for text in texts):
            raise BrokenLexicon(f"{path.name}: an entry of {concept!r} holds no letter")
        concepts[concept] = tuple(texts)
    return concepts
