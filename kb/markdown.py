"""Turns an article's Markdown into safe HTML and into plain sentences. Pure.

Raw HTML in Markdown is shown as text, and the result is cleaned again: an article folder may
come from anywhere.
"""

from __future__ import annotations

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "code", "pre", "a", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td", "hr", "br"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
# Lines end as in CommonMark: with LF, CR or both.
_MAYBE_FIRST = re.compile(r"(?<![^\s>])#(?!\S)|(?<![^\r\n])[ \t>]*=+[ \t]*(?![^\r\n])")
_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table")


def html(text: str) -> str:
    """Markdown as clean HTML: headings from h2, no images, no scripts, no foreign markup."""
    tokens = _PARSER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(max(int(token.tag[1]), 2), 4)}"
    rendered = str(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    return nh3.clean(
        rendered,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )


def plain(text: str) -> str:
    """Markdown as readable text, a line for each block."""
    blocks = (_block_text(token) for token in _PARSER.parse(text))
    return "\n".join(block for block in blocks if block)


def has_first_heading(text: str) -> bool:
    """Whether Markdown holds a heading of the first level. Few texts have what might be one, and
    only those are parsed."""
    return bool(_MAYBE_FIRST.search(text)) and any(
        token.type == "heading_open" and token.tag == "h1" for token in _PARSER.parse(text)
    )


def _block_text(token: Token) -> str:
    if token.type in ("fence", "code_block"):
        return token.content.strip()
    if token.type != "inline":
        return ""
    parts = (
        " " if c.type in ("softbreak", "hardbreak") else c.content for c in token.children or ()
    )
    return "".join(parts).strip()
