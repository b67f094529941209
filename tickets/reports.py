"""Diagnoses as tickets need them: callables that wiring hands over, and a report in words.

A run in contact or staff scope is shown and attached only to its own asker, to contacts of its
account and to staff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from accounts.model import Person
from diagnostics.model import Report, Run, Scope, Subject


class NotASubject(Exception):
    """The text names nothing that can be looked at. `reason` is a msgid, filled by `fields`."""

    def __init__(self, reason: str, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fields = fields or {}


class Start(Protocol):
    """Starts a run; the scope comes from the session, never from the request."""

    def __call__(
        self,
        text: str,
        scope: Scope,
        symptom: str,
        *,
        account: str = "",
        person: str = "",
        session: str = "",
        invite: str = "",
        previous: str = "",
        fresh: bool = False,
    ) -> tuple[Run, str]:
        """The run and the token of its report. Raises NotASubject."""
        ...


@dataclass(frozen=True, slots=True)
class Diagnoses:
    """What wiring hands over. `document` is the published form of a report in a language."""

    by_token: Callable[[str], Run | None]
    by_id: Callable[[str], Run | None]
    report: Callable[[Run], Report | None]
    start: Start
    recognise: Callable[[str], Subject]  # raises NotASubject
    document: Callable[[Report, str], Mapping[str, object]]
    symptoms: tuple[tuple[str, str], ...] = ()  # id, title (msgid)

    def report_of(self, id: str) -> Report | None:
        """The report of a run by its id, or None when there is none."""
        run = self.by_id(id) if id else None
        return self.report(run) if run else None


class SeenFinding(msgspec.Struct, frozen=True):
    """A finding in words."""

    id: str
    status: str
    title: str
    owner: str = ""
    seen: str = ""
    why: str = ""
    steps: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()


class Headline(msgspec.Struct, frozen=True):
    """The verdict in one sentence."""

    text: str = ""


class Seen(msgspec.Struct, frozen=True):
    """A report in words, as far as tickets show it."""

    headline: Headline | None = None
    findings: tuple[SeenFinding, ...] = ()

    @property
    def title(self) -> str:
        """The verdict, or the first problem while there is no verdict."""
        if self.headline and self.headline.text:
            return self.headline.text
        return next((f.title for f in self.problems), "")

    @property
    def problems(self) -> tuple[SeenFinding, ...]:
        """What failed or warned."""
        return tuple(f for f in self.findings if f.status in ("fail", "warn"))

    @property
    def others(self) -> tuple[SeenFinding, ...]:
        """The rest: notices, what could not be looked at, what is in order."""
        return tuple(f for f in self.findings if f.status not in ("fail", "warn"))

    def titles(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """The titles of findings by id, once each; an id without words stays an id."""
        known = {f.id: f.title for f in self.findings}
        return tuple(dict.fromkeys(known.get(i, i) for i in ids))


def seen(diagnoses: Diagnoses, report: Report | None, lang: str) -> Seen:
    """A report in a language; empty when there is none."""
    if report is None:
        return Seen()
    return msgspec.convert(diagnoses.document(report, lang), Seen)


def may_attach(run: Run, person: Person | None, *, by_token: bool) -> bool:
    """Whether this person may see all of a run and put it into a ticket.

    A public run may be used by whoever has its address; one with facts from an account only by
    its contacts, and nothing but its own asker or staff reach a run by its mere id.
    """
    if person is None:
        return run.scope is Scope.PUBLIC and by_token
    if person.is_staff():
        return True
    if run.scope is Scope.STAFF:
        return False
    if run.scope is Scope.CONTACT:
        return bool(run.account) and person.role_on(run.account) is not None
    return by_token or run.person == person.id
