"""Compares wanted records with current DNS: what to add, replace and remove, and why.

A wanted record concerns one name and type. Records that conflict with it (beside a CNAME, an old
provider's MX or SRV) are removed in the plan; nothing else is touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from instructions.model import ChangeStep, Conflict, RecordChange, WantedRecord
from instructions.record_values import canonical_value
from standards.dmarc.merging import merge_records as merged_dmarc
from standards.dmarc.record import is_dmarc
from standards.spf.correction import add_senders, is_all, repair_records
from standards.spf.record import is_spf

# (name, type) → the values there are now; None when nobody answered.
CurrentValues = Callable[[str, str], tuple[str, ...] | None]
NEIGHBOURS = ("A", "AAAA", "MX", "TXT", "SRV", "CAA")
_SHARED_TYPES = ("TXT", "CAA")  # RRsets in which other records stay


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """All changes in the order of the text, and the conflicts among them (conflict → names)."""

    changes: tuple[RecordChange, ...] = ()
    conflicts: Mapping[Conflict, tuple[str, ...]] = field(default_factory=dict)

    @property
    def due(self) -> tuple[RecordChange, ...]:
        """What is still to be done."""
        return tuple(
            c
            for c in self.changes
            if c.step in (ChangeStep.ADD, ChangeStep.REPLACE, ChangeStep.REMOVE)
        )


def required_queries(records: Iterable[WantedRecord], domain: str) -> tuple[tuple[str, str], ...]:
    """The (name, type) pairs to look up for a comparison, each once."""
    queries: list[tuple[str, str]] = []
    for record in records:
        queries += [(record.name, record.type), (record.name, "CNAME")]
        queries += [(record.name, "AAAA")] if record.type == "A" else []
        if record.type == "CNAME" and record.name != domain:
            queries += [(record.name, kind) for kind in NEIGHBOURS]
    return tuple(dict.fromkeys(queries))


def compare(records: tuple[WantedRecord, ...], domain: str, current: CurrentValues) -> ChangePlan:
    """Plan the changes that fulfil the records."""
    groups: dict[tuple[str, str], list[str]] = {}
    for record in records:
        groups.setdefault((record.name, record.type), []).append(record.value)
    builder = _PlanBuilder(domain, current, frozenset(groups))
    for (name, kind), values in groups.items():
        builder.plan_record_set(name, kind, tuple(dict.fromkeys(values)))
    return ChangePlan(
        tuple(builder.changes), {k: tuple(dict.fromkeys(v)) for k, v in builder.conflicts.items()}
    )


@dataclass
class _PlanBuilder:
    domain: str
    current: CurrentValues
    instructed: frozenset[tuple[str, str]]  # every (name, type) that the text speaks of
    changes: list[RecordChange] = field(default_factory=list)
    conflicts: dict[Conflict, list[str]] = field(default_factory=dict)

    def plan_record_set(self, name: str, kind: str, values: tuple[str, ...]) -> None:
        present = self._present(name, kind)
        if kind == "CNAME" and name == self.domain:
            self._conflict(Conflict.APEX_ALIAS, name)
            return
        # an alias at the domain itself cannot be set at all, and keeps nothing else from being set
        if kind != "CNAME" and name != self.domain and (name, "CNAME") in self.instructed:
            self._conflict(Conflict.CONTRADICTION, name)
            return
        if present is None:
            self.changes.append(RecordChange(name, kind, (), values, ChangeStep.UNKNOWN))
            return
        self._remove_conflicting(name, kind)
        self._set_values(name, kind, present, values)
        if kind == "A" and self.changes[-1].step is ChangeStep.REPLACE:
            self._remove_other_family(name)

    def _remove_other_family(self, name: str) -> None:
        """Remove an old AAAA beside a replaced A: IPv6 clients would stay at the old address."""
        present = () if (name, "AAAA") in self.instructed else self._present(name, "AAAA")
        if present:
            self.changes.append(
                RecordChange(name, "AAAA", present, (), ChangeStep.REMOVE, Conflict.OTHER_FAMILY)
            )
            self._conflict(Conflict.OTHER_FAMILY, name)

    def _set_values(
        self, name: str, kind: str, present: tuple[str, ...], values: tuple[str, ...]
    ) -> None:
        after, reason = self._wanted_values(name, kind, present, values)
        if reason:
            self._conflict(Conflict(reason), name)
        if set(after) == set(present):
            self.changes.append(RecordChange(name, kind, present, present, ChangeStep.SAME, reason))
            return
        step = ChangeStep.REPLACE if set(present) - set(after) else ChangeStep.ADD
        self.changes.append(RecordChange(name, kind, present, after, step, reason))

    def _wanted_values(
        self, name: str, kind: str, present: tuple[str, ...], values: tuple[str, ...]
    ) -> tuple[tuple[str, ...], str]:
        """The RRset as it should be, and the conflict that shaped it."""
        if kind == "TXT":
            return merge_txt(present, values)
        if kind in _SHARED_TYPES:
            return tuple(dict.fromkeys((*present, *values))), ""
        if kind == "MX" and present and set(present) != set(values):
            return values, Conflict.MAIL_MOVES if name == self.domain else ""
        if kind == "NS" and name == self.domain and set(present) != set(values):
            return values, Conflict.ZONE_MOVES
        return values, ""

    def _remove_conflicting(self, name: str, kind: str) -> None:
        """Remove what cannot coexist with a CNAME at the name (RFC 1034, 3.6.2)."""
        conflicting_types = NEIGHBOURS if kind == "CNAME" else ("CNAME",)
        for other_type in conflicting_types:
            present = self._present(name, other_type)
            if present:
                self.changes.append(
                    RecordChange(name, other_type, present, (), ChangeStep.REMOVE, Conflict.ALIAS)
                )
                self._conflict(Conflict.ALIAS, name)

    def _present(self, name: str, kind: str) -> tuple[str, ...] | None:
        values = self.current(name, kind)
        return None if values is None else tuple(sorted({canonical_value(kind, v) for v in values}))

    def _conflict(self, conflict: Conflict, name: str) -> None:
        self.conflicts.setdefault(conflict, []).append(name)


def merge_txt(present: tuple[str, ...], values: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Merge TXT values: one SPF, one DMARC, one key a name; all others are added."""
    after, reason = list(present), ""
    for value in values:
        rivals = [
            t for t in after if _singleton_kind(t) and _singleton_kind(t) == _singleton_kind(value)
        ]
        if value in after or not rivals:
            after += [value] if value not in after else []
        elif _singleton_kind(value) == "spf":
            merged = merge_spf((*rivals, value))
            after = [t for t in after if t not in rivals] + [merged]
            reason = Conflict.TWO_SPF if merged not in rivals else reason
        elif _singleton_kind(value) == "dmarc":
            merged = merged_dmarc(rivals[0], value) if len(rivals) == 1 else value
            after = [t for t in after if t not in rivals] + [merged]
            reason = Conflict.TWO_DMARC
        else:
            after = [t for t in after if t not in rivals] + [value]
    return tuple(after), reason


def _singleton_kind(text: str) -> str:
    """The kind of a TXT record of which a name may have only one, or ""."""
    if is_spf(text):
        return "spf"
    if is_dmarc(text):
        return "dmarc"
    lowered = text.lower()
    if lowered.startswith(("v=dkim1", "k=rsa", "k=ed25519")):
        return "key"
    versions = ("v=stsv1", "v=tlsrptv1", "v=bimi1")
    return next((version for version in versions if lowered.startswith(version)), "")


def merge_spf(records: Iterable[str]) -> str:
    """One SPF record with the mechanisms of all. Its ending stays that of the first, present one:
    a new record neither loosens nor tightens it."""
    first, *others = records
    present_terms = {_normalised_term(word) for word in first.split()}
    extra = [
        w for other in others for w in _senders(other) if _normalised_term(w) not in present_terms
    ]
    if not extra:
        return first
    version, *terms = first.split()  # a part that nobody understands stays, and is told elsewhere
    return (
        add_senders(first, extra)
        or repair_records((first, *others))
        or " ".join((version, *extra, *terms))
    )


def _senders(record: str) -> list[str]:
    """The mechanisms of a record, a redirect as include, without “all” and “exp”."""
    words = [w for w in record.split()[1:] if not w.lower().startswith("exp=")]
    has_all = any(map(is_all, words))
    # beside "all" a redirect means nothing (RFC 7208, 6.1); without, it is all the others
    mechanisms = [
        re.sub(r"(?i)^redirect=", "include:", w) for w in words if not (has_all and _is_redirect(w))
    ]
    return [w for w in mechanisms if not is_all(w)]


def _normalised_term(word: str) -> str:
    return word.lower().removeprefix("+").rstrip(".")


def _is_redirect(word: str) -> bool:
    return word.lower().startswith("redirect=")
