"""What instructions mean beside what is in DNS now: what to add, replace and remove, and why. Pure.

A text that asks for a record is a wish for one name and type; the neighbours that must give way
(a CNAME's, an old provider's MX) are named, and nothing else is touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from instructions.model import ChangeStep, Conflict, RecordChange, WantedRecord
from instructions.record_values import canonical
from standards.dmarc.merging import merge_records as merged_dmarc
from standards.dmarc.record import is_dmarc
from standards.spf.correction import add_senders, is_all, repair_records
from standards.spf.record import is_spf

# (name, type) → the values there are now; None when nobody answered.
Current = Callable[[str, str], tuple[str, ...] | None]
NEIGHBOURS = ("A", "AAAA", "MX", "TXT", "SRV", "CAA")
_ADDED = ("TXT", "CAA", "SRV")  # record sets in which others' records stay


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


def questions(records: Iterable[WantedRecord], domain: str) -> tuple[tuple[str, str], ...]:
    """What must be known to compare: each (name, type) once."""
    asked: list[tuple[str, str]] = []
    for wanted in records:
        asked += [(wanted.name, wanted.type), (wanted.name, "CNAME")]
        asked += [(wanted.name, "AAAA")] if wanted.type == "A" else []
        if wanted.type == "CNAME" and wanted.name != domain:
            asked += [(wanted.name, kind) for kind in NEIGHBOURS]
    return tuple(dict.fromkeys(asked))


def compare(records: tuple[WantedRecord, ...], domain: str, current: Current) -> ChangePlan:
    """The plan that fulfils the records."""
    groups: dict[tuple[str, str], list[str]] = {}
    for wanted in records:
        groups.setdefault((wanted.name, wanted.type), []).append(wanted.value)
    made = _Plan(domain, current, frozenset(groups))
    for (name, kind), values in groups.items():
        made.one(name, kind, tuple(dict.fromkeys(values)))
    return ChangePlan(
        tuple(made.changes), {k: tuple(dict.fromkeys(v)) for k, v in made.conflicts.items()}
    )


@dataclass
class _Plan:
    domain: str
    current: Current
    wanted: frozenset[tuple[str, str]]  # every (name, type) that the text speaks of
    changes: list[RecordChange] = field(default_factory=list)
    conflicts: dict[Conflict, list[str]] = field(default_factory=dict)

    def one(self, name: str, kind: str, values: tuple[str, ...]) -> None:
        now = self._now(name, kind)
        if kind == "CNAME" and name == self.domain:
            self._conflict(Conflict.APEX_ALIAS, name)
            return
        # an alias at the domain itself cannot be set at all, and keeps nothing else from being set
        if kind != "CNAME" and name != self.domain and (name, "CNAME") in self.wanted:
            self._conflict(Conflict.CONTRADICTION, name)
            return
        if now is None:
            self.changes.append(RecordChange(name, kind, (), values, ChangeStep.UNKNOWN))
            return
        self._make_room(name, kind)
        self._set(name, kind, now, values)
        if kind == "A" and self.changes[-1].step is ChangeStep.REPLACE:
            self._other_family(name)

    def _other_family(self, name: str) -> None:
        """Whoever comes over IPv6 would stay where the name leads now."""
        there = () if (name, "AAAA") in self.wanted else self._now(name, "AAAA")
        if there:
            self.changes.append(
                RecordChange(name, "AAAA", there, (), ChangeStep.REMOVE, Conflict.OTHER_FAMILY)
            )
            self._conflict(Conflict.OTHER_FAMILY, name)

    def _set(self, name: str, kind: str, now: tuple[str, ...], values: tuple[str, ...]) -> None:
        after, reason = self._after(name, kind, now, values)
        if reason:
            self._conflict(Conflict(reason), name)
        if set(after) == set(now):
            self.changes.append(RecordChange(name, kind, now, now, ChangeStep.SAME, reason))
            return
        step = ChangeStep.REPLACE if set(now) - set(after) else ChangeStep.ADD
        self.changes.append(RecordChange(name, kind, now, after, step, reason))

    def _after(
        self, name: str, kind: str, now: tuple[str, ...], values: tuple[str, ...]
    ) -> tuple[tuple[str, ...], str]:
        """The record set as it should be, and the conflict that shaped it."""
        if kind == "TXT":
            return texts(now, values)
        if kind in _ADDED:
            return tuple(dict.fromkeys((*now, *values))), ""
        if kind == "MX" and now and set(now) != set(values):
            return values, Conflict.MAIL_MOVES if name == self.domain else ""
        if kind == "NS" and name == self.domain and set(now) != set(values):
            return values, Conflict.ZONE_MOVES
        return values, ""

    def _make_room(self, name: str, kind: str) -> None:
        """An alias tolerates nobody beside it: what is in its way has to go."""
        kinds = NEIGHBOURS if kind == "CNAME" else ("CNAME",)
        for other in kinds:
            there = self._now(name, other)
            if there:
                self.changes.append(
                    RecordChange(name, other, there, (), ChangeStep.REMOVE, Conflict.ALIAS)
                )
                self._conflict(Conflict.ALIAS, name)

    def _now(self, name: str, kind: str) -> tuple[str, ...] | None:
        found = self.current(name, kind)
        return None if found is None else tuple(sorted({canonical(kind, v) for v in found}))

    def _conflict(self, conflict: Conflict, name: str) -> None:
        self.conflicts.setdefault(conflict, []).append(name)


def texts(now: tuple[str, ...], values: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """TXT records beside each other: one SPF, one DMARC, one key a name; all others are added."""
    after, reason = list(now), ""
    for value in values:
        rivals = [t for t in after if _sort(t) and _sort(t) == _sort(value)]
        if value in after or not rivals:
            after += [value] if value not in after else []
        elif _sort(value) == "spf":
            merged = merged_spf((*rivals, value))
            after = [t for t in after if t not in rivals] + [merged]
            reason = Conflict.TWO_SPF if merged not in rivals else reason
        elif _sort(value) == "dmarc":
            merged = merged_dmarc(rivals[0], value) if len(rivals) == 1 else value
            after = [t for t in after if t not in rivals] + [merged]
            reason = Conflict.TWO_DMARC
        else:
            after = [t for t in after if t not in rivals] + [value]
    return tuple(after), reason


def _sort(text: str) -> str:
    """The kind of TXT of which a name may have only one, or ""."""
    if is_spf(text):
        return "spf"
    if is_dmarc(text):
        return "dmarc"
    folded = text.lower()
    marks = {"v=dkim1": "key", "k=rsa": "key", "k=ed25519": "key"}
    marks |= {"v=stsv1": "sts", "v=tlsrptv1": "tlsrpt", "v=bimi1": "bimi"}
    return next((kind for mark, kind in marks.items() if folded.startswith(mark)), "")


def merged_spf(records: Iterable[str]) -> str:
    """One SPF record that lets through whom each of them does. Everything else is as the first
    says, which is the one there is: a newcomer neither loosens nor tightens it."""
    first, *others = records
    known = {_plain(word) for word in first.split()}
    extra = [w for other in others for w in _senders(other) if _plain(w) not in known]
    if not extra:
        return first
    version, *rest = first.split()  # a part that nobody understands stays, and is told elsewhere
    return (
        add_senders(first, extra)
        or repair_records((first, *others))
        or " ".join((version, *extra, *rest))
    )


def _senders(record: str) -> list[str]:
    """Whom a record lets through, without what it says of everybody else and explains."""
    words = [w for w in record.split()[1:] if not w.lower().startswith("exp=")]
    whole = any(map(is_all, words))
    # beside "all" a redirect means nothing (RFC 7208, 6.1); without, it is all the others
    kept = [re.sub(r"(?i)^redirect=", "include:", w) for w in words if not (whole and _redirect(w))]
    return [w for w in kept if not is_all(w)]


def _plain(word: str) -> str:
    return word.lower().removeprefix("+").rstrip(".")


def _redirect(word: str) -> bool:
    return word.lower().startswith("redirect=")
