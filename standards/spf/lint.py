"""Lint for valid SPF records: terms that are risky, redundant, obsolete or untidy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from standards.spf.lookup_tree import MAX_TERMS
from standards.spf.record import SpfRecord, Term

MAX_WIDE_PREFIX4, MAX_WIDE_PREFIX6 = (
    15,
    31,
)  # prefix lengths up to these are too wide


@dataclass(frozen=True, slots=True)
class LintWarning:
    """A warning about a term. `kind`: pass_all, neutral_all, soft_all, no_ending, after_all, redirect_ignored, ptr,
    repeated, wide, macro, untidy."""

    kind: str
    term: str


def lint_record(record: SpfRecord) -> tuple[LintWarning, ...]:
    """All warnings about a record, each once: its ending, its terms, repetitions, style."""
    warnings = [
        *_all_warnings(record),
        *_term_warnings(record),
        *_repetition_warnings(record),
        *_style_warnings(record),
    ]
    return tuple(dict.fromkeys(warnings))


def _all_warnings(record: SpfRecord) -> Iterator[LintWarning]:
    all_positions = [i for i, t in enumerate(record.terms) if t.name == "all"]
    if not all_positions:
        if not record.redirect:
            yield LintWarning("no_ending", "")
        return
    all_term = record.terms[all_positions[0]]
    kinds = {"pass": "pass_all", "neutral": "neutral_all", "softfail": "soft_all"}
    if all_term.result in kinds:
        yield LintWarning(kinds[all_term.result], all_term.text)
    for unreached in record.terms[all_positions[0] + 1 : MAX_TERMS]:
        yield LintWarning("after_all", unreached.text)
    if record.redirect:
        yield LintWarning("redirect_ignored", f"redirect={record.redirect}")


def _term_warnings(record: SpfRecord) -> Iterator[LintWarning]:
    for term in record.terms[:MAX_TERMS]:
        if term.name == "ptr":
            yield LintWarning("ptr", term.text)
        if "%" in term.domain:
            yield LintWarning("macro", term.text)
        if term.address is not None and term.result == "pass":
            length = term.cidr4 if term.address.version == 4 else term.cidr6
            if length <= (MAX_WIDE_PREFIX4 if term.address.version == 4 else MAX_WIDE_PREFIX6):
                yield LintWarning("wide", term.text)
    if "%" in record.redirect:
        yield LintWarning("macro", f"redirect={record.redirect}")


def term_identity(term: Term) -> tuple[str, str, str, int, int, str]:
    """The parts in which two equivalent terms agree."""
    address = str(term.address) if term.address else ""
    domain = term.domain.lower().rstrip(".")
    return term.result, term.name, domain, term.cidr4, term.cidr6, address


def _repetition_warnings(record: SpfRecord) -> Iterator[LintWarning]:
    identities: set[tuple[str, str, str, int, int, str]] = set()
    for term in record.terms[:MAX_TERMS]:
        key = term_identity(term)
        if key in identities and term.name != "all":
            yield LintWarning("repeated", term.text)
        identities.add(key)


def _style_warnings(record: SpfRecord) -> Iterator[LintWarning]:
    """Unusual style: capital letters, double or outer spaces."""
    for word in record.text.split():
        name = word.partition(":")[0].partition("=")[0]
        if name != name.lower():
            yield LintWarning("untidy", word)
    if "  " in record.text.strip() or record.text != record.text.strip():
        yield LintWarning("untidy", "“ ”")
