"""What a check's result says to staff: how the runner was known, and what has changed. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.policy import LEVELS, ROLES
from render.i18n import N_, translate
from render.words import sentence
from tickets.changes import Changes
from tickets.model import Statement
from tickets.reports import Seen

STRANGER = N_("Run by somebody who held the link and was not signed in.")
KNOWN = N_("Run by {name} <{email}>: {role}, {level}.")
GONE = N_("Solved since the last report: {titles:list}")
NEW = N_("New since the last report: {titles:list}")
STILL = N_("Still there: {titles:list}")
UNSEEN = N_("Could not be looked at this time: {titles:list}")
FIRST = N_("There is no earlier report to compare with.")
SAME = N_("Nothing has changed since the last report.")


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of findings, from the newer report first, then from the older one."""

    after: Seen
    before: Seen

    def of(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """One title for each id."""
        return self.before.titles(self.after.titles(ids))


def known_as(statement: Statement, lang: str) -> str:
    """How the runner was known, in one sentence."""
    if not statement.email:
        return translate(lang, STRANGER)
    role = translate(lang, ROLES.get(statement.role, statement.role))
    level = translate(lang, LEVELS.get(statement.assurance, ""))
    args = {"name": statement.name, "email": statement.email, "role": role, "level": level}
    return sentence(lang, KNOWN, args)


def compared(found: Changes, titles: Titles, lang: str, *, first: bool) -> tuple[str, ...]:
    """What has changed, one sentence for each kind of change."""
    if first:
        return (translate(lang, FIRST),)
    kinds = ((GONE, found.gone), (NEW, found.new), (STILL, found.still), (UNSEEN, found.unseen))
    said = tuple(sentence(lang, text, {"titles": list(titles.of(i))}) for text, i in kinds if i)
    return said or (translate(lang, SAME),)
