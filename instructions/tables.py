"""Tables and field lists as rows of named columns.

Reads tables with headings (tabs, bars, wide gaps), lists of "Field: value", and tables that were
copied as one cell a line. Other lines are left for prose.py.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from instructions.record_values import TYPES
from instructions.vocabulary import COLUMNS, RECORD_WORDS
from kb.folding import fold

TableRow = dict[str, str]  # column → cell as written
_COLUMN = {word: column for column, words in COLUMNS.items() for word in words}
_BULLET = re.compile(r"^\s*(?:[-*•·–]\s+|\d{1,2}[.)]\s+)?")
_LABEL = re.compile(r"^([^:=|\t]{2,40}?)(?:(?<=\s)|(?<!\s)\s*+)(?::|=(?=\s))\s*(.*)$")
_FIELDS = re.compile(r"(?<!\s)(?:\s*+[,;|]\s*+|\s{2,}+)(?=[^\s,;|:=][^,;|:=]{1,29}:\s)")
_RULE = re.compile(r"^[\s|+:=_-]{3,}$")
_WIDE = re.compile(r"\s{2,}")
_TYPE = re.compile(rf"(?<![\w-])({'|'.join(sorted(TYPES, key=len, reverse=True))}|SPF)(?![\w])")


def type_of(cell: str) -> str:
    """The record type that a cell names ("CNAME", "TXT (SPF)", "záznam MX"), or ""."""
    match = _TYPE.search(cell.upper() if len(cell.split()) == 1 else cell)
    if not match:
        return ""
    other_words = re.findall(r"\w+", fold(cell[: match.start()] + " " + cell[match.end() :]))
    if any(
        w not in RECORD_WORDS and not w.isdigit() and w.upper() not in TYPES for w in other_words
    ):
        return ""
    return "TXT" if match[1] == "SPF" else match[1]


def column_of(cell: str) -> str:
    """The column that a heading or label names, or ""."""
    return _COLUMN.get(fold(cell.replace("’", "'")).strip(" :*#.\t\"'`"), "")


def split_cells(line: str) -> list[str]:
    """The cells of a line, split at tabs, bars, commas (CSV) or wide gaps."""
    if "\t" in line:
        return [c.strip() for c in line.split("\t")]
    if line.count("|") >= 2 or " | " in line:
        return [c.strip() for c in line.strip().strip("|").split("|")]
    unquoted = re.sub(r'"[^"]*"', "", line)
    if unquoted.count(",") >= 2 and not re.search(r",\s", unquoted.strip()):
        return [c.strip() for c in next(csv.reader([line.strip()]))]
    return [c.strip() for c in _WIDE.split(line.strip())]


def parse_heading(line: str) -> tuple[str, ...]:
    """The columns of a table's heading; () when the line is none. Unknown columns are ""."""
    columns = tuple(column_of(c) for c in split_cells(line))
    known_columns = [c for c in columns if c]
    return columns if len(set(known_columns)) >= 2 and "value" in known_columns else ()


def parse_labelled(line: str) -> list[tuple[str, str]]:
    """ "Type: CNAME" or several of them in one line, as (column, value)."""
    without_bullet = _BULLET.sub("", line, count=1)
    parts = _FIELDS.split(without_bullet) if _FIELDS.search(without_bullet) else [without_bullet]
    fields = [(column_of(m[1]), m[2].strip()) for p in parts if (m := _LABEL.match(p.strip()))]
    return fields if fields and all(column for column, _ in fields) else []


def _title_type(line: str) -> str:
    """The type that a line above records names: "MX records", "Add these MX records:"."""
    title = line.strip(" #*\t")
    if re.search(r"[@=]|\d\.\d", title):
        return ""
    types_named = _TYPE.findall(title) if title.endswith(":") else []
    return type_of(title.rstrip(":")) or (
        type_of(types_named[0]) if len(set(types_named)) == 1 else ""
    )


@dataclass
class TableReader:
    """Reads the lines once; `rows` yields the rows it recognises, and the other lines as text."""

    columns: tuple[str, ...] = ()
    stacked_columns: tuple[str, ...] = ()  # of a table with one cell a line
    heading_type: str = ""  # the type that the last heading named
    fields: TableRow = field(default_factory=dict)
    open_label: str = ""  # a label whose value is on the next line

    def rows(self, lines: Sequence[str]) -> Iterator[TableRow | str]:
        index = 0
        while index < len(lines):
            line = lines[index]
            if columns := self._stacked_headings(lines[index:]):
                yield from self._flush()
                self.stacked_columns, index = columns, index + len(columns)
            elif self.stacked_columns and (row := self._stacked_row(lines[index:])):
                yield row
                index += len(self.stacked_columns)
            else:
                self.stacked_columns = ()
                yield from self._read_line(line)
                index += 1
        yield from self._flush()

    def _stacked_headings(self, lines: Sequence[str]) -> tuple[str, ...]:
        """The headings of a table that is written one cell a line."""
        columns: list[str] = []
        for line in lines[:8]:
            name = column_of(line)
            if not name or name in columns:
                break
            columns.append(name)
        return tuple(columns) if len(columns) >= 3 and {"type", "value"} <= {*columns} else ()

    def _stacked_row(self, lines: Sequence[str]) -> TableRow:
        group = lines[: len(self.stacked_columns)]
        if len(group) < len(self.stacked_columns):
            return {}
        row = dict(zip(self.stacked_columns, group, strict=True))
        return row if type_of(row["type"]) else {}

    def _read_line(self, line: str) -> Iterator[TableRow | str]:
        if not line.strip() or _RULE.match(line):
            if not line.strip():
                yield from self._end_fields()
            return
        if self.open_label and not parse_labelled(line) and not column_of(line):
            self.fields[self.open_label], self.open_label = line.strip(), ""
            return
        if columns := parse_heading(line):
            yield from self._flush()
            self.columns = columns
            return
        yield from self._read_cells(line)

    def _read_cells(self, line: str) -> Iterator[TableRow | str]:
        if fields := parse_labelled(line):
            for column, text in fields:
                yield from self._add_field(column, text)
            return
        if column := column_of(line):
            yield from self._add_field(column, "")
            return
        row = self._row_in_columns(line)
        if row:
            yield row
            return
        yield from self._flush()
        if title_type := _title_type(line):
            self.heading_type, self.columns = title_type, ()
        yield line

    def _add_field(self, column: str, text: str) -> Iterator[TableRow]:
        if column in self.fields:
            yield from self._flush()
        self.open_label = "" if text else column
        if text:
            self.fields[column] = text

    def _row_in_columns(self, line: str) -> TableRow:
        row_cells = split_cells(line)
        if not self.columns or len(row_cells) < 2 or len(row_cells) < len(self.columns) - 2:
            return {}
        row = {c: f for c, f in zip(self.columns, row_cells, strict=False) if c}
        if "type" in self.columns:
            return row if type_of(row.get("type", "")) else {}
        return {**row, "type": self.heading_type} if self.heading_type else row

    def _end_fields(self) -> Iterator[TableRow]:
        """An empty line ends a list of fields that has its value."""
        if "value" in self.fields:
            yield from self._flush()

    def _flush(self) -> Iterator[TableRow]:
        row, self.fields, self.open_label = self.fields, {}, ""
        if row.get("value"):
            yield {"type": self.heading_type, **row} if self.heading_type else row
