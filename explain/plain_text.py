"""Foreign text to plain lines: markup gone, quoting gone, letters folded. Pure, linear, bounded."""

from __future__ import annotations

import html
import re
import unicodedata

MAX_TEXT = 120_000
MAX_LINES = 4_000
MAX_LINE = 4_000

_SILENT = re.compile(r"<(script|style|head|title)\b[^>]{0,500}>", re.IGNORECASE)
_BLOCK = re.compile(
    r"<(?:/?(?:p|div|tr|li|h[1-6]|table|blockquote|pre))\b[^<>]{0,1000}>", re.IGNORECASE
)
_EMPTY = re.compile(r"<(p|div)\b[^<>]{0,1000}>\s{0,20}</\1>", re.IGNORECASE)
_BR = re.compile(r"<br\b[^<>]{0,1000}>", re.IGNORECASE)
_BLOCKS = re.compile(r" *\x01[\x01 ]*")
_TAG = re.compile(r"<[/!?a-z][^<>]{0,2000}>", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:html|body|div|p|br|table|span|td|meta|!doctype)\b", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f]+")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_MARKS_WITHIN = re.compile(r"(?: >){1,9} ")
_TRANSCRIPT = re.compile(r">>> ?[A-Z]{4}\b")
_UNFOLDED = str.maketrans("łŁøØđĐæÆßıœŒ’‘`“”„«»–—", 'lLoOdDaAsioO\'\'\'"""""--')


def is_markup(text: str) -> bool:
    """Whether a text is HTML rather than plain text that mentions an address in angles."""
    return len(_MARKUP.findall(text[:20_000])) >= 2


def without_markup(text: str) -> str:
    """HTML as a reader sees it. Scripts and styles are dropped, never read."""
    text = _without_silent(text[:MAX_TEXT])
    breaks = len(_BR.findall(text)) + len(_BLOCK.findall(text))
    if "<pre" not in text.lower() and breaks > text.count("\n"):
        # A line end in the source is a space on the page; where tags break lines, they alone do.
        text = " ".join(text.replace("\r", "\n").split("\n"))
    text = _BR.sub("\n", _EMPTY.sub("<br>", text))
    text = _TAG.sub(" ", _BLOCK.sub("\x01", text.replace("\x01", "")))
    return html.unescape(_BLOCKS.sub("\n", text))


def _without_silent(text: str) -> str:
    kept: list[str] = []
    at = 0
    lowered = text.lower()
    for opened in _SILENT.finditer(text):
        if opened.start() < at:
            continue
        kept.append(text[at : opened.start()])
        closed = lowered.find("</" + opened[1].lower(), opened.end())
        at = len(text) if closed < 0 else closed
        if closed < 0 and opened[1].lower() in ("head", "title"):
            at = opened.end()
    kept.append(text[at:])
    return "".join(kept)


def lines_of(text: str) -> list[str]:
    """The lines of a text, controls dropped, runs of blanks joined, sizes bounded."""
    clean = _CONTROLS.sub("", text[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n"))
    return [_SPACES.sub(" ", line[:MAX_LINE]).rstrip() for line in clean.split("\n")[:MAX_LINES]]


def unquoted(text: str) -> str:
    """The text without "> " and "| " of forwarding, up to five levels. Transcripts keep ">>> RCPT"."""
    text = text[: MAX_TEXT * 4].replace("\r\n", "\n")
    if text.startswith("> ") and "\n" not in text.strip() and text.count(" > ") > 1:
        text = _MARKS_WITHIN.sub(" ", text)  # quoted, then pasted into one line
    lines = text.split("\n")
    for _ in range(5):
        quoted = [_is_quoted(line) for line in lines]
        if sum(quoted) < max(2, 0.02 * len(lines)) and not (quoted and all(quoted)):
            break
        lines = [
            _dequoted(line) if said else line for line, said in zip(lines, quoted, strict=True)
        ]
    return "\n".join(lines)


def _is_quoted(line: str) -> bool:
    start = line.lstrip()[:12]
    return start.startswith((">", "| ")) and not _TRANSCRIPT.match(start)


def _dequoted(line: str) -> str:
    rest = line.lstrip()[1:]
    return rest.removeprefix(" ")


def folded(text: str) -> str:
    """Lower case, no diacritics, plain quotes: what phrases are compared with."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_UNFOLDED))
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _SPACES.sub(" ", kept.lower())


def joined(text: str) -> str:
    """A folded paragraph on one line, so that phrases match across line ends."""
    return " ".join(folded(text).split())
