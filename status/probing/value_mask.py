"""Keeps the values and secrets of HTTP steps out of what is stored: {name} stands where a value stood.

A value is found in whatever spelling each of its characters has, also where only its beginning is
left. Pure; the work is bounded whatever a server sends.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from status.probing.carried_values import SHORTEST_SECRET

WINDOW = 2048  # characters of one text that are looked through; the rest is dropped
MAX_VALUES = 1000  # of one walk; with more, or with more characters in them, no text is kept
MAX_CHARACTERS = 400_000
MAX_WORK = 1_000_000  # comparisons for all texts of a walk; beyond them texts are dropped whole
UNSEARCHED = "(not kept: too much that could be a value)"
_READ_COST = 8  # comparisons that decoding one character is worth
_LEVELS = 3  # encodings in each other: text in JSON in an address
_SHORT_HEAD = 8  # so much of a value is hidden where a word ends with it,
_LONG_HEAD = 16  # and so much, or half of it, anywhere
_ESCAPE = re.compile(
    r"(?P<percent>(?:%[0-9a-fA-F]{2})+)"
    r"|(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<unit>[\\%]u[0-9a-fA-F]{4})"
    r"|(?P<hex>(?:\\x[0-9a-fA-F]{2})+)"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|\\(?P<itself>[^A-Za-z0-9\s])"
)
_UNFINISHED = re.compile(
    r"[%\\&][\w#;%\\&]{0,63}\Z"
)  # an escape that the cut may have gone through
_IN_WORD = re.compile(r"[\w+/=~-]")
_HOST = re.compile(r"[a-z][a-z0-9+.-]{0,30}://[^/?#]*", re.IGNORECASE)


class Mask:
    """Writes {name} where a value stands. Values shorter than SHORTEST_SECRET are not looked for."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        self._by_head: dict[str, list[_SearchText]] = {}
        self.work = 0
        seen_texts: set[str] = set()
        characters = 0
        for number, (name, value) in enumerate(values):
            characters += len(value)
            if number >= MAX_VALUES or characters > MAX_CHARACTERS:
                self.work = MAX_WORK + 1
                break
            for needle in _search_texts(name, value) if len(value) >= SHORTEST_SECRET else ():
                if needle.text not in seen_texts:
                    seen_texts.add(needle.text)
                    self._by_head.setdefault(needle.text[:SHORTEST_SECRET], []).append(needle)

    def __call__(self, text: str, *, is_cut: bool = False) -> str:
        """The beginning of a text without the values. `is_cut`: its own end is missing."""
        if self.work > MAX_WORK:
            return UNSEARCHED
        is_cut = is_cut or len(text) > WINDOW
        text = text[:WINDOW]
        if is_cut and (unfinished := _UNFINISHED.search(text, max(0, len(text) - 64))):
            text = text[: unfinished.start()]
        hits: list[_Hit] = []
        for reading in _readings(text):
            if not self._search(reading, hits, is_cut=is_cut):
                return UNSEARCHED
        return _replaced(text, hits)

    def _search(self, reading: _DecodedText, hits: list[_Hit], *, is_cut: bool) -> bool:
        """Add what one reading shows of values; False when that would be too much work."""
        text = _folded(reading.text)
        self.work += _READ_COST * len(text)
        heads = {text[i : i + SHORTEST_SECRET] for i in range(len(text) - SHORTEST_SECRET + 1)}
        for head in heads & self._by_head.keys():
            for needle in self._by_head[head]:
                self.work += len(text) + len(needle.text)
                if self.work > MAX_WORK:
                    return False
                hits += [
                    _Hit(reading.starts[start], reading.ends[end - 1], needle.name)
                    for start, end in needle.found_in(text, is_cut=is_cut)
                ]
        return self.work <= MAX_WORK


@dataclass(frozen=True, slots=True)
class _Hit:
    """Where in the text as it came something must be hidden, and what."""

    start: int
    end: int
    name: str


def _replaced(text: str, hits: list[_Hit]) -> str:
    """The text with a name for each hit; of those that overlap, the name of the longest."""
    parts: list[str] = []
    end, longest = 0, _Hit(0, 0, "")
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if hit.start < end:
            longest = max(longest, hit, key=lambda h: h.end - h.start)
            end = max(end, hit.end)
            continue
        parts += [f"{{{longest.name}}}"] if longest.name else []
        parts.append(text[end : hit.start])
        end, longest = hit.end, hit
    parts += [f"{{{longest.name}}}"] if longest.name else []
    return "".join((*parts, text[end:]))


# ------------------------------------------------------------------ readings of a text
@dataclass(frozen=True, slots=True)
class _DecodedText:
    """A text with escapes undone, and where in the text as it came each character begins and ends."""

    text: str
    starts: list[int]
    ends: list[int]


def _readings(text: str) -> Iterator[_DecodedText]:
    """The text as it is, and with its escapes undone once, twice, …"""
    reading = _DecodedText(text, list(range(len(text))), list(range(1, len(text) + 1)))
    yield reading
    for _ in range(_LEVELS):
        decoded = _decoded(reading)
        if decoded.text == reading.text:
            return
        yield decoded
        reading = decoded


def _decoded(reading: _DecodedText) -> _DecodedText:
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(reading.text):
        parts.append(reading.text[at : match.start()])
        starts += reading.starts[at : match.start()]
        ends += reading.ends[at : match.start()]
        at = match.start()
        for char, width in _characters(match):
            parts.append(char)
            starts.append(reading.starts[at])
            ends.append(reading.ends[at + width - 1])
            at += width
        at = match.end()
    parts.append(reading.text[at:])
    return _DecodedText("".join(parts), starts + reading.starts[at:], ends + reading.ends[at:])


def _characters(escape: re.Match[str]) -> list[tuple[str, int]]:
    """What an escape stands for: characters, and how long each is written."""
    match escape.lastgroup:
        case "percent":
            return _from_bytes(escape[0].split("%")[1:], 3)
        case "hex":
            return _from_bytes(escape[0].split("\\x")[1:], 4)
        case "unit" | "pair":
            units = bytes.fromhex(escape[0].replace("\\u", "").replace("%u", ""))
            return [(units.decode("utf-16-be", "surrogatepass"), len(escape[0]))]
        case "entity":
            plain = html.unescape(escape[0])
            is_one = len(plain) == 1
            return [(plain, len(escape[0]))] if is_one else [(char, 1) for char in escape[0]]
        case _:
            return [(escape["itself"], 2)]


def _from_bytes(digits: list[str], width: int) -> list[tuple[str, int]]:
    """Bytes as UTF-8; what is none, as the character of that number."""
    text = bytes.fromhex("".join(digits)).decode("utf-8", "surrogateescape")
    return [
        (chr(ord(c) - 0xDC00), width) if "\udc80" <= c <= "\udcff" else (c, width * len(c.encode()))
        for c in text
    ]


def _folded(text: str) -> str:
    """Forms write a space as "+"."""
    return text.replace("+", " ")


# ------------------------------------------------------------------ what is looked for
@dataclass(frozen=True)
class _SearchText:
    """One text that stands for a value; from `short` characters on its beginning betrays it where
    a word ends, from `long` on anywhere."""

    text: str
    name: str
    short: int
    long: int

    @cached_property
    def _failure(self) -> list[int]:
        """The failure function of Knuth, Morris and Pratt."""
        failure, k = [0], 0
        for char in self.text[1:]:
            while k and char != self.text[k]:
                k = failure[k - 1]
            k += char == self.text[k]
            failure.append(k)
        return failure

    def found_in(self, text: str, *, is_cut: bool) -> list[tuple[int, int]]:
        """Where it or its beginning stands: (start, end), apart from each other."""
        places: list[tuple[int, int]] = []
        needle, failure, whole, k = self.text, self._failure, len(self.text), 0
        for at, char in enumerate(text, 1):
            while k and (k == whole or char != needle[k]):
                k = failure[k - 1]
            k += char == needle[k]
            if k < self.short:
                continue
            if k >= self.long or at == len(text) or not _IN_WORD.match(text[at]):
                joins = places and at - k < places[-1][1]
                start = places.pop()[0] if joins else at - k
                places.append((start, at))
        if is_cut and SHORTEST_SECRET <= k < self.short:
            places.append((len(text) - k, len(text)))
        return places


def _search_texts(name: str, value: str) -> Iterator[_SearchText]:
    """What stands for a value: itself, itself with its own escapes undone, and base64."""
    for reading in _readings(value):
        text = _folded(reading.text)
        if len(text) >= SHORTEST_SECRET:
            host = _HOST.match(text)  # it is no secret, and begins many addresses
            public = host.end() if host else 0
            yield _search_text(text, name, public)
    for shift in range(3):  # where the value begins within three bytes
        padded = b"\0" * shift + value.encode("utf-8", "surrogatepass")
        whole = len(padded) * 8 // 6  # what follows holds bits of what stands after it
        inner = base64.b64encode(padded).decode()[(shift * 8 + 5) // 6 : whole]
        if len(inner) >= _SHORT_HEAD:
            host = _HOST.match(value)
            public = host.end() * 4 // 3 if host else 0
            yield _search_text(_folded(inner), name, public)
            yield _search_text(inner.replace("+", "-").replace("/", "_"), name, public)


def _search_text(text: str, name: str, public: int) -> _SearchText:
    """`public` characters at its beginning betray nothing."""
    whole, secret = len(text), len(text) - public
    return _SearchText(
        text,
        name,
        short=min(whole, public + _SHORT_HEAD),
        long=min(whole, public + max(_SHORT_HEAD, min(_LONG_HEAD, secret // 2))),
    )
