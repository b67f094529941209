"""Passwords as Argon2id hashes, a few at a time, with one answer and time for every address.

Must not know a database or a request.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from accounts.hashing_queue import HashingQueue, HashingQueueFull

SHORTEST = 10
LONGEST = 1024  # characters; more would only buy an attacker our processor


class PasswordRefused(Exception):
    """The password cannot be taken; the message says why, in plain English."""


class PasswordsBusy(Exception):
    """Too many passwords are being checked at this moment; come back in a few seconds."""


def _hash_of_nothing(hasher: PasswordHasher) -> str:
    """A stored form that no password has, checked at the usual cost. It is drawn, not computed,
    which would take tens of megabytes and a tenth of a second at every start."""
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${costs}${salt}${digest}"


class Passwords:
    """Hashes and checks. `queue` bounds how many hashes are computed at one time, because each
    takes tens of megabytes and a tenth of a second or more, and how many wait for that."""

    def __init__(
        self, hasher: PasswordHasher | None = None, queue: HashingQueue | None = None
    ) -> None:
        self._hasher = hasher or PasswordHasher()
        self._queue = queue or HashingQueue()
        self._nobody = _hash_of_nothing(self._hasher)

    def hash(self, password: str) -> str:
        """The stored form. Raises PasswordRefused when too short, too long or not text."""
        if len(password) < SHORTEST:
            raise PasswordRefused(f"a password needs at least {SHORTEST} characters")
        if len(password) > LONGEST or "\0" in password:
            raise PasswordRefused(f"a password has at most {LONGEST} characters, all of them text")
        with self._our_turn(first=True):
            return self._hasher.hash(_bytes(password))

    def check(self, stored: str, password: str, *, first: bool = False) -> bool:
        """Whether the password is right. A person without one (or nobody at all, stored "")
        costs the same work and is always wrong. `first` goes before those who only say so.
        Raises PasswordsBusy."""
        checkable = bool(stored) and len(password) <= LONGEST
        with self._our_turn(first=first):
            try:
                right = self._hasher.verify(
                    stored if checkable else self._nobody, _bytes(password[:LONGEST])
                )
            except (VerificationError, InvalidHashError):
                return False
        return right and checkable

    @contextmanager
    def _our_turn(self, *, first: bool) -> Iterator[None]:
        try:
            self._queue.enter(first=first)
        except HashingQueueFull as taken:
            raise PasswordsBusy from taken
        try:
            yield
        finally:
            self._queue.leave()

    def stale(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's and should be renewed."""
        return self._hasher.check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
