"""Strips removal clauses from instructions: "delete the record A 192.0.2.1".

Their records must not be set. They are not removed either: what must go is decided by `compare`,
from DNS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from instructions.record_values import TYPES
from instructions.replacements import sentences
from instructions.vocabulary import REMOVAL_WORDS, SETTING_WORDS, has_stem
from kb.folding import fold

_WORD = re.compile(r"(?<![\w.@/=-])[^\W\d_]+(?![\w@=-]|\.\w)")
_TYPE = re.compile(rf"(?<![\w.-])(?:{'|'.join(sorted(TYPES, key=len, reverse=True))})(?![\w.=])")
_TRAILING_REMARK = re.compile(r"[(\[]\s*([^\W\d_]+)\s*[)\]]\s*\Z")
_ACTION_FIELD = re.compile(r"^\s*[^:\s]{2,20}\s*:\s*\w+\W*$")


def without_removals(lines: Iterable[str]) -> Iterator[str]:
    """The lines without removal clauses."""
    in_removal_list, past_first_record = (
        False,
        False,
    )  # below "Delete these records:", and past the first of them
    for line in lines:
        remaining, ends_in_removal = _without_removal_clauses(line)
        heading = line.rstrip().endswith(":") and len(line.split()) > 2
        if not line.strip():
            in_removal_list = in_removal_list and not past_first_record
        elif ends_in_removal and (heading or _ACTION_FIELD.match(line)):
            in_removal_list, past_first_record = True, False
        elif in_removal_list and (heading or (not ends_in_removal and _has_setting_word(line))):
            in_removal_list = False
        elif in_removal_list:
            past_first_record = True
            continue
        yield remaining


def is_setting_word(word: str) -> bool:
    """Whether a word asks to set something: "add", "nastavte"."""
    return has_stem(fold(word), SETTING_WORDS)


def _has_setting_word(line: str) -> bool:
    return any(is_setting_word(m[0]) for m in _WORD.finditer(line))


def _without_removal_clauses(line: str) -> tuple[str, bool]:
    """The line without its removal clauses, and whether the last one reaches the line's end.

    A clause ends with its sentence or at a setting word.
    """
    remark = _TRAILING_REMARK.search(line)
    if remark and has_stem(fold(remark[1]), REMOVAL_WORDS):
        return "", False
    parts: list[str] = []
    in_removal = False
    for sentence in sentences(line):
        start, in_removal = 0, False
        for word in _WORD.finditer(sentence):
            if in_removal and is_setting_word(word[0]):
                start, in_removal = word.start(), False
            elif not in_removal and has_stem(fold(word[0]), REMOVAL_WORDS):
                parts.append(sentence[start : word.start()])
                in_removal = True
        parts.append("" if in_removal else sentence[start:])
    remaining, types_named = "".join(parts), set(_TYPE.findall(line))
    if (
        line.rstrip().endswith(":")
        and len(types_named) == 1
        and not in_removal
        and not _TYPE.search(remaining)
    ):
        remaining = (
            f"{types_named.pop()} {remaining}"  # "delete the MX records and add these:" is about MX
        )
    return remaining, in_removal
