"""Tables and lists of fields as rows: what stands in which column, whatever the layout. Pure.

Knows tables with headings (tabs, bars, wide gaps), lists of "Field: value", and tables that lost
their lines when they were copied (one cell a line). What is none of these is left for `free`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from instructions.record_values import TYPES
from instructions.vocabulary import COLUMNS, RECORD
from kb.folding import fold

Row = dict[str, str]  # column → cell as written
_COLUMN = {word: column for column, words in COLUMNS.items() for word in words}
_BULLET = re.compile(r"^\s*(?:[-*•·–]\s+|\d{1,2}[.)]\s+)?")
_LABEL = re.compile(r"^([^:=|\t]{2,40}?)\s*(?::|=(?=\s))\s*(.*)$")
_FIELDS = re.compile(r"(?:\s*[,;|]\s*|\s{2,})(?=[^\s,;|:=][^,;|:=]{1,29}:\s)")
_RULE = re.compile(r"^[\s|+:=_-]{3,}$")
_WIDE = re.compile(r"\s{2,}")
_TYPE = re.compile(rf"(?<![\w-])({'|'.join(sorted(TYPES, key=len, reverse=True))}|SPF)(?![\w])")


def type_of(cell: str) -> str:
    """The record type that a cell names ("CNAME", "TXT (SPF)", "záznam MX"), or ""."""
    found = _TYPE.search(cell.upper() if len(cell.split()) == 1 else cell)
    if not found:
        return ""
    others = re.findall(r"\w+", fold(cell[: found.start()] + " " + cell[found.end() :]))
    if any(w not in RECORD and not w.isdigit() and w.upper() not in TYPES for w in others):
        return ""
    return "TXT" if found[1] == "SPF" else found[1]


def column_of(cell: str) -> str:
    """The column that a heading or label names, or ""."""
    return _COLUMN.get(fold(cell).strip(" :*#.\t\"'`"), "")


def cells(line: str) -> list[str]:
    """The cells of a line: by tabs, bars, commas (CSV) or wide gaps; the whole line when it has none."""
    if "\t" in line:
        return [c.strip() for c in line.split("\t")]
    if line.count("|") >= 2 or " | " in line:
        return [c.strip() for c in line.strip().strip("|").split("|")]
    bare = re.sub(r'"[^"]*"', "", line)
    if bare.count(",") >= 2 and not re.search(r",\s", bare.strip()):
        return [c.strip() for c in next(csv.reader([line.strip()]))]
    return [c.strip() for c in _WIDE.split(line.strip())]


def heading(line: str) -> tuple[str, ...]:
    """The columns of a table's heading; () when the line is none. Unknown columns are ""."""
    columns = tuple(column_of(c) for c in cells(line))
    known = [c for c in columns if c]
    return columns if len(set(known)) >= 2 and "value" in known else ()


def labelled(line: str) -> list[tuple[str, str]]:
    """ "Type: CNAME" or several of them in one line, as (column, value)."""
    bare = _BULLET.sub("", line, count=1)
    parts = _FIELDS.split(bare) if _FIELDS.search(bare) else [bare]
    found = [(column_of(m[1]), m[2].strip()) for p in parts if (m := _LABEL.match(p.strip()))]
    return found if found and all(column for column, _ in found) else []


def _title(line: str) -> str:
    """The type that a line above records names: "MX records", "Add these MX records:"."""
    bare = line.strip(" #*\t")
    if re.search(r"[@=]|\d\.\d", bare):
        return ""
    named = _TYPE.findall(bare) if bare.endswith(":") else []
    return type_of(bare.rstrip(":")) or (type_of(named[0]) if len(set(named)) == 1 else "")


@dataclass
class TableReader:
    """Walks over the lines once; `rows` yields what it recognised, and the lines it did not."""

    columns: tuple[str, ...] = ()
    upright: tuple[str, ...] = ()  # a table with one cell a line
    under: str = ""  # the type that the last heading named
    block: Row = field(default_factory=dict)
    waiting: str = ""  # a label whose value comes in the next line

    def rows(self, lines: Sequence[str]) -> Iterator[Row | str]:
        place = 0
        while place < len(lines):
            line = lines[place]
            if columns := self._stacked(lines[place:]):
                yield from self._flush()
                self.upright, place = columns, place + len(columns)
            elif self.upright and (row := self._lifted(lines[place:])):
                yield row
                place += len(self.upright)
            else:
                self.upright = ()
                yield from self._line(line)
                place += 1
        yield from self._flush()

    def _stacked(self, lines: Sequence[str]) -> tuple[str, ...]:
        """The headings of a table that is written one cell a line."""
        columns: list[str] = []
        for line in lines[:8]:
            column = column_of(line)
            if not column or column in columns:
                break
            columns.append(column)
        return tuple(columns) if len(columns) >= 3 and {"type", "value"} <= {*columns} else ()

    def _lifted(self, lines: Sequence[str]) -> Row:
        group = lines[: len(self.upright)]
        if len(group) < len(self.upright):
            return {}
        row = dict(zip(self.upright, group, strict=True))
        return row if type_of(row["type"]) else {}

    def _line(self, line: str) -> Iterator[Row | str]:
        if not line.strip() or _RULE.match(line):
            if not line.strip():
                yield from self._pause()
            return
        if self.waiting and not labelled(line) and not column_of(line):
            self.block[self.waiting], self.waiting = line.strip(), ""
            return
        if columns := heading(line):
            yield from self._flush()
            self.columns = columns
            return
        yield from self._cells(line)

    def _cells(self, line: str) -> Iterator[Row | str]:
        if fields := labelled(line):
            for column, text in fields:
                yield from self._field(column, text)
            return
        if column := column_of(line):
            yield from self._field(column, "")
            return
        row = self._in_columns(line)
        if row:
            yield row
            return
        yield from self._flush()
        if under := _title(line):
            self.under, self.columns = under, ()
        yield line

    def _field(self, column: str, text: str) -> Iterator[Row]:
        if column in self.block:
            yield from self._flush()
        self.waiting = "" if text else column
        if text:
            self.block[column] = text

    def _in_columns(self, line: str) -> Row:
        found = cells(line)
        if not self.columns or len(found) < 2 or len(found) < len(self.columns) - 2:
            return {}
        row = {c: f for c, f in zip(self.columns, found, strict=False) if c}
        if "type" in self.columns:
            return row if type_of(row.get("type", "")) else {}
        return {**row, "type": self.under} if self.under else row

    def _pause(self) -> Iterator[Row]:
        """An empty line ends a list of fields that is whole, and a table."""
        if "value" in self.block:
            yield from self._flush()

    def _flush(self) -> Iterator[Row]:
        row, self.block, self.waiting = self.block, {}, ""
        if row.get("value"):
            yield {"type": self.under, **row} if self.under else row
