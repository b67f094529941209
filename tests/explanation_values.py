"""What every pasted text is read as and advised, value by value, as it was last agreed to.

`python -m tests.explanation_values` writes it to tests/cases/explain/values/, a line for each explanation,
for each piece of advice, and for each message's headers. The difference in git is what a reader
will see otherwise than before: read it, then commit it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

from explain import explain
from explain.cli import explain_file
from explain.document import document, explain_page
from explain.model import Explanation
from tests.agreed_lines import CASES, line_of, write

_PASTED, _LETTERS = CASES / "explain" / "pasted", CASES / "explain"
FOLDER = CASES / "explain" / "values"
_ADVICE = ("reason", "owner", "title", "says", "next", "articles", "checks")
_DRAFT = ("domains", "symptom", "category", "subject", "body")
_READ = [f.name for f in fields(Explanation) if f.name not in (*_ADVICE[1:], "headers")]


def pasted() -> dict[str, dict[str, str]]:
    """The texts of each file, by the case's own line."""
    texts_by_file: dict[str, dict[str, str]] = {}
    for file in sorted(_PASTED.glob("*.txt")):
        blocks = re.split(r"(?m)^#### (?=[a-z])", file.read_text("utf-8"))[1:]
        cases = (block.partition("\n") for block in blocks)
        texts_by_file[file.stem] = {
            f"{file.stem} {number}: {head.rpartition('|')[2].strip()}": text.rstrip("\n")
            for number, (head, _, text) in enumerate(cases, 1)
        }
    return texts_by_file


@cache
def explained(text: str) -> tuple[Explanation, ...]:
    """What is made of a text; several tests look at it."""
    return tuple(explain(text))


def lines_of(case: str, text: str) -> list[str]:
    """A line for each explanation of a text: what was read."""
    return [
        line_of(case, {name: getattr(item, name) for name in _READ}) for item in explained(text)
    ]


def advice_lines() -> list[str]:
    """A line for each piece of advice that any of the texts is given: its words, links and checks."""
    explanations = (e for texts in pasted().values() for t in texts.values() for e in explained(t))
    lines = {
        line_of(f"{item.kind} {item.reason}", {name: getattr(item, name) for name in _ADVICE})
        for item in explanations
    }
    return sorted(lines)


def _printed(file: Path) -> list[str]:
    out = io.StringIO()
    explain_file(str(file), as_json=False, out=out)
    return out.getvalue().splitlines()


def letter_lines() -> Iterator[str]:
    """A line for each whole message: the published document, what the page makes of it, and what
    the terminal prints."""
    for file in sorted((*_LETTERS.glob("*.*"), *_LETTERS.glob("headers/*"))):
        text = file.read_bytes().decode("utf-8", "replace")
        page = explain_page(text, "en")
        values = {name: getattr(page, name) for name in _DRAFT} if page else {}
        values["terminal"] = _printed(file)
        yield line_of(file.name, {**document(explain(text)), **values})


if __name__ == "__main__":
    files = {
        name: [line for case, text in texts.items() for line in lines_of(case, text)]
        for name, texts in pasted().items()
    }
    write(FOLDER, {**files, "advice": advice_lines(), "letters": list(letter_lines())})
