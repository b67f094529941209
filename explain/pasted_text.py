"""Prepares pasted text for patterns: strips markup and quoting, folds letters. Linear time, bounded."""

from __future__ import annotations

import html
import re
import unicodedata

MAX_TEXT = 120_000
MAX_LINES = 4_000
MAX_LINE = 4_000

_INVISIBLE_ELEMENT = re.compile(r"<(script|style|head|title)\b[^>]{0,500}>", re.IGNORECASE)
_BLOCK = re.compile(
    r"<(?:/?(?:p|div|tr|li|h[1-6]|table|blockquote|pre))\b[^<>]{0,1000}>", re.IGNORECASE
)
_EMPTY = re.compile(r"<(p|div)\b[^<>]{0,1000}>\s{0,20}</\1>", re.IGNORECASE)
_BR = re.compile(r"<br\b[^<>]{0,1000}>", re.IGNORECASE)
_BLOCKS = re.compile(r"(?<! ) *\x01[\x01 ]*")
_TAG = re.compile(r"<[/!?a-z][^<>]{0,2000}>", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:html|body|div|p|br|table|span|td|meta|!doctype)\b", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f]+")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_QUOTE_MARKS_IN_LINE = re.compile(r"(?: >){1,9} ")
_TRANSCRIPT = re.compile(r">>> ?[A-Z]{4}\b")
_FOLDING = str.maketrans("łŁøØđĐæÆßıœŒ’‘`“”„«»–—", 'lLoOdDaAsioO\'\'\'"""""--')


def is_markup(text: str) -> bool:
    """Whether a text is HTML rather than plain text that mentions an address in angles."""
    return len(_MARKUP.findall(text[:20_000])) >= 2


def strip_markup(text: str) -> str:
    """HTML as a reader sees it. Scripts and styles are dropped, never read."""
    text = _strip_invisible_elements(text[:MAX_TEXT])
    breaks = len(_BR.findall(text)) + len(_BLOCK.findall(text))
    if "<pre" not in text.lower() and breaks > text.count("\n"):
        # A line end in the source is a space on the page; where tags break lines, they alone do.
        text = " ".join(text.replace("\r", "\n").split("\n"))
    text = _BR.sub("\n", _EMPTY.sub("<br>", text))
    text = _TAG.sub(" ", _BLOCK.sub("\x01", text.replace("\x01", "")))
    return html.unescape(_BLOCKS.sub("\n", text))


def _strip_invisible_elements(text: str) -> str:
    pieces: list[str] = []
    position = 0
    lowered = text.lower()
    for opening in _INVISIBLE_ELEMENT.finditer(text):
        if opening.start() < position:
            continue
        pieces.append(text[position : opening.start()])
        closing = lowered.find("</" + opening[1].lower(), opening.end())
        position = len(text) if closing < 0 else closing
        if closing < 0 and opening[1].lower() in ("head", "title"):
            position = opening.end()
    pieces.append(text[position:])
    return "".join(pieces)


def clean_lines(text: str) -> list[str]:
    """The lines of a text, controls dropped, runs of blanks joined, sizes bounded."""
    clean = _CONTROLS.sub("", text[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n"))
    return [_SPACES.sub(" ", line[:MAX_LINE]).rstrip() for line in clean.split("\n")[:MAX_LINES]]


def strip_quoting(text: str) -> str:
    """The text without quote marks ("> ", "| "), up to five levels; ">>> RCPT" stays."""
    text = text[: MAX_TEXT * 4].replace("\r\n", "\n")
    if text.startswith("> ") and "\n" not in text.strip() and text.count(" > ") > 1:
        text = _QUOTE_MARKS_IN_LINE.sub(" ", text)  # quoted, then pasted into one line
    lines = text.split("\n")
    for _ in range(5):
        quoted = [_is_quoted(line) for line in lines]
        if sum(quoted) < max(2, 0.02 * len(lines)) and not all(quoted):
            break
        lines = [_strip_quote_mark(line) if _is_quoted(line) else line for line in lines]
    return "\n".join(lines)


def _is_quoted(line: str) -> bool:
    start = line.lstrip()[:12]
    return start.startswith((">", "| ")) and not _TRANSCRIPT.match(start)


def _strip_quote_mark(line: str) -> str:
    unquoted_line = line.lstrip()[1:]
    return unquoted_line.removeprefix(" ")


def fold_text(text: str) -> str:
    """Lower case, no diacritics, plain quotes: the form that patterns match."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_FOLDING))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _SPACES.sub(" ", letters.lower())


def fold_to_line(text: str) -> str:
    """A folded text on one line, so that patterns match across line ends."""
    return " ".join(fold_text(text).split())
