"""What merely smells in an SPF record that can be read: a list of kinds and terms. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from standards.spf.lookup_tree import MOST_TERMS
from standards.spf.record import SpfRecord, Term

WIDE4, WIDE6 = 15, 31  # networks of this prefix length or shorter let a whole region send


@dataclass(frozen=True, slots=True)
class LintWarning:
    """`kind`: pass_all, neutral_all, soft_all, no_ending, after_all, redirect_ignored, ptr,
    repeated, wide, macro, untidy."""

    kind: str
    term: str


def smells(record: SpfRecord) -> tuple[LintWarning, ...]:
    """Everything that works, and could be better; in the record's order, each once."""
    found = [*_ending(record), *_each(record), *_repeated(record), *_writing(record)]
    return tuple(dict.fromkeys(found))


def _ending(record: SpfRecord) -> Iterator[LintWarning]:
    places = [i for i, t in enumerate(record.terms) if t.name == "all"]
    if not places:
        if not record.redirect:
            yield LintWarning("no_ending", "")
        return
    last = record.terms[places[0]]
    kinds = {"pass": "pass_all", "neutral": "neutral_all", "softfail": "soft_all"}
    if last.result in kinds:
        yield LintWarning(kinds[last.result], last.text)
    for behind in record.terms[places[0] + 1 : MOST_TERMS]:
        yield LintWarning("after_all", behind.text)
    if record.redirect:
        yield LintWarning("redirect_ignored", f"redirect={record.redirect}")


def _each(record: SpfRecord) -> Iterator[LintWarning]:
    for term in record.terms[:MOST_TERMS]:
        if term.name == "ptr":
            yield LintWarning("ptr", term.text)
        if "%" in term.domain:
            yield LintWarning("macro", term.text)
        if term.address is not None and term.result == "pass":
            length = term.cidr4 if term.address.version == 4 else term.cidr6
            if length <= (WIDE4 if term.address.version == 4 else WIDE6):
                yield LintWarning("wide", term.text)
    if "%" in record.redirect:
        yield LintWarning("macro", f"redirect={record.redirect}")


def meaning(term: Term) -> tuple[str, str, str, int, int, str]:
    """What two terms must share to be the same."""
    address = str(term.address) if term.address else ""
    domain = term.domain.lower().rstrip(".")
    return term.result, term.name, domain, term.cidr4, term.cidr6, address


def _repeated(record: SpfRecord) -> Iterator[LintWarning]:
    seen: set[tuple[str, str, str, int, int, str]] = set()
    for term in record.terms[:MOST_TERMS]:
        key = meaning(term)
        if key in seen and term.name != "all":
            yield LintWarning("repeated", term.text)
        seen.add(key)


def _writing(record: SpfRecord) -> Iterator[LintWarning]:
    """Legal, yet written as nobody writes it: capitals, double spaces."""
    for word in record.text.split():
        name = word.partition(":")[0].partition("=")[0]
        if name != name.lower():
            yield LintWarning("untidy", word)
    if "  " in record.text.strip() or record.text != record.text.strip():
        yield LintWarning("untidy", "“ ”")
