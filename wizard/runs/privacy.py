"""The public view of a run: what anyone who holds a link may see. Pure.

It is made before judging, so nothing private can come through a finding's words, and from what
the evidence's keys declare (`diagnostics/disclosure.py`), so nothing is public by being forgotten.
"""

from __future__ import annotations

from dataclasses import replace

from diagnostics.disclosure import Audience, Partly
from diagnostics.evidence.keys import KEYS
from diagnostics.model import NOT_MEANT, Evidence, Item, Key, Missing, Run, Scope
from subject import Subject, SubjectKind

DECLARED_KEYS: dict[str, Key[object]] = {key.name: key for key in KEYS}


def public_run(run: Run) -> Run:
    """The run without who asked, for which account, and what they typed beyond the name."""
    return replace(
        run,
        subject=public_subject(run.subject),
        scope=Scope.PUBLIC,
        account="",
        person="",
        invite="",
        session="",
        answers={},
    )


def public_subject(subject: Subject) -> Subject:
    """The name alone: no mailbox, no path, no query, not the typed text."""
    kind = SubjectKind.DOMAIN if subject.host == subject.domain else SubjectKind.HOST
    return Subject(kind, subject.host, subject.host, subject.domain, caution=subject.caution)


def public_evidence(run: Run, evidence: Evidence) -> Evidence:
    """What a run in public scope could have gathered, as far as this one did.

    Evidence that nobody declares any more is left out.
    """
    return Evidence(
        {
            name: public_item(run, item, DECLARED_KEYS[name])
            for name, item in evidence.items.items()
            if name in DECLARED_KEYS
        }
    )


def public_item(run: Run, item: Item[object], key: Key[object]) -> Item[object]:
    """One item as strangers may see it: whole, in part, or that it is withheld."""
    if isinstance(key.seen_by, Partly):
        value = item.value
        return (
            item if value is None else replace(item, value=key.seen_by.public(value, run.subject))
        )
    public = key.seen_by is Audience.EVERYONE or (
        key.seen_by is Audience.RUN_SCOPE and run.scope is Scope.PUBLIC
    )
    if public or (item.value is None and item.detail == NOT_MEANT):
        return item
    return Item(item.key, None, item.at, missing=Missing.WITHHELD)
