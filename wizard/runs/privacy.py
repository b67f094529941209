"""What of a run is shown: to anyone who holds its link, and to the asker's colleagues. Pure.

These views are made before judging, so nothing private can come through a finding's words, and from what
the evidence's keys declare (`diagnostics/disclosure.py`), so nothing is public by being forgotten.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from diagnostics import symptoms
from diagnostics.disclosure import Audience, PartialDisclosure, with_public_headers
from diagnostics.evidence.keys import KEYS
from diagnostics.model import NOT_MEANT, Evidence, Item, Key, Missing, Run, Scope
from subject import Subject, SubjectKind
from wizard.runs.access import View

DECLARED_KEYS: dict[str, Key[object]] = {key.name: key for key in KEYS}


def public_subject(subject: Subject) -> Subject:
    """The name alone: no mailbox, no path, no query, not the typed text."""
    kind = SubjectKind.DOMAIN if subject.host == subject.domain else SubjectKind.HOST
    return Subject(kind, subject.host, subject.host, subject.domain, caution=subject.caution)


def shared_answers(run: Run) -> dict[str, str]:
    """The answers to questions that ask for no pasted text; not those to a question that nobody
    asks any more."""
    questions = tuple(symptoms.questions())
    pasted = {question.id for question in questions if question.pasted}
    shared = {question.id for question in questions} - pasted
    return {name: text for name, text in run.answers.items() if name in shared}


_PROGRESS = ("id", "symptom", "state", "created_at", "started_at", "finished_at", "fresh")
_ORIGIN = ("token_hash", "account", "person", "invite", "session", "previous")
# Strangers do not see who asked, for which account, or what was typed beyond the name.
PUBLIC_RUN = PartialDisclosure(
    Run,
    shown=_PROGRESS,
    withheld={"scope": Scope.PUBLIC, "answers": {}, **dict.fromkeys(_ORIGIN, "")},
    reduced={"subject": lambda run, _subject: public_subject(run.subject)},
)
# The other contacts of the account see all but what was pasted.
ACCOUNT_RUN = PartialDisclosure(
    Run,
    shown=("subject", "scope", *_PROGRESS, *_ORIGIN),
    reduced={"answers": lambda run, _subject: shared_answers(run)},
)


def visible_run(run: Run, view: View) -> Run:
    """The run as far as a view shows it."""
    if view is View.WHOLE:
        return run
    disclosure = PUBLIC_RUN if view is View.PUBLIC else ACCOUNT_RUN
    return cast("Run", disclosure.public(run, run.subject))


def visible_evidence(run: Run, evidence: Evidence, view: View) -> Evidence:
    """The evidence as far as a view shows it; `run` is the whole one."""
    if view is View.WHOLE:
        return evidence
    if view is View.PUBLIC:
        return public_evidence(run, evidence)
    return Evidence({name: _item_for_account(item) for name, item in evidence.items.items()})


def _item_for_account(item: Item[object]) -> Item[object]:
    """One item as the other contacts of the account may see it; of a key that nobody declares any
    more, as if it were the asker's own."""
    key = DECLARED_KEYS.get(item.key)
    is_askers_own = key is None or key.seen_by is Audience.ASKER
    return replace(_withheld(item), detail=Audience.ASKER.value) if is_askers_own else item


def _withheld(item: Item[object]) -> Item[object]:
    """That there is something, or that it was not meant to be looked for."""
    if item.value is None and item.detail == NOT_MEANT:
        return item
    return Item(item.key, None, item.at, missing=Missing.WITHHELD)


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
    """One item as strangers may see it: whole, in part, or that it is withheld; of the
    headers in it, those that are declared public."""
    if isinstance(key.seen_by, Audience):
        is_public = key.seen_by is Audience.EVERYONE or (
            key.seen_by is Audience.RUN_SCOPE and run.scope is Scope.PUBLIC
        )
        visible_item = item if is_public else _withheld(item)
    elif item.value is not None:
        visible_item = replace(item, value=key.seen_by.public(item.value, run.subject))
    else:
        visible_item = item
    return replace(visible_item, value=with_public_headers(visible_item.value))
