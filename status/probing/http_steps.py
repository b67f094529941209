"""Requests of one http probe that follow each other: what a step says in settings, and the walk.

Each step goes through the one HTTP client: its guard, its deadlines, its limits. Values and secrets
leave here only in requests: reasons name them, and nothing is kept of what servers send back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import msgspec

from facts import Exchange, RedirectChain
from observe.budget import Budget
from observe.http.cookies import CookieJar, cookies_for
from observe.http.http_client import follow_redirects, origin
from observe.network import Network
from standards.urls import BadUrl, parse_url, resolve_location
from status.model import Grade, Probe, Signal
from status.probing import carried_values
from status.probing.carried_values import NoValue, ValueSource, parse_source
from status.probing.http_conditions import (
    MAX_PAGE,
    HttpConditions,
    HttpProbeFact,
    judge_answer,
)
from status.probing.probe_kind import slow_signal
from status.probing.targets import check_url

MAX_STEPS = 20
STEP_BYTES = 20_000_000  # that all steps may read together, for each of them
_ANYWHERE = "http://a.example/"  # what addresses are tried against where the target is not known
_FILLER = "xx0xx"
FRAMING = ("content-length", "transfer-encoding", "connection")


class HttpStepSettings(HttpConditions, frozen=True, forbid_unknown_fields=True):
    """One request: where `url` leads from the target, what is sent, what it must answer, and the
    values that it leaves for those after it. Without a method it is GET, or POST when it sends."""

    name: str = ""
    url: str = ""
    method: str = ""
    form: dict[str, str] = msgspec.field(default_factory=dict)
    json_body: object = None
    save: dict[str, str] = msgspec.field(default_factory=dict)
    slow_after: float = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if (bool(self.body) + bool(self.form) + (self.json_body is not None)) > 1:
            raise ValueError("only one of body, form and json_body can be sent")
        for header in self.headers:
            if header.lower() in FRAMING:
                raise ValueError(f"the header {header} is made for each request")
            if carried_values.names_in(header):
                raise ValueError(f"no value can stand in the name of a header, as in {header}")
        for name, source in self.save.items():
            if not carried_values.NAME.fullmatch(name):
                raise ValueError(f"save: {name!r} is no name such as token or order_id")
            try:
                parse_source(source)
            except ValueError as error:
                raise ValueError(f"save {name}: {error}") from error
        self._check_url()

    def _check_url(self) -> None:
        """It leads somewhere, and no value chooses the host."""
        values = dict.fromkeys(carried_values.names_in(self.url), _FILLER)
        try:
            reached = str(resolve_location(parse_url(_ANYWHERE), self.filled_url(values)))
        except BadUrl as error:
            raise ValueError(f"url {self.url!r}: {error}") from error
        check_url(reached)
        if _FILLER in origin(reached) or "@" in urlsplit(self.url).netloc:
            raise ValueError(f"url {self.url!r}: the host must stand there as it is")

    def filled_url(self, values: Mapping[str, str]) -> str:
        """Where it leads, with the values in place."""
        return carried_values.fill_url(self.url, values)

    @property
    def sent_method(self) -> str:
        """GET, POST, …"""
        sends = bool(self.body or self.form) or self.json_body is not None
        return self.method or ("POST" if sends else "GET")

    @property
    def sources(self) -> dict[str, ValueSource]:
        """Where the values that it leaves are found."""
        return {name: parse_source(source) for name, source in self.save.items()}

    @property
    def asked_for(self) -> set[str]:
        """The values that it needs."""
        texts = (self.url, self.headers, self.body, self.form, self.json_body)
        return carried_values.names_in((*texts, self.contains, self.lacks))


NOTHING_TAKEN = Signal(Grade.UNKNOWN)


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step as operators read it: what was sent, what came of it, how long it took."""

    step: str
    sent: str
    status: int
    took: timedelta
    hops: int
    saved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HttpStepsFact(HttpProbeFact):
    """The steps that were taken, every answer of the last of them, and what they amount to."""

    steps: tuple[StepRecord, ...] = ()
    verdict: Signal = NOTHING_TAKEN


def step_label(number: int, count: int, name: str) -> str:
    """ "step 2 of 4 (sign in)"."""
    return f"step {number} of {count}" + (f" ({name})" if name else "")


def faults_of(
    steps: Sequence[HttpStepSettings], headers: Mapping[str, str], secrets: Mapping[str, str]
) -> list[str]:
    """What does not fit between the steps: values that nobody has left, names used twice."""
    strangers = sorted(carried_values.names_in(headers) - set(secrets))
    faults = [f"headers: {{{name}}} is no secret" for name in strangers]
    faults += [
        f"no value can stand in the name of a header, as in {header}"
        for header in headers
        if carried_values.names_in(header) & set(secrets)
    ]
    available = set(secrets)
    for number, step in enumerate(steps, 1):
        where = step_label(number, len(steps), step.name)
        faults += [
            f"{where}: nothing before it saves {{{name}}}"
            for name in sorted(step.asked_for - available)
        ]
        faults += [f"{where}: save {name} is a secret" for name in step.save if name in secrets]
        available |= set(step.save)
    return faults


# ------------------------------------------------------------------ the walk
async def walk(
    net: Network,
    probe: Probe,
    steps: Sequence[HttpStepSettings],
    *,
    headers: Mapping[str, str],
    secrets: Mapping[str, str],
    slow_after: float,
) -> HttpStepsFact:
    """Take one step after the other until one fails. The probe's timeout bounds all of them."""
    walker = _Walker(net, probe, steps, headers, dict(secrets))
    degraded: Signal | None = None
    for number in range(1, len(steps) + 1):
        signal = await walker.step(number)
        if signal.grade not in (Grade.UP, Grade.DEGRADED):
            return walker.fact(signal)
        degraded = degraded or (signal if signal.grade is Grade.DEGRADED else None)
    total = sum((record.took for record in walker.records), timedelta())
    times = " + ".join(f"{record.took.total_seconds():.2f}" for record in walker.records)
    good = Signal(Grade.UP, f"{len(steps)} steps in {total.total_seconds():.2f} s: {times} s")
    return walker.fact(degraded or slow_signal(total, slow_after, "all steps together") or good)


class _Walker:
    """One walk: its cookies, its values, and what it has seen so far."""

    def __init__(
        self,
        net: Network,
        probe: Probe,
        steps: Sequence[HttpStepSettings],
        headers: Mapping[str, str],
        values: dict[str, str],
    ) -> None:
        self._net = net
        self._probe = probe
        self._steps = steps
        self._headers = headers
        self._values = values
        self._wait = probe.timeout.total_seconds()
        count = len(steps)
        self._budget = Budget(
            net.clock,
            seconds=self._wait,
            lookups=40 * count,
            bytes=STEP_BYTES * count,
            connections=10 * count,
        )
        self._jar: CookieJar = {}
        self._hops: list[Exchange] = []
        self.records: list[StepRecord] = []

    async def step(self, number: int) -> Signal:
        """Take a step: what it amounts to, with its place in front of the reason."""
        step = self._steps[number - 1]
        where = step_label(number, len(self._steps), step.name)
        try:
            signal = await self._take(step, where)
        except (NoValue, BadUrl) as error:
            signal = Signal(Grade.DOWN, str(error))
        if signal.grade is Grade.UP:
            return signal
        if signal.grade is Grade.UNKNOWN:  # how it begins says that it is our own place
            return Signal(signal.grade, f"{signal.reason}, {where}")
        return Signal(signal.grade, f"{where}: {signal.reason}")

    async def _take(self, step: HttpStepSettings, where: str) -> Signal:
        if self._budget.left() <= 0:
            return Signal(Grade.DOWN, f"no time was left of {self._wait:g} s")
        target = str(resolve_location(parse_url(self._probe.target), step.filled_url(self._values)))
        chain = await self._send(step, target)
        self._hops += chain.hops
        sent = f"{step.sent_method} {step.url or self._probe.target}"
        took = sum((hop.phases.total for hop in chain.hops), timedelta())
        record = StepRecord(where, sent, chain.last.status, took, len(chain.hops))
        self.records.append(record)
        saved, missing = self._save(step, chain)
        self.records[-1] = replace(record, saved=tuple(saved))
        fact = HttpProbeFact(sent, chain.hops, chain.outcome if step.follow else "arrived")
        signal = judge_answer(fact, step, self._values, has_secrets=True)
        self._values |= saved
        if missing and signal.grade in (Grade.UP, Grade.DEGRADED):
            return Signal(Grade.DOWN, missing)
        return signal

    async def _send(self, step: HttpStepSettings, target: str) -> RedirectChain:
        body, content_type = self._body(step)
        shared = self._headers if origin(target) == _origin_of(self._probe.target) else {}
        headers = {"user-agent": "Jasno-probe"}
        headers |= {"content-type": content_type} if content_type else {}
        for name, value in (*shared.items(), *step.headers.items()):
            headers[name.lower()] = carried_values.fill_header(value, self._values)
        return await follow_redirects(
            self._net,
            self._budget,
            target,
            max_hops=step.max_redirects if step.follow else 0,
            headers=tuple(headers.items()),
            max_body=MAX_PAGE,
            timeout=self._wait,
            method=step.sent_method,
            body=body,
            jar=self._jar,
        )

    def _body(self, step: HttpStepSettings) -> tuple[bytes, str]:
        """What is sent, and its media type."""
        if step.form:
            fields = carried_values.fill_pairs(step.form, self._values)
            return urlencode(fields).encode(), "application/x-www-form-urlencoded"
        if step.json_body is not None:
            document = carried_values.fill_json(step.json_body, self._values)
            return msgspec.json.encode(document), "application/json"
        return carried_values.fill(step.body, self._values).encode(), ""

    def _save(self, step: HttpStepSettings, chain: RedirectChain) -> tuple[dict[str, str], str]:
        """The values in the last answer, and why one of them is not there ("" when all are)."""
        saved, missing = {}, ""
        last = chain.last
        target = parse_url(last.url)
        cookies = cookies_for(self._jar, target.host, is_secure=target.scheme == "https")
        for name, source in step.sources.items():
            try:
                saved[name] = carried_values.find_value(source, last, cookies)
            except NoValue as error:
                missing = missing or f"save {name}: {error}"
        return saved, missing

    def fact(self, verdict: Signal) -> HttpStepsFact:
        """All that was taken and came of it."""
        last = self.records[-1].hops if self.records else 0
        hops = tuple(self._hops[len(self._hops) - last :])
        sent = self.records[-1].sent if self.records else f"GET {self._probe.target}"
        return HttpStepsFact(sent, hops, "arrived", tuple(self.records), verdict)


def _origin_of(target: str) -> str:
    return origin(str(parse_url(target)))
