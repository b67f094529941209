"""Templates speak the trade as the code does: no macro, parameter or variable is named for nothing."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture_rules import EMPTY_NAMES, vague_template_names

ROOT = Path(__file__).resolve().parents[1]


def test_no_name_in_a_template_says_nothing() -> None:
    files = sorted((ROOT / "templates").rglob("*.html"))
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in files}
    assert len(texts) > 50
    assert list(vague_template_names(texts, EMPTY_NAMES)) == []


def test_no_template_writes_a_language_by_hand() -> None:
    """What is in the language of the texts themselves is handed in with it."""
    tags = re.compile(r'\b(?:href)?lang="[\w-]+"')
    files = sorted((ROOT / "templates").rglob("*.html"))
    assert [(f.name, tag) for f in files for tag in tags.findall(f.read_text("utf-8"))] == []
