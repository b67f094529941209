"""Reads one article file, front matter and Markdown: mistakes refused, remarks such as a second heading.

The front matter is YAML: keys with a text or a list of texts. Anything else is refused with its line.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from kb.markdown import has_first_heading
from kb.model import Article

MAX_BYTES = 200_000
SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
LANG = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?")  # pt, pt-BR, sr-Latn
FINDING = re.compile(r"\A(?:[a-z0-9_]+(?:\.[a-z0-9_]+){2}|[a-z0-9_]+(?:\.[a-z0-9_]+)?\.)")
LISTS = ("findings", "aliases")
REQUIRED = ("title", "lang", "topic", "findings")
ALLOWED = (*REQUIRED, "aliases")
FIRST = 2  # the line of a file that the front matter begins with


class BrokenArticle(Exception):
    """An article file that cannot be used; the text says where and what, for the author."""


@dataclass(frozen=True, slots=True)
class ArticleProblem:
    """What is wrong with a file, in a sentence for its author. `line` is 0 for the whole file."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


Value = str | tuple[str, ...]


def front_matter(lines: list[str]) -> dict[str, tuple[int, Value]]:
    """The keys between the two `---` lines, each with its line number in the file.

    Raises BrokenArticle with "line N: …" for what is not YAML, or more than keys with a text or a
    list of texts. Every value is taken as written: `no` is Norwegian, and 404 a text.
    """
    root = _compose("\n".join(lines))
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise BrokenArticle(f"line {_line(root)}: expected lines of 'key: value'")
    keys: dict[str, tuple[int, Value]] = {}
    for name, node in root.value:
        if not isinstance(name, yaml.ScalarNode):
            raise BrokenArticle(f"line {_line(name)}: a key is one word")
        if name.value in keys:
            raise BrokenArticle(f"line {_line(name)}: {name.value!r} is given twice")
        keys[name.value] = (_line(name), _value(name.value, node))
    return keys


def _compose(text: str) -> yaml.Node | None:
    """The document as YAML's nodes, which know their lines; types are not guessed. libyaml, where
    PyYAML has it, is ten times as fast; what is wrong is told by Python's own reader."""
    if yaml.__with_libyaml__:
        with suppress(yaml.YAMLError, RecursionError):
            return yaml.compose(text, Loader=yaml.CSafeLoader)
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark or error.problem_mark
        line_prefix = f"line {mark.line + FIRST}: " if mark else ""
        words = ", ".join(part for part in (error.context, error.problem) if part)
        raise BrokenArticle(f"{line_prefix}not YAML: {words}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + FIRST
        raise BrokenArticle(f"line {line}: not YAML: {error.reason}") from error
    except RecursionError as error:
        raise BrokenArticle("the lists of the front matter are nested too deeply") from error


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + FIRST


def _value(key: str, node: yaml.Node) -> Value:
    if isinstance(node, yaml.ScalarNode):
        text = str(node.value).strip()
        return text if text and key not in LISTS else (text,) if text else ()
    if isinstance(node, yaml.SequenceNode):
        return tuple(_item(key, item) for item in node.value)
    raise BrokenArticle(f"line {_line(node)}: {key!r} must be a text or a list of texts")


def _item(key: str, node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise BrokenArticle(f"line {_line(node)}: an item of {key!r} must be one text")
    return str(node.value).strip()


def split(text: str) -> tuple[list[str], str]:
    """The lines of the front matter and the Markdown below it."""
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].strip() != "---":
        raise BrokenArticle("line 1: the file must begin with a line '---'")
    for number, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            return lines[1:number], "\n".join(lines[number + 1 :]).strip()
    raise BrokenArticle("line 1: the front matter is not closed by a second line '---'")


def decode(raw: bytes) -> str:
    """A file's text. Raises BrokenArticle when it is too large, binary or not UTF-8."""
    if len(raw) > MAX_BYTES:
        raise BrokenArticle(f"the file has {len(raw)} bytes; at most {MAX_BYTES} are read")
    if b"\x00" in raw:
        raise BrokenArticle("the file is binary, not text")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BrokenArticle(f"line {line}: not UTF-8 (byte {error.start})") from error


def parse(text: str, slug: str) -> Article:
    """An article from a file's text. Raises BrokenArticle with the first thing that is wrong."""
    head, body = split(text)
    keys = front_matter(head)
    for name in REQUIRED:
        if name not in keys:
            raise BrokenArticle(f"{name!r} is missing in the front matter")
    texts: dict[str, str] = {}
    for name in ("title", "lang", "topic"):
        line, value = keys[name]
        if not isinstance(value, str) or not value:
            raise BrokenArticle(f"line {line}: {name!r} must be one non-empty text")
        texts[name] = value
    if not body:
        raise BrokenArticle("there is no text below the front matter")
    return Article(
        slug=slug,
        lang=texts["lang"],
        title=texts["title"],
        topic=texts["topic"],
        findings=_list(keys, "findings"),
        aliases=_list(keys, "aliases"),
        body=body,
    )


def _list(keys: dict[str, tuple[int, Value]], name: str) -> tuple[str, ...]:
    _, value = keys.get(name, (0, ()))
    return value if isinstance(value, tuple) else (value,)


def remarks(article: Article, text: str, stem: str) -> list[tuple[int, str]]:
    """What an author should mend although the article can be read: (line, sentence)."""
    keys = front_matter(split(text)[0])
    notes: list[tuple[int, str]] = [
        (line, f"{name!r} is not a key; allowed are {', '.join(ALLOWED)}")
        for name, (line, _) in keys.items()
        if name not in ALLOWED
    ]
    if article.lang != stem:
        notes.append((keys["lang"][0], f"lang is {article.lang!r} but the file is {stem}.md"))
    if article.topic != article.slug:
        line = keys["topic"][0]
        notes.append((line, f"topic is {article.topic!r} but the folder is {article.slug!r}"))
    notes += [
        (keys["findings"][0], f"{finding!r} is not a finding id (area.subject.problem)")
        for finding in article.findings
        if not FINDING.fullmatch(finding)
    ]
    if has_first_heading(article.body):
        notes.append((0, "the title is the only first heading; begin inside with '## '"))
    return notes


def read(path: Path) -> tuple[Article | None, list[ArticleProblem]]:
    """An article file and everything that is wrong with it. Never raises for a bad file."""
    name = str(path)
    try:
        _check_name(path)
        text = decode(path.read_bytes())
        article = parse(text, path.parent.name)
    except BrokenArticle as error:
        match = re.match(r"line (\d+): (.*)", str(error), re.DOTALL)
        line, sentence = (int(match[1]), match[2]) if match else (0, str(error))
        return None, [ArticleProblem(name, line, sentence)]
    except OSError as error:
        return None, [ArticleProblem(name, 0, f"cannot be read: {error.strerror or error}")]
    return article, [
        ArticleProblem(name, line, sentence) for line, sentence in remarks(article, text, path.stem)
    ]


def _check_name(path: Path) -> None:
    if not SLUG.fullmatch(path.parent.name):
        raise BrokenArticle("a folder's name holds only a-z, 0-9 and '-'")
    if not LANG.fullmatch(path.stem):
        raise BrokenArticle("a file is named by its language, such as cs.md")
