"""One issue of cState: its front matter, and its body as entries with their times. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from importers.source import Fields, NotImported, UnreadableSource, parse_toml, parse_yaml
from kb.folding import fold
from status.model import IncidentState as State

_FRONT = re.compile(r"(?s)(---|\+\+\+)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|$)(.*)")
_TRACK = re.compile(r"""\{\{[<%]\s{0,9}track\s{1,9}["'`]([^"'`{}]{1,60})["'`]\s{0,9}[>%]\}\}""")
_RULE = re.compile(r"[ \t]{0,3}([-*_])([ \t]{0,3}\1){2,}[ \t]*")
_LABEL = re.compile(  # "**Resolved** -", "*Resolved:*", "Resolved (12:30):"
    r"(?:\*{1,3}|_{1,3})(?P<marked>[^*_\n]{1,40})(?:\*{1,3}|_{1,3})"
    r"(?:[ \t]*(?:[-–—:]|\n|$)|(?<=:[*_])|(?<=:[*_]{2})|(?<=:[*_]{3}))"
    r"|^(?P<plain>[^\n:–—]{1,40}?)(?::|[ \t]+[-–—])(?=[ \t\n])"
)
_WORDS = re.compile(r"[^\W\d_]+(?:['’ -][^\W\d_]+)*")
_ENTRY_LABELS = tomllib.loads(Path(__file__).with_name("entry_labels.toml").read_text("utf-8"))
_NO_STATE = frozenset(_ENTRY_LABELS.pop("update"))
_STATES = {label: State(state) for state, labels in _ENTRY_LABELS.items() for label in labels}
_PARSERS = {"---": parse_yaml, "+++": parse_toml}


@dataclass(frozen=True, slots=True)
class IssueEntry:
    """What was told at once; `time` is what its `track` says, "" for nothing. `state` is None where
    the entry does not say one."""

    text: str
    state: State | None = None
    time: str = ""


def split_front_matter(text: str) -> tuple[Fields, str]:
    """The keys before the body, and the body. Raises NotImported."""
    normal = text.replace("\r\n", "\n")
    if match := _FRONT.fullmatch(normal.lstrip()):
        parse, head, body = _PARSERS[match[1]], match[2], match[3]
    else:
        raise NotImported("it has no front matter")
    try:
        fields = parse(head)
    except UnreadableSource as error:
        raise NotImported(f"its front matter: {error}") from None
    if not isinstance(fields, dict):
        raise NotImported("its front matter has no keys")
    return fields, body


def entries_of(body: str) -> tuple[IssueEntry, ...]:
    """The entries in the order in which they were told; those without a time between two others
    belong to the one before."""
    entries = tuple(_entries(body))
    entries = entries if _is_ascending(entries) else entries[::-1]
    postmortems = [e for e in entries if e.state is State.POSTMORTEM]
    ordinary = [e for e in entries if e.state is not State.POSTMORTEM]
    return (*_joined(ordinary), *postmortems)


def _entries(body: str) -> Iterator[IssueEntry]:
    """As they stand: a label begins one, a time ends it."""
    current: IssueEntry | None = None
    for paragraph in map(str.lstrip, _paragraphs(body)):
        label = _LABEL.match(paragraph)
        word = _label_word(label["marked"] or label["plain"]) if label else ""
        begins = word in _STATES or word in _NO_STATE
        if begins and current is not None:
            yield current
            current = None
        text = paragraph[label.end() :] if label and begins else paragraph
        times = _TRACK.findall(text)
        text = _TRACK.sub("", text).strip()
        if current is None:
            current = IssueEntry(text, _STATES.get(word))
        else:
            current = replace(current, text=f"{current.text}\n\n{text}".strip())
        if times:
            yield replace(current, time=times[0])
            current = None
    if current is not None:
        yield current


def _label_word(label: str) -> str:
    """The folded words of a label, without the time that may follow them."""
    words = _WORDS.match(label.strip())
    return fold(words[0].replace("’", "'")) if words else ""


def _paragraphs(body: str) -> Iterator[str]:
    lines: list[str] = []
    for line in (*body.split("\n"), ""):
        if line.strip() and not _RULE.fullmatch(line):
            lines.append(line)
        elif lines:
            yield "\n".join(lines)
            lines = []


def _is_ascending(entries: tuple[IssueEntry, ...]) -> bool:
    """Whether the oldest stands first; the custom is that the newest does."""
    times = [e.time for e in entries if e.time]
    if len(times) > 1 and times[0] != times[-1]:
        return times[0] < times[-1]
    states = [e.state for e in entries if e.state]
    first, last = (states[0], states[-1]) if states else (None, None)
    return len(states) > 1 and (first is State.INVESTIGATING or last is State.RESOLVED)


def _joined(entries: list[IssueEntry]) -> Iterator[IssueEntry]:
    """Nothing is known of when an entry without a time was told, but for the first and the last."""
    held: IssueEntry | None = None
    for position, entry in enumerate(entries):
        is_between = 0 < position < len(entries) - 1
        if held is not None and is_between and not entry.time:
            held = replace(held, text=f"{held.text}\n\n{entry.text}")
            continue
        if held is not None:
            yield held
        held = entry
    if held is not None:
        yield held
