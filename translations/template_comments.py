"""Comments for translators on texts in templates: on which page each stands, and as what.

The page says what it is in the comment it begins with. What a text is comes from the element, the
attribute or the macro's parameter it is written in.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import Environment

CALLS = {"_": 0, "gettext": 0, "ngettext": 0, "pgettext": 1}  # and which parameter the text is
PURPOSE = re.compile(r"\s*\{#(?P<words>.*?)#\}", re.DOTALL)
IMPORT = re.compile(r"\{%-?\s*import \"([^\"]+)\" as (\w+)")
MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\((.*?)\)\s*-?%\}", re.DOTALL)
MARKUP = re.compile(
    r"<!--.*?-->|</(?P<end>[a-z][a-z0-9]*)|<(?P<tag>[a-z][a-z0-9]*)|(?P<attribute>[\w-]+)=\"|(?P<quote>\")|(?P<close>/?>)",
    re.DOTALL,
)
VOID = frozenset(
    {"area", "br", "col", "hr", "img", "input", "link", "meta", "path", "circle", "rect"}
)
ELEMENTS = {
    "title": "the title of the page",
    "h1": "the heading of the page",
    "h2": "a heading",
    "h3": "a heading",
    "h4": "a heading",
    "button": "a button",
    "a": "a link",
    "th": "the heading of a column or a row of a table",
    "td": "a cell of a table",
    "caption": "what a table shows",
    "label": "the label of a field",
    "legend": "what is chosen below",
    "option": "a choice in a list",
    "summary": "a line that opens what is folded below it",
    "dt": "the name of a value that follows",
    "dd": "a value",
    "li": "an item of a list",
    "p": "a sentence",
}
ATTRIBUTES = {
    "aria-label": "what a screen reader says of it",
    "alt": "what a picture shows",
    "placeholder": "an example in an empty field",
    "title": "what is shown when it is pointed at",
    "content": "a description of the page for search engines",
}
PARAMETERS = {
    "label": "the label of a field",
    "legend": "what is chosen below",
    "hint": "a hint below a field",
    "placeholder": "an example in an empty field",
    "summary": "a line that opens what is folded below it",
    "title": "a heading",
    "action": "a button",
}
MACROS = {
    ("button", "text"): "a button",
    ("submit_buttons", "word"): "a button",
    ("chart", "name"): "the name of a chart",
    ("crumbs", "items"): "a step on the way to this page",
    ("select", "options"): "a choice in a list",
    ("choices", "options"): "a choice",
    ("meter", "text"): "how much is used or known",
    ("empty", "title"): "a heading where there is nothing to show",
    ("empty", "text"): "a sentence where there is nothing to show",
    ("notice", "text"): "a notice",
    ("pill", "text"): "a state, beside its mark",
}
MarkedText = tuple[str, str]  # its place, if it is marked with one, and its English
Call = tuple[str, int, str]  # the function that is called, which parameter, its name if it is named


def macros(source: str, templates: Mapping[str, str]) -> dict[str, list[str]]:
    """The parameters of every macro that a template has or imports, by the name it calls it by."""
    parameters = _defined(source)
    for file, alias in IMPORT.findall(source):
        for name, names in _defined(templates[file]).items():
            parameters[f"{alias}.{name}"] = names
    return parameters


def _defined(source: str) -> dict[str, list[str]]:
    return {
        m[1]: [p.split("=")[0].strip() for p in m[2].split(",")] for m in MACRO.finditer(source)
    }


def purpose(source: str) -> str:
    """What a template says it is, in one line; "" if it does not."""
    match = PURPOSE.match(source)
    words = " ".join(match["words"].split()) if match else ""
    return words.replace(' Import "with context".', "").partition(" Behaviour ")[0]


@dataclass
class _Markup:
    """How far the markup is open: elements, and the attribute whose value is being written."""

    open: list[str] = field(default_factory=list)
    tag: str = ""  # whose attributes are being written
    attribute: str = ""

    def feed(self, text: str) -> None:
        for match in MARKUP.finditer(text):
            if self.attribute:
                self.attribute = "" if match["quote"] else self.attribute
            elif match["attribute"] and self.tag:
                self.attribute = match["attribute"]
            elif match["close"]:
                if self.tag and self.tag not in VOID and match["close"] == ">":
                    self.open.append(self.tag)
                self.tag = ""
            elif match["tag"]:
                self.tag = match["tag"]
            elif match["end"] in self.open:
                del self.open[len(self.open) - 1 - self.open[::-1].index(match["end"]) :]

    def what(self) -> str:
        """What a text is that would be written now."""
        if self.attribute:
            return ATTRIBUTES.get(self.attribute, f"the attribute {self.attribute}")
        return next((ELEMENTS[tag] for tag in reversed(self.open) if tag in ELEMENTS), "")


@dataclass
class _Calls:
    """Which calls are open inside an expression."""

    open: list[Call] = field(default_factory=list)
    name: str = ""  # what stands before the next bracket
    last: str = ""
    place: str = ""  # that a text is marked with

    def feed(self, kind: str, value: str) -> None:
        if kind == "name":
            self.name = self.name + value if self.name.endswith(".") else value
            self.last = value
        elif kind == "operator":
            self._operator(value)
            self.name = f"{self.name}." if value == "." else ""

    def _operator(self, value: str) -> None:
        if value in "([{":
            self.place = ""
            self.open.append((self.name if value == "(" else "", 0, ""))
        elif value in ")]}" and self.open:
            self.open.pop()
        elif value == "," and self.open:
            name, position, _ = self.open[-1]
            self.open[-1] = name, position + 1, ""
        elif value == "=" and self.open:
            name, position, _ = self.open[-1]
            self.open[-1] = name, position, self.last

    def marked(self, string: str) -> MarkedText | None:
        """The text that a call marks for translation, if a string here is one."""
        if not self.open or self.open[-1][0] not in CALLS:
            return None
        texts_ahead = CALLS[self.open[-1][0]] - self.open[-1][1]
        if texts_ahead == 1:
            self.place = string
        return (self.place, string) if texts_ahead == 0 else None

    def what(self, parameters: Mapping[str, list[str]]) -> str:
        """What a marked text is to the macro that it is handed to, or ""."""
        for macro, position, named in reversed(self.open[:-1]):
            if macro in parameters:
                names = parameters[macro]
                name = named or (names[position] if position < len(names) else "")
                words = MACROS.get((macro.split(".")[-1], name)) or PARAMETERS.get(name)
                return words or f"{name} of a {macro}"
        return ""


def template_comments(
    source: str, parameters: Mapping[str, list[str]]
) -> Iterator[tuple[MarkedText, str]]:
    """Every text of a template, with its comment. `parameters` are those of `macros`."""
    page, markup, calls, blocks = purpose(source), _Markup(), _Calls(), list[str]()
    statement: list[str] | None = None
    for _line, kind, value in Environment(autoescape=True).lex(source):
        if kind == "data":
            markup.feed(value)
        elif kind.endswith("_begin"):
            calls, statement = _Calls(), [] if kind == "block_begin" else None
        elif kind == "block_end":
            _follow(blocks, statement or [])
        elif kind == "string":
            if text := calls.marked(ast.literal_eval(value)):
                titled = ELEMENTS["title"] if blocks[-1:] == ["title"] else ""
                what = titled or calls.what(parameters) or markup.what()
                yield text, _comment(page, what)
        elif kind in {"name", "operator"}:
            calls.feed(kind, value)
            if statement is not None and kind == "name":
                statement.append(value)


def _follow(blocks: list[str], statement: list[str]) -> None:
    if statement[:1] == ["block"]:
        blocks.append(statement[1])
    elif statement[:1] == ["endblock"] and blocks:
        blocks.pop()


def _comment(page: str, what: str) -> str:
    return f"{what[0].upper()}{what[1:]}. On: {page}" if what else f"On: {page}"
