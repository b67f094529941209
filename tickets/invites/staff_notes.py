"""What a check's result says to staff: how the runner was known, and what has changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.order_policy import LEVELS, ROLES
from render.i18n import N_, translate
from render.message_format import sentence
from tickets.model import AuthenticationSnapshot
from wizard.reports.report import Changes

STRANGER = N_("Run by somebody who held the link and was not signed in.")
RUN_BY = N_("Run by {name} <{email}>: {role}, {level}.")
UNREADABLE = N_("How the writer was known cannot be read by this version; it is kept.")
FIXED = N_("Solved since the last report: {titles:list}")
NEW = N_("New since the last report: {titles:list}")
CHANGED = N_("Still there, but no longer as it was: {titles:list}")
STILL = N_("Still there: {titles:list}")
FIRST_SEEN = N_("Looked at for the first time, so it may be older: {titles:list}")
UNSEEN = N_("Could not be looked at this time: {titles:list}")
FIRST = N_("There is no earlier report to compare with.")
SAME = N_("Nothing has changed since the last report.")


def identity_sentence(statement: AuthenticationSnapshot, lang: str) -> str:
    """How the runner was known, in one sentence."""
    if not statement.is_readable:
        return translate(lang, UNREADABLE)
    if not statement.email:
        return translate(lang, STRANGER)
    role = translate(lang, ROLES.get(statement.role, statement.role))
    level = translate(lang, LEVELS.get(statement.assurance, ""))
    args = {"name": statement.name, "email": statement.email, "role": role, "level": level}
    return sentence(lang, RUN_BY, args)


def comparison_sentences(
    changes: Changes | None, titles: Mapping[str, str], lang: str
) -> tuple[str, ...]:
    """What has changed, one sentence for each kind of change; `titles` by finding id."""
    if changes is None:
        return (translate(lang, FIRST),)
    kinds = (
        (FIXED, changes.fixed),
        (NEW, changes.new),
        (CHANGED, changes.changed),
        (STILL, changes.still),
        (FIRST_SEEN, changes.first_seen),
        (UNSEEN, changes.unseen),
    )
    sentences: list[str] = [] if changes else [translate(lang, SAME)]
    for text, judged in kinds:
        names = dict.fromkeys(titles.get(j.finding.id, j.finding.id) for j in judged)
        if names:
            sentences.append(sentence(lang, text, {"titles": list(names)}))
    return tuple(sentences)
