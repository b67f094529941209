"""The model of diagnosis: Scope, Evidence, Check, Message, Finding, Run, Report.

Pure values. No sockets, clock, settings or locale; the texts are English msgids for gettext.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from diagnostics.disclosure import Disclosure, PartialDisclosure
from kb.owners import Owner
from render.i18n import PlacedText, place_texts
from render.message_format import Argument
from standards.dns_types import NO_TIME, Record, Trouble
from subject import Subject

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Severity(StrEnum):
    """How bad it is for the reader; a profile the operator may edit (names as in Zonemaster)."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
    INFO = "info"


class FindingStatus(StrEnum):
    """What a finding says at a glance; derived from the severity."""

    FAIL = "fail"
    WARN = "warn"
    NOTICE = "notice"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 - a status, not a secret


class Scope(StrEnum):
    """What a run may look at; fixed when it is created, from the session."""

    PUBLIC = "public"
    CONTACT = "contact"
    STAFF = "staff"

    def covers(self, needed: Scope) -> bool:
        order = (Scope.PUBLIC, Scope.CONTACT, Scope.STAFF)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class FindingMessage:
    """What a check may say. `id` is area.subject.problem and lives for ever.

    Texts are templates for `render.message_format`: {name} or {name:kind} with kind one of
    date, datetime, bytes, days, duration, percent, number, list, host, code, or said: the
    argument is itself a marked msgid, a whole sentence or term, filled with the same arguments.
    `hides` names findings (ids, or prefixes ending in ".") that this one is the cause of.
    `article` is the slug of what explains it, where no article names the finding itself.
    A `tentative` one may be the cause of what it hides: a proven cause of the same goes before it.
    """

    id: str
    severity: Severity
    owner: Owner
    title: str
    seen: str
    why: str
    steps: tuple[str, ...]
    hides: tuple[str, ...] = ()
    article: str = ""
    tentative: bool = False

    def __post_init__(self) -> None:
        """Each text is placed, for translators and operators: `web.redirect.loop/why`."""
        place_texts(self, self.id, ("title", "seen", "why"))
        steps = (PlacedText(text, f"{self.id}/step{n}") for n, text in enumerate(self.steps, 1))
        object.__setattr__(self, "steps", tuple(steps))

    def texts(self) -> dict[str, str]:
        """What it says, by field: title, seen, why, step1, step2, …; without the empty ones."""
        steps = {f"step{n}": step for n, step in enumerate(self.steps, 1)}
        texts_by_field = {"title": self.title, "seen": self.seen, "why": self.why, **steps}
        return {name: text for name, text in texts_by_field.items() if text}

    def __call__(
        self,
        *,
        evidence: tuple[str, ...] = (),
        records: tuple[Record, ...] = (),
        **args: Argument,
    ) -> Finding:
        """A finding of this kind; `evidence` names collector keys, `records` what to set in DNS."""
        return Finding(self.id, args, evidence, records)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check has to say: an id and arguments, so it re-renders in any language.

    Arguments are plain JSON: dates as ISO text, durations in seconds, sizes in bytes.
    """

    id: str
    args: Mapping[str, Argument] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    hides: tuple[str, ...] | None = None  # in place of the message's, where it explains less
    severity: Severity | None = None  # in place of the message's, where it weighs more or less


@dataclass(frozen=True, slots=True)
class Key(Generic[T_co]):
    """A typed name for what one collector yields, and who may see it."""

    name: str
    type: type[T_co]
    seen_by: Disclosure = field(compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.seen_by, PartialDisclosure) and self.seen_by.type is not self.type:
            raise TypeError(f"{self.name}: declared for {self.seen_by.type.__name__}")


class Missing(StrEnum):
    """Why a collector's value is not there."""

    TROUBLE = "trouble"  # tried and could not see
    WITHHELD = "withheld"  # not asked: this scope does not allow it
    LATE = "late"  # the run ended first
    SKIPPED = "skipped"  # makes no sense for this subject


# The detail of what is skipped without a word: nobody would miss it in the report.
NOT_MEANT = "not_meant"


@dataclass(frozen=True, slots=True)
class Item(Generic[T_co]):
    """What one collector brought home: a value, or the reason why there is none."""

    key: str
    value: T_co | None
    at: datetime
    elapsed: timedelta = NO_TIME
    missing: Missing | None = None
    trouble: Trouble | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a run has gathered so far, by collector key."""

    items: Mapping[str, Item[object]] = field(default_factory=dict)

    def __contains__(self, key: Key[object]) -> bool:
        item = self.items.get(key.name)
        return item is not None and item.value is not None

    def get(self, key: Key[T]) -> T | None:
        """The value, or None when it did not arrive."""
        item = self.items.get(key.name)
        value = item.value if item else None
        return value if isinstance(value, key.type) else None

    def __getitem__(self, key: Key[T]) -> T:
        """The value of a key that the check declared in `needs`; the runner has made sure of it."""
        value = self.get(key)
        if value is None:
            raise KeyError(key.name)
        return value

    def missing(self, key: Key[object]) -> Item[object] | None:
        """The item of a key that has no value, to tell why."""
        item = self.items.get(key.name)
        return item if item is not None and item.value is None else None


@dataclass(frozen=True, slots=True)
class Case:
    """What a check is given to judge: all of it values, including the time."""

    subject: Subject
    evidence: Evidence
    at: datetime
    answers: Mapping[str, str] = field(default_factory=dict)  # by question id
    category: str = ""  # of the symptom: what the customer's trouble is about


@dataclass(frozen=True, slots=True)
class Check:
    """A pure judgement. It never sees evidence that failed to arrive, unless it `tolerates` it.

    `id` is area.subject; a clean result is reported as `<id>.ok`, doubt as `<id>.unknown`.
    `asks` are questions of which one must have been answered; without an answer it is not called.
    `seen` is what a clean result rests on, where this is less than all of `needs`: where there is
    nothing of it (a false value), nothing is reported, and doubt where every look in it failed.
    `refuted_by` names findings of other checks (ids, or prefixes ending in ".") beside which its
    title would not be true: with one of them in the report, a clean result is not reported.
    """

    id: str
    title: str  # what is looked at, for progress, pass and unknown lines
    needs: tuple[Key[object], ...]
    messages: tuple[FindingMessage, ...]
    judge: Callable[[Case], Iterable[Finding]]
    tolerates: tuple[Key[object], ...] = ()
    asks: tuple[str, ...] = ()
    seen: Callable[[Case], object] | None = None
    refuted_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Its title is placed: `check.web.redirect/title`."""
        place_texts(self, f"check.{self.id}", ("title",))


@dataclass(frozen=True, slots=True)
class Question:
    """A follow-up question (msgids) and why its answer helps; answering is never required.

    `fact` is what the answer is called in a ticket (tickets/drafting/completeness.py). `choices` are
    (value, text) pairs to pick from; without any the answer is typed. A `pasted` one may be a
    long error text, which the report then explains.
    """

    id: str
    text: str
    why: str
    fact: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    pasted: bool = False

    def placed(self, place: str) -> Question:
        """The same question with its texts at a place: `…/since`, `…/since.why`, `…/since.<choice>`."""
        name = f"{place}/{self.id}"
        choices = ((value, PlacedText(text, f"{name}.{value}")) for value, text in self.choices)
        return replace(
            self,
            text=PlacedText(self.text, name),
            why=PlacedText(self.why, f"{name}.why"),
            choices=tuple(choices),
        )

    def answer_text(self, answer: str) -> str:
        """An answer as a person would say it: the text of a choice (a msgid), else as typed."""
        return dict(self.choices).get(answer, answer)


@dataclass(frozen=True, slots=True)
class Guide:
    """A page of its own that a symptom leads to: its path, and what the link says (a msgid)."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Symptom:
    """What the customer says is wrong; it chooses and orders the checks.

    `checks` are check ids, most telling first; one ending in "." stands for its whole area.
    `category` is the ticket's when nothing was found that decides it.
    """

    id: str
    title: str
    checks: tuple[str, ...]
    questions: tuple[Question, ...] = ()  # three at most
    hint: str = ""
    category: str = "other"
    guide: Guide | None = None

    def __post_init__(self) -> None:
        """All its texts are placed, those of shared questions for each symptom by itself:
        `symptom.site_down/title`, `symptom.site_down/since.why`, `symptom.dns_change/guide`."""
        place = f"symptom.{self.id}"
        place_texts(self, place, ("title", "hint"))
        object.__setattr__(self, "questions", tuple(q.placed(place) for q in self.questions))
        if self.guide:
            text = PlacedText(self.guide.text, f"{place}/guide")
            object.__setattr__(self, "guide", replace(self.guide, text=text))


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One diagnosis. `token_hash` is SHA-256 of the token in the report's address."""

    id: str
    token_hash: str
    subject: Subject
    scope: Scope
    symptom: str
    state: RunState
    created_at: datetime
    account: str = ""  # the hosting account it may look into, in contact scope
    person: str = ""  # who asked, when signed in
    invite: str = ""  # the agent's link it was run from
    session: str = ""  # hash of the browser's own cookie, or the session's id when signed in
    previous: str = ""  # the run this one checks again
    fresh: bool = False  # bypass caches
    answers: Mapping[str, str] = field(default_factory=dict)  # by question id
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Collect(Protocol):
    """How a collector asks for what another one found: each is gathered once per run."""

    def __call__(self, key: Key[T]) -> Awaitable[Item[T]]: ...


@dataclass(frozen=True, slots=True)
class Report:
    """A judged run, without words: findings in reading order, followers under their cause.

    `refuted` are checks that found nothing, and whose titles are untrue nevertheless (`refuted_by`).
    """

    run: Run
    evidence: Evidence
    findings: tuple[Assessment, ...]
    complete: bool
    refuted: frozenset[str] = frozenset()

    def failing(self) -> Iterator[Assessment]:
        return (f for f in self.findings if f.status in (FindingStatus.FAIL, FindingStatus.WARN))


@dataclass(frozen=True, slots=True)
class Assessment:
    """A finding with what the catalogue and the operator's profile say about it."""

    finding: Finding
    check: str
    status: FindingStatus
    severity: Severity
    owner: Owner
    cause: str = ""  # id of the finding that explains this one


KNOWN_RUN_JOB = "diagnosis.known"
RUN_JOB = "diagnosis.run"
FURTHER_RUN_JOB = "diagnosis.further"
FINISHED_JOB = "diagnosis.finished"


@dataclass(frozen=True, slots=True)
class RunRef:
    """The payload of all these jobs: which run. Never its token."""

    run: str
