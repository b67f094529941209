"""A way to reach people. Adapters live in channels/, one file each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutgoingEmail:
    """A message to one reader, already in the reader's language. `key` makes sending idempotent.

    `subscriber` is set on news somebody asked for; `leave` is then the address that ends the
    subscription with one POST (RFC 8058), put in just before the letter leaves.
    """

    key: str
    to: str
    subject: str
    text: str
    subscriber: str = ""
    leave: str = ""


class ChannelError(Exception):
    """The channel did not take it. `permanent` when a retry is useless."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Channel(Protocol):
    """Somewhere letters go. Blocking: callers run it in a job."""

    name: str

    def send(self, letter: OutgoingEmail) -> None:
        """Hand the letter over. Raises ChannelError."""
        ...

    def ping(self) -> None:
        """Return when the channel answers; raise ChannelError when it does not."""
        ...
