"""What people wrote elsewhere in HTML or Markdown, as the plain text that our pages show. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from render.characters import one_line, visible

MAX_TEXT = 20_000  # of one entry of a timeline, in characters
MAX_TITLE = 200
_MAX_SOURCE = 100_000
_TAG = re.compile(r"<!--|<(/?)([A-Za-z][A-Za-z0-9]{0,15})\b([^<>]{0,4000})>")
_HREF = re.compile(r"""\bhref\s{0,9}=\s{0,9}("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_UNSEEN = frozenset({"script", "style", "head", "title", "template"})
_BREAKS = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "hr"})
_BREAKS |= {f"h{level}" for level in range(1, 7)}
_STRUCK = frozenset({"del", "s", "strike"})
_INLINE = re.compile(
    "a|abbr|b|big|body|button|cite|code|em|embed|font|form|html|i|iframe|img|input|ins|kbd|mark"
    "|object|q|samp|small|span|strong|sub|sup|svg|tbody|td|th|thead|time|tt|u|var"
)
_MARKDOWN = (
    (re.compile(r"\{\{[<%][^{}]{0,500}[>%]\}\}"), ""),  # shortcodes of Hugo
    (re.compile(r"^[ \t]{0,3}(?:```|~~~)[^\n]{0,100}$", re.MULTILINE), ""),
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^[ \t]{0,3}>[ \t]?", re.MULTILINE), ""),
    (re.compile(r"^[ \t]{0,3}([-*_])(?:[ \t]{0,3}\1){2,20}[ \t]*$", re.MULTILINE), ""),
    (
        re.compile(r'!?\[([^\[\]\n]{0,500})\]\(([^()\s]{1,2000})(?:\s"[^"\n]{0,200}")?\)'),
        r"\1 (\2)",
    ),
    (re.compile(r"`([^`\n]{1,1000})`"), r"\1"),
    (re.compile(r"~~(?=[^\s~])[^~\n]{1,1000}~~[ \t]?"), ""),  # struck out: no longer meant
    (re.compile(r"(?<![\w*\\])(\*{1,3})(?=[^\s*])([^*\n]{1,1000})(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"(?<![\w\\])(_{1,3})(?=[^\s_])([^_\n]{1,1000})(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!-])"), r"\1"),
)
_GAP = re.compile(r"\n{2,}")


def plain_text(text: str) -> str:
    """As readers saw it, without markup; links keep their address in brackets."""
    visible_text = unescape("".join(_without_tags(text[:_MAX_SOURCE].replace("\r\n", "\n"))))
    for pattern, replacement in _MARKDOWN:
        visible_text = pattern.sub(replacement, visible_text)
    lines = (line if line.strip(" \t") else "" for line in visible(visible_text).split("\n"))
    paragraphs = _GAP.split("\n".join(lines))
    return "\n\n".join(paragraph.strip(" \t") for paragraph in paragraphs)


def plain_title(text: str) -> str:
    """The same on one line, as a heading."""
    title = one_line(plain_text(text))
    return title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…"


def _without_tags(text: str) -> Iterator[str]:
    """The text between tags of HTML; what only looks like a tag stays."""
    position, skipped, href = 0, "", ""
    while match := _TAG.search(text, position):
        if not skipped:
            yield text[position : match.start()]
        position = match.end()
        if match[0] == "<!--":
            end = text.find("-->", position)
            position = len(text) if end < 0 else end + 3
            continue
        is_end, name = bool(match[1]), match[2].lower()
        if name in _UNSEEN:
            skipped = "" if is_end and skipped == name else skipped or ("" if is_end else name)
        elif skipped:
            continue
        elif name == "a":
            if is_end and href:
                yield f" ({href})"
            href = "" if is_end else _address(match[3])
        elif name in _STRUCK:
            yield "~~"
        elif name in _BREAKS:
            yield "\n\n" if name == "p" else "\n"
        elif not _INLINE.fullmatch(name):
            yield match[0]
    if not skipped:
        yield text[position:]


def _address(attributes: str) -> str:
    match = _HREF.search(attributes)
    address = unescape(match[1].strip("\"'")).strip() if match else ""
    return address if address.startswith(("http://", "https://", "mailto:")) else ""
