"""When sign-ins are slowed down or refused after wrong passwords, counted by browser, address and account.

Nobody can keep another out: a browser and an address that have signed in to an account before
have counts of their own there, and of an account that many guess at, tries from elsewhere are
slowed down, not refused: they wait in a line, where newcomers go before those who have guessed.
Knows no page.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from accounts import text_input
from accounts.hashing_queue import HashingQueue, HashingQueueFull
from accounts.model import Person
from accounts.random_tokens import hashed
from accounts.store import AccountStore
from web.problems import too_many
from web.rate_limits import Limiter, Rate
from web.visitor import rate_limit_key_of

SPAN = timedelta(minutes=10)
PER_ASKER = Rate(60, SPAN)
PER_PAIR = Rate(20, SPAN)  # also of a browser or an address that has signed in before
PER_ACCOUNT = Rate(60, SPAN)
PAUSE = timedelta(seconds=5)  # before a try at an account that many guess at
SLOW_AT_ONCE = 2  # such tries at a time; each holds a thread, as do those who wait
SLOW_WAITING = 2  # of newcomers, and of those who have guessed
SLOW_PATIENCE = 12.0  # seconds
NEWCOMER = Rate(1, SPAN)  # who has made no wrong try of late


class SlowedDownTooMany(Exception):
    """So many tries at accounts that many guess at wait already; come back in a few seconds."""


@dataclass(frozen=True, slots=True)
class SignInTry:
    """Who tries to sign in where: `account` is the address typed, `person` whose it is, `browser`
    the value of the cookie that a browser got when it signed in, "" without one."""

    account: str
    person: Person | None
    asker: str
    browser: str = ""


@dataclass(slots=True)
class CountedTry:
    """A try that may be made. It counts as wrong until `right` is set."""

    is_known: bool
    right: bool = False


class EmptyBucketAction(Enum):
    """What follows for a try that finds a count used up."""

    REFUSE = 1
    SLOW_DOWN = 2
    GO_LAST = 3  # in the line of those who are slowed down


@dataclass(frozen=True, slots=True)
class Bucket:
    """One count of tries."""

    name: str
    key: str
    rate: Rate
    when_empty: EmptyBucketAction = EmptyBucketAction.REFUSE


def slow_sign_in_queue() -> HashingQueue:
    """The line of those who are slowed down."""
    return HashingQueue(SLOW_AT_ONCE, first=SLOW_WAITING, others=SLOW_WAITING)


class SignInLimits:
    """Counts wrong tries. `sleep` is how a try is slowed down, in which `line`."""

    def __init__(
        self,
        store: AccountStore,
        secret: bytes,
        sleep: Callable[[float], None] = time.sleep,
        line: HashingQueue | None = None,
    ) -> None:
        self._store = store
        self._secret = secret
        self._sleep = sleep
        self._line = line or slow_sign_in_queue()

    @contextmanager
    def counted(self, limiter: Limiter, attempt: SignInTry) -> Iterator[CountedTry]:
        """Count a try, unless it turns out right or is not answered. Raises too_many for who has
        guessed too often, SlowedDownTooMany for whom the line has no place."""
        own_key = self.own_key(attempt)
        buckets = _buckets(attempt, own_key)
        counting = CountedTry(bool(own_key))
        taken: list[Bucket] = []
        wrong = False
        try:
            for bucket in buckets:
                self._take(limiter, bucket, taken, attempt.asker)
            yield counting
            wrong = not counting.right
        finally:
            for bucket in () if wrong else taken:
                limiter.refund(bucket.name, bucket.key, bucket.rate)

    def _take(self, limiter: Limiter, bucket: Bucket, taken: list[Bucket], asker: str) -> None:
        pause = limiter.wait(bucket.name, bucket.key, bucket.rate, shared=True)
        if pause == timedelta(0):
            taken.append(bucket)
        elif bucket.when_empty is EmptyBucketAction.SLOW_DOWN:
            self._slow_down(asker, is_newcomer=any(each.rate is NEWCOMER for each in taken))
        elif bucket.when_empty is EmptyBucketAction.REFUSE:
            raise too_many(pause)

    def _slow_down(self, asker: str, *, is_newcomer: bool) -> None:
        try:
            self._line.enter(first=is_newcomer, asker=asker, patience=SLOW_PATIENCE)
        except HashingQueueFull as full:
            raise SlowedDownTooMany from full
        try:
            self._sleep(PAUSE.total_seconds())
        finally:
            self._line.leave()

    def own_key(self, attempt: SignInTry) -> str:
        """By what a browser or an address is counted that has signed in to this account before;
        "" for any other."""
        if attempt.person and self.has_signed_in(attempt.browser, attempt.person):
            return f"browser {hashed(attempt.browser)}"
        subject = attempt.person.id if attempt.person else ""
        askers = {rate_limit_key_of(address) for address in self._store.signed_in_from(subject)}
        return f"address {attempt.asker}" if attempt.asker in askers else ""

    def browser_cookie(self, person: Person) -> str:
        """A value for a browser that has just signed in as a person."""
        nonce = secrets.token_urlsafe(18)
        return f"{nonce}.{self._seal(nonce, person.id)}.{person.id}"

    def has_signed_in(self, browser: str, person: Person) -> bool:
        """Whether a cookie's value was made for this person."""
        nonce, seal = (*browser.split(".", 2), "", "")[:2]
        return hmac.compare_digest(seal.encode(), self._seal(nonce, person.id).encode())

    def last_signed_in(self, browser: str) -> str:
        """The id of whoever a cookie's value was made for, "" when it is not of our making."""
        nonce, seal, person = (*browser.split(".", 2), "", "", "")[:3]
        is_ours = hmac.compare_digest(seal.encode(), self._seal(nonce, person).encode())
        return person if is_ours else ""

    def _seal(self, nonce: str, person: str) -> str:
        text = f"browser:{nonce}:{person}".encode()
        return hmac.new(self._secret, text, "sha256").hexdigest()[:32]


def _buckets(attempt: SignInTry, own_key: str) -> tuple[Bucket, ...]:
    account = text_input.address(attempt.account) or attempt.account[:100]
    if own_key:
        return (Bucket("sign-in.own", f"{own_key} {account}", PER_PAIR),)
    pair = f"{attempt.asker} {account}"
    return (
        Bucket("sign-in", attempt.asker, PER_ASKER),
        Bucket("sign-in.pair", pair, PER_PAIR),
        Bucket("sign-in.newcomer", pair, NEWCOMER, EmptyBucketAction.GO_LAST),
        Bucket("sign-in.account", account, PER_ACCOUNT, EmptyBucketAction.SLOW_DOWN),
    )
