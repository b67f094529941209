"""Tables of pages on a telephone: wide ones stand as lists there, and each value says what it is."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
WIDE = 4  # columns that no telephone has room for


def tables():
    """(file, table) of every table with column heads."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        for table in re.findall(r"<table\b.*?</table>", path.read_text("utf-8"), re.DOTALL):
            yield path.relative_to(TEMPLATES).as_posix(), table


def is_wide(table):
    heads = table.partition("</thead>")[0]
    return heads.count('scope="col"') >= WIDE or ("{% for" in heads and 'scope="col"' in heads)


def test_wide_tables_stand_as_lists_on_telephones():
    wide = [(name, table) for name, table in tables() if is_wide(table)]
    assert len(wide) > 10
    assert [name for name, table in wide if "table--stack" not in table] == []


def test_each_value_of_such_a_list_says_what_it_is():
    stacked = [(name, table) for name, table in tables() if "table--stack" in table]
    unlabelled = [
        (name, cell)
        for name, table in stacked
        for cell in re.findall(r"<td[^>]*>", table)
        if not cell.startswith('<td data-label="')
    ]
    assert unlabelled == []
