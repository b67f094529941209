"""What instructions want gone, taken out of the text: "delete the record A 192.0.2.1". Pure.

Records of such clauses are not wanted, and a request that set them again would do the opposite.
Nothing is removed on their word either: what must give way is told by `compare`, from the DNS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from instructions.record_values import TYPES
from instructions.vocabulary import REMOVE, SET
from kb.folding import fold

_WORD = re.compile(r"(?<![\w.@/=-])[^\W\d_]+(?![\w@=-]|\.\w)")
_TYPE = re.compile(rf"(?<![\w.-])(?:{'|'.join(sorted(TYPES, key=len, reverse=True))})(?![\w.=])")
_REMARK = re.compile(r"[(\[]\s*([^\W\d_]+)\s*[)\]]\s*\Z")
_SENTENCE = re.compile(r"[.;!]\s+(?=[^\W\d_a-z])")
_ACTION = re.compile(r"^\s*[^:\s]{2,20}\s*:\s*\w+\W*$")
_IP = r"(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})"
_HOST = r"(?:\d{1,5}\s+)?(?:[\w-]+\.)+[a-z]{2,63}\.?"
_FROM, _TO = r"(?:from|z|ze|zo|od|iz|sa)", r"(?:to|with|by|na|za|s|by|u|w)"
_OLD = re.compile(
    rf"(?<![\w.:])(?:{_FROM}\s+)?{_IP}[\"”]?,?\s+{_TO}\s+(?=(?:\w+\s+){{0,2}}[\"“„]?{_IP}(?!\w|[.:]\w))"
    rf"|(?<![\w.:])(?:[\w-]+\.)+[a-z]{{2,63}}\s+(?:\w{{6,12}}|{_TO})\s+(?=\d{{1,5}}\s+{_HOST})"
    rf"|(?<![\w.:]){_FROM}\s+{_HOST}\s+{_TO}\s+(?=[\"“„]?{_HOST})",
    re.IGNORECASE,
)


def without(lines: Iterable[str]) -> Iterator[str]:
    """The lines without what they want removed, and without the old half of "from A to B"."""
    under, seen = False, False  # below "Delete these records:", and past the first of them
    for line in lines:
        kept, cut = _kept(line)
        heading = line.rstrip().endswith(":") and len(line.split()) > 2
        if not line.strip():
            under = under and not seen
        elif cut and (heading or _ACTION.match(line)):
            under, seen = True, False
        elif under and (heading or (not cut and _sets(line))):
            under = False
        elif under:
            seen = True
            continue
        yield _OLD.sub(" ", kept)


def _is(word: str, stems: tuple[str, ...]) -> bool:
    folded = fold(word)
    return any(folded.startswith(s[:-1]) if s.endswith("*") else folded == s for s in stems)


def is_setting(word: str) -> bool:
    """Whether a word is one of setting: "add", "nastavte"."""
    return _is(word, SET)


def _sets(line: str) -> bool:
    return any(is_setting(m[0]) for m in _WORD.finditer(line))


def _kept(line: str) -> tuple[str, bool]:
    """The line without its clauses of removal; whether one of them reaches its end.

    A clause ends with its sentence, or where a word of setting begins the next one.
    """
    remark = _REMARK.search(line)
    if remark and _is(remark[1], REMOVE):
        return "", False
    parts: list[str] = []
    open_ = False
    for sentence in _sentences(line):
        at, open_ = 0, False
        for word in _WORD.finditer(sentence):
            if open_ and is_setting(word[0]):
                at, open_ = word.start(), False
            elif not open_ and _is(word[0], REMOVE):
                parts.append(sentence[at : word.start()])
                open_ = True
        parts.append("" if open_ else sentence[at:])
    kept, named = "".join(parts), set(_TYPE.findall(line))
    if line.rstrip().endswith(":") and len(named) == 1 and not open_ and not _TYPE.search(kept):
        kept = f"{named.pop()} {kept}"  # "delete the MX records and add these:" is about MX
    return kept, open_


def _sentences(line: str) -> Iterator[str]:
    at = 0
    for end in _SENTENCE.finditer(line):
        yield line[at : end.end()]
        at = end.end()
    yield line[at:]
