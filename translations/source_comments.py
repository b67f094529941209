"""Comments for translators on texts of code and templates: what stands around each.
For a sentence that has no place of its own, its English alone does not say where a reader meets it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from babel.messages.catalog import Message

from translations.python_comments import classes, python_comments
from translations.template_comments import MarkedText, macros, template_comments

MOST = 4  # places of one text that are told
TEMPLATES = "templates/"


@dataclass
class ReadSources:
    """What was read to gather texts, each file once: modules with marked texts and templates by path,
    and the modules without any, whose classes are known by their fields all the same."""

    marked: dict[str, ast.Module] = field(default_factory=dict)
    silent: list[ast.Module] = field(default_factory=list)
    templates: dict[str, str] = field(default_factory=dict)


@dataclass
class SourceComments:
    """Comments by file and text, in the order in which they were met."""

    by_text: dict[tuple[str, MarkedText], list[str]] = field(default_factory=dict)

    def note(self, file: str, comments: Iterator[tuple[MarkedText, str]]) -> None:
        """Take what is said of the texts of a file."""
        for text, comment in comments:
            noted = self.by_text.setdefault((file, text), [])
            if comment not in noted:
                noted.append(comment)

    def comments(self, message: Message) -> list[str]:
        """Where a text stands: the first places, of many."""
        english = message.id if isinstance(message.id, str) else message.id[0]
        text = (message.context or "", english)
        files = (file for file, _line in message.locations)
        return [c for file in files for c in self.by_text.get((file, text), ())][:MOST]


def source_comments(read: ReadSources) -> SourceComments:
    """Of every module and template, given by its path from the root."""
    result = SourceComments()
    fields = classes([*read.marked.values(), *read.silent])
    for path, module in read.marked.items():
        result.note(path, python_comments(module, fields))
    templates = {path.removeprefix(TEMPLATES): text for path, text in read.templates.items()}
    for name, text in templates.items():
        result.note(TEMPLATES + name, template_comments(text, macros(text, templates)))
    return result
