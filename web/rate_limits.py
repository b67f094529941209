"""How often somebody may ask: token buckets, in memory and, where it matters, in the database.

Owns counting. When the database is away the buckets in memory still hold.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from clock import Clock
from web.problems import too_many


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` requests per `per`; all of them at once are allowed after a quiet time."""

    count: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """How many requests are left, and since when."""

    tokens: float
    at: datetime


def take(bucket: TokenBucket | None, rate: Rate, now: datetime) -> tuple[TokenBucket, timedelta]:
    """Take one token; the pause to wait is zero when there was one. Pure."""
    speed = rate.count / rate.per.total_seconds()
    if bucket is None:
        return TokenBucket(max(0, rate.count - 1), now), timedelta(0)
    gone = max(0.0, (now - bucket.at).total_seconds())
    tokens = min(float(rate.count), bucket.tokens + gone * speed)
    if tokens >= 1:
        return TokenBucket(tokens - 1, now), timedelta(0)
    return TokenBucket(tokens, now), timedelta(seconds=(1 - tokens) / speed)


def refund(bucket: TokenBucket, rate: Rate) -> TokenBucket:
    """The bucket with one token more, never more than fit. Pure."""
    return TokenBucket(min(float(rate.count), bucket.tokens + 1), bucket.at)


class BucketStore(Protocol):
    """Buckets that several processes share."""

    def refund(self, key: str, rate: Rate) -> None:
        """Put back one token of a key that was taken for nothing."""
        ...

    def take(self, key: str, rate: Rate) -> timedelta:
        """Take one token of a key; zero, or how long to wait."""
        ...


class InMemoryBuckets:
    """Buckets of this process, for at most `size` askers; the longest unseen are forgotten."""

    def __init__(self, clock: Clock, size: int = 20_000) -> None:
        self._clock = clock
        self._size = size
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, rate: Rate) -> timedelta:
        """Take one token of a key; zero, or how long to wait."""
        with self._lock:
            bucket, pause = take(self._buckets.get(key), rate, self._clock.now())
            self._buckets[key] = bucket
            self._buckets.move_to_end(key)
            if len(self._buckets) > self._size:
                self._buckets.popitem(last=False)
        return pause

    def refund(self, key: str, rate: Rate) -> None:
        """Put back one token of a key."""
        with self._lock:
            if key in self._buckets:
                self._buckets[key] = refund(self._buckets[key], rate)


class Limiter:
    """Refuses whoever asks too often. `hash_key` turns addresses into keys worth storing."""

    def __init__(
        self, clock: Clock, shared: BucketStore | None = None, hash_key: Callable[[str], str] = str
    ) -> None:
        self._memory = InMemoryBuckets(clock)
        self._shared = shared
        self.hash_key = hash_key

    def check(self, name: str, key: str, rate: Rate, *, shared: bool = False) -> None:
        """Count one request of `key` for `name`. Raises the too_many problem.

        `shared` counts over all web processes too; use it for sign-in and for starting runs.
        """
        pause = self.wait(name, key, rate, shared=shared)
        if pause > timedelta(0):
            raise too_many(pause)

    def wait(self, name: str, key: str, rate: Rate, *, shared: bool = False) -> timedelta:
        """Count one request; zero, or how long to wait."""
        hidden = f"{name}:{self.hash_key(key)}"
        pause = self._memory.take(hidden, rate)
        if pause == timedelta(0) and shared and self._shared is not None:
            return self._shared.take(hidden, rate)
        return pause

    @contextmanager
    def counted_when_done(self, name: str, key: str, rate: Rate) -> Iterator[timedelta]:
        """Count one request over all web processes, unless what is done within fails: who was
        told that nothing was stored has asked for nothing. Gives what `wait` does."""
        pause = self.wait(name, key, rate, shared=True)
        try:
            yield pause
        except Exception:
            if pause == timedelta(0):
                self.refund(name, key, rate)
            raise

    @contextmanager
    def counted(self, name: str, key: str, rate: Rate) -> Iterator[None]:
        """The same, for what is refused aloud. Raises too_many before anything is done."""
        with self.counted_when_done(name, key, rate) as pause:
            if pause > timedelta(0):
                raise too_many(pause)
            yield

    def refund(self, name: str, key: str, rate: Rate) -> None:
        """A request that was counted over all web processes does not count after all."""
        hidden = f"{name}:{self.hash_key(key)}"
        self._memory.refund(hidden, rate)
        if self._shared is not None:
            self._shared.refund(hidden, rate)


def key_hasher(secret: bytes) -> Callable[[str], str]:
    """A function from an address to a short keyed digest: countable, but not to be read back."""

    def hash_key(text: str) -> str:
        return hmac.new(secret, b"limit:" + text.encode(), hashlib.sha256).hexdigest()[:24]

    return hash_key
