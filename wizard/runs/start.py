"""Starts runs, from a form, from the API or from a check link alike.

How often is said in limits.py. Knows no flask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext

from accounts.form_fields import too_long
from accounts.model import Visitor
from diagnostics import symptoms
from diagnostics.model import Question, Run, Scope
from render.i18n import N_
from subject import RejectedSubject, Subject, parse_subject
from web.problems import invalid
from web.rate_limits import Limiter
from wizard.runs import access
from wizard.runs.limits import (
    Lane,
    LiveRun,
    RunLimits,
    RunRequester,
    admit,
    counted_requester,
    counted_target,
    is_staff,
    requester_keys,
)
from wizard.runs.store import InTransaction, RunPlace, RunStore

AccountOf = Callable[[str], str]  # registrable domain → hosting account id, "" for nobody's
MAX_ANSWER = 20_000  # an error message, or the instructions of another provider
DEMO_NAMES = 3  # how many of a demo's domains are named for a try
NOT_IN_DEMO = N_(
    "This is a demo on a small network of its own. Whatever {domain} is on the internet, it does not exist here. Try {examples:list}."
)
NO_SYMPTOM = N_("Please choose what is wrong, or “Something else”.")


class RunStarter:
    """Makes runs. `account_of` must not ask the panel: it is called for strangers too."""

    def __init__(
        self,
        store: RunStore,
        limiter: Limiter,
        account_of: AccountOf,
        limits: RunLimits | None = None,
        *,
        demo_domains: tuple[str, ...] = (),
    ) -> None:
        self._store = store
        self._limiter = limiter
        self._account_of = account_of
        self._limits = limits or RunLimits()
        self._demo_domains = demo_domains

    @property
    def demo_examples(self) -> tuple[str, ...]:
        """Some of the only domains there are, where this is a demo."""
        return self._demo_domains[:DEMO_NAMES]

    def subject_of(self, text: str) -> Subject | RejectedSubject:
        """What was typed, if it can be looked at from here."""
        return subject_within(text, self._demo_domains)

    def from_text(
        self,
        text: str,
        symptom: str,
        requester: RunRequester,
        *,
        answers: Mapping[str, str] | None = None,
    ) -> tuple[Run, str] | RejectedSubject:
        """A run for what was typed, or why there can be none."""
        subject = self.subject_of(text)
        if isinstance(subject, RejectedSubject):
            return subject
        if not symptoms.is_known(symptom):
            return RejectedSubject(NO_SYMPTOM)
        return self.run(subject, symptom, requester, answers=answers)

    def run(
        self,
        subject: Subject,
        symptom: str,
        requester: RunRequester,
        *,
        previous: str = "",
        fresh: bool = False,
        invite: str = "",
        answers: Mapping[str, str] | None = None,
        in_transaction: InTransaction | None = None,
    ) -> tuple[Run, str]:
        """A run and its token; its scope comes from the session alone. Raises too_many and busy."""
        scope, account = access.scope_for(requester.visitor, self._account_of(subject.domain))
        person = requester.visitor.person
        asker = requester_keys(self._limiter, requester, invite)

        def lane(live: Iterable[LiveRun]) -> Lane:
            return admit(self._limits.places, live, asker, subject.domain)

        lane(self._store.live())  # refused without waiting for a writer's turn
        with nullcontext() if invite else self._counted(subject, requester):
            return self._store.create(
                subject,
                scope,
                symptom,
                account=account,
                person=person.id if person else "",
                session=requester.cookie,
                invite=invite,
                previous=previous,
                fresh=fresh,
                answers=clean_answers(answers or {}),
                in_transaction=in_transaction,
                place=RunPlace(asker, lane),
            )

    def is_theirs(self, visitor: Visitor, domain: str) -> bool:
        """Whether a domain is on an account this visitor is a contact of. Asks nothing for a
        stranger; for staff the answer is no: what they look at is somebody else's."""
        person = visitor.person
        if person is None or person.is_staff():
            return False
        scope, _ = access.scope_for(visitor, self._account_of(domain))
        return scope is Scope.CONTACT

    @contextmanager
    def _counted(self, subject: Subject, requester: RunRequester) -> Iterator[None]:
        """Count a run of a requester and, for strangers, of a domain, if it is made. Not for
        check links, whose runs are counted by link."""
        is_own = is_staff(requester) or self.is_theirs(requester.visitor, subject.domain)
        with (
            counted_requester(self._limiter, self._limits, requester),
            nullcontext()
            if is_own
            else counted_target(self._limiter, self._limits, subject.domain),
        ):
            yield


def subject_within(text: str, demo_domains: Sequence[str]) -> Subject | RejectedSubject:
    """What was typed; in a demo only what exists there, for of all else it would tell untruths."""
    subject = parse_subject(text)
    if isinstance(subject, RejectedSubject) or not demo_domains:
        return subject
    if subject.registrable in demo_domains:
        return subject
    examples = list(demo_domains[:DEMO_NAMES])
    return RejectedSubject(NOT_IN_DEMO, {"domain": subject.registrable, "examples": examples})


def clean_answers(answers: Mapping[str, str]) -> dict[str, str]:
    """Answers to questions that exist; of choices only known ones. Raises invalid for what is
    longer than we keep."""
    questions: dict[str, Question] = {}
    for question in symptoms.questions():
        if question.id not in questions or question.pasted:
            questions[question.id] = question
    cleaned = {
        key: _clean_answer(questions[key], text)
        for key, text in answers.items()
        if key in questions
    }
    refusals = {k: too_long(t, MAX_ANSWER) for k, t in cleaned.items() if len(t) > MAX_ANSWER}
    if refusals:
        raise invalid(refusals)
    return {key: text for key, text in cleaned.items() if text}


def _clean_answer(question: Question, text: str) -> str:
    if question.choices:
        return text if text in dict(question.choices) else ""
    return text.strip()
