"""Six-digit codes that signed-in callers read out to agents: made, valid for an hour, refused after wrong tries.

Nothing is stored: a code follows from a session and the hour since it began. Signing in makes a new
one and ends the old, it works for an hour and as often as it is needed, and dies with its session.
Wrong tries are limited: an agent's, and those at one person.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.model import Assurance, Session
from accounts.store import AccountStore
from clock import Clock
from render.i18n import N_
from web.problems import too_many
from web.rate_limits import Limiter, Rate

LIFETIME = timedelta(hours=1)
DIGITS = 6
PER_PERSON = Rate(10, timedelta(hours=1))
PER_AGENT = Rate(60, timedelta(hours=1))
TRIED_TOO_OFTEN = N_(
    "Within this hour too many wrong codes were tried, for this service or by you. Try again a little "
    "later; until then the caller can write to us signed in, which needs no code."
)


@dataclass(frozen=True, slots=True)
class CallerCode:
    """Six digits and how long they hold."""

    digits: str
    until: datetime

    @property
    def grouped_digits(self) -> str:
        """In two groups, as they are read out."""
        return f"{self.digits[:3]} {self.digits[3:]}"


def without_gaps(typed: str) -> str:
    """A code as it was typed, without spaces and dashes."""
    return "".join(c for c in typed if c not in " -\u00a0")


def is_code(typed: str) -> bool:
    """Whether it may be a code: as many digits as one has, spaces and dashes apart."""
    digits = without_gaps(typed)
    return len(digits) == DIGITS and digits.isascii() and digits.isdigit()


def code_of_session(session: Session, now: datetime, secret: bytes) -> CallerCode:
    """The code of a session at a moment. Pure."""
    period_number = (now - session.created_at) // LIFETIME
    mac = hmac.new(secret, f"caller:{session.id}:{period_number}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(mac[:8], "big") % 10**DIGITS
    return CallerCode(f"{number:0{DIGITS}}", session.created_at + LIFETIME * (period_number + 1))


@dataclass(frozen=True, slots=True)
class CallerCodes:
    """The codes of people who are signed in."""

    store: AccountStore
    clock: Clock
    secret: bytes

    def code_of(self, person: str) -> CallerCode | None:
        """The code of a person's newest sign-in; None while they are not signed in."""
        sessions = (s for s in self.store.sessions(person) if s.assurance >= Assurance.SIGNED_IN)
        newest = next(sessions, None)
        return code_of_session(newest, self.clock.now(), self.secret) if newest else None

    def confirmed(self, person: str, typed: str) -> CallerCode | None:
        """The person's code when it is what was typed, spaces and dashes apart."""
        code, digits = self.code_of(person), without_gaps(typed).encode()
        return code if code and hmac.compare_digest(code.digits.encode(), digits) else None


@dataclass(frozen=True, slots=True)
class CallerCodeLimits:
    """The limits of one try. `targets` are those whose code it may hit, else what was asked for."""

    limiter: Limiter
    agent: str
    targets: tuple[str, ...]

    def count_try(self) -> None:
        """Count a try. Raises too_many."""
        for name, key, rate in self._counters():
            pause = self.limiter.wait(name, key, rate, shared=True)
            if pause > timedelta(0):
                raise replace(too_many(pause), detail=TRIED_TOO_OFTEN)

    def refund_try(self) -> None:
        """Take a right try back."""
        for name, key, rate in self._counters():
            self.limiter.refund(name, key, rate)

    def _counters(self) -> Iterator[tuple[str, str, Rate]]:
        yield "caller.agent", self.agent, PER_AGENT
        yield from (("caller.code", target, PER_PERSON) for target in self.targets)
