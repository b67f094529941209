"""Strips old values from instructions: "replace 192.0.2.1 by 192.0.2.2", "B instead of A", "old: A".

Only the new value is wanted. The words of each language are in vocabulary.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from instructions.record_values import is_below
from instructions.vocabulary import (
    AND_WORDS,
    INSTEAD_WORDS,
    NEW_WORDS,
    OLD_WORDS,
    REPLACED_WITHOUT_VERB,
    REPLACING,
    has_stem,
)
from kb.folding import fold

MAX_BETWEEN = 7  # words between an old value and the new one
MAX_BEFORE = 4  # words between "old" or "instead of" and the value
_SENTENCE = re.compile(r"[.;!]\s+(?=[^\W\d_a-z])")
_VALUE = re.compile(
    r"(?P<text>v=spf1\b[^\"“”„\n]{0,500}?[-~?+]?all\b|[\"“„][^\"“”„\n]{4,500}[\"”“])"
    r"|(?P<address>(?<![\w.:-])(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])(?!\.\d))"
    r"|(?P<host>(?<![\w@.=/*-])(?:\d{1,5}\s+)?(?:[\w-]+\.)+[a-z][\w-]{1,62}\.?(?![\w=@-]))",
    re.IGNORECASE,
)
_ADDRESS_TYPE = re.compile(r"(?<![\w.-])A(?:AAA)?(?![\w.=])")
_ARROW = re.compile(r"\A[ \t]*(?:[-=]>|>>|[→⇒»])[ \t]*")
_TOKEN = re.compile(r"[^\W\d_]+|[-=]>|>>|[→⇒»,]")
_LISTED = [[word] for word in AND_WORDS]


def sentences(line: str) -> Iterator[str]:
    """The sentences of a line; together they are the line."""
    start = 0
    for end in _SENTENCE.finditer(line):
        yield line[start : end.end()]
        start = end.end()
    yield line[start:]


def without_old_values(line: str, domain: str) -> str:
    """The line without values that give way to others. Names of the domain are no values."""
    return "".join(_without_old_values(sentence, domain) for sentence in sentences(line))


def _without_old_values(sentence: str, domain: str) -> str:
    values = [
        v for v in _VALUE.finditer(sentence) if v.lastgroup != "host" or not is_below(v[0], domain)
    ]
    if not values:
        return sentence
    to_words = _to_words(sentence)
    old: list[re.Match[str]] = []
    for kind in ("text", "address", "host"):
        same = [value for value in values if value.lastgroup == kind]
        without_verb = REPLACED_WITHOUT_VERB if kind == "address" else frozenset()
        old += _old_ones(sentence, same, to_words | without_verb)
    remaining = sentence
    for value in sorted(old, key=lambda value: value.start(), reverse=True):
        behind = _ARROW.sub(" ", remaining[value.end() :], count=1)
        remaining = f"{remaining[: value.start()]} {behind}"
    addresses = [value[0] for value in old if value.lastgroup == "address"]
    if to_words and addresses and not _ADDRESS_TYPE.search(sentence):
        return f"{'AAAA' if ':' in addresses[0] else 'A'} {remaining}"  # it is about such a record
    return remaining


def _to_words(sentence: str) -> frozenset[str]:
    """What stands before the new value in a sentence that replaces; none in others."""
    words = _words(sentence)
    replacing = (r for r in REPLACING.values() if any(has_stem(word, r.verbs) for word in words))
    return frozenset().union(*(r.to for r in replacing))


def _old_ones(
    sentence: str, values: Sequence[re.Match[str]], to_words: frozenset[str]
) -> Iterator[re.Match[str]]:
    """Those of some values of one kind that are old."""
    ends = [0, *(value.end() for value in values)]
    before = [_words(sentence[end : v.start()]) for end, v in zip(ends, values, strict=False)]
    is_old = [_is_named_old(words) for words in before]
    for index in reversed(range(len(values) - 1)):
        between = before[index + 1]
        replaced = _leads_to_the_new(between, to_words) and not is_old[index + 1]
        is_new = _leads_to_the_new(before[index], to_words)
        listed = is_old[index + 1] and between in _LISTED and not is_new
        is_old[index] = is_old[index] or replaced or listed
    yield from (value for value, old in zip(values, is_old, strict=True) if old)


def _leads_to_the_new(between: Sequence[str], to_words: frozenset[str]) -> bool:
    """Whether some words lead from an old value to the new one. A comma may stand before "to"."""
    words = (
        between[1:]
        if len(between) > 1 and between[0] == "," and between[1] in to_words
        else between
    )
    if len(words) > MAX_BETWEEN or not to_words.intersection(words):
        return False
    return not any(word in AND_WORDS and word not in to_words for word in words)


def _is_named_old(before: Sequence[str]) -> bool:
    """Whether what stands before a value says that it was: "the old address", "instead of"."""
    for word in reversed(before[-MAX_BEFORE:]):
        if word == "," or has_stem(word, NEW_WORDS):
            return False
        if has_stem(word, OLD_WORDS) or has_stem(word, INSTEAD_WORDS):
            return True
    return False


def _words(text: str) -> list[str]:
    """The folded words, arrows and commas of a text, without the values in it and their types."""
    return _TOKEN.findall(fold(_ADDRESS_TYPE.sub(" ", _VALUE.sub(" ", text))))
